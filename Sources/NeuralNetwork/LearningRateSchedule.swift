/// How the learning rate changes over a run, a warm-up first.
public protocol LearningRateSchedule: Settable, Sendable {
  var warmUp: WarmUp { get }

  /// True: the schedule spans what the warm-up leaves of the run. False: it counts the run's epochs
  /// as if there were no warm-up (Goyal et al., "Accurate, large minibatch SGD", 2017).
  var followsWarmUp: Bool { get }

  /// The factor on the optimizer's learning rate, warm-up apart.
  /// - Parameters:
  ///   - position: updates made so far, from 0.
  ///   - length: updates of the run, or of what the warm-up leaves of it.
  func plainFactor(at position: Int, of length: RunLength) -> Double
}

extension LearningRateSchedule {
  /// The factor on the optimizer's learning rate.
  /// - Parameter position: updates made so far, from 0.
  public func factor(at position: Int, of length: RunLength) -> Double {
    let warmUpUpdates = min(warmUp.epochs * length.updatesPerEpoch, length.updates)
    let ramp = warmUp.factor(at: position, of: warmUpUpdates)
    guard followsWarmUp else { return ramp * plainFactor(at: position, of: length) }
    var rest = length
    rest.updates -= warmUpUpdates
    return ramp * plainFactor(at: max(0, position - warmUpUpdates), of: rest)
  }
}

/// How long a run is.
public struct RunLength: Sendable {
  public var updates: Int
  public var updatesPerEpoch: Int

  public init(updates: Int, updatesPerEpoch: Int) {
    self.updates = updates
    self.updatesPerEpoch = updatesPerEpoch
  }
}

/// A line from `factor` up to 1 over the first epochs.
public struct WarmUp: Sendable {
  static let epochsMax = 1_000_000

  public let epochs: Int
  public let factor: Double

  public init(epochs: Int = 0, factor: Double = 0.01) {
    self.epochs = epochs
    self.factor = factor
  }

  init(_ settings: some Settings) throws {
    epochs = try settings.integer("warmUpEpochs", in: 0...Self.epochsMax, default: 0)
    factor = try settings.number("warmUpFactor", in: 0...1, default: 0.01)
  }

  func factor(at position: Int, of updates: Int) -> Double {
    guard position < updates else { return 1 }
    return factor + (1 - factor) * Double(position) / Double(updates)
  }
}

/// All schedules, by the kind under which experiments name them.
public enum LearningRateScheduleCatalogue {
  public static let all: [any LearningRateSchedule.Type] = [
    ConstantSchedule.self,
    StepSchedule.self,
    MultiStepSchedule.self,
    CosineSchedule.self,
    OneCycleSchedule.self,
  ]
}
