import Tensors

/// Convolution in two dimensions (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied
/// to document recognition", 1998, section II.A): each output channel is a bias plus a weighted sum
/// over a window of the image, with W [channels, input channels / groups, kernel height, kernel
/// width] and b [channels].
///
/// Images are [height, width, channels]; [height, width] is one channel. The output is as large as
/// `ConvolutionShape.output` says. With as many groups as input channels it is depthwise. A
/// rectifier behind the layer is computed with it.
public struct Convolution: LayerDescription {
  public static let kind = "convolution"
  public static let summary = "convolution of images: kernel, stride, padding, dilation, groups"

  /// Of the output.
  public let channels: Int
  /// In pixels; `dilation` is the step from one tap of the kernel to the next.
  public let kernel, stride, padding, dilation: Extent2D
  /// Parts into which input and output channels fall; each sees only its own.
  public let groups: Int
  public let hasBias: Bool
  /// How the weights begin.
  public let initializer: Initializer

  public init(
    channels: Int, kernel: Extent2D = 3, stride: Extent2D = 1, padding: Extent2D = 0,
    dilation: Extent2D = 1, groups: Int = 1, bias: Bool = true,
    initializer: Initializer = .heNormal
  ) {
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    hasBias = bias
    self.initializer = initializer
  }

  public init(_ settings: some Settings) throws {
    let extentMax = 1024
    channels = try settings.integer("channels", in: 1...65_536, default: nil)
    kernel = try settings.extent("kernel", in: 1...extentMax, default: 3)
    stride = try settings.extent("stride", in: 1...extentMax, default: 1)
    padding = try settings.extent("padding", in: 0...extentMax, default: 0)
    dilation = try settings.extent("dilation", in: 1...extentMax, default: 1)
    groups = try settings.integer("groups", in: 1...65_536, default: 1)
    hasBias = try settings.flag("bias", default: true)
    initializer = try Initializer(settings)
  }

  public var canRectify: Bool { true }
  public var readsOutput: Bool { false }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    guard 2...3 ~= inputShape.count else {
      throw ShapeMismatch(got: inputShape, needs: "images [height, width, channels]")
    }
    let shape = shape(for: inputShape)
    if let problem = shape.problem {
      throw ShapeMismatch("got samples of \(inputShape): \(problem)")
    }
    return [shape.output.height, shape.output.width, channels]
  }

  func shape(for inputShape: [Int]) -> ConvolutionShape {
    ConvolutionShape(
      input: Extent2D(height: inputShape[0], width: inputShape[1]),
      inputChannels: inputShape.count == 3 ? inputShape[2] : 1, outputChannels: channels,
      kernel: kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  /// True when each channel is convolved alone.
  private func isDepthwise(_ inputShape: [Int]) -> Bool {
    groups > 1 && groups == channels && inputShape.count == 3 && inputShape[2] == channels
  }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    if isDepthwise(inputShape) {
      trace.note("\(name).weight", axes: [trace.channels])
      trace.note("\(name).bias", axes: [trace.channels])
      return trace.produce(trace.channels, by: name)
    }
    // The channels of several groups would have to go from all of them alike: they stay.
    if groups > 1 { trace.pin() }
    let inputs = inputShape.count == 3 ? trace.channels : nil
    if inputs == nil { trace.pin() }
    let made = trace.makeChannels(channels)
    trace.note("\(name).weight", axes: [made, groups > 1 ? nil : inputs])
    trace.note("\(name).bias", axes: [made])
    trace.produce(made, by: name)
    if groups > 1 { trace.pin() }
  }

  public func narrowed(_ narrowing: inout Narrowing, name: String) -> any LayerDescription {
    guard let width = narrowing.widths[name] else { return self }
    return Convolution(
      channels: width, kernel: kernel, stride: stride, padding: padding, dilation: dilation,
      groups: groups > 1 ? width : 1, bias: hasBias, initializer: initializer)
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    ConvolutionLayer(self, construction)
  }
}

final class ConvolutionLayer<Scalar: TensorScalar>: Layer, ParallelWork {
  let name: String
  let parameters: [Parameter<Scalar>]
  let flopsPerSample: Int

  /// What the blocks of a dispatch do.
  private enum Phase {
    case forward, inputGradient, weightGradient
  }

  private let shape: ConvolutionShape
  private let plan: ConvolutionPlan
  private let weight: Parameter<Scalar>
  private let bias: Parameter<Scalar>?
  private let rectifies: Bool
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  private let output: Tensor<Scalar>
  private let packed: Tensor<Scalar>
  private let packedGradientCount: Int
  /// Images whose share of the weights' gradient is summed in one place.
  private let imagesPerSum: Int

  private var phase = Phase.forward
  private var rows = 0
  private var input: Tensor<Scalar>?
  private var outputGradient: Tensor<Scalar>?
  private var inputGradient: Tensor<Scalar>?
  /// For each sum: the packed gradient of the weights, then that of the bias.
  private var sums: Tensor<Scalar>?

  /// So many images stay in the cache together with the weights.
  private static var imagesPerBlock: Int { 8 }

