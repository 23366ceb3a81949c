import Tensors

/// Before channels go: moves those that give one constant number whatever the sample into the
/// biases of the layers that read them, so that their removal changes nothing. With padding that
/// holds for the inner pixels only.
public final class ConstantFolding<Scalar: TensorScalar>: LayerInterceptor {
  private let network: Network<Scalar>
  /// The inputs of each layer that reads channels which go.
  private var readers: [String: Reader] = [:]

  private struct Reader {
    let weight, bias: Parameter<Scalar>
    /// The indices along the weight's second axis that go.
    let inputs: [Int]
    var least, most: [Scalar]
  }

  public init(_ network: Network<Scalar>, _ cut: ChannelCut) {
    self.network = network
    let parameters = Dictionary(
      network.parameters.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    for leaf in cut.graph.leaves {
      guard let axes = cut.graph.axes["\(leaf.name).weight"], axes.count > 1,
        let channels = axes[1], let weight = parameters["\(leaf.name).weight"],
        let bias = parameters["\(leaf.name).bias"]
      else { continue }
      let inputs = channels.indices.filter { !cut.stays(channels[$0]) }
      readers[leaf.name] = Reader(
        weight: weight, bias: bias, inputs: inputs,
        least: Array(repeating: .infinity, count: inputs.count),
        most: Array(repeating: -.infinity, count: inputs.count))
    }
  }

  public func fold(_ samples: PruningSamples<Scalar>) {
    guard !samples.isEmpty, readers.values.contains(where: { !$0.inputs.isEmpty }) else { return }
    network.evaluate(samples, watchedBy: self)
    for reader in readers.values {
      for (place, input) in reader.inputs.enumerated() {
        let (least, most) = (reader.least[place], reader.most[place])
        let tolerance = Scalar(1e-6) * max(1, max(least.magnitude, most.magnitude))
        guard most - least <= tolerance, most != 0 || least != 0 else { continue }
        fold(most, of: input, reader)
      }
    }
  }

  private func fold(_ value: Scalar, of input: Int, _ reader: Reader) {
    let shape = reader.weight.value.shape
    let taps = shape.dropFirst(2).reduce(1, *)
    for output in 0..<shape[0] {
      let start = (output * shape[1] + input) * taps
      for tap in start..<start + taps {
        reader.bias.value.scalars[output] += value * reader.weight.value.scalars[tap]
      }
    }
  }

  public func willCompute(
    _ layer: any Layer<Scalar>, _ input: Tensor<Scalar>, _ pass: Pass
  ) {
    guard var reader = readers[layer.name], !reader.inputs.isEmpty else { return }
    let width = reader.weight.value.shape[1]
    let rows = pass.rows * (input.count / (input.shape.first ?? 1)) / width
    for (place, column) in reader.inputs.enumerated() {
      for row in 0..<rows {
        let value = input.scalars[row * width + column]
        reader.least[place] = min(reader.least[place], value)
        reader.most[place] = max(reader.most[place], value)
      }
    }
    readers[layer.name] = reader
  }
}
