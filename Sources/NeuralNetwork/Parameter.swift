import Tensors

/// Numbers that training changes: their values, their gradients and, once pruned, their mask.
public final class Parameter<Scalar: TensorScalar> {
  /// What a parameter does in its layer: optimizers and pruning treat them differently.
  public enum Role: Sendable {
    case weight, bias
    /// The gain or shift of a normalisation, or the slope of an activation.
    case normalization
    /// How much of each operation a mixture takes; see `ArchitectureStep`.
    case architecture
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
  /// False for what a search learns in steps of its own: optimizers, clipping and averages of the
  /// weights leave it alone.
  public var isWeight: Bool { role != .architecture }
  /// 1 where a weight lives, 0 where it was pruned; nil while nothing is pruned.
  ///
  /// A mask is never changed in place: another one is put on, or layers would not notice.
  public private(set) var mask: Tensor<Scalar>?
  /// How often a mask was put on or taken off: what is worked out from one is valid while it stays.
  public private(set) var maskVersion = 0
  /// Weights that the mask removes.
  public private(set) var prunedCount = 0
  /// Whether backward passes have to fill the gradients of masked weights, too, for methods that
  /// bring weights back; otherwise a layer may leave them 0.
  public var needsFullGradient = false

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
    maskVersion += 1
    prunedCount =
      newMask.map { $0.count - Int(Scalar.sumOfSquares($0.scalars, count: $0.count)) } ?? 0
    if let newMask { Scalar.multiply(value.scalars, by: newMask.scalars, count: value.count) }
  }

  /// Zeroes the gradients of the weights that the mask removes.
  func clearMaskedGradients() {
    guard let mask else { return }
    Scalar.rectifyGradient(
      output: mask.scalars, outputGradient: gradient.scalars, into: gradient.scalars,
      count: gradient.count)
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
