import CKernels
import Testing

@testable import Tensors

/// The optimizers' loops of CKernels at every instruction set that this processor has, against the
/// plain twins, run on Double.
struct OptimizerKernelTests {
  private static let sizes = [0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 65, 1000]

  private static var levels: [nn_optimizer_kernels] {
    var pointers = [UnsafePointer<nn_optimizer_kernels>?](repeating: nil, count: 3)
    let count = pointers.withUnsafeMutableBufferPointer {
      nn_optimizer_kernels_available($0.baseAddress)
    }
    return pointers.prefix(Int(count)).compactMap { $0?.pointee }
  }

  /// Weights, gradients and three moments, with one number behind each that nobody may touch.
  private struct Arrays<Scalar: TensorScalar> {
    let weights, gradients: Tensor<Scalar>
    let moments: [Tensor<Scalar>?]

    init(_ size: Int, hasMoments: [Bool]) {
      func random(_ index: UInt32, isPositive: Bool = false) -> Tensor<Scalar> {
        var source = RandomSource(seed: 1, purpose: .noise, index: index)
        let tensor = Tensor<Scalar>(shape: [size + 1])
        for index in 0..<size {
          let magnitude = Double(Float(source.uniform(in: 0.01...1)))
          let isNegative = source.integer(below: 2) == 0 && !isPositive
          tensor[index] = Scalar(isNegative ? -magnitude : magnitude)
        }
        tensor[size] = 7
        return tensor
      }
      weights = random(1)
      gradients = random(2)
      // Moments that are a mean square are never negative.
      moments = hasMoments.enumerated().map { place, isThere in
        isThere ? random(3 + UInt32(place), isPositive: place < 2) : nil
      }
    }

    var all: StepArrays<Scalar> {
      StepArrays(
        weights: weights.scalars, gradients: gradients.scalars,
        moments: (moments[0]?.scalars, moments[1]?.scalars, moments[2]?.scalars))
    }

    var values: [[Double]] {
      ([weights, gradients] + moments.compactMap { $0 }).map { $0.array.map { $0.double } }
    }
  }

  /// Equal up to the rounding of a few operations.
  private func agree(_ some: [[Double]], _ others: [[Double]]) -> Bool {
    zip(some, others).allSatisfy { one, other in
      zip(one, other).allSatisfy { abs($0 - $1) <= 2e-6 * max(0.1, abs($1)) }
    }
  }

  private func check(
    moments: [Bool], fast: (nn_optimizer_kernels, StepArrays<Float>, Int) -> Void,
    plain: (StepArrays<Double>, Int) -> Void
  ) {
    for level in Self.levels {
      for size in Self.sizes {
        let single = Arrays<Float>(size, hasMoments: moments)
        let precise = Arrays<Double>(size, hasMoments: moments)
        let before = precise.values
        fast(level, single.all, size)
        plain(precise.all, size)
        let place = "\(String(cString: level.name)), \(size), \(moments)"
        #expect(agree(single.values, precise.values), "\(place)")
        #expect(single.values.allSatisfy { $0[size] == 7 }, "\(place)")
        #expect(single.values[1] == before[1], "gradients stay, \(place)")
        #expect(single.values[0] != before[0] || size == 0, "\(place)")
      }
    }
  }

  @Test(arguments: [true, false], [true, false])
  func sgd(hasMomentum: Bool, isNesterov: Bool) {
    let (rate, momentum, decay) = (0.1, 0.9, 0.01)
    let step = SGDStep<Float>(
      rate: rate, momentum: momentum, decay: decay, isNesterov: isNesterov)
    let precise = SGDStep<Double>(
      rate: rate, momentum: momentum, decay: decay, isNesterov: isNesterov)
    check(moments: [hasMomentum, false, false]) { level, arrays, size in
      level.sgd(arrays.forC, size, step.forC)
    } plain: { arrays, size in
      Double.sgdStep(precise, arrays, count: size)
    }
  }

