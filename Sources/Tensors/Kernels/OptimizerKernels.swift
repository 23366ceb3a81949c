import CKernels

/// One pass of an optimizer over its arrays.
public protocol OptimizerKernels: TensorArithmetic {
  /// g = gradient + decay · weight; velocity = momentum · velocity + g;
  /// weight -= rate · velocity, with Nesterov rate · (g + momentum · velocity), without momentum
  /// rate · g.
  static func sgdStep(_ step: SGDStep<Self>, _ arrays: StepArrays<Self>, count: Int)

  /// g = gradient + decay · weight; first = β₁ · first + (1 - β₁) · g;
  /// second = β₂ · second + (1 - β₂) · g²;
  /// weight = kept · weight - rate · first · scale1 / (√(second · scale2) + ε)
  static func adamStep(_ step: AdamStep<Self>, _ arrays: StepArrays<Self>, count: Int)

  /// g = gradient + decay · weight; square = α · square + (1 - α) · g²; when centered
  /// mean = α · mean + (1 - α) · g and mean² is taken off the square; change = g / (√square + ε);
  /// with momentum velocity = momentum · velocity + change; weight -= rate · what came last
  static func rmspropStep(_ step: RMSpropStep<Self>, _ arrays: StepArrays<Self>, count: Int)

  /// weight = kept · weight - rate · sign(β₁ · moment + (1 - β₁) · gradient);
  /// moment = β₂ · moment + (1 - β₂) · gradient. The sign of NaN is NaN: a gradient that is no
  /// number shows.
  static func lionStep(_ step: LionStep<Self>, _ arrays: StepArrays<Self>, count: Int)

  /// averages += (values - averages) · fraction
  static func interpolate(
    _ averages: UnsafeMutablePointer<Self>, towards values: UnsafePointer<Self>,
    by fraction: Self, count: Int)

  /// Exchanges the numbers of two arrays.
  static func exchange(
    _ some: UnsafeMutablePointer<Self>, _ others: UnsafeMutablePointer<Self>, count: Int)

  /// values = min(max(values, -bound), bound); NaN stays NaN
  static func clamp(_ values: UnsafeMutablePointer<Self>, to bound: Self, count: Int)
}

/// The arrays that an optimizer's step goes through.
public struct StepArrays<Scalar: TensorArithmetic>: @unchecked Sendable {
  public typealias Moments = (
    UnsafeMutablePointer<Scalar>?, UnsafeMutablePointer<Scalar>?, UnsafeMutablePointer<Scalar>?
  )

  public var weights: UnsafeMutablePointer<Scalar>
  public var gradients: UnsafePointer<Scalar>
  /// In the order of the method; nil: the method has none there.
  public var moments: Moments

  public init(
    weights: UnsafeMutablePointer<Scalar>, gradients: UnsafePointer<Scalar>, moments: Moments
  ) {
    self.weights = weights
    self.gradients = gradients
    self.moments = moments
  }
}

/// The numbers of a step are prepared in double precision: 1 - 0.999 in Float is off by 1e-5.
public struct SGDStep<Scalar: TensorArithmetic>: Sendable {
  var rate, momentum, decay: Scalar
  var isNesterov: Bool

  public init(rate: Double, momentum: Double, decay: Double, isNesterov: Bool) {
    self.rate = Scalar(rate)
    self.momentum = Scalar(momentum)
    self.decay = Scalar(decay)
    self.isNesterov = isNesterov
  }
}

public struct AdamStep<Scalar: TensorArithmetic>: Sendable {
  var rate, beta1, rest1, beta2, rest2, epsilon, decay, kept, scale1, scale2: Scalar

