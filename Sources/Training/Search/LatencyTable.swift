import JSONText
import NeuralNetwork
import OperatingSystem
import Synchronization
import Tensors

/// What layers take on this machine: of each the median of 20 passes of one sample through a
/// network that has it, on one thread, after 3 that do not count. A network's latency is predicted
/// as the sum over its layers, without running it when all of them are known (the table of Cai, Zhu
/// and Han, "ProxylessNAS", 2019, section 3.3, and of Wu et al., "FBNet", 2019, section 3.2).
///
/// The table is kept in a file, apart for each model of processor.
public final class LatencyTable: Sendable {
  private let path: String
  private let files: any FileSystem
  private let clock: any Clock
  private let processor: String
  private let state: Mutex<State>

  private struct State {
    /// By model of processor: seconds by the layer's trait.
    var tables: [String: [String: Double]] = [:]
    var isChanged = false
  }

  private static let schema: Int64 = 1
  private static let fileBytesMax = 64 << 20
  /// Layers of one table; further ones are measured each time.
  private static let layersMax = 100_000
  /// Weights of a network that is measured: more take minutes and gigabytes.
  private static let weightsMax = 1 << 28
  private static let warmUps = 3
  private static let passes = 20
  /// After which no further pass begins.
  private static let secondsMax = 5.0

  /// - Parameter path: the table's file; a missing or damaged one is an empty table.
  public init(
    path: String, files: any FileSystem = LocalFileSystem(), clock: any Clock = SystemClock()
  ) {
    self.path = path
    self.files = files
    self.clock = clock
    processor = MachineReader(files: files).processorModel() ?? "unknown processor"
    state = Mutex(State(tables: Self.read(path, files)))
  }

  /// Layers of this processor that are known.
  public var count: Int { state.withLock { $0.tables[processor]?.count ?? 0 } }

  /// Seconds of one sample's forward pass; layers that are not known yet are measured.
  /// - Returns: nil when the layers do not fit one another, or are too many to be measured.
  public func prediction(for plan: NetworkPlan) -> Double? {
    guard let outline = Self.network(plan, initializes: false) else { return nil }
    let traits = LayerTrait.all(of: outline).map(\.text)
    if let known = sum(over: traits) { return known }
    guard let network = Self.network(plan, initializes: true) else { return nil }
    learn(network)
    return sum(over: traits)
  }

  /// Seconds of one sample's forward pass, timed as a whole.
  /// - Returns: nil when the layers do not fit one another, or are too many to be measured.
  public static func measured(
    _ plan: NetworkPlan, clock: any Clock = SystemClock()
  ) -> Double? {
    guard let network = network(plan, initializes: true) else { return nil }
    var seconds: [Double] = []
    repeatPasses(network, clock: clock) { pass in
      let start = clock.monotonicSeconds()
      pass()
      seconds.append(clock.monotonicSeconds() - start)
    }
    return median(seconds.dropFirst(warmUps))
  }

  /// Writes the file when there is something new in the table.
  public func save() throws(SystemError) {
    let state = state.withLock { $0 }
    guard state.isChanged else { return }
    let tables = state.tables.sorted { $0.key < $1.key }.map { processor, table in
      JSON.Member(
        name: processor,
        value: .object(
          table.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .number($0.value)) }))
    }
    let json: JSON = ["schema": .integer(Self.schema), "seconds": .object(tables)]
    try files.replace(path, with: json.utf8(pretty: true) + [UInt8(ascii: "\n")])
    self.state.withLock { $0.isChanged = $0.tables != state.tables }
  }

  // MARK: The table

  private func sum(over traits: [String]) -> Double? {
    state.withLock { state in
      let table = state.tables[processor] ?? [:]
      var total = 0.0
      for trait in traits {
        guard let seconds = table[trait] else { return nil }
        total += seconds
      }
      return total
    }
  }

  /// Anything that is not as `save` writes it makes the table empty.
  private static func read(_ path: String, _ files: any FileSystem) -> [String: [String: Double]] {
    do {
      let bytes = try files.contents(of: path, limit: fileBytesMax)
      let json = try JSONReader().read(bytes).json
      guard json["schema"]?.integer == schema, let members = json["seconds"]?.members else {
        return [:]
      }
      var tables: [String: [String: Double]] = [:]
      for member in members {
        guard let layers = member.value.members else { return [:] }
        for layer in layers {
          guard let seconds = layer.value.double, seconds.isFinite, seconds >= 0 else {
            return [:]
          }
          tables[member.name, default: [:]][layer.name] = seconds
        }
      }
      return tables
    } catch { return [:] }  // it is measured anew
  }

  // MARK: Measuring

  /// Takes in the layers of a network that are not known.
  private func learn(_ network: Network<Float>) {
    let traits = Dictionary(
      LayerTrait.all(of: network).map { ($0.layer, $0.text) }, uniquingKeysWith: { one, _ in one })
    let stopwatch = LayerStopwatch(clock: clock)
    network.observers.interceptor = stopwatch
    var seconds: [String: [Double]] = [:]
    var passesDone = 0
    Self.repeatPasses(network, clock: clock) { pass in
      stopwatch.restart()
      pass()
      passesDone += 1
      guard passesDone > Self.warmUps else { return }
      for lap in stopwatch.laps {
        if let trait = traits[lap.layer] { seconds[trait, default: []].append(lap.seconds) }
      }
    }
    network.observers.interceptor = nil
    state.withLock { state in
      var table = state.tables[processor] ?? [:]
      if table.count > Self.layersMax { table = [:] }
      for (trait, times) in seconds where table[trait] == nil {
        table[trait] = Self.median(times[...])
      }
      state.tables[processor] = table
      state.isChanged = true
    }
  }

  /// - Parameter initializes: zeros that nobody wrote would be read faster than weights.
  private static func network(_ plan: NetworkPlan, initializes: Bool) -> Network<Float>? {
    do throws(NetworkError) {
      let outline = try Network<Float>(
        plan, batchSizeMax: 1, pool: WorkerPool(threadCount: 1), seed: 1, initializes: false)
      let weights = outline.parameters.reduce(0) { $0 + $1.value.count }
      guard initializes, weights <= weightsMax else { return initializes ? nil : outline }
      return try Network(plan, batchSizeMax: 1, pool: outline.pool, seed: 1)
    } catch { return nil }
  }

  private static func repeatPasses(
    _ network: Network<Float>, clock: any Clock, _ time: (_ pass: () -> Void) -> Void
  ) {
    let input = Tensor<Float>(shape: [1] + network.plan.inputShape)
    // Symbols may be any of their numbers, 0 is always one.
    if network.plan.layers.first?.wholeInputs == nil {
      var random = RandomSource(seed: 1, purpose: .noise)
      for index in 0..<input.count { input[index] = Float(random.uniform()) }
    }
    let end = clock.monotonicSeconds() + secondsMax
    for number in 0..<warmUps + passes {
      if number > warmUps, clock.monotonicSeconds() > end { return }
      time { _ = network.forward(input, .evaluation(rows: 1)) }
    }
  }

  private static func median(_ values: ArraySlice<Double>) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
