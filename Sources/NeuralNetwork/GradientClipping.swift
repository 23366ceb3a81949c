import Tensors

/// A limit on gradients before an update: of the norm of all together (Pascanu, Mikolov, Bengio,
/// "On the difficulty of training recurrent neural networks", ICML 2013) or of each value.
public struct GradientClipping: Sendable, Equatable {
  public enum Kind: String, CaseIterable, Sendable {
    case norm, value
  }

  public let kind: Kind
  public let maximum: Double

  public init(_ kind: Kind, maximum: Double) {
    self.kind = kind
    self.maximum = maximum
  }

  /// `kind`: "norm" (default) or "value"; `maximum`: the norm or the absolute value at most.
  public init(_ settings: some Settings) throws {
    let name = try settings.choice(
      "kind", of: Kind.allCases.map(\.rawValue), default: Kind.norm.rawValue)
    kind = Kind(rawValue: name) ?? .norm
    maximum = try settings.number("maximum", in: 1e-12...1e12, default: 1)
  }
}

/// The norm of the gradients of the weights among some parameters together, without those of pruned
/// ones, which it zeroes.
public final class GradientNorm<Scalar: TensorScalar>: ParallelWork {
  private let parameters: [Parameter<Scalar>]
  private let pool: WorkerPool
  private let blocks: ParameterBlocks
  private let sums: Tensor<Double>

  public init(_ parameters: [Parameter<Scalar>], pool: WorkerPool) {
    self.parameters = parameters.filter(\.isWeight)
    self.pool = pool
    blocks = ParameterBlocks(self.parameters)
    sums = Tensor(shape: [blocks.count])
  }

  public func measure() -> Double {
    pool.run(self, blocks: blocks.count)
    var sum = 0.0
    for block in 0..<blocks.count { sum += sums.scalars[block] }
    return sum.squareRoot()
  }

  public func perform(block: Int) {
    var sum = 0.0
    for piece in blocks.pieces(of: block) {
      parameters[piece.parameter].maskGradients(from: piece.offset, count: piece.count)
      let gradients = parameters[piece.parameter].gradient.scalars + piece.offset
      sum += Scalar.sumOfSquares(gradients, count: piece.count)
    }
    sums.scalars[block] = sum
  }
}

/// Clips the gradients of the weights among some parameters.
public final class GradientClipper<Scalar: TensorScalar>: ParallelWork {
  private enum Stage {
    case scale(Scalar)
    case clamp(Scalar)
  }

  private let clipping: GradientClipping
  private let parameters: [Parameter<Scalar>]
  private let pool: WorkerPool
  private let blocks: ParameterBlocks
  private var stage = Stage.scale(1)

  public init(_ clipping: GradientClipping, _ parameters: [Parameter<Scalar>], pool: WorkerPool) {
    self.clipping = clipping
    self.parameters = parameters.filter(\.isWeight)
    self.pool = pool
    blocks = ParameterBlocks(self.parameters)
  }

  /// Clips the gradients in place. Where one is not a number, all are not, by norm.
  /// - Parameter norm: of all gradients together.
  public func clip(norm: Double) {
    switch clipping.kind {
    case .value: run(.clamp(Scalar(clipping.maximum)))
    case .norm:
      // PyTorch's form: never a division by zero.
      let factor = clipping.maximum / (norm + 1e-6)
      if !(factor >= 1) { run(.scale(Scalar(factor))) }
    }
  }

  private func run(_ stage: Stage) {
    self.stage = stage
    pool.run(self, blocks: blocks.count)
  }

  public func perform(block: Int) {
    for piece in blocks.pieces(of: block) {
      let gradients = parameters[piece.parameter].gradient.scalars + piece.offset
      switch stage {
      case .scale(let factor): Scalar.scale(gradients, by: factor, count: piece.count)
      case .clamp(let bound): Scalar.clamp(gradients, to: bound, count: piece.count)
      }
    }
  }
}