  /// - Parameters:
  ///   - decay: weight decay as a part of the gradient (Adam).
  ///   - decoupledDecay: weight decay apart from the gradient (AdamW).
  ///   - scales: 1 / (1 - β₁ᵗ) and 1 / (1 - β₂ᵗ): undo the bias of moments that began at zero.
  public init(
    rate: Double, betas: (Double, Double), epsilon: Double, decay: Double, decoupledDecay: Double,
    scales: (Double, Double)
  ) {
    self.rate = Scalar(rate)
    beta1 = Scalar(betas.0)
    rest1 = Scalar(1 - betas.0)
    beta2 = Scalar(betas.1)
    rest2 = Scalar(1 - betas.1)
    self.epsilon = Scalar(epsilon)
    self.decay = Scalar(decay)
    kept = Scalar(1 - rate * decoupledDecay)
    scale1 = Scalar(scales.0)
    scale2 = Scalar(scales.1)
  }
}

public struct RMSpropStep<Scalar: TensorArithmetic>: Sendable {
  var rate, alpha, rest, epsilon, momentum, decay: Scalar

  public init(
    rate: Double, alpha: Double, epsilon: Double, momentum: Double, decay: Double
  ) {
    self.rate = Scalar(rate)
    self.alpha = Scalar(alpha)
    rest = Scalar(1 - alpha)
    self.epsilon = Scalar(epsilon)
    self.momentum = Scalar(momentum)
    self.decay = Scalar(decay)
  }
}

public struct LionStep<Scalar: TensorArithmetic>: Sendable {
  var rate, beta1, rest1, beta2, rest2, kept: Scalar

  public init(rate: Double, betas: (Double, Double), decoupledDecay: Double) {
    self.rate = Scalar(rate)
    beta1 = Scalar(betas.0)
    rest1 = Scalar(1 - betas.0)
    beta2 = Scalar(betas.1)
    rest2 = Scalar(1 - betas.1)
    kept = Scalar(1 - rate * decoupledDecay)
  }
}

extension OptimizerKernels {
  public static func sgdStep(_ step: SGDStep<Self>, _ arrays: StepArrays<Self>, count: Int) {
    for index in 0..<count {
      var slope = arrays.gradients[index] + step.decay * arrays.weights[index]
      if let velocities = arrays.moments.0 {
        velocities[index] = step.momentum * velocities[index] + slope
        slope =
          step.isNesterov ? slope + step.momentum * velocities[index] : velocities[index]
      }
      arrays.weights[index] -= step.rate * slope
    }
  }

  public static func adamStep(_ step: AdamStep<Self>, _ arrays: StepArrays<Self>, count: Int) {
    guard let firsts = arrays.moments.0, let seconds = arrays.moments.1 else {
      preconditionFailure("Adam has two moments")
    }
    for index in 0..<count {
      let weight = arrays.weights[index]
      let gradient = arrays.gradients[index] + step.decay * weight
      let first = step.beta1 * firsts[index] + step.rest1 * gradient
      let second = step.beta2 * seconds[index] + step.rest2 * gradient * gradient
      firsts[index] = first
      seconds[index] = second
      let change = first * step.scale1 / ((second * step.scale2).squareRoot() + step.epsilon)
      arrays.weights[index] = step.kept * weight - step.rate * change
    }
  }

  public static func rmspropStep(
    _ step: RMSpropStep<Self>, _ arrays: StepArrays<Self>, count: Int
  ) {
    guard let squares = arrays.moments.0 else { preconditionFailure("RMSprop has a moment") }
    for index in 0..<count {
      let gradient = arrays.gradients[index] + step.decay * arrays.weights[index]
      squares[index] = step.alpha * squares[index] + step.rest * gradient * gradient
      var square = squares[index]
      if let means = arrays.moments.1 {
        means[index] = step.alpha * means[index] + step.rest * gradient
        square -= means[index] * means[index]
        if square < 0 { square = 0 }
      }
      var change = gradient / (square.squareRoot() + step.epsilon)
      if let velocities = arrays.moments.2 {
        change += step.momentum * velocities[index]
        velocities[index] = change
      }
      arrays.weights[index] -= step.rate * change
    }
  }

