import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors

@testable import Training

/// A session that learns while a method prunes it, as the engine does it, without files.
final class PruningProcessRun {
  let session: TrainingSession
  /// Channels or masks that went, one entry for each cut.
  private(set) var cuts: [PruningDecision<Float>] = []

  init(
    _ experiment: String, _ overrides: [String] = [], clock: any Clock = ScriptedClock()
  ) throws {
    let text = try ExperimentText(
      source: "small.json", directory: "/", bytes: Array(experiment.utf8), overrides: overrides)
    let experiment = try Experiment(text)
    ArithmeticLibrary.prepare()
    let pool = WorkerPool(threadCount: experiment.threads)
    let dataset = try Dataset.load(experiment.data, pool: pool, files: LocalFileSystem())
    session = try TrainingSession(
      experiment, dataset: dataset, pool: pool, clock: clock)
  }

  func begin(_ request: ControlCommand.PruneRequest, length: Int) throws {
    try session.begin(
      PruningInProgress(
        request: request, start: session.state.position, length: length,
        before: session.sparsities().total, sizeBefore: NetworkCensus(session.learner).size))
  }

  /// Makes updates, with what the process asks for behind each.
  func learn(_ count: Int, before: (Int) throws -> Void = { _ in }) throws {
    for index in 0..<count {
      try before(index)
      let moment = session.pruningMoment
      _ = session.advance()
      guard let moment, let process = session.process else { continue }
      switch process.didStep(moment, session.pruningSamples) {
      case .nothing: if moment.isLast { try finish() }
      case .cut(let decision):
        cuts.append(decision)
        try session.apply(decision)
        if moment.isLast { try finish() }
      case .finish: try finish()
      }
    }
  }

  func finish() throws {
    guard let process = session.process else { return }
    let decision = process.finish(session.pruningSamples)
    session.endPruning()
    guard !decision.isEmpty else { return }
    cuts.append(decision)
    try session.apply(decision)
  }

  var accuracy: Double {
    let told = session.validate().told
    return Double(told.correct) / Double(max(1, told.positions))
  }

  var parameterCount: Int { session.network.parameters.reduce(0) { $0 + $1.value.count } }
}
