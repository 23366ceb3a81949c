/// Watches a curve for what a person should hear of, in O(1) for each point.
///
/// It judges by averages, so that the noise of healthy training raises nothing:
/// - nonFinite: a value that is none, after a hundred that were (or at the beginning).
/// - divergence (losses): the mean of the last ten points or so stands, for twenty points in a
///   row, above twice the best mean of fifty; and above it by more than twice the noise there was
///   at the best and a tenth of all that was gained, so that a loss near 0 may jump.
/// - plateau (losses): the mean over the last twentieth of the points has not got better by 0.1 %
///   in the last half of at least 200 points, and the noise of that mean is too small to hide that
///   it fell. A loss that has fallen to a hundredth of its beginning may rest.
/// A finding is told once in an episode, which ends when the curve is well again.
struct CurveWatch: PointFold {
  enum Finding: Equatable {
    case nonFinite(Float)
    /// How many times its best the loss is.
    case divergence(ratio: Double)
    /// The step at which the loss was best.
    case plateau(since: Int64)
  }

  private let isLoss: Bool
  /// Finite values in a row, no more than needed.
  private var calm = calmPoints
  /// Finite values.
  private var count = 0.0
  /// Means of about the last 10, 50 and count/20 points.
  private var (fast, slow, wide) = (0.0, 0.0, 0.0)
  /// Of the points about the slow mean.
  private var variance = 0.0
  /// The first slow mean that counts.
  private var start = 0.0
  private var best = Double.infinity
  private var varianceAtBest = 0.0
  private var pointsAbove = 0
  private var isDiverging = false
  private var bestWide = Double.infinity
  private var countAtBestWide = 0.0
  private var stepAtBestWide: Int64 = 0
  private var isOnPlateau = false

  private static let calmPoints = 100
  private static let (fastPoints, slowPoints, widePoints) = (10.0, 50.0, 20.0)
  /// Means of fewer points are chance.
  private static let warmUpPoints = 20.0
  private static let pointsAboveNeeded = 20
  private static let plateauPoints = 200.0

  init(isLoss: Bool) {
    self.isLoss = isLoss
  }

  mutating func next(step: Int64, value: Float) -> Finding? {
    guard value.isFinite else {
      defer { calm = 0 }
      return calm == Self.calmPoints ? .nonFinite(value) : nil
    }
    if calm < Self.calmPoints { calm += 1 }
    guard isLoss else { return nil }
    follow(Double(value))
    guard count >= Self.warmUpPoints else { return nil }
    if count == Self.warmUpPoints { start = slow }
    return divergence(Double(value)) ?? plateau(step)
  }

  private mutating func follow(_ value: Double) {
    count += 1
    // A plain mean until there are points enough for the moving one.
    let slowShare = count < Self.slowPoints ? 1 / count : 1 / Self.slowPoints
    let deviation = value - slow
    if count > 1 { variance += slowShare * (deviation * deviation - variance) }
    slow += slowShare * deviation
    let fastShare = count < Self.fastPoints ? 1 / count : 1 / Self.fastPoints
    fast += fastShare * (value - fast)
    wide += (count > 1 ? Self.widePoints / (count + Self.widePoints) : 1) * (value - wide)
  }

  private mutating func divergence(_ value: Double) -> Finding? {
    if slow < best { (best, varianceAtBest) = (slow, variance) }
    // How often as large as nothing, or as a gain, is no measure.
    guard best > 0 else { return nil }
    let excess = fast - best
    let enough = max(best, 0.1 * (start - best))
    // One value far out lifts the mean for long; the values themselves must be above, too.
    if excess > enough && excess * excess > 4 * varianceAtBest {
      guard value - best > enough else {
        pointsAbove = max(0, pointsAbove - 2)
        return nil
      }
      pointsAbove += 1
      guard pointsAbove >= Self.pointsAboveNeeded, !isDiverging else { return nil }
      isDiverging = true
      return .divergence(ratio: fast / best)
    }
    pointsAbove = 0
    if excess < enough / 2 { isDiverging = false }
    return nil
  }

  private mutating func plateau(_ step: Int64) -> Finding? {
    if wide < bestWide - 0.001 * abs(bestWide) || bestWide == .infinity {
      (bestWide, countAtBestWide, stepAtBestWide) = (wide, count, step)
      isOnPlateau = false
    }
    guard !isOnPlateau, count >= Self.plateauPoints, countAtBestWide <= count / 2,
      bestWide > 0.01 * abs(start), wide < 1.2 * bestWide
    else { return nil }
    let varianceOfWide = variance * Self.widePoints / (2 * (count + Self.widePoints))
    let hidden = 0.01 * bestWide
    guard 9 * varianceOfWide < hidden * hidden else { return nil }
    isOnPlateau = true
    return .plateau(since: stepAtBestWide)
  }
}
