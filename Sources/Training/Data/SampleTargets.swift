import NeuralNetwork

/// What the network is to answer about all samples.
public enum SampleTargets: Sendable, Equatable {
  /// [sample, perSample], each 0..<count: one class for a sample, or one for each step of a
  /// sequence.
  case classes([Int32], perSample: Int, count: Int)
  /// [sample, perSample]: numbers to be met.
  case values([Float], perSample: Int)

  /// What they look like.
  public var shape: TargetShape {
    switch self {
    case .classes(_, let perSample, let count): .classes(count: count, perSample: perSample)
    case .values(_, let perSample): .values(perSample: perSample)
    }
  }

  var perSample: Int {
    switch self {
    case .classes(_, let perSample, _), .values(_, let perSample): perSample
    }
  }

  var sampleCount: Int {
    switch self {
    case .classes(let classes, let perSample, _): classes.count / perSample
    case .values(let values, let perSample): values.count / perSample
    }
  }

  /// These, then others; nil when they are of another kind or number.
  func joined(with others: SampleTargets) -> SampleTargets? {
    switch (self, others) {
    case (.classes(let first, perSample, let count), .classes(let second, perSample, let more)):
      .classes(first + second, perSample: perSample, count: max(count, more))
    case (.values(let first, perSample), .values(let second, perSample)):
      .values(first + second, perSample: perSample)
    default: nil
    }
  }

  /// The targets of some samples, in their order.
  func gathered(_ order: [Int]) -> SampleTargets {
    switch self {
    case .classes(let classes, let perSample, let count):
      .classes(
        classes.gathered(order, rowLength: perSample), perSample: perSample, count: count)
    case .values(let values, let perSample):
      .values(values.gathered(order, rowLength: perSample), perSample: perSample)
    }
  }
}
