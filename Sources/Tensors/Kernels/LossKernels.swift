import Glibc

/// What losses spend their time in: each gives the loss of some outputs in double precision and,
/// where `gradient` is not nil, its gradient with respect to them, times `scale` where there is a
/// scale.
public protocol LossKernels: TensorArithmetic {
  /// The loss of a batch against classes, and the gradient of its mean.
  static func crossEntropy(
    _ batch: ClassifiedBatch<Self>, gradient: UnsafeMutablePointer<Self>?
  ) -> ClassifiedSums

  /// How many logits are above the label's, or equal and before it: its place in the ranking. The
  /// largest integer when one is infinite or not a number, so that the softmax is none.
  static func rank(of label: Int, in logits: UnsafePointer<Self>, count: Int) -> Int

  /// Σ (output - target)²
  static func squaredError(
    _ outputs: UnsafePointer<Self>, _ targets: UnsafePointer<Self>, count: Int, scale: Self,
    gradient: UnsafeMutablePointer<Self>?
  ) -> Double

  /// Σ d² / 2 where the difference d is within delta, else delta · (|d| - delta / 2)
  static func huberError(
    _ outputs: UnsafePointer<Self>, _ targets: UnsafePointer<Self>, delta: Self, count: Int,
    scale: Self, gradient: UnsafeMutablePointer<Self>?
  ) -> Double

  /// Σ -target · log(p) - (1 - target) · log(1 - p), p = 1 / (1 + exp(-logit))
  static func binaryCrossEntropy(
    _ logits: UnsafePointer<Self>, _ targets: UnsafePointer<Self>, count: Int, scale: Self,
    gradient: UnsafeMutablePointer<Self>?
  ) -> Double
}

/// Logits [positions, classes] and the right class of each position.
public struct ClassifiedBatch<Scalar: TensorArithmetic> {
  public var logits: UnsafePointer<Scalar>
  public var labels: UnsafePointer<Int32>
  public var positions, classes: Int
  /// The part of the right class's share that is spread over all classes.
  public var smoothing: Double
  /// One for each class; nil: all 1.
  public var weights: UnsafePointer<Scalar>?

  public init(
    logits: UnsafePointer<Scalar>, labels: UnsafePointer<Int32>, positions: Int, classes: Int,
    smoothing: Double, weights: UnsafePointer<Scalar>?
  ) {
    self.logits = logits
    self.labels = labels
    self.positions = positions
    self.classes = classes
    self.smoothing = smoothing
    self.weights = weights
  }

  func weight(_ index: Int) -> Scalar { weights?[index] ?? 1 }
}

/// Sums over the positions of a batch.
public struct ClassifiedSums {
  public var loss = 0.0
  /// The weights of the right classes.
  public var weight = 0.0
  /// Positions whose right class has the largest logit, or one of the five largest.
  public var correct = 0
  public var correctInFive = 0
}

extension LossKernels {
  public static func crossEntropy(
    _ batch: ClassifiedBatch<Self>, gradient: UnsafeMutablePointer<Self>?
  ) -> ClassifiedSums {
    var sums = ClassifiedSums()
    for position in 0..<batch.positions {
      sums.weight += batch.weight(Int(batch.labels[position])).double
    }
    // Without any weight there is nothing to learn.
    let scale = sums.weight > 0 ? Self(1 / sums.weight) : 0
    for position in 0..<batch.positions {
      let offset = position * batch.classes
      sums.loss += crossEntropy(
        batch, at: position, scale: scale, gradient: gradient.map { $0 + offset })
      let rank = rank(
        of: Int(batch.labels[position]), in: batch.logits + offset, count: batch.classes)
      if rank < 1 { sums.correct += 1 }
      if rank < 5 { sums.correctInFive += 1 }
    }
    return sums
  }

  /// -Σ aₖ log(softmax(logits)ₖ), where a is what is wanted of each class: `rest` · weightₖ, and
  /// `peak` more of the right one; and scale times its gradient, softmax(logits) · Σ a - a.
  private static func crossEntropy(
    _ batch: ClassifiedBatch<Self>, at position: Int, scale: Self,
    gradient: UnsafeMutablePointer<Self>?
  ) -> Double {
    let (label, count) = (Int(batch.labels[position]), batch.classes)
    let logits = batch.logits + position * count
    let peak = Self(1 - batch.smoothing) * batch.weight(label)
    let rest = Self(batch.smoothing / Double(count))
    var largest = logits[0]
    for index in 1..<max(1, count) where logits[index] > largest { largest = logits[index] }
    var sum: Self = 0
    for index in 0..<count {
      let power = exponential(logits[index] - largest)
      gradient?[index] = power
      sum += power
    }
    let logSum = log(sum.double)
    var loss = peak.double * (logSum - (logits[label] - largest).double)
    var total = peak
    if rest > 0 {
      for index in 0..<count {
        let part = rest * batch.weight(index)
        total += part
        // A class without weight may be impossible.
        if part > 0 { loss += part.double * (logSum - (logits[index] - largest).double) }
      }
    }
    guard let gradient else { return loss }
    let factor = scale * total / sum
    for index in 0..<count { gradient[index] *= factor }
    gradient[label] -= scale * peak
    if rest > 0 {
      for index in 0..<count { gradient[index] -= scale * rest * batch.weight(index) }
    }
    return loss
  }

  public static func rank(of label: Int, in logits: UnsafePointer<Self>, count: Int) -> Int {
    let told = logits[label]
    var rank = 0
    for index in 0..<count {
      guard logits[index] < infinity else { return .max }
      if logits[index] > told || (index < label && logits[index] == told) { rank += 1 }
    }
    return rank
  }

  public static func squaredError(
    _ outputs: UnsafePointer<Self>, _ targets: UnsafePointer<Self>, count: Int, scale: Self,
    gradient: UnsafeMutablePointer<Self>?
  ) -> Double {
    var loss = 0.0
    for index in 0..<count {
      let difference = outputs[index] - targets[index]
      loss += difference.double * difference.double
      gradient?[index] = 2 * scale * difference
    }
    return loss
  }

  public static func huberError(
    _ outputs: UnsafePointer<Self>, _ targets: UnsafePointer<Self>, delta: Self, count: Int,
    scale: Self, gradient: UnsafeMutablePointer<Self>?
  ) -> Double {
    var loss = 0.0
    let bend = delta.double
    for index in 0..<count {
      let difference = outputs[index] - targets[index]
      let size = abs(difference.double)
      loss += size > bend ? bend * (size - 0.5 * bend) : 0.5 * size * size
      let slope = difference > delta ? delta : difference < -delta ? -delta : difference
      gradient?[index] = scale * slope
    }
    return loss
  }

  public static func binaryCrossEntropy(
    _ logits: UnsafePointer<Self>, _ targets: UnsafePointer<Self>, count: Int, scale: Self,
    gradient: UnsafeMutablePointer<Self>?
  ) -> Double {
    var loss = 0.0
    for index in 0..<count {
      let (logit, target) = (logits[index], targets[index])
      // The power is at most 1, so that no logit overflows.
      let power = exponential(logit > 0 ? -logit : logit)
      let value = logit.double
      loss += (value > 0 ? value : 0) - value * target.double + log1p(power.double)
      let probability = (logit > 0 ? 1 : power) / (1 + power)
      gradient?[index] = scale * (probability - target)
    }
    return loss
  }
}
