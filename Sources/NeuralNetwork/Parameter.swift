import Tensors

/// Numbers that training changes: their values, their gradients and, once pruned, their mask.
public final class Parameter<Scalar: TensorScalar> {
  /// What a parameter does in its layer: optimizers and pruning treat them differently.
  public enum Role: Sendable {
    case weight, bias
    /// The gain or shift of a normalisation, or the slope of an activation.
    case normalization
  }

  /// Layer and role, such as "linear1.weight".
  public let name: String
  /// The name in a PyTorch module of the same layers: place and role, such as "0.weight".
  public let moduleName: String
  public let role: Role
  public let value: Tensor<Scalar>
  /// The gradient of the loss, of the value's shape; each backward pass overwrites it.
  public let gradient: Tensor<Scalar>
  /// True for weight matrices; biases are neither pruned nor decayed by pruning methods.
  public var isPrunable: Bool { role == .weight }
  /// 1 where a weight lives, 0 where it was pruned; nil while nothing is pruned.
  public private(set) var mask: Tensor<Scalar>?

  /// - Parameter shape: PyTorch's: a linear weight is [outputs, inputs], a convolution's
  ///   [channels, inputs of its group, height, width].
  public init(name: String, moduleName: String, role: Role, shape: [Int]) {
    self.name = name
    self.moduleName = moduleName
    self.role = role
    value = Tensor(shape: shape)
    gradient = Tensor(shape: shape)
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

/// What a layer remembers of the data, such as running means: saved, but not trained.
public struct Statistic<Scalar: TensorScalar> {
  /// Layer and role, such as "batchNorm1.running_mean".
  public let name: String
  /// The name in a PyTorch module of the same layers, such as "1.running_mean".
  public let moduleName: String
  public let value: Tensor<Scalar>
}