  @Test(arguments: [0, 0.1], [0, 0.2])
  func adam(decay: Double, decoupled: Double) {
    func step<Scalar>() -> AdamStep<Scalar> {
      AdamStep(
        rate: 0.1, betas: (0.75, 0.9375), epsilon: 1e-8, decay: decay, decoupledDecay: decoupled,
        scales: (2, 1.5))
    }
    let (fast, precise): (AdamStep<Float>, AdamStep<Double>) = (step(), step())
    check(moments: [true, true, false]) { level, arrays, size in
      level.adam(arrays.forC, size, fast.forC)
    } plain: { arrays, size in
      Double.adamStep(precise, arrays, count: size)
    }
  }

  @Test(arguments: [true, false], [true, false])
  func rmsprop(isCentered: Bool, hasMomentum: Bool) {
    func step<Scalar>() -> RMSpropStep<Scalar> {
      // An epsilon that keeps the rounding of a small difference of squares small.
      RMSpropStep(rate: 0.1, alpha: 0.75, epsilon: 0.5, momentum: 0.5, decay: 0.1)
    }
    let (fast, precise): (RMSpropStep<Float>, RMSpropStep<Double>) = (step(), step())
    check(moments: [true, isCentered, hasMomentum]) { level, arrays, size in
      level.rmsprop(arrays.forC, size, fast.forC)
    } plain: { arrays, size in
      Double.rmspropStep(precise, arrays, count: size)
    }
  }

  @Test func lion() {
    func step<Scalar>() -> LionStep<Scalar> {
      LionStep(rate: 0.1, betas: (0.75, 0.875), decoupledDecay: 0.3)
    }
    let (fast, precise): (LionStep<Float>, LionStep<Double>) = (step(), step())
    check(moments: [true, false, false]) { level, arrays, size in
      level.lion(arrays.forC, size, fast.forC)
    } plain: { arrays, size in
      Double.lionStep(precise, arrays, count: size)
    }
  }

  @Test func interpolateAndClamp() {
    check(moments: [false, false, false]) { level, arrays, size in
      level.interpolate(arrays.weights, arrays.gradients, size, 0.3)
    } plain: { arrays, size in
      Double.interpolate(arrays.weights, towards: arrays.gradients, by: 0.3, count: size)
    }
    check(moments: [false, false, false]) { level, arrays, size in
      level.clamp(arrays.weights, size, 0.02)
    } plain: { arrays, size in
      Double.clamp(arrays.weights, to: 0.02, count: size)
    }
  }

  /// Zeros and what is no number, in the vectors and in the rest.
  @Test func specialNumbers() {
    let numbers: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, 1, -1, .leastNonzeroMagnitude]
    for level in Self.levels {
      for size in [1, 8, 17, 31] {
        var values = (0..<size).map { numbers[$0 % numbers.count] }
        let expected = values.map { $0.isNaN ? $0 : min(max($0, -0.5), 0.5) }
        level.clamp(&values, size, 0.5)
        #expect(zip(values, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
        let arrays = Arrays<Float>(size, hasMoments: [true, false, false])
        for index in 0..<size { arrays.gradients[index] = numbers[index % numbers.count] }
        arrays.moments[0]?.fill(0)
        arrays.weights.fill(0)
        let step = LionStep<Float>(rate: 1, betas: (0.5, 0.5), decoupledDecay: 0)
        level.lion(arrays.all.forC, size, step.forC)
        for index in 0..<size {
          let gradient = numbers[index % numbers.count]
          let sign: Float = gradient > 0 ? 1 : gradient < 0 ? -1 : gradient
          // Half of the least number there is is nothing.
          let isLeast = gradient == .leastNonzeroMagnitude
          let weight = arrays.weights[index]
          #expect(weight == -sign || weight.isNaN && sign.isNaN || isLeast && weight == 0)
        }
      }
    }
  }
}