  public static func lionStep(_ step: LionStep<Self>, _ arrays: StepArrays<Self>, count: Int) {
    guard let moments = arrays.moments.0 else { preconditionFailure("Lion has a moment") }
    for index in 0..<count {
      let gradient = arrays.gradients[index]
      let mixed = step.beta1 * moments[index] + step.rest1 * gradient
      let sign: Self = mixed > 0 ? 1 : mixed < 0 ? -1 : mixed
      moments[index] = step.beta2 * moments[index] + step.rest2 * gradient
      arrays.weights[index] = step.kept * arrays.weights[index] - step.rate * sign
    }
  }

  public static func interpolate(
    _ averages: UnsafeMutablePointer<Self>, towards values: UnsafePointer<Self>,
    by fraction: Self, count: Int
  ) {
    for index in 0..<count { averages[index] += (values[index] - averages[index]) * fraction }
  }

  public static func exchange(
    _ some: UnsafeMutablePointer<Self>, _ others: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count {
      let kept = some[index]
      some[index] = others[index]
      others[index] = kept
    }
  }

  public static func clamp(_ values: UnsafeMutablePointer<Self>, to bound: Self, count: Int) {
    for index in 0..<count {
      let value = values[index]
      values[index] = value > bound ? bound : value < -bound ? -bound : value
    }
  }
}

extension Float {
  public static func sgdStep(_ step: SGDStep<Float>, _ arrays: StepArrays<Float>, count: Int) {
    nn_optimizer_kernels_best().pointee.sgd(arrays.forC, count, step.forC)
  }

  public static func adamStep(_ step: AdamStep<Float>, _ arrays: StepArrays<Float>, count: Int) {
    precondition(arrays.moments.0 != nil && arrays.moments.1 != nil, "Adam has two moments")
    nn_optimizer_kernels_best().pointee.adam(arrays.forC, count, step.forC)
  }

  public static func rmspropStep(
    _ step: RMSpropStep<Float>, _ arrays: StepArrays<Float>, count: Int
  ) {
    precondition(arrays.moments.0 != nil, "RMSprop has a moment")
    nn_optimizer_kernels_best().pointee.rmsprop(arrays.forC, count, step.forC)
  }

  public static func lionStep(_ step: LionStep<Float>, _ arrays: StepArrays<Float>, count: Int) {
    precondition(arrays.moments.0 != nil, "Lion has a moment")
    nn_optimizer_kernels_best().pointee.lion(arrays.forC, count, step.forC)
  }

  public static func interpolate(
    _ averages: UnsafeMutablePointer<Float>, towards values: UnsafePointer<Float>,
    by fraction: Float, count: Int
  ) {
    nn_optimizer_kernels_best().pointee.interpolate(averages, values, count, fraction)
  }

  public static func clamp(_ values: UnsafeMutablePointer<Float>, to bound: Float, count: Int) {
    nn_optimizer_kernels_best().pointee.clamp(values, count, bound)
  }
}

extension StepArrays where Scalar == Float {
  var forC: nn_step_arrays {
    nn_step_arrays(weights: weights, gradients: gradients, moments: moments)
  }
}

extension SGDStep where Scalar == Float {
  var forC: nn_sgd_step {
    nn_sgd_step(rate: rate, momentum: momentum, decay: decay, is_nesterov: isNesterov ? 1 : 0)
  }
}

extension AdamStep where Scalar == Float {
  var forC: nn_adam_step {
    nn_adam_step(
      rate: rate, beta1: beta1, rest1: rest1, beta2: beta2, rest2: rest2, epsilon: epsilon,
      decay: decay, kept: kept, scale1: scale1, scale2: scale2)
  }
}

extension RMSpropStep where Scalar == Float {
  var forC: nn_rmsprop_step {
    nn_rmsprop_step(
      rate: rate, alpha: alpha, rest: rest, epsilon: epsilon, momentum: momentum, decay: decay)
  }
}

extension LionStep where Scalar == Float {
  var forC: nn_lion_step {
    nn_lion_step(
      rate: rate, beta1: beta1, rest1: rest1, beta2: beta2, rest2: rest2, kept: kept)
  }
}
