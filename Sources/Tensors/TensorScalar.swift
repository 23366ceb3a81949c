import Glibc

/// A number that tensors are made of, with the loops that need to be fast.
///
/// `Float` trains: its loops are OpenBLAS and CKernels. `Double` is the plain twin: the same
/// layers, run on it, are checked against finite differences, and its loops, written here, are
/// what the fast ones are compared with.
public protocol TensorScalar: BinaryFloatingPoint, Sendable {
  /// c = a·b + beta·c, where a is [m, k], b is [k, n], c is [m, n] after the transpositions asked
  /// for. Strides are the distances between rows as stored.
  static func multiplyMatrices(_ operands: MatrixOperands<Self>)

  /// output = max(input, 0); NaN stays NaN
  static func rectify(
    _ input: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>, count: Int)

  /// inputGradient = outputGradient where output > 0, else 0
  static func rectifyGradient(
    output: UnsafePointer<Self>, outputGradient: UnsafePointer<Self>,
    into inputGradient: UnsafeMutablePointer<Self>, count: Int)

  /// sums[c] = the sum over the rows r of matrix[r, c]; matrix is [rows, columns]
  static func sumRows(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Self>)

  static func sumOfSquares(_ values: UnsafePointer<Self>, count: Int) -> Double

  /// values *= factors
  static func multiply(
    _ values: UnsafeMutablePointer<Self>, by factors: UnsafePointer<Self>, count: Int)

  /// output = bytes · scale + offset
  static func convert(
    _ bytes: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Self>, count: Int,
    scale: Self, offset: Self)

  /// e to the power of the value.
  static func exponential(_ value: Self) -> Self

  /// The loss -log(softmax(logits)[label]) of one sample, whether the label's logit is the largest,
  /// and scale · (softmax(logits) - one at the label) as the gradient.
  static func softmaxCrossEntropy(
    _ logits: UnsafePointer<Self>, label: Int, count: Int, scale: Self,
    gradient: UnsafeMutablePointer<Self>
  ) -> (loss: Double, isCorrect: Bool)

  /// velocity = momentum · velocity + gradient + decay · weight; weight -= rate · velocity
  static func momentumStep(_ step: MomentumStep<Self>, _ arrays: StepArrays<Self>, count: Int)

  /// Adam's moments and step, weight decay apart from the gradient.
  static func adamStep(
    _ step: AdamStep<Self>, _ arrays: StepArrays<Self>,
    secondMoments: UnsafeMutablePointer<Self>, count: Int)
}

/// What a matrix product works on.
public struct MatrixOperands<Scalar: TensorScalar>: @unchecked Sendable {
  public var m, n, k: Int
  public var a: UnsafePointer<Scalar>
  public var b: UnsafePointer<Scalar>
  public var c: UnsafeMutablePointer<Scalar>
  public var aIsTransposed, bIsTransposed: Bool
  public var aStride, bStride, cStride: Int
  public var beta: Scalar

  /// Matrices stored without gaps; a transposed factor is stored as the transposed matrix.
  public init(
    m: Int, n: Int, k: Int, _ a: MatrixFactor<Scalar>, times b: MatrixFactor<Scalar>,
    into c: UnsafeMutablePointer<Scalar>, keeping beta: Scalar = 0
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.a = a.scalars
    self.b = b.scalars
    self.c = c
    aIsTransposed = a.isTransposed
    bIsTransposed = b.isTransposed
    aStride = a.isTransposed ? m : k
    bStride = b.isTransposed ? k : n
    cStride = n
    self.beta = beta
  }
}

/// The arrays that an optimizer's step goes through: `moments` is the velocity or first moment.
public struct StepArrays<Scalar: TensorScalar>: @unchecked Sendable {
  public var weights: UnsafeMutablePointer<Scalar>
  public var gradients: UnsafePointer<Scalar>
  public var moments: UnsafeMutablePointer<Scalar>

  public init(
    weights: UnsafeMutablePointer<Scalar>, gradients: UnsafePointer<Scalar>,
    moments: UnsafeMutablePointer<Scalar>
  ) {
    self.weights = weights
    self.gradients = gradients
    self.moments = moments
  }

  public func advanced(by offset: Int) -> StepArrays {
    StepArrays(
      weights: weights + offset, gradients: gradients + offset, moments: moments + offset)
  }
}

public struct MomentumStep<Scalar: TensorScalar>: Sendable {
  public var rate, momentum, decay: Scalar

