/// What a convolution in two dimensions works on.
///
/// Images have their channels last: input is [images, input height, input width, input channels],
/// output [images, output height, output width, output channels]. Weights are
/// [output channels, input channels / groups, kernel height, kernel width], as in PyTorch. What
/// lies in the padding is zero.
public struct ConvolutionShape: Sendable, Equatable {
  /// In pixels.
  public var input: Extent2D
  public var inputChannels, outputChannels: Int
  /// In pixels; `dilation` is the step from one tap of the kernel to the next.
  public var kernel, stride, padding, dilation: Extent2D
  /// The channels fall into this many groups; an output channel sees those of its own only.
  public var groups: Int

  public init(
    input: Extent2D, inputChannels: Int, outputChannels: Int, kernel: Extent2D,
    stride: Extent2D = 1, padding: Extent2D = 0, dilation: Extent2D = 1, groups: Int = 1
  ) {
    self.input = input
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// Where the kernel fits: (input + 2·padding - dilation·(kernel - 1) - 1) / stride + 1, rounded
  /// down.
  public var output: Extent2D {
    let span = span
    return Extent2D(
      height: (input.height + 2 * padding.height - span.height) / stride.height + 1,
      width: (input.width + 2 * padding.width - span.width) / stride.width + 1)
  }

  /// The pixels from the kernel's first tap to its last.
  private var span: Extent2D {
    Extent2D(
      height: dilation.height * (kernel.height - 1) + 1,
      width: dilation.width * (kernel.width - 1) + 1)
  }

  /// Scalars of an image.
  public var inputCount: Int { input.area * inputChannels }
  /// Scalars of an image.
  public var outputCount: Int { output.area * outputChannels }

  /// [output channels, input channels / groups, kernel height, kernel width]
  public var weightShape: [Int] {
    [outputChannels, inputChannelsPerGroup, kernel.height, kernel.width]
  }
  public var weightCount: Int { outputChannels * inputChannelsPerGroup * kernel.area }

  var inputChannelsPerGroup: Int { inputChannels / groups }
  var outputChannelsPerGroup: Int { outputChannels / groups }

  /// Each channel by itself.
  var isDepthwise: Bool { groups > 1 && groups == inputChannels && groups == outputChannels }

  /// Pixels along a side, channels, steps.
  static let extentMax = 1 << 16
  /// Taps of a kernel.
  static let tapsMax = 1024
  /// Scalars of an image or of the weights; offsets have 32 bits.
  static let scalarsMax = Int(Int32.max)

  /// Why there is no such convolution, in a sentence; nil when there is. Any numbers may be asked
  /// about; all else here wants a shape without a problem.
  public var problem: String? {
    let sizes = [
      input.height, input.width, inputChannels, outputChannels, kernel.height, kernel.width,
      stride.height, stride.width, dilation.height, dilation.width, groups,
    ]
    guard sizes.allSatisfy({ (1...Self.extentMax).contains($0) }) else {
      return "every extent of a convolution is between 1 and \(Self.extentMax)"
    }
    let paddings = 0...Self.extentMax
    guard paddings.contains(padding.height), paddings.contains(padding.width) else {
      return "the padding of a convolution is between 0 and \(Self.extentMax)"
    }
    guard inputChannels % groups == 0, outputChannels % groups == 0 else {
      return "\(inputChannels) input and \(outputChannels) output channels do not fall into "
        + "\(groups) groups"
    }
    guard kernel.area <= Self.tapsMax else {
      return "a kernel has at most \(Self.tapsMax) taps"
    }
    guard span.height <= input.height + 2 * padding.height,
      span.width <= input.width + 2 * padding.width
    else {
      return "a kernel that spans \(span.height)×\(span.width) does not fit into "
        + "\(input.height)×\(input.width) with padding \(padding.height)×\(padding.width)"
    }
    guard [inputCount, outputCount, weightCount].allSatisfy({ $0 <= Self.scalarsMax }) else {
      return "an image or the weights of a convolution have more than \(Self.scalarsMax) scalars"
    }
    return nil
  }
}
