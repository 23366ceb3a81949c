import Tensors

/// The largest number of each window, channel by channel; padding counts as -∞. Its gradient goes
/// to where it was, to the first place of several.
public struct MaxPool: LayerDescription {
  public static let kind = "maxPool"
  public static let summary = "the largest number of each window of an image"

  public let window: PoolWindow

  public init(kernel: Extent2D = 2, stride: Extent2D? = nil, padding: Extent2D = 0) {
    window = PoolWindow(kernel: kernel, stride: stride, padding: padding)
  }

  public init(_ settings: some Settings) throws {
    window = try PoolWindow(settings)
  }

  public var readsOutput: Bool { false }

  public var channelFlow: ChannelTrace.Flow { .passes(keepsZero: true) }

  public func trace(
    _ trace: inout ChannelTrace, name: String, inputShape: [Int], outputShape: [Int]
  ) {
    if inputShape.count == 2 { trace.pinAll(outputShape) }
  }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    try window.outputShape(for: inputShape)
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    PoolLayer<Scalar, Largest>(construction.poolShape(window), construction)
  }
}

private enum Largest: PoolFunction {
  static let bytesPerOutput = 1

  static func forward<Scalar: TensorScalar>(
    _ shape: PoolShape, _ image: UnsafePointer<Scalar>,
    into output: UnsafeMutablePointer<Scalar>, keeping kept: UnsafeMutablePointer<UInt8>
  ) {
    Scalar.maxPool(shape, image, into: output, which: kept)
  }

  static func backward<Scalar: TensorScalar>(
    _ shape: PoolShape, _ outputGradient: UnsafePointer<Scalar>, kept: UnsafePointer<UInt8>,
    into inputGradient: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.maxPoolGradient(
      shape, outputGradient: outputGradient, which: kept, into: inputGradient)
  }
}
