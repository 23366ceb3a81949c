import Glibc
import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors

/// Makes the directory of a new run, once everything that can be checked has been.
public struct RunCreation {
  public var experiment: Experiment
  /// The directory that the run's directory is made in.
  public var runs: String
  /// nil: made from the time and the experiment's name.
  public var name: String?
  public var arguments: [String]
  /// The program's version.
  public var version: String

  public init(
    experiment: Experiment, runs: String, name: String?, arguments: [String], version: String
  ) {
    self.experiment = experiment
    self.runs = runs
    self.name = name
    self.arguments = arguments
    self.version = version
  }

  /// Checks data, shapes and name, then creates the directory with its manifest.
  /// - Throws: one line; nothing was created.
  public func create(
    files: any FileSystem = LocalFileSystem(), clock: any Clock = SystemClock()
  ) throws -> RunDirectory {
    try create(try experiment.summary(files: files), files: files, clock: clock)
  }

  /// Creates the directory of a run whose network is known and fits.
  func create(
    _ summary: NetworkSummary, files: any FileSystem, clock: any Clock
  ) throws -> RunDirectory {
    let now = clock.wallSeconds()
    return try RunNaming(runs: runs, name: name, title: experiment.name).makeDirectory(files, now) {
      manifest($0, summary, now)
    }
  }

  private func manifest(
    _ directory: RunDirectory, _ summary: NetworkSummary, _ now: Double
  ) -> RunManifest {
    RunManifest(
      name: directory.name, created: now, version: version, arguments: arguments,
      seed: experiment.seed, threads: threads(summary), host: Environment.hostName,
      experiment: experiment.resolved,
      layers: summary.leaves.map { RunManifest.Layer(name: $0.name, shape: $0.weightShape) },
      declares: Self.declarations)
  }

  /// What every run of the engine obeys.
  static let declarations: [RunManifest.Declaration] = [
    .init(command: "pause"), .init(command: "resume"), .init(command: "stop"),
    .init(command: "checkpoint"),
    .init(
      command: "set_learning_rate",
      details: ["kind": "number", "minimum": 0, "maximum": 1_000_000]),
    .init(
      command: "schedule",
      details: ["kinds": .array(LearningRateScheduleCatalogue.all.map { .string($0.kind) })]),
    .init(
      command: "prune",
      details: [
        "methods": .array(PruningCatalogue.all.map { PruningMethods.declaration($0) }),
        "scopes": ["global", "layer", "layers"],
      ]),
    .init(command: "finish_pruning"),
    .init(command: "undo"),
    .init(command: "branch", details: ["changes": ["set_learning_rate", "prune"]]),
  ]

  /// As many threads as the model's products can feed, chosen once and kept by every resume.
  private func threads(_ summary: NetworkSummary) -> Int {
    if experiment.threads > 0 { return experiment.threads }
    let flopsPerThreadMin = 10_000_000
    let threadsMax = 16
    let flops = summary.flops.multipliedReportingOverflow(by: experiment.batchSize)
    let useful = flops.overflow ? threadsMax : flops.partialValue / flopsPerThreadMin
    return max(1, min(Environment.processorCount, threadsMax, useful))
  }
}

extension Experiment {
  /// The network that the experiment trains, with its shapes and initial weights checked; data is
  /// read as far as that needs, nothing is created.
  /// - Throws: one line that names the layer, what it got and what it needs.
  public func summary(files: any FileSystem = LocalFileSystem()) throws -> NetworkSummary {
    // Files are read here, so that nothing is created when they are wrong; what is drawn is right.
    let pool = WorkerPool(threadCount: 1)
    let dataset =
      data.source.outline == nil ? try Dataset.load(data, pool: pool, files: files) : nil
    let outline = try dataset?.outline ?? Dataset.outline(data, files: files)
    let plan = plan(inputShape: outline.sampleShape, targets: outline.targetShape)
    let network: Network<Float>
    do throws(NetworkError) {
      network = try Network(plan, batchSizeMax: 1, pool: pool, seed: seed)
    } catch {
      throw ExperimentError(place: modelPlace, field: "model", problem: error.description)
    }
    try dataset?.check(for: plan, data)
    if architectureSearch != nil, network.mixtures.isEmpty {
      throw ExperimentError(
        place: modelPlace, field: "architectureSearch",
        problem: "the model has no layer that mixes operations; expected a dartsCell or mixed, "
          + "or no architectureSearch")
    }
    try initialWeights?.load(into: network, files: files)
    try checkPruning(of: network)
    return NetworkSummary(of: network)
  }

  /// Makes sure that the prunes to come find layers to prune.
  private func checkPruning(of network: Network<Float>) throws {
    let graph = try ChannelGraph(network.plan)
    for (index, prune) in pruning.enumerated() {
      do throws(ControlCommand.Request.Refusal) {
        let method = try PruningMethods.method(prune.request)
        try PruningMethods.checkLayers(prune.request, method, network, graph)
      } catch {
        throw ExperimentError(
          place: modelPlace, field: "pruning.\(index)", problem: error.reason)
      }
    }
  }
}
