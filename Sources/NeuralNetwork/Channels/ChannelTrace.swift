/// Follows channels through the layers of a network as it is planned: which index along which axis
/// of which tensor belongs to which channel.
///
/// A channel is what has to be removed together: an output of a layer, with everything that it
/// passes through and every place that reads it (Fang et al., "DepGraph: towards any structural
/// pruning", 2023). Elementwise layers hand channels on, additions unite those of both sides.
public struct ChannelTrace {
  /// What a layer's outputs are to the channels of its inputs.
  public enum Flow: Sendable {
    /// Each output channel is a function of the input channel of the same index alone; what is zero
    /// stays zero where `keepsZero`.
    case passes(keepsZero: Bool)
    /// All inputs are needed, and so are all outputs.
    case pinned
  }

  /// The channels along the last axis of a sample, before the layer that is traced.
  public private(set) var channels: [Int]

  private var names = LayerNames()
  /// Of each channel, one that it is united with; itself at the root.
  private var parents: [Int] = []
  private var pinned: [Int] = []
  private(set) var tensors: [(name: String, axes: [[Int]?])] = []
  private(set) var producers: [(layer: String, channels: [Int])] = []
  private(set) var leaves: [(layer: String, inputs: [Int], outputs: [Int], keepsZero: Bool)] = []

  /// Traces all layers of a plan, whose shapes were checked.
  init(_ plan: NetworkPlan) throws(NetworkError) {
    let shapes = try plan.shapes()
    channels = []
    channels = makeChannels(plan.inputShape.last ?? 1)
    pin()
    trace(plan.layers, from: shapes[0])
    pin()
  }

  // MARK: What layers call

  /// New channels, one for each output.
  public mutating func makeChannels(_ count: Int) -> [Int] {
    let first = parents.count
    parents.append(contentsOf: first..<first + count)
    return Array(first..<first + count)
  }

  /// Outputs of a layer that may be removed.
  public mutating func produce(_ channels: [Int], by layer: String) {
    producers.append((layer, channels))
    self.channels = channels
  }

  /// Hands other channels on than those that came in.
  public mutating func become(_ channels: [Int]) { self.channels = channels }

  /// Whose channels lie along the axes of a parameter or statistic; nil along an axis without any.
  public mutating func note(_ tensor: String, axes: [[Int]?]) { tensors.append((tensor, axes)) }

  /// All channels here stay.
  public mutating func pin() { pinned += channels }

  /// All channels of the inputs and outputs of a layer stay.
  public mutating func pinAll(_ outputShape: [Int]) {
    pin()
    channels = makeChannels(outputShape.last ?? 1)
    pin()
  }

  /// Makes channels of two tensors that are added one: both stay or both go.
  public mutating func unite(_ one: [Int], _ other: [Int]) {
    precondition(one.count == other.count, "what is added has one shape")
    for (one, other) in zip(one, other) {
      let (first, second) = (root(one), root(other))
      parents[max(first, second)] = min(first, second)
    }
  }

  /// Layers within a layer, which begin with the channels given; returns what they end with.
  public mutating func trace(
    _ layers: [any LayerDescription], from inputShape: [Int], channels start: [Int]? = nil
  ) -> [Int] {
    if let start { channels = start }
    var shape = inputShape
    for layer in layers {
      let name = names.next(type(of: layer).kind)
      guard let output = Self.outputShape(layer, shape) else {
        preconditionFailure("shapes are checked before channels are traced")
      }
      let inputs = channels
      layer.trace(&self, name: name, inputShape: shape, outputShape: output)
      var keepsZero = false
      if case .passes(true) = layer.channelFlow { keepsZero = true }
      leaves.append((name, inputs, channels, keepsZero))
      shape = output
    }
    return channels
  }

  @discardableResult
  private mutating func trace(_ layers: [any LayerDescription], from shape: [Int]) -> [Int] {
    trace(layers, from: shape, channels: nil)
  }

  private static func outputShape(_ layer: any LayerDescription, _ shape: [Int]) -> [Int]? {
    do throws(ShapeMismatch) { return try layer.outputShape(for: shape) } catch { return nil }
  }

  // MARK: The result

  /// The channel that stands for all that a channel is united with.
  private func root(_ channel: Int) -> Int {
    var channel = channel
    while parents[channel] != channel { channel = parents[channel] }
    return channel
  }

  /// For each channel the number of what it is united with, from 0 in the order of the first; -1
  /// where it stays.
  func removable() -> [Int] {
    let roots = parents.indices.map { root($0) }
    var stays = Array(repeating: false, count: parents.count)
    for channel in pinned { stays[roots[channel]] = true }
    var isProduced = Array(repeating: false, count: parents.count)
    for channel in producers.flatMap(\.channels) { isProduced[roots[channel]] = true }
    var numbers: [Int: Int] = [:]
    return roots.map { root in
      guard !stays[root], isProduced[root] else { return -1 }
      if let number = numbers[root] { return number }
      numbers[root] = numbers.count
      return numbers.count - 1
    }
  }
}

extension LayerDescription {
  public var channelFlow: ChannelTrace.Flow { .pinned }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    if case .pinned = channelFlow { trace.pinAll(outputShape) }
  }
}
