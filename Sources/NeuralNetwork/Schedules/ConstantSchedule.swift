/// The learning rate stays as it is.
public struct ConstantSchedule: LearningRateSchedule {
  public static let kind = "constant"
  public static let summary = "the same learning rate for the whole run"

  public let warmUp: WarmUp
  public let followsWarmUp = false

  public init(warmUp: WarmUp = WarmUp()) {
    self.warmUp = warmUp
  }

  public init(_ settings: some Settings) throws {
    warmUp = try WarmUp(settings)
  }

  public func plainFactor(at position: Int, of length: RunLength) -> Double { 1 }
}
