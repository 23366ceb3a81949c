/// A row of small bars, one value a cell.
public struct Sparkline: Equatable, Sendable {
  /// The values from left to right; nil and not-a-number leave a gap.
  public var values: [Double?]
  /// The colour.
  public var role: Role
  /// The values at the bottom and the top; nil: from the values themselves.
  public var range: ClosedRange<Double>?

  /// A row of bars.
  public init(values: [Double?], role: Role = .series1, range: ClosedRange<Double>? = nil) {
    self.values = values
    self.role = role
    self.range = range
  }

  /// Draws the last `width` values over as many cells of one row.
  public func draw(
    into buffer: inout Buffer, row: Int, column: Int, width: Int, glyphs: GlyphSet,
    background: Role = .background
  ) {
    let shown = values.suffix(max(width, 0))
    let finite = shown.compactMap { $0 }.filter(\.isFinite)
    guard let smallest = finite.min(), let largest = finite.max() else { return }
    let scale = AxisScale(
      lower: range?.lowerBound ?? smallest, upper: range?.upperBound ?? largest)
    let parts = glyphs.verticalParts
    for (index, value) in shown.enumerated() {
      guard let value, let fraction = scale.fraction(value) else { continue }
      let level = Int(min(max(fraction, 0), 1) * Double(parts.count))
      buffer.write(
        String(parts[min(level, parts.count - 1)]), row: row, column: column + index,
        style: Style(foreground: role, background: background))
    }
  }
}
