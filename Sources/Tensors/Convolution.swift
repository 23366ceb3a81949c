/// Convolutions of images, their channels last.
///
/// Weights are packed before use, for either direction; a gradient of weights comes packed as well.
/// All functions may run at the same time for different images. They want no memory of their own.
public protocol ConvolutionKernels: TensorArithmetic {
  /// Scalars of the packed weights, and of their packed gradient, whose direction is `output`.
  static func packedCount(_ plan: ConvolutionPlan, for direction: ConvolutionDirection) -> Int

  /// - Parameter weights: [output channels, input channels / groups, kernel height, kernel width].
  static func packWeights(
    _ plan: ConvolutionPlan, for direction: ConvolutionDirection, _ weights: UnsafePointer<Self>,
    into packed: UnsafeMutablePointer<Self>)

  /// output[i, y, x, o] = bias[o] + the sum over the taps (v, u) and the channels c of o's group of
  /// weights[o, c, v, u] · input[i, y·stride - padding + v·dilation, likewise x, c]
  /// - Parameters:
  ///   - weights: packed for the direction `output`.
  ///   - bias: [output channels]; nil for zeros.
  static func convolve(
    _ plan: ConvolutionPlan, images: Int, _ input: UnsafePointer<Self>,
    weights: UnsafePointer<Self>, bias: UnsafePointer<Self>?,
    into output: UnsafeMutablePointer<Self>)

  /// - Parameter weights: packed for the direction `inputGradient`.
  static func convolveGradient(
    _ plan: ConvolutionPlan, images: Int, _ outputGradient: UnsafePointer<Self>,
    weights: UnsafePointer<Self>, into inputGradient: UnsafeMutablePointer<Self>)

  /// packedGradient += the gradient of the weights over these images. Sums of the same images in
  /// the same order come out the same, bit for bit.
  static func addWeightGradient(
    _ plan: ConvolutionPlan, images: Int, input: UnsafePointer<Self>,
    outputGradient: UnsafePointer<Self>, to packedGradient: UnsafeMutablePointer<Self>)

  /// - Parameter gradient: as the weights are before they are packed.
  static func unpackWeightGradient(
    _ plan: ConvolutionPlan, _ packedGradient: UnsafePointer<Self>,
    into gradient: UnsafeMutablePointer<Self>)
}

/// What weights are packed for.
public enum ConvolutionDirection: Sendable, CaseIterable {
  /// From the input to the output.
  case output
  /// From the output's gradient to the input's.
  case inputGradient
}

/// The plain twin: every product by itself; packed weights are the weights.
extension ConvolutionKernels {
  public static func packedCount(
    _ plan: ConvolutionPlan, for direction: ConvolutionDirection
  ) -> Int { plan.shape.weightCount }

  public static func packWeights(
    _ plan: ConvolutionPlan, for direction: ConvolutionDirection, _ weights: UnsafePointer<Self>,
    into packed: UnsafeMutablePointer<Self>
  ) {
    packed.update(from: weights, count: plan.shape.weightCount)
  }

  public static func convolve(
    _ plan: ConvolutionPlan, images: Int, _ input: UnsafePointer<Self>,
    weights: UnsafePointer<Self>, bias: UnsafePointer<Self>?,
    into output: UnsafeMutablePointer<Self>
  ) {
    let channels = plan.shape.outputChannels
    for index in 0..<images * plan.shape.outputCount {
      output[index] = bias?[index % channels] ?? 0
    }
    forEachProduct(plan.shape, images: images) { output[$1] += weights[$2] * input[$0] }
  }

  public static func convolveGradient(
    _ plan: ConvolutionPlan, images: Int, _ outputGradient: UnsafePointer<Self>,
    weights: UnsafePointer<Self>, into inputGradient: UnsafeMutablePointer<Self>
  ) {
    inputGradient.update(repeating: 0, count: images * plan.shape.inputCount)
    forEachProduct(plan.shape, images: images) {
      inputGradient[$0] += weights[$2] * outputGradient[$1]
    }
  }

  public static func addWeightGradient(
    _ plan: ConvolutionPlan, images: Int, input: UnsafePointer<Self>,
    outputGradient: UnsafePointer<Self>, to packedGradient: UnsafeMutablePointer<Self>
  ) {
    forEachProduct(plan.shape, images: images) {
      packedGradient[$2] += input[$0] * outputGradient[$1]
    }
  }

  public static func unpackWeightGradient(
    _ plan: ConvolutionPlan, _ packedGradient: UnsafePointer<Self>,
    into gradient: UnsafeMutablePointer<Self>
  ) {
    gradient.update(from: packedGradient, count: plan.shape.weightCount)
  }

  /// Calls `body` with the places of the scalars that meet in the input, the output, the weights.
  private static func forEachProduct(
    _ shape: ConvolutionShape, images: Int,
    _ body: (_ input: Int, _ output: Int, _ weight: Int) -> Void
  ) {
    let (output, taps) = (shape.output, shape.kernel.area)
    let (inputs, outputs) = (shape.inputChannelsPerGroup, shape.outputChannelsPerGroup)
    for pixel in 0..<images * output.area {
      let (image, place) = pixel.quotientAndRemainder(dividingBy: output.area)
      for tap in 0..<taps {
        let (tapY, tapX) = tap.quotientAndRemainder(dividingBy: shape.kernel.width)
        let y = place / output.width * shape.stride.height + tapY * shape.dilation.height
        let x = place % output.width * shape.stride.width + tapX * shape.dilation.width
        let (row, column) = (y - shape.padding.height, x - shape.padding.width)
        guard row >= 0, row < shape.input.height, column >= 0, column < shape.input.width
        else { continue }
        let source = (image * shape.input.height + row) * shape.input.width + column
        for channel in 0..<shape.outputChannels {
          let first = channel / outputs * inputs
          for inner in 0..<inputs {
            body(
              source * shape.inputChannels + first + inner, pixel * shape.outputChannels + channel,
              (channel * inputs + inner) * taps + tap)
          }
        }
      }
    }
  }
}
