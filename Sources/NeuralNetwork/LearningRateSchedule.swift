/// How the learning rate changes over a run.
public protocol LearningRateSchedule: Described, Sendable {
  init(_ settings: some Settings) throws

  /// The factor on the optimizer's learning rate.
  /// - Parameters:
  ///   - position: updates made so far, from 0.
  ///   - total: updates of the whole run.
  func factor(at position: Int, of total: Int) -> Double
}

/// All schedules, by the kind under which experiments name them.
public enum LearningRateScheduleCatalogue {
  public static let all: [any LearningRateSchedule.Type] = [
    ConstantSchedule.self,
    CosineSchedule.self,
  ]
}
