import Tensors

/// Channels that go from a network, and how its plan and tensors shrink with them.
public struct ChannelCut: Sendable {
  public let graph: ChannelGraph
  /// For each channel.
  public let isRemoved: [Bool]

  /// - Parameter removed: channels of the graph; a group never loses its last.
  public init(_ graph: ChannelGraph, removing removed: some Sequence<Int>) {
    self.graph = graph
    var isRemoved = Array(repeating: false, count: graph.channelCount)
    for channel in removed { isRemoved[channel] = true }
    self.isRemoved = isRemoved
    precondition(
      graph.groups.allSatisfy { $0.channels.contains { !isRemoved[$0] } },
      "a channel stays in every group")
  }

  public var removedCount: Int { isRemoved.count { $0 } }

  /// Outputs that remain of every layer that loses some.
  public var widths: [String: Int] {
    var widths: [String: Int] = [:]
    for (layer, channels) in graph.outputs {
      let kept = channels.count { stays($0) }
      if kept < channels.count { widths[layer] = kept }
    }
    return widths
  }

  /// True for what belongs to no channel, too.
  public func stays(_ channel: Int) -> Bool { channel < 0 || !isRemoved[channel] }

  /// The indices that remain along each axis of a tensor; nil when all do.
  func kept(_ name: String, shape: [Int]) -> [[Int]]? {
    guard let axes = graph.axes[name] else { return nil }
    let kept = shape.indices.map { axis -> [Int] in
      guard axis < axes.count, let channels = axes[axis] else { return Array(0..<shape[axis]) }
      return channels.indices.filter { stays(channels[$0]) }
    }
    return kept.map(\.count) == shape ? nil : kept
  }

  /// The shape that remains of a parameter or statistic.
  public func shape(of name: String, _ shape: [Int]) -> [Int] {
    kept(name, shape: shape)?.map(\.count) ?? shape
  }

  /// Copies what remains of a tensor that lies as a parameter or statistic does: its value, moment,
  /// mask or average.
  /// - Parameters:
  ///   - name: of the parameter or statistic.
  ///   - small: of the shape that remains.
  public func copy<Scalar>(_ name: String, _ large: Tensor<Scalar>, into small: Tensor<Scalar>) {
    guard let kept = kept(name, shape: large.shape) else { return small.copy(from: large) }
    precondition(kept.map(\.count) == small.shape, "a tensor of the shape that remains")
    let shape = large.shape
    // All axes behind the second are whole.
    let run = shape.dropFirst(2).reduce(1, *)
    let columns = shape.count > 1 ? kept[1] : [0]
    let columnCount = shape.count > 1 ? shape[1] : 1
    var target = small.scalars
    for row in kept[0] {
      let start = large.scalars + row * columnCount * run
      if columns.count == columnCount {
        target.update(from: start, count: columnCount * run)
        target += columnCount * run
        continue
      }
      for column in columns {
        target.update(from: start + column * run, count: run)
        target += run
      }
    }
  }

  /// Copies what remains of a tensor of one number for each channel.
  public func copyChannels<Scalar>(_ large: Tensor<Scalar>, into small: Tensor<Scalar>) {
    var index = 0
    for channel in isRemoved.indices where !isRemoved[channel] {
      small.scalars[index] = large.scalars[channel]
      index += 1
    }
  }
}

/// Gives the layers of a plan other widths.
public struct Narrowing {
  /// Outputs of the layers that change, by name.
  public let widths: [String: Int]
  private var names = LayerNames()

  public init(widths: [String: Int]) {
    self.widths = widths
  }

  /// Layers one behind the other, in the order in which a network is made of them.
  public mutating func narrowed(_ layers: [any LayerDescription]) -> [any LayerDescription] {
    layers.map { layer in
      let name = names.next(type(of: layer).kind)
      return layer.narrowed(&self, name: name)
    }
  }
}

extension LayerDescription {
  public func narrowed(_ narrowing: inout Narrowing, name: String) -> any LayerDescription { self }
}

extension NetworkPlan {
  /// The plan with other widths; see `ChannelCut.widths`.
  public func narrowed(_ widths: [String: Int]) -> NetworkPlan {
    guard !widths.isEmpty else { return self }
    var narrowing = Narrowing(widths: widths)
    var plan = self
    plan.layers = narrowing.narrowed(layers)
    return plan
  }
}
