import Glibc

/// A dense, row-major array of scalars in memory of its own, aligned to 64 bytes.
///
/// A reference: layers and optimizers share it and write into it in place, so that a training step
/// allocates nothing.
public final class Tensor<Scalar: TensorScalar>: @unchecked Sendable {
  /// Extents, outermost first; empty for a single number.
  public let shape: [Int]
  /// Number of scalars: the product of `shape`.
  public let count: Int
  /// Valid while the tensor lives: hold the tensor itself, not an array that it was in, for as long
  /// as the pointer is used.
  public let scalars: UnsafeMutablePointer<Scalar>

  private let memory: UnsafeMutableRawPointer

  /// All zeros.
  public init(shape: [Int]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "an extent is never negative")
    self.shape = shape
    count = shape.reduce(1, *)
    let alignment = 64
    // Large memory that nobody has written to costs nothing: it comes as zeros when it is touched.
    guard
      let memory = calloc(max(1, count) * MemoryLayout<Scalar>.stride + alignment, 1)
    else { fatalError("no memory is left for a tensor of shape \(shape)") }
    self.memory = memory
    scalars = memory.alignedUp(toMultipleOf: alignment)
      .bindMemory(to: Scalar.self, capacity: max(1, count))
  }

  /// The scalars given in row-major order.
  public convenience init(shape: [Int], _ values: [Scalar]) {
    self.init(shape: shape)
    precondition(values.count == count, "a tensor of shape \(shape) has \(count) scalars")
    for (index, value) in values.enumerated() { scalars[index] = value }
  }

  deinit {
    free(memory)
  }

  /// All scalars, in row-major order; valid while the tensor lives, as `scalars` is.
  public var buffer: UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(start: scalars, count: count)
  }

  /// A copy of all scalars, in row-major order.
  public var array: [Scalar] {
    withExtendedLifetime(self) { Array(buffer) }
  }

  public subscript(index: Int) -> Scalar {
    get {
      precondition(index >= 0 && index < count, "an index within the tensor")
      return scalars[index]
    }
    set {
      precondition(index >= 0 && index < count, "an index within the tensor")
      scalars[index] = newValue
    }
  }

  public func fill(_ value: Scalar) {
    guard value != 0 else { return Scalar.clear(scalars, count: count) }
    scalars.update(repeating: value, count: count)
  }

  /// Takes over the scalars of a tensor of the same count.
  public func copy(from other: Tensor<Scalar>) {
    precondition(other.count == count, "tensors of one size")
    scalars.update(from: other.scalars, count: count)
  }
}
