import Tensors

/// A layer with a weight for each output and input, [outputs, inputs, …], that reads channels which
/// can be removed.
struct ChannelReader<Scalar: TensorScalar> {
  let layer: String
  let weight: Parameter<Scalar>
  let bias: Parameter<Scalar>?
  /// The channel of each index along the weight's second axis; -1: of none.
  let channels: [Int]

  /// Weights of each output and input: 1, or a convolution's kernel.
  var taps: Int { weight.value.shape.dropFirst(2).reduce(1, *) }
}

/// A layer whose outputs are channels that can be removed, with a row of weights for each.
struct ChannelProducer<Scalar: TensorScalar> {
  let weight: Parameter<Scalar>
  /// The channel of each output; -1: of none.
  let channels: [Int]

  /// Weights of each output.
  var rowLength: Int { weight.value.count / max(1, channels.count) }
}

extension PruningTask {
  /// In the order of the computation.
  var readers: [ChannelReader<Scalar>] {
    let parameters = parametersByName
    return graph.leaves.compactMap { leaf in
      let name = "\(leaf.name).weight"
      guard let axes = graph.axes[name], axes.count > 1, let channels = axes[1],
        channels.contains(where: { $0 >= 0 }), let weight = parameters[name]
      else { return nil }
      return ChannelReader(
        layer: leaf.name, weight: weight, bias: parameters["\(leaf.name).bias"],
        channels: channels)
    }
  }

  /// In the order of the computation.
  var producers: [ChannelProducer<Scalar>] {
    let parameters = parametersByName
    return graph.leaves.compactMap { leaf in
      guard let channels = graph.outputs[leaf.name],
        let weight = parameters["\(leaf.name).weight"]
      else { return nil }
      return ChannelProducer(weight: weight, channels: channels)
    }
  }

  private var parametersByName: [String: Parameter<Scalar>] {
    Dictionary(network.parameters.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
  }

  /// For each channel the mean, over the layers that produce it, of a number of its row of weights.
  func meanOverRows(
    _ number: (_ row: UnsafePointer<Scalar>, _ count: Int) -> Double
  ) -> [Double] {
    var sums = Array(repeating: 0.0, count: graph.channelCount)
    var counts = Array(repeating: 0.0, count: graph.channelCount)
    for producer in producers {
      let length = producer.rowLength
      for (row, channel) in producer.channels.enumerated() where channel >= 0 {
        sums[channel] += number(producer.weight.value.scalars + row * length, length)
        counts[channel] += 1
      }
    }
    return zip(sums, counts).map { $0 / max(1, $1) }
  }

  /// The same in fewer layers.
  func narrowed(to layers: [String]) -> PruningTask {
    PruningTask(
      network, graph, origin: origin, target: target, layers: layers, samples: samples, seed: seed)
  }

  /// - Throws: `PruningRefusal` when there are no samples to look at.
  func needSamples(for kind: String) throws(PruningRefusal) {
    guard samples.isEmpty else { return }
    throw PruningRefusal("\(kind) looks at samples of the data, and there are none")
  }
}
