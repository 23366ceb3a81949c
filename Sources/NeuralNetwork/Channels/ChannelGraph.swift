/// The channels that can be removed from a network, and where each of them lies.
///
/// Channels are numbered from 0. Those of a group lie in the same places, so that they can be
/// compared: the outputs of one layer, or of all layers that are added to each other.
public struct ChannelGraph: Sendable {
  public struct Group: Sendable {
    /// The layers whose outputs they are, in order.
    public let layers: [String]
    /// In the order of their index.
    public let channels: [Int]

    /// The first of its layers stands for all.
    public var name: String { layers[0] }
  }

  /// What passes a layer, along the last axis of its inputs and outputs.
  public struct Leaf: Sendable {
    public let name: String
    /// The channel of each number along the last axis of a sample; -1: of none that can be removed.
    public let inputs, outputs: [Int]
    /// True when an output channel is zero wherever the input channel is.
    public let keepsZero: Bool
  }

  public let groups: [Group]
  public let channelCount: Int
  /// For each parameter and statistic with removable channels: along each axis the channel of each
  /// index, -1 for what stays; nil for an axis without channels.
  public let axes: [String: [[Int]?]]
  /// Of the layers whose outputs can be removed: the channel of each output.
  public let outputs: [String: [Int]]
  /// In the order of the computation.
  public let leaves: [Leaf]
  /// The group of each channel.
  public let groupOfChannel: [Int]

  public init(_ plan: NetworkPlan) throws(NetworkError) {
    let trace = try ChannelTrace(plan)
    let numbers = trace.removable()
    func resolved(_ channels: [Int]) -> [Int] { channels.map { numbers[$0] } }
    channelCount = (numbers.max() ?? -1) + 1
    axes = Dictionary(
      trace.tensors.map { ($0.name, $0.axes.map { $0.map(resolved) }) }, uniquingKeysWith: { $1 })
    leaves = trace.leaves.map {
      Leaf(
        name: $0.layer, inputs: resolved($0.inputs), outputs: resolved($0.outputs),
        keepsZero: $0.keepsZero)
    }
    outputs = Dictionary(
      trace.producers.map { ($0.layer, resolved($0.channels)) }, uniquingKeysWith: { $1 })
    let producers = trace.producers.map { (layer: $0.layer, channels: resolved($0.channels)) }
    groups = Self.groups(producers, channelCount: channelCount)
    var groupOfChannel = Array(repeating: 0, count: channelCount)
    for (index, group) in groups.enumerated() {
      for channel in group.channels { groupOfChannel[channel] = index }
    }
    self.groupOfChannel = groupOfChannel
  }

  /// Channels that the same layers produce.
  private static func groups(
    _ producers: [(layer: String, channels: [Int])], channelCount: Int
  ) -> [Group] {
    var layers = Array(repeating: [String](), count: channelCount)
    for producer in producers {
      for channel in Set(producer.channels) where channel >= 0 {
        layers[channel].append(producer.layer)
      }
    }
    var order: [[String]] = []
    var members: [[String]: [Int]] = [:]
    for channel in 0..<channelCount {
      if members[layers[channel]] == nil { order.append(layers[channel]) }
      members[layers[channel], default: []].append(channel)
    }
    return order.map { Group(layers: $0, channels: members[$0] ?? []) }
  }

  /// The groups of some layers; nil: all.
  public func groups(of layers: [String]?) -> [Int] {
    groups.indices.filter { index in
      layers.map { named in groups[index].layers.contains { named.contains($0) } } ?? true
    }
  }
}
