import Tensors

/// Numbers that training changes: their values, their gradients and, once pruned, their mask.
public final class Parameter<Scalar: TensorScalar> {
  /// Layer and role, such as "linear1.weight".
  public let name: String
  public let value: Tensor<Scalar>
  /// The gradient of the loss, of the value's shape; each backward pass overwrites it.
  public let gradient: Tensor<Scalar>
  /// True for weight matrices; biases are neither pruned nor decayed by pruning methods.
  public let isPrunable: Bool
  /// 1 where a weight lives, 0 where it was pruned; nil while nothing is pruned.
  public private(set) var mask: Tensor<Scalar>?

  public init(name: String, shape: [Int], isPrunable: Bool) {
    self.name = name
    value = Tensor(shape: shape)
    gradient = Tensor(shape: shape)
    self.isPrunable = isPrunable
  }

  /// Puts a mask on, or takes it off, and zeroes the weights that it removes.
  ///
  /// Optimizers zero their moments at the same time: a stale momentum would revive a weight.
  public func setMask(_ newMask: Tensor<Scalar>?) {
    precondition(isPrunable || newMask == nil, "only prunable parameters have masks")
    precondition(newMask.map { $0.shape == value.shape } ?? true, "a mask of the value's shape")
    mask = newMask
    if let newMask { Scalar.multiply(value.scalars, by: newMask.scalars, count: value.count) }
  }

  /// Weights that the mask removes.
  public var prunedCount: Int {
    guard let mask else { return 0 }
    return withExtendedLifetime(mask) { mask.buffer.count { $0 == 0 } }
  }
}
