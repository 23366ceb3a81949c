import Glibc

/// The learning rate falls by a factor when each of some epochs begins, as in the papers on
/// residual networks.
public struct MultiStepSchedule: LearningRateSchedule {
  public static let kind = "multiStep"
  public static let summary = "falls by a factor when each of some epochs begins"
  static let epochsCountMax = 1000

  /// Epochs from 0.
  public let epochs: [Int]
  public let factor: Double
  public let warmUp: WarmUp
  public let followsWarmUp = false

  public init(epochs: [Int], factor: Double = 0.1, warmUp: WarmUp = WarmUp()) {
    self.epochs = epochs
    self.factor = factor
    self.warmUp = warmUp
  }

  public init(_ settings: some Settings) throws {
    epochs = try settings.integers(
      "epochs", in: 0...WarmUp.epochsMax, count: 1...Self.epochsCountMax, default: nil)
    factor = try settings.number("factor", in: 0...1, default: 0.1)
    warmUp = try WarmUp(settings)
  }

  public func plainFactor(at position: Int, of length: RunLength) -> Double {
    let epoch = position / max(1, length.updatesPerEpoch)
    return pow(factor, Double(epochs.count { $0 <= epoch }))
  }
}
