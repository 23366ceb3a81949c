import Glibc

/// Half a cosine from 1 down to `finalFactor` (Loshchilov and Hutter, "SGDR", ICLR 2017,
/// equation 5, without restarts).
public struct CosineSchedule: LearningRateSchedule {
  public static let kind = "cosine"
  public static let summary = "half a cosine from the learning rate down to a fraction of it"
  public static let paper: String? = "Loshchilov and Hutter 2017, arXiv 1608.03983"

  public let finalFactor: Double
  public let warmUp: WarmUp
  public let followsWarmUp = true

  public init(finalFactor: Double = 0, warmUp: WarmUp = WarmUp()) {
    self.finalFactor = finalFactor
    self.warmUp = warmUp
  }

  public init(_ settings: some Settings) throws {
    finalFactor = try settings.number("finalFactor", in: 0...1, default: 0.01)
    warmUp = try WarmUp(settings)
  }

  public func plainFactor(at position: Int, of length: RunLength) -> Double {
    let progress = min(1, Double(position) / Double(max(1, length.updates)))
    return Self.between(1, finalFactor, progress)
  }

  /// Half a cosine from one value to another.
  static func between(_ first: Double, _ last: Double, _ progress: Double) -> Double {
    last + (first - last) * 0.5 * (1 + cos(Double.pi * progress))
  }
}
