import CKernels

/// Convolutions by the kernels of one instruction set.
struct FloatConvolution {
  let kernels: nn_convolution_kernels

  static var best: FloatConvolution {
    FloatConvolution(kernels: nn_convolution_kernels_best().pointee)
  }

  func packedCount(_ plan: ConvolutionPlan, for direction: ConvolutionDirection) -> Int {
    parts(of: plan) * partCount(plan, for: direction)
  }

  func packWeights(
    _ plan: ConvolutionPlan, for direction: ConvolutionDirection, _ weights: UnsafePointer<Float>,
    into packed: UnsafeMutablePointer<Float>
  ) {
    // The taps of the gradient's direction are packed backwards.
    let first = direction == .output ? 0 : plan.shape.kernel.area - 1
    var layout = layout(plan, for: direction)
    for part in 0..<parts(of: plan) {
      kernels.pack(
        &layout, weights + first + part * weightCount(plan),
        packed + part * partCount(plan, for: direction))
    }
  }

  func unpackWeightGradient(
    _ plan: ConvolutionPlan, _ packed: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    var layout = layout(plan, for: .output)
    for part in 0..<parts(of: plan) {
      kernels.unpack(
        &layout, packed + part * partCount(plan, for: .output),
        gradient + part * weightCount(plan))
    }
  }

  func convolve(
    _ plan: ConvolutionPlan, images: Int, _ input: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    into output: UnsafeMutablePointer<Float>
  ) {
    let convolve = plan.shape.isDepthwise ? kernels.convolve_depthwise : kernels.convolve
    for part in 0..<parts(of: plan) {
      convolve?(
        plan.forward.plan, Int64(images), input + part * plan.shape.inputChannelsPerGroup,
        weights + part * partCount(plan, for: .output),
        bias.map { $0 + part * plan.shape.outputChannelsPerGroup },
        output + part * plan.shape.outputChannelsPerGroup)
    }
  }

  func convolveGradient(
    _ plan: ConvolutionPlan, images: Int, _ outputGradient: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, into inputGradient: UnsafeMutablePointer<Float>
  ) {
    let convolve = plan.shape.isDepthwise ? kernels.convolve_depthwise : kernels.convolve
    for part in 0..<parts(of: plan) {
      convolve?(
        plan.inputGradient.plan, Int64(images),
        outputGradient + part * plan.shape.outputChannelsPerGroup,
        weights + part * partCount(plan, for: .inputGradient), nil,
        inputGradient + part * plan.shape.inputChannelsPerGroup)
    }
  }

  func addWeightGradient(
    _ plan: ConvolutionPlan, images: Int, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, to packedGradient: UnsafeMutablePointer<Float>
  ) {
    let add =
      plan.shape.isDepthwise
      ? kernels.add_depthwise_weight_gradient : kernels.add_weight_gradient
    for part in 0..<parts(of: plan) {
      add?(
        plan.forward.plan, Int64(images), input + part * plan.shape.inputChannelsPerGroup,
        outputGradient + part * plan.shape.outputChannelsPerGroup,
        packedGradient + part * partCount(plan, for: .output))
    }
  }

  /// The kernels know no groups of channels: they are called for one after the other. Depthwise,
  /// where they do, all channels are one part.
  private func parts(of plan: ConvolutionPlan) -> Int {
    plan.shape.isDepthwise ? 1 : plan.shape.groups
  }

  /// Packed scalars of a part.
  private func partCount(_ plan: ConvolutionPlan, for direction: ConvolutionDirection) -> Int {
    let pass = direction == .output ? plan.forward : plan.inputGradient
    let multiple = Int(kernels.column_multiple)
    let columns = (Int(pass.plan.pointee.columns) + multiple - 1) / multiple * multiple
    return Int(pass.plan.pointee.rows) * columns
  }

  /// Unpacked scalars of a part.
  private func weightCount(_ plan: ConvolutionPlan) -> Int {
    plan.shape.weightCount / parts(of: plan)
  }

  private func layout(
    _ plan: ConvolutionPlan, for direction: ConvolutionDirection
  ) -> nn_convolution_weights {
    let taps = Int64(plan.shape.kernel.area)
    let inputs = Int64(plan.shape.inputChannelsPerGroup)
    let outputs = Int64(plan.shape.outputChannelsPerGroup)
    if plan.shape.isDepthwise {
      return nn_convolution_weights(
        taps: taps, channels: 1, columns: Int64(plan.shape.outputChannels),
        tap_stride: direction == .output ? 1 : -1, channel_stride: 0, column_stride: taps)
    }
    return direction == .output
      ? nn_convolution_weights(
        taps: taps, channels: inputs, columns: outputs, tap_stride: 1, channel_stride: taps,
        column_stride: inputs * taps)
      : nn_convolution_weights(
        taps: taps, channels: outputs, columns: inputs, tap_stride: -1,
        channel_stride: inputs * taps, column_stride: taps)
  }
}

extension Float: ConvolutionKernels {
  public static func packedCount(
    _ plan: ConvolutionPlan, for direction: ConvolutionDirection
  ) -> Int {
    FloatConvolution.best.packedCount(plan, for: direction)
  }

  public static func packWeights(
    _ plan: ConvolutionPlan, for direction: ConvolutionDirection, _ weights: UnsafePointer<Float>,
    into packed: UnsafeMutablePointer<Float>
  ) {
    FloatConvolution.best.packWeights(plan, for: direction, weights, into: packed)
  }

  public static func convolve(
    _ plan: ConvolutionPlan, images: Int, _ input: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    into output: UnsafeMutablePointer<Float>
  ) {
    FloatConvolution.best.convolve(
      plan, images: images, input, weights: weights, bias: bias, into: output)
  }

  public static func convolveGradient(
    _ plan: ConvolutionPlan, images: Int, _ outputGradient: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, into inputGradient: UnsafeMutablePointer<Float>
  ) {
    FloatConvolution.best.convolveGradient(
      plan, images: images, outputGradient, weights: weights, into: inputGradient)
  }

  public static func addWeightGradient(
    _ plan: ConvolutionPlan, images: Int, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, to packedGradient: UnsafeMutablePointer<Float>
  ) {
    FloatConvolution.best.addWeightGradient(
      plan, images: images, input: input, outputGradient: outputGradient, to: packedGradient)
  }

  public static func unpackWeightGradient(
    _ plan: ConvolutionPlan, _ packedGradient: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    FloatConvolution.best.unpackWeightGradient(plan, packedGradient, into: gradient)
  }
}

extension Double: ConvolutionKernels {}
