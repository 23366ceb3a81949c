import Tensors

/// What a network's output is compared with, for a batch.
public enum Targets<Scalar: TensorScalar>: @unchecked Sendable {
  /// The right class, 0..<classes, of each position: [rows, perSample].
  case classes(UnsafePointer<Int32>, perSample: Int)
  /// The right numbers: [rows, perSample].
  case values(UnsafePointer<Scalar>, perSample: Int)
}

/// What the targets of some data look like: what the last layer has to give.
public enum TargetShape: Sendable, Equatable {
  /// One of `count` classes, for the sample as a whole or for each of its steps.
  case classes(count: Int, perSample: Int)
  case values(perSample: Int)

  /// Numbers that a network gives for each position.
  public var outputs: Int {
    switch self {
    case .classes(let count, _): count
    case .values(let perSample): perSample
    }
  }

  /// The shape of one sample's output: [classes], [steps, classes] or [values].
  public var outputShape: [Int] {
    switch self {
    case .classes(let count, let perSample): perSample == 1 ? [count] : [perSample, count]
    case .values(let perSample): [perSample]
    }
  }
}

/// How far a network's output is from its targets.
public protocol Loss<Scalar>: AnyObject {
  associatedtype Scalar: TensorScalar

  /// - Parameters:
  ///   - output: [rows, …] of the last layer.
  ///   - gradient: takes the gradient of the mean loss with respect to the output; nil: not needed.
  func evaluate(
    _ output: Tensor<Scalar>, _ targets: Targets<Scalar>, rows: Int,
    gradient: Tensor<Scalar>?
  ) -> LossResult
}

/// How well a batch was told. Results of several batches add up.
public struct LossResult: Sendable, Equatable {
  /// The sum over all positions of weight · loss, and of the weights.
  public var lossSum = 0.0
  public var weight = 0.0
  /// Positions whose class the output tells, at all and among its five most likely, of how many; 0
  /// of 0 where there are no classes.
  public var correct = 0
  public var correctInFive = 0
  public var positions = 0

  public init() {}

  /// The mean loss.
  public var mean: Double { lossSum / weight }

  public static func += (left: inout LossResult, right: LossResult) {
    left.lossSum += right.lossSum
    left.weight += right.weight
    left.correct += right.correct
    left.correctInFive += right.correctInFive
    left.positions += right.positions
  }
}

/// A loss as an experiment describes it.
public protocol LossDescription: Settable, Sendable {
  /// The numbers that may be met, when not all may; nil: any.
  var targetRange: ClosedRange<Float>? { get }

  /// Throws why the loss does not go with such targets.
  func check(_ targets: TargetShape) throws(ShapeMismatch)

  func makeLoss<Scalar: TensorScalar>(_ targets: TargetShape) -> any Loss<Scalar>
}

extension LossDescription {
  public var targetRange: ClosedRange<Float>? { nil }
}

/// All losses, by the kind under which experiments name them.
public enum LossCatalogue {
  public static let all: [any LossDescription.Type] = [
    CrossEntropy.self,
    MeanSquaredError.self,
    Huber.self,
    BinaryCrossEntropy.self,
  ]
}

extension TargetShape {
  /// The loss that experiments get that name none.
  public var usualLoss: any LossDescription {
    switch self {
    case .classes: CrossEntropy()
    case .values: MeanSquaredError()
    }
  }
}
