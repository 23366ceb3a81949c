import Glibc

/// Half a cosine from 1 down to `finalFactor` (Loshchilov and Hutter, "SGDR", ICLR 2017,
/// equation 5, without restarts).
public struct CosineSchedule: LearningRateSchedule {
  public static let kind = "cosine"
  public static let summary = "half a cosine from the learning rate down to a fraction of it"
  public static let paper: String? = "Loshchilov and Hutter 2017, arXiv 1608.03983"

  public let finalFactor: Double

  public init(finalFactor: Double = 0) {
    self.finalFactor = finalFactor
  }

  public init(_ settings: some Settings) throws {
    finalFactor = try settings.number("finalFactor", in: 0...1, default: 0.01)
  }

  public func factor(at position: Int, of total: Int) -> Double {
    let progress = min(1, Double(position) / Double(max(1, total)))
    return finalFactor + (1 - finalFactor) * 0.5 * (1 + cos(Double.pi * progress))
  }
}
