import Tensors

/// Lets channels through or not, in both directions: a channel whose gate is 0 is what it would be
/// if all that makes it were zero, and its weights get no gradient. Nothing is gated where the
/// channel is passed on only, so that the outputs are those of the network without the channel,
/// with the constant that it leaves behind (act(0)) in the biases of the layers that read it.
public final class ChannelGates<Scalar: TensorScalar> {
  /// For each channel 0 or 1.
  public let gates: Tensor<Scalar>
  private var places: [Place] = []
  private var placeOfLayer: [ObjectIdentifier: Place] = [:]

  /// A layer with parameters of gated channels.
  final class Place {
    /// The channel of each number along the last axis of its outputs; -1: of none.
    let channels: [Int]
    /// The gates of those numbers.
    let factors: Tensor<Scalar>
    /// Of one sample.
    let positions: Int
    /// True for the last such layer of its channels on their way: a normalisation rather than the
    /// convolution before it.
    let isLast: Bool
    /// Valid during a pass.
    var output: Tensor<Scalar>?

    var columns: Int { channels.count }

    init(channels: [Int], outputShape: [Int], isLast: Bool) {
      self.channels = channels
      factors = Tensor(shape: [channels.count])
      positions = outputShape.reduce(1, *) / max(1, channels.count)
      self.isLast = isLast
    }
  }

  /// - Parameter isGated: for each channel of the graph.
  public init(_ network: Network<Scalar>, _ graph: ChannelGraph, _ isGated: [Bool]) {
    gates = Tensor(shape: [graph.channelCount])
    gates.fill(1)
    let shaped = Dictionary(
      network.shapedLeaves.map { ($0.layer.name, $0) }, uniquingKeysWith: { $1 })
    let own = graph.leaves.filter { leaf in
      shaped[leaf.name].map { !$0.layer.parameters.isEmpty } ?? false
        && leaf.outputs.contains { $0 >= 0 && isGated[$0] }
    }
    for (index, leaf) in own.enumerated() {
      guard let (layer, shape) = shaped[leaf.name] else { continue }
      let next = index + 1 < own.count ? own[index + 1] : nil
      let isFollowed = next.map { $0.inputs == leaf.outputs && $0.outputs == leaf.outputs } ?? false
      let place = Place(
        channels: leaf.outputs.map { $0 >= 0 && isGated[$0] ? $0 : -1 }, outputShape: shape,
        isLast: !isFollowed)
      places.append(place)
      placeOfLayer[ObjectIdentifier(layer)] = place
    }
    spread()
  }

  /// Takes over what was written into `gates`.
  public func spread() {
    for place in places {
      for index in place.channels.indices {
        let channel = place.channels[index]
        place.factors.scalars[index] = channel < 0 ? 1 : gates.scalars[channel]
      }
    }
  }

  func place(of layer: any Layer<Scalar>) -> Place? {
    placeOfLayer[ObjectIdentifier(layer)]
  }

  func apply(_ place: Place, to tensor: Tensor<Scalar>, _ pass: Pass) {
    Scalar.gate(
      tensor.scalars, by: place.factors.scalars, rows: pass.rows * place.positions,
      columns: place.columns, into: tensor.scalars)
  }
}

extension ChannelRows {
  /// The parameters as they are when some channels are zero, by name: a decision's `values`, for
  /// channels that were gated and go.
  func cleared(_ channels: [Int]) -> [String: Tensor<Scalar>] {
    let gone = Set(channels)
    var values: [String: Tensor<Scalar>] = [:]
    for part in parts where part.channels.contains(where: gone.contains) {
      let copy = Tensor<Scalar>(shape: part.parameter.value.shape)
      copy.copy(from: part.parameter.value)
      for (row, channel) in part.channels.enumerated() where gone.contains(channel) {
        Scalar.clear(copy.scalars + row * part.width, count: part.width)
      }
      values[part.parameter.name] = copy
    }
    return values
  }
}