  public init(rate: Scalar, momentum: Scalar, decay: Scalar) {
    self.rate = rate
    self.momentum = momentum
    self.decay = decay
  }
}

public struct AdamStep<Scalar: TensorScalar>: Sendable {
  public var rate, beta1, beta2, epsilon, decay: Scalar
  /// 1 / (1 - beta1^t) and 1 / (1 - beta2^t): undo the bias of moments that began at zero.
  public var scale1, scale2: Scalar

  public init(
    rate: Scalar, beta1: Scalar, beta2: Scalar, epsilon: Scalar, decay: Scalar, scale1: Scalar,
    scale2: Scalar
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.decay = decay
    self.scale1 = scale1
    self.scale2 = scale2
  }
}

extension TensorScalar {
  public static func multiplyMatrices(_ operands: MatrixOperands<Self>) {
    let (a, b, c) = (operands.a, operands.b, operands.c)
    for row in 0..<operands.m {
      for column in 0..<operands.n {
        var sum: Self = 0
        for inner in 0..<operands.k {
          let left =
            operands.aIsTransposed
            ? a[inner * operands.aStride + row] : a[row * operands.aStride + inner]
          let right =
            operands.bIsTransposed
            ? b[column * operands.bStride + inner] : b[inner * operands.bStride + column]
          sum += left * right
        }
        let place = row * operands.cStride + column
        c[place] = operands.beta == 0 ? sum : sum + operands.beta * c[place]
      }
    }
  }

  public static func rectify(
    _ input: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count { output[index] = input[index] <= 0 ? 0 : input[index] }
  }

  public static func rectifyGradient(
    output: UnsafePointer<Self>, outputGradient: UnsafePointer<Self>,
    into inputGradient: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count {
      inputGradient[index] = output[index] > 0 ? outputGradient[index] : 0
    }
  }

  public static func sumRows(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Self>
  ) {
    for column in 0..<columns {
      var sum: Self = 0
      for row in 0..<rows { sum += matrix[row * columns + column] }
      sums[column] = sum
    }
  }

  public static func sumOfSquares(_ values: UnsafePointer<Self>, count: Int) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += Double(values[index]) * Double(values[index]) }
    return sum
  }

  public static func multiply(
    _ values: UnsafeMutablePointer<Self>, by factors: UnsafePointer<Self>, count: Int
  ) {
    for index in 0..<count { values[index] *= factors[index] }
  }

  public static func convert(
    _ bytes: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Self>, count: Int,
    scale: Self, offset: Self
  ) {
    for index in 0..<count { output[index] = Self(bytes[index]) * scale + offset }
  }

  public static func softmaxCrossEntropy(
    _ logits: UnsafePointer<Self>, label: Int, count: Int, scale: Self,
    gradient: UnsafeMutablePointer<Self>
  ) -> (loss: Double, isCorrect: Bool) {
    var (largest, winner) = (logits[0], 0)
    for index in 1..<count where logits[index] > largest {
      (largest, winner) = (logits[index], index)
    }
    var sum: Self = 0
    for index in 0..<count {
      gradient[index] = exponential(logits[index] - largest)
      sum += gradient[index]
    }
    let factor = scale / sum
    for index in 0..<count { gradient[index] *= factor }
    gradient[label] -= scale
    let loss = log(Double(sum)) - Double(logits[label] - largest)
    return (loss, winner == label && sum.isFinite)
  }

  public static func momentumStep(
    _ step: MomentumStep<Self>, _ arrays: StepArrays<Self>, count: Int
  ) {
    for index in 0..<count {
      let slope = arrays.gradients[index] + step.decay * arrays.weights[index]
      arrays.moments[index] = step.momentum * arrays.moments[index] + slope
      arrays.weights[index] -= step.rate * arrays.moments[index]
    }
  }

  public static func adamStep(
    _ step: AdamStep<Self>, _ arrays: StepArrays<Self>,
    secondMoments: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count {
      let gradient = arrays.gradients[index]
      let first = step.beta1 * arrays.moments[index] + (1 - step.beta1) * gradient
      let second = step.beta2 * secondMoments[index] + (1 - step.beta2) * gradient * gradient
      arrays.moments[index] = first
      secondMoments[index] = second
      let change = first * step.scale1 / ((second * step.scale2).squareRoot() + step.epsilon)
      arrays.weights[index] =
        arrays.weights[index] * (1 - step.rate * step.decay) - step.rate * change
    }
  }
}

extension Double: TensorScalar {
  public static func exponential(_ value: Double) -> Double { exp(value) }
}