  init(_ description: Convolution, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    shape = description.shape(for: construction.inputShape)
    plan = ConvolutionPlan(shape)
    weight = construction.parameter("weight", .weight, shape: shape.weightShape)
    bias =
      description.hasBias
      ? construction.parameter("bias", .bias, shape: [shape.outputChannels]) : nil
    parameters = [weight] + (bias.map { [$0] } ?? [])
    let fanIn = shape.inputChannels / shape.groups * shape.kernel.area
    flopsPerSample = 2 * shape.outputCount * fanIn
    rectifies = construction.rectifiesOutput
    pool = construction.pool
    workspace = construction.workspace
    output = construction.makeOutput()
    packedGradientCount = Scalar.packedCount(plan, for: .output)
    packed = Tensor(
      shape: [max(packedGradientCount, Scalar.packedCount(plan, for: .inputGradient))])
    imagesPerSum = Self.imagesPerSum(
      batchSizeMax: construction.batchSizeMax, weights: packedGradientCount)
    let (weight, bias, inputs) = (weight, bias, fanIn)
    construction.initialize { random in
      description.initializer.fill(weight.value, &random)
      if let bias { description.initializer.fillBias(bias.value, inputs: inputs, &random) }
    }
  }

  /// As few sums as keep threads busy where the weights are many, since each sum is a copy of them.
  private static func imagesPerSum(batchSizeMax: Int, weights: Int) -> Int {
    let scalarsMax = 1 << 21
    let (sumsMin, sumsMax) = (4, 16)
    let sums = max(sumsMin, min(sumsMax, scalarsMax / max(1, weights)))
    let images = (batchSizeMax + sums - 1) / sums
    return (images + imagesPerBlock - 1) / imagesPerBlock * imagesPerBlock
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    self.input = input
    Scalar.packWeights(plan, for: .output, weight.value.scalars, into: packed.scalars)
    run(.forward, pass, imagesPerBlock: Self.imagesPerBlock)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    self.outputGradient = outputGradient
    sumWeightGradient(pass)
    var inputGradient: Tensor<Scalar>?
    if needsInputGradient {
      inputGradient = workspace.take(pass.rows * shape.inputCount)
      self.inputGradient = inputGradient
      Scalar.packWeights(plan, for: .inputGradient, weight.value.scalars, into: packed.scalars)
      run(.inputGradient, pass, imagesPerBlock: Self.imagesPerBlock)
      self.inputGradient = nil
    }
    self.outputGradient = nil
    workspace.give(outputGradient)
    return inputGradient
  }

  private func run(_ phase: Phase, _ pass: Pass, imagesPerBlock: Int) {
    self.phase = phase
    rows = pass.rows
    pool.run(self, blocks: (rows + imagesPerBlock - 1) / imagesPerBlock)
  }

  private func sumWeightGradient(_ pass: Pass) {
    let count = packedGradientCount + shape.outputChannels
    let sumCount = max(1, (pass.rows + imagesPerSum - 1) / imagesPerSum)
    let sums = workspace.take(sumCount * count)
    self.sums = sums
    phase = .weightGradient
    rows = pass.rows
    pool.run(self, blocks: sumCount)
    for sum in 1..<max(1, sumCount) {
      Scalar.add(
        sums.scalars + sum * count, to: sums.scalars, count: count, rectifies: false)
    }
    Scalar.unpackWeightGradient(plan, sums.scalars, into: weight.gradient.scalars)
    bias?.gradient.scalars.update(
      from: sums.scalars + packedGradientCount, count: shape.outputChannels)
    self.sums = nil
    workspace.give(sums)
  }

  func perform(block: Int) {
    switch phase {
    case .forward:
      let first = block * Self.imagesPerBlock
      convolve(first..<min(rows, first + Self.imagesPerBlock))
    case .inputGradient:
      let first = block * Self.imagesPerBlock
      guard let outputGradient, let inputGradient else { return }
      Scalar.convolveGradient(
        plan, images: min(rows - first, Self.imagesPerBlock),
        outputGradient.scalars + first * shape.outputCount, weights: packed.scalars,
        into: inputGradient.scalars + first * shape.inputCount)
    case .weightGradient: addWeightGradient(sum: block)
    }
  }

  private func convolve(_ images: Range<Int>) {
    guard let input else { return }
    let start = output.scalars + images.lowerBound * shape.outputCount
    Scalar.convolve(
      plan, images: images.count, input.scalars + images.lowerBound * shape.inputCount,
      weights: packed.scalars, bias: bias.map { UnsafePointer($0.value.scalars) }, into: start)
    if rectifies {
      Scalar.rectify(start, into: start, count: images.count * shape.outputCount)
    }
  }

  /// Also takes the rectifier's part of the gradient, while it is in the cache.
  private func addWeightGradient(sum: Int) {
    guard let sums, let input, let outputGradient else { return }
    let count = packedGradientCount + shape.outputChannels
    let start = sums.scalars + sum * count
    Scalar.clear(start, count: count)
    let biasGradient = start + packedGradientCount
    var first = sum * imagesPerSum
    let end = min(rows, first + imagesPerSum)
    while first < end {
      let images = min(Self.imagesPerBlock, end - first)
      let gradient = outputGradient.scalars + first * shape.outputCount
      if rectifies {
        Scalar.rectifyGradient(
          output: output.scalars + first * shape.outputCount, outputGradient: gradient,
          into: gradient, count: images * shape.outputCount)
      }
      Scalar.addWeightGradient(
        plan, images: images, input: input.scalars + first * shape.inputCount,
        outputGradient: gradient, to: start)
      if bias != nil {
        Scalar.addRows(
          gradient, rows: images * shape.output.area, columns: shape.outputChannels,
          to: biasGradient)
      }
      first += images
    }
  }
}
