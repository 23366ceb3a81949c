extension NASBenchCell {
  /// The channels of each vertex: `input` at vertex 0, `output` at the last. What feeds the output
  /// shares its channels, the first ones taking what is left over; every other vertex has as many
  /// as the widest one that it feeds. The cell is pruned, and `output` at least as large as the
  /// number of inner vertices that feed it.
  public func vertexChannels(input: Int, output: Int) -> [Int] {
    let last = vertexCount - 1
    let sharing = (1..<max(1, last)).filter { hasEdge(from: $0, to: last) }
    var channels = Array(repeating: 0, count: vertexCount)
    (channels[0], channels[last]) = (input, output)
    for (index, vertex) in sharing.enumerated() {
      let takesOneMore = index < output % sharing.count
      channels[vertex] = output / sharing.count + (takesOneMore ? 1 : 0)
    }
    for vertex in (1..<max(1, last)).reversed() where channels[vertex] == 0 {
      for reader in vertex..<last where hasEdge(from: vertex, to: reader) {
        channels[vertex] = max(channels[vertex], channels[reader])
      }
    }
    return channels
  }

  /// Weights, scales and shifts of the cell's convolutions and normalisations.
  public func parameters(input: Int, output: Int) -> Int {
    convolutions(input: input, output: output).reduce(0) { $0 + $1.parameters }
  }

  /// Multiplications and additions for each position of an image.
  public func flopsPerPosition(input: Int, output: Int) -> Int {
    let channels = vertexChannels(input: input, output: output)
    let last = vertexCount - 1
    var flops = convolutions(input: input, output: output).reduce(0) { $0 + $1.flopsPerPosition }
    for vertex in 1..<vertexCount {
      if operation(of: vertex) == .maxPool3x3 { flops += 9 * channels[vertex] }
      let inputs = inputs(of: vertex).nonzeroBitCount
      // What feeds the output lies side by side there; only the input is added to it.
      let addends = vertex < last ? inputs : hasEdge(from: 0, to: last) ? min(2, inputs) : 1
      flops += max(0, addends - 1) * channels[vertex]
    }
    return flops
  }

  private func convolutions(input: Int, output: Int) -> [NormalizedConvolution] {
    let channels = vertexChannels(input: input, output: output)
    var convolutions: [NormalizedConvolution] = []
    for vertex in 1..<vertexCount {
      let outputs = channels[vertex]
      if hasEdge(from: 0, to: vertex) {
        convolutions.append(NormalizedConvolution(kernel: 1, inputs: input, outputs: outputs))
      }
      switch operation(of: vertex) {
      case .conv3x3:
        convolutions.append(NormalizedConvolution(kernel: 3, inputs: outputs, outputs: outputs))
      case .conv1x1:
        convolutions.append(NormalizedConvolution(kernel: 1, inputs: outputs, outputs: outputs))
      case .maxPool3x3, nil: continue
      }
    }
    return convolutions
  }
}

/// A convolution without bias, with batch normalisation and ReLU behind it.
struct NormalizedConvolution {
  let kernel, inputs, outputs: Int

  var parameters: Int { kernel * kernel * inputs * outputs + 2 * outputs }
  var flopsPerPosition: Int { 2 * kernel * kernel * inputs * outputs + 3 * outputs }
}
