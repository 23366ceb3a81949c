import Glibc

/// The learning rate falls by a factor every so many epochs.
public struct StepSchedule: LearningRateSchedule {
  public static let kind = "step"
  public static let summary = "falls by a factor every so many epochs"

  public let everyEpochs: Int
  public let factor: Double
  public let warmUp: WarmUp
  public let followsWarmUp = false

  public init(everyEpochs: Int = 10, factor: Double = 0.1, warmUp: WarmUp = WarmUp()) {
    self.everyEpochs = everyEpochs
    self.factor = factor
    self.warmUp = warmUp
  }

  public init(_ settings: some Settings) throws {
    everyEpochs = try settings.integer("everyEpochs", in: 1...WarmUp.epochsMax, default: 10)
    factor = try settings.number("factor", in: 0...1, default: 0.1)
    warmUp = try WarmUp(settings)
  }

  public func plainFactor(at position: Int, of length: RunLength) -> Double {
    let epoch = position / max(1, length.updatesPerEpoch)
    return pow(factor, Double(epoch / everyEpochs))
  }
}
