/// A bar that is filled from the left by a fraction.
public struct Gauge: Equatable, Sendable {
  /// How much is full, 0 to 1; clamped; empty for not-a-number.
  public var fraction: Double
  /// The colour of the filled part.
  public var role: Role

  /// A bar.
  public init(fraction: Double, role: Role = .barFilled) {
    self.fraction = fraction
    self.role = role
  }

  /// Draws it over `width` cells of one row: eighths of a cell in Unicode, `[###...]` in ASCII.
  public func draw(
    into buffer: inout Buffer, row: Int, column: Int, width: Int, glyphs: GlyphSet,
    background: Role = .background
  ) {
    let framed = glyphs == .ascii && width >= 4
    let inner = min(max(framed ? width - 2 : width, 0), Size.dimensionMax)
    let start = framed ? column + 1 : column
    let parts = glyphs.horizontalParts
    let partsPerCell = parts.count + 1
    let clamped = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
    var filled = Int((clamped * Double(inner * partsPerCell)).rounded())
    // Full only when it is, and not empty when something is there.
    if clamped < 1, inner > 0 { filled = min(filled, inner * partsPerCell - 1) }
    if clamped > 0, inner > 0 { filled = max(filled, 1) }
    let empty = Style(foreground: .barEmpty, background: background)
    let full = Style(foreground: role, background: background)
    if framed {
      buffer.write("[", row: row, column: column, style: empty)
      buffer.write("]", row: row, column: column + width - 1, style: empty)
    }
    for cell in 0..<inner {
      let share = min(max(filled - cell * partsPerCell, 0), partsPerCell)
      let character: Character
      switch share {
      case partsPerCell: character = glyphs.barFull
      case 0: character = glyphs.barEmpty
      default: character = parts[share - 1]
      }
      buffer.write(
        String(character), row: row, column: start + cell, style: share == 0 ? empty : full)
    }
  }
}
