import Tensors

/// The layers that read the channels of groups which nobody else reads: where it shows what a
/// network loses without them.
struct ChannelReaders<Scalar: TensorScalar> {
  /// A layer and the group whose channels it reads.
  final class Reader {
    let layer: any Layer<Scalar>
    let group: Int
    /// The channel of each number along the last axis of its inputs; -1: of another group or none.
    let inputs: [Int]
    let outputCount: Int
    /// What is multiplied with, and added to, each output behind the layer, as a normalisation
    /// does.
    let factor, offset: Tensor<Scalar>
    /// Whether a rectifier follows.
    let rectifies: Bool
    fileprivate let normalization: (gain: Tensor<Scalar>, shift: Tensor<Scalar>)?
    fileprivate let statistics: (mean: Tensor<Scalar>, variance: Tensor<Scalar>)?

    fileprivate init(
      _ leaf: ChannelGraph.Leaf, _ group: Int, _ graph: ChannelGraph, _ layer: any Layer<Scalar>,
      followers: ArraySlice<any Layer<Scalar>>
    ) {
      self.layer = layer
      self.group = group
      let isRead = Set(graph.groups[group].channels)
      inputs = leaf.inputs.map { isRead.contains($0) ? $0 : -1 }
      outputCount = leaf.outputs.count
      factor = Tensor(shape: [outputCount])
      offset = Tensor(shape: [outputCount])
      factor.fill(1)
      var rest = followers
      if let normalization = rest.first as? BatchNormLayer<Scalar> {
        let remembered = normalization.statistics
        self.normalization = (normalization.gain.value, normalization.shift.value)
        statistics = (remembered[0].value, remembered[1].value)
        rest = rest.dropFirst()
      } else {
        (normalization, statistics) = (nil, nil)
      }
      rectifies = rest.first is ReLULayer<Scalar>
    }

    /// Takes the normalisation as it is now, with its running statistics.
    func updateMap() {
      guard let (gain, shift) = normalization, let (mean, variance) = statistics else { return }
      let varianceMin: Scalar = 1e-5
      for index in 0..<outputCount {
        let slope = gain.scalars[index] / (variance.scalars[index] + varianceMin).squareRoot()
        factor.scalars[index] = slope
        offset.scalars[index] = shift.scalars[index] - mean.scalars[index] * slope
      }
    }
  }

  /// In the order of their groups.
  let readers: [Reader]

  /// - Parameter groups: those that are of interest.
  init(_ network: Network<Scalar>, _ graph: ChannelGraph, groups: [Int]) {
    let rows = Self.rows(of: network.body)
    readers = groups.compactMap { group in
      let channels = Set(graph.groups[group].channels)
      let reading = graph.leaves.filter { leaf in
        guard let axes = graph.axes["\(leaf.name).weight"], axes.count > 1, let inputs = axes[1]
        else { return false }
        return inputs.contains { channels.contains($0) }
      }
      guard reading.count == 1, let row = rows.first(where: { $0.first?.name == reading[0].name }),
        let layer = row.first
      else { return nil }
      return Reader(reading[0], group, graph, layer, followers: row.dropFirst())
    }
  }

  /// Every layer that has none within, with those behind it in its sequence.
  private static func rows(of layer: any Layer<Scalar>) -> [ArraySlice<any Layer<Scalar>>] {
    guard let sequence = layer as? LayerSequence<Scalar> else {
      return layer.children.flatMap { rows(of: $0) }
    }
    return sequence.children.indices.flatMap { index in
      sequence.children[index].children.isEmpty
        ? [sequence.children[index...]] : rows(of: sequence.children[index])
    }
  }
}
