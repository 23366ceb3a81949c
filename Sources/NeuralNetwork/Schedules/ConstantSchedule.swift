/// The learning rate stays as it is.
public struct ConstantSchedule: LearningRateSchedule {
  public static let kind = "constant"
  public static let summary = "the same learning rate for the whole run"

  public init() {}

  public init(_ settings: some Settings) throws {}

  public func factor(at position: Int, of total: Int) -> Double { 1 }
}
