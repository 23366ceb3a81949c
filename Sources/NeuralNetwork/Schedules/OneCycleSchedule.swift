/// Half a cosine from `initialFactor` up to 1, and one from there down to `finalFactor` (Smith and
/// Topin, "Super-convergence", 2017; PyTorch's form, without its change of the momentum).
public struct OneCycleSchedule: LearningRateSchedule {
  public static let kind = "oneCycle"
  public static let summary = "up from a fraction to the learning rate, then down to almost nothing"
  public static let paper: String? = "Smith and Topin 2017, arXiv 1708.07120"

  /// The part of the run that rises.
  public let riseFraction: Double
  public let initialFactor, finalFactor: Double
  public let warmUp: WarmUp
  public let followsWarmUp = true

  public init(
    riseFraction: Double = 0.3, initialFactor: Double = 0.04, finalFactor: Double = 0.000004,
    warmUp: WarmUp = WarmUp()
  ) {
    self.riseFraction = riseFraction
    self.initialFactor = initialFactor
    self.finalFactor = finalFactor
    self.warmUp = warmUp
  }

  public init(_ settings: some Settings) throws {
    riseFraction = try settings.number("riseFraction", in: 0...1, default: 0.3)
    initialFactor = try settings.number("initialFactor", in: 0...1, default: 0.04)
    finalFactor = try settings.number("finalFactor", in: 0...1, default: 0.000004)
    warmUp = try WarmUp(settings)
  }

  public func plainFactor(at position: Int, of length: RunLength) -> Double {
    let position = Double(position)
    let last = Double(max(1, length.updates - 1))
    let top = max(0, riseFraction * Double(length.updates) - 1)
    if position < top {
      return CosineSchedule.between(initialFactor, 1, position / top)
    }
    let progress = last > top ? (position - top) / (last - top) : 1
    return CosineSchedule.between(1, finalFactor, min(1, progress))
  }
}
