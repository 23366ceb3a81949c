/// The smallest and the largest of some values, and whether one of them is no finite number.
public struct Extent: Sendable, Equatable {
  public var minimum: Float
  public var maximum: Float
  public var hasNonFinite: Bool

  /// No value at all.
  public static let empty = Extent(
    minimum: .infinity, maximum: -.infinity, hasNonFinite: false)

  public init(minimum: Float, maximum: Float, hasNonFinite: Bool) {
    self.minimum = minimum
    self.maximum = maximum
    self.hasNonFinite = hasNonFinite
  }

  public init(_ value: Float) {
    self =
      value.isFinite
      ? Extent(minimum: value, maximum: value, hasNonFinite: false)
      : Extent(minimum: .infinity, maximum: -.infinity, hasNonFinite: true)
  }

  /// True when no finite value is in it.
  public var isEmpty: Bool { minimum > maximum }

  public mutating func formUnion(_ other: Extent) {
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    hasNonFinite = hasNonFinite || other.hasNonFinite
  }
}
