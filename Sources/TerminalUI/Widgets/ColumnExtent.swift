/// The smallest and the largest of all points that fall into one dot column of a chart.
public struct ColumnExtent: Hashable, Sendable {
  /// The smallest finite value; NaN when there is none.
  public let minimum: Double
  /// The largest finite value; NaN when there is none.
  public let maximum: Double
  /// Whether a NaN or an infinity was among the points.
  public let hasNonFinite: Bool

  /// An extent; a bound that is not finite counts as a non-finite point.
  public init(minimum: Double, maximum: Double, hasNonFinite: Bool = false) {
    let isFinite = minimum.isFinite && maximum.isFinite
    self.minimum = isFinite ? Swift.min(minimum, maximum) : .nan
    self.maximum = isFinite ? Swift.max(minimum, maximum) : .nan
    self.hasNonFinite = hasNonFinite || !isFinite
  }

  /// The extent of a single point.
  public init(_ value: Double) { self.init(minimum: value, maximum: value) }

  /// A column that has only NaN or infinite points.
  public static let nonFinite = ColumnExtent(.nan)

  /// Whether there is a finite value.
  public var hasFinite: Bool { !minimum.isNaN }

  /// The extent of the points of both.
  public func union(_ other: ColumnExtent) -> ColumnExtent {
    let marked = hasNonFinite || other.hasNonFinite
    guard hasFinite else {
      return ColumnExtent(minimum: other.minimum, maximum: other.maximum, hasNonFinite: marked)
    }
    guard other.hasFinite else {
      return ColumnExtent(minimum: minimum, maximum: maximum, hasNonFinite: marked)
    }
    return ColumnExtent(
      minimum: Swift.min(minimum, other.minimum), maximum: Swift.max(maximum, other.maximum),
      hasNonFinite: marked)
  }
}
