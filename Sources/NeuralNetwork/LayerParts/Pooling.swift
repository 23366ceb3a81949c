import Tensors

/// How a pool's window moves over images [height, width, channels]; [height, width] is one channel.
/// Only windows that fit count, padding included: along each axis there are
/// (input + 2·padding - kernel) / stride + 1 of them, rounded down.
public struct PoolWindow: Sendable, Equatable {
  /// In pixels.
  public let kernel, stride, padding: Extent2D

  /// - Parameters:
  ///   - stride: nil: the kernel's extent.
  ///   - padding: at most half of the kernel.
  public init(kernel: Extent2D, stride: Extent2D? = nil, padding: Extent2D = 0) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }

  /// Settings kernel (2), stride (as kernel) and padding (0), each an integer or
  /// [height, width].
  init(_ settings: some Settings) throws {
    // Places within a window are numbered by a byte.
    let kernelMax = 16
    let strideMax = 1024
    let kernel = try settings.extent("kernel", in: 1...kernelMax, default: 2)
    try self.init(
      kernel: kernel, stride: settings.extent("stride", in: 1...strideMax, default: kernel),
      padding: settings.extent("padding", in: 0...kernelMax / 2, default: 0))
  }

  /// What the window does to samples of a shape.
  func shape(for inputShape: [Int]) throws(ShapeMismatch) -> PoolShape {
    guard 2...3 ~= inputShape.count else {
      throw ShapeMismatch(got: inputShape, needs: "images [height, width, channels]")
    }
    guard 2 * padding.height <= kernel.height, 2 * padding.width <= kernel.width
    else {
      throw ShapeMismatch(
        "padding [\(padding.height), \(padding.width)] is more than half of the kernel "
          + "[\(kernel.height), \(kernel.width)]")
    }
    let image = inputShape.count == 2 ? inputShape + [1] : inputShape
    let shape = PoolShape(input: image, kernel: kernel, stride: stride, padding: padding)
    guard shape.outputHeight > 0, shape.outputWidth > 0 else {
      let height = kernel.height - 2 * padding.height
      let width = kernel.width - 2 * padding.width
      throw ShapeMismatch(
        got: inputShape, needs: "images of at least \(height) × \(width) pixels")
    }
    return shape
  }

  func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    let shape = try shape(for: inputShape)
    return [shape.outputHeight, shape.outputWidth, shape.channels]
  }
}

/// What pools do with images, one at a time; layers differ in it.
protocol PoolFunction {
  /// What is kept of the forward pass: bytes for each scalar of the output.
  static var bytesPerOutput: Int { get }

  static func forward<Scalar: TensorScalar>(
    _ shape: PoolShape, _ image: UnsafePointer<Scalar>,
    into output: UnsafeMutablePointer<Scalar>, keeping kept: UnsafeMutablePointer<UInt8>)

  static func backward<Scalar: TensorScalar>(
    _ shape: PoolShape, _ outputGradient: UnsafePointer<Scalar>, kept: UnsafePointer<UInt8>,
    into inputGradient: UnsafeMutablePointer<Scalar>)
}

final class PoolLayer<Scalar: TensorScalar, Function: PoolFunction>: Layer, ParallelWork {
  let name: String
  let flopsPerSample: Int

  private let shape: PoolShape
  private let kept: ByteStore
  private let output: Tensor<Scalar>
  private let pool: WorkerPool
  private let workspace: Workspace<Scalar>
  private var input, gradient, inputGradient: Tensor<Scalar>?
  private var blocks = RowBlocks(rows: 0, columns: 0)

  init(_ shape: PoolShape, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    self.shape = shape
    flopsPerSample = shape.outputCount * shape.kernel.height * shape.kernel.width
    kept = ByteStore(
      count: construction.batchSizeMax * shape.outputCount * Function.bytesPerOutput)
    output = construction.makeOutput()
    pool = construction.pool
    workspace = construction.workspace
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    (self.input, gradient, inputGradient) = (input, nil, nil)
    run(pass)
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    guard needsInputGradient else { return outputGradient }
    let result = workspace.take(pass.rows * shape.inputCount)
    (gradient, inputGradient) = (outputGradient, result)
    run(pass)
    (gradient, inputGradient) = (nil, nil)
    workspace.give(outputGradient)
    return result
  }

  private func run(_ pass: Pass) {
    blocks = RowBlocks(rows: pass.rows, columns: shape.inputCount)
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    for row in blocks.range(of: block) {
      let bytes = kept.bytes + row * shape.outputCount * Function.bytesPerOutput
      if let gradient, let inputGradient {
        Function.backward(
          shape, gradient.scalars + row * shape.outputCount, kept: bytes,
          into: inputGradient.scalars + row * shape.inputCount)
      } else if let input {
        Function.forward(
          shape, input.scalars + row * shape.inputCount,
          into: output.scalars + row * shape.outputCount, keeping: bytes)
      }
    }
  }
}

/// Bytes that a layer keeps from its forward to its backward pass.
final class ByteStore {
  let bytes: UnsafeMutablePointer<UInt8>

  /// All zeros.
  init(count: Int) {
    bytes = .allocate(capacity: max(1, count))
    bytes.initialize(repeating: 0, count: max(1, count))
  }

  deinit {
    bytes.deallocate()
  }
}

extension LayerConstruction {
  /// What a window does to the input.
  func poolShape(_ window: PoolWindow) -> PoolShape {
    do throws(ShapeMismatch) {
      return try window.shape(for: inputShape)
    } catch {
      preconditionFailure("shapes are checked before layers are made")
    }
  }
}
