import ArchitectureSearch
import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Synchronization
import Tensors

/// Makes of architectures what a search trains, and knows what they cost.
final class CandidateFactory: Sendable {
  let search: SearchDescription
  private let outline: DatasetOutline
  private let latency: LatencyTable?
  private let books = Mutex<[String: Book]>([:])

  /// What was found out about an architecture.
  private enum Book {
    case census(CandidateCensus)
    /// Its layers do not fit one another or the data.
    case unfit(String)
  }

  /// Architectures whose costs are remembered.
  private static let booksMax = 100_000

  /// - Parameter latency: nil: latencies are not predicted.
  /// - Throws: one line, when the data cannot be read.
  init(
    _ search: SearchDescription, latency: LatencyTable? = nil, files: any FileSystem
  ) throws {
    self.search = search
    self.latency = latency
    outline = try Dataset.outline(search.experiment.data, files: files)
  }

  /// What trains an architecture for so many epochs.
  /// - Throws: one line, when the space makes a model that no experiment can have.
  func experiment(of architecture: Architecture, name: String, epochs: Int) throws -> Experiment {
    var json = search.experiment.resolved
    json["name"] = .string(name)
    json["model"] = search.space.model(of: architecture, for: outline.targetShape)
    json["epochs"] = .integer(Int64(epochs))
    json["seed"] = .integer(Int64(clamping: search.seed))
    // Nobody watches a candidate: one that diverges has failed.
    json["onNonFinite"] = "stop"
    if search.space.isSupernet(architecture), let learning = search.strategy.supernetLearning {
      json["architectureSearch"] = [
        "order": .integer(Int64(learning.order)), "learningRate": .number(learning.learningRate),
        "weightDecay": .number(learning.weightDecay),
      ]
    }
    return try Experiment(
      try ExperimentText.recorded(json, source: "candidate \(architecture.text)"))
  }

  private func plan(_ experiment: Experiment) -> NetworkPlan {
    experiment.plan(inputShape: outline.sampleShape, targets: outline.targetShape)
  }

  /// What an architecture costs.
  /// - Throws: one line, when its layers do not fit.
  func census(of architecture: Architecture) throws(SearchError) -> CandidateCensus {
    let known = books.withLock { $0[architecture.identity] }
    let book = known ?? Self.attempt { try self.count(architecture) }
    if known == nil {
      books.withLock {
        if $0.count < Self.booksMax { $0[architecture.identity] = book }
      }
    }
    switch book {
    case .census(let census): return census
    case .unfit(let reason): throw SearchError(reason)
    }
  }

  private static func attempt(_ count: () throws -> CandidateCensus) -> Book {
    do { return .census(try count()) } catch { return .unfit("\(error)") }
  }

  private func count(_ architecture: Architecture) throws -> CandidateCensus {
    let experiment = try experiment(of: architecture, name: "candidate", epochs: 1)
    return try CandidateCensus(
      of: plan(experiment), batchSize: experiment.batchSize, optimizer: experiment.optimizer,
      latency: search.limits.latencyMilliseconds == nil ? nil : latency)
  }

  /// Seconds of one sample's forward pass on this machine: as its table of layers predicts, and
  /// measured as a whole.
  func latency(of architecture: Architecture) throws -> (predicted: Double?, measured: Double?) {
    guard let latency else { return (nil, nil) }
    let plan = plan(try experiment(of: architecture, name: "candidate", epochs: 1))
    let predicted = latency.prediction(for: plan)
    try latency.save()
    return (predicted, LatencyTable.measured(plan))
  }

  /// The network that an experiment trains.
  func summary(of experiment: Experiment) throws -> NetworkSummary {
    let network: Network<Float> = try Network(
      plan(experiment), batchSizeMax: 1, pool: WorkerPool(threadCount: 1), seed: 0,
      initializes: false)
    return NetworkSummary(of: network)
  }

  // MARK: What may be trained

  /// Draws what the limits let through.
  /// - Parameter dataset: what the sieve looks at; nil: there is no sieve.
  func sampler(_ dataset: Dataset?) -> ArchitectureSampler {
    ArchitectureSampler(search.space, sieve: dataset.flatMap(sieve)) { architecture in
      self.refusal(of: architecture) == nil
    }
  }

  /// Why an architecture may not be trained; nil: it may.
  func refusal(of architecture: Architecture) -> String? {
    do throws(SearchError) {
      return search.limits.broken(by: try census(of: architecture))
    } catch { return error.description }
  }

  private func sieve(_ dataset: Dataset) -> ArchitectureSampler.Sieve? {
    guard let sieve = search.sieve else { return nil }
    let seed = search.seed
    return ArchitectureSampler.Sieve(draws: sieve.draws) { architecture in
      do {
        let experiment = try self.experiment(of: architecture, name: "sieve", epochs: 1)
        let loader = DataLoader(
          dataset, batchSize: experiment.batchSize, seed: seed, preparesAhead: false)
        let network: Network<Float> = try Network(
          self.plan(experiment), batchSizeMax: loader.batchSize,
          pool: WorkerPool(threadCount: 1), seed: seed)
        let batch = loader.trainingBatch(step: 0)
        let score = sieve.score.score(
          of: network, batch.input, batch.targets, rows: batch.rows)
        return score.isNaN ? -.infinity : score
      } catch { return -.infinity }  // what cannot be built promises nothing
    }
  }

  /// Makes sure that there is something to train.
  /// - Throws: one line that says why nothing that is drawn may be trained.
  func checkSpace() throws {
    try checkSupernet()
    var random = RandomSource(seed: search.seed, purpose: .search, index: .max)
    let drawsMax = 200
    var refusals: [(parameters: Int, reason: String)] = []
    for _ in 0..<drawsMax {
      let choices = search.space.variables.map {
        Int(random.integer(below: UInt32($0.choices.count)))
      }
      guard let architecture = search.space.architecture(choices) else { continue }
      do throws(SearchError) {
        let census = try census(of: architecture)
        guard let reason = search.limits.broken(by: census) else { return }
        refusals.append((census.parameters, "\(architecture.text) \(reason)"))
      } catch { refusals.append((.max, "\(architecture.text): \(error)")) }
    }
    // Few may be left: the sampler tries much longer.
    guard sampler(nil).draw(&random) == nil else { return }
    let nearest = refusals.min { $0.parameters < $1.parameters }
    throw SearchError(
      "the search space holds nothing that may be trained: "
        + (nearest.map { "the smallest of \(refusals.count) drawn, \($0.reason)" }
          ?? "none of \(drawsMax) draws makes an architecture"))
  }
}

extension CandidateFactory {
  /// A supernet keeps no limit but that of the memory: it is no candidate for anything.
  fileprivate func checkSupernet() throws {
    guard search.strategy.supernetLearning != nil, let supernet = search.space.supernet else {
      return
    }
    var limits = search.limits
    (limits.parameters, limits.flops, limits.latencyMilliseconds) = (nil, nil, nil)
    if let reason = limits.broken(by: try census(of: supernet)) {
      throw SearchError("the supernet \(reason): take fewer channels, cells or nodes")
    }
  }
}

/// Why a search does not go on, in one line.
public struct SearchError: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
