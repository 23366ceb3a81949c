import JSONText

/// The network around a cell: a convolution, stacks of one cell repeated, the mean over the image,
/// a linear layer. Before each stack but the first the image is halved, and its first cell doubles
/// the channels.
public struct NASBenchSkeleton: Sendable, Equatable {
  /// Of the first convolution.
  public let channels: Int
  public let stacks: Int
  /// In each stack.
  public let cells: Int

  /// For 32 × 32 images of three colours (Ying et al. 2019, section 2).
  public static let published = NASBenchSkeleton(channels: 128, stacks: 3, cells: 3)

  public init(channels: Int, stacks: Int, cells: Int) {
    precondition(channels > 0 && stacks > 0 && cells > 0, "a network has cells")
    self.channels = channels
    self.stacks = stacks
    self.cells = cells
  }

  /// For each cell the channels that come in and go out.
  private var places: [(stack: Int, input: Int, output: Int)] {
    var input = channels
    return (0..<stacks * cells).map { index in
      let output = channels << (index / cells)
      defer { input = output }
      return (index / cells, input, output)
    }
  }

  private func stem(_ inputChannels: Int) -> NormalizedConvolution {
    NormalizedConvolution(kernel: 3, inputs: inputChannels, outputs: channels)
  }

  private var lastChannels: Int { channels << (stacks - 1) }

  /// Numbers that training changes.
  /// - Parameters:
  ///   - cell: pruned.
  ///   - inputChannels: of the images.
  ///   - outputs: of the last layer.
  public func parameters(of cell: NASBenchCell, inputChannels: Int = 3, outputs: Int = 10) -> Int {
    places.reduce(stem(inputChannels).parameters + (lastChannels + 1) * outputs) {
      $0 + cell.parameters(input: $1.input, output: $1.output)
    }
  }

  /// Multiplications and additions of a forward pass.
  /// - Parameters:
  ///   - cell: pruned.
  ///   - inputShape: of an image: height, width, channels.
  ///   - outputs: of the last layer.
  public func flopsPerSample(
    of cell: NASBenchCell, inputShape: (height: Int, width: Int, channels: Int), outputs: Int
  ) -> Int {
    var (height, width, channels) = (inputShape.height, inputShape.width, self.channels)
    var flops = stem(inputShape.channels).flopsPerPosition * height * width
    var stack = 0
    for place in places {
      if place.stack > stack {
        (height, width, stack) = (height / 2, width / 2, place.stack)
        flops += 4 * channels * height * width
      }
      flops += cell.flopsPerPosition(input: place.input, output: place.output) * height * width
      channels = place.output
    }
    return flops + channels * height * width + 2 * channels * outputs
  }

  /// The layers as experiments write them.
  /// - Parameter cell: pruned.
  func layers(_ cell: NASBenchCell, outputs: Int) -> JSON {
    var layers: [JSON] = [
      [
        "kind": "convolution", "channels": .integer(Int64(channels)), "kernel": 3, "padding": 1,
        "bias": false,
      ],
      "batchNorm", "relu",
    ]
    var stack = 0
    for place in places {
      if place.stack > stack { layers.append("maxPool") }
      stack = place.stack
      layers.append([
        "kind": "cell", "adjacency": .string(cell.adjacencyDigits),
        "operations": .array(cell.operations.map { .string($0.name) }),
        "channels": .integer(Int64(place.output)),
      ])
    }
    layers.append("globalAveragePool")
    layers.append(["kind": "linear", "outputs": .integer(Int64(outputs))])
    return .array(layers)
  }
}
