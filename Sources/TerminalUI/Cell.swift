/// One character cell: eight bytes, trivially copyable.
public struct Cell: Hashable, Sendable {
  /// A space in the usual style.
  public static let blank = Cell(" ", style: .text)

  /// The Unicode scalar value; a space in the second half of a wide character.
  public let scalar: UInt32
  /// What it means.
  public var style: Style
  /// Columns that the character covers: 1; 2 for the first half of a wide one; 0 for the second.
  public let width: UInt8

  /// A cell with one character. Combining, control and unassigned ones become U+FFFD.
  public init(_ scalar: Unicode.Scalar, style: Style) {
    let columns = CharacterWidth.columns(of: scalar)
    self.scalar = columns == 0 ? 0xFFFD : scalar.value
    self.style = style
    self.width = UInt8(max(columns, 1))
  }

  /// The second half of a wide character.
  static func continuation(style: Style) -> Cell { Cell(scalar: 0x20, style: style, width: 0) }

  /// The character as text.
  public var character: Character { Character(Unicode.Scalar(scalar) ?? "\u{FFFD}") }

  /// Whether nothing but the background can be seen.
  public var isBlank: Bool { scalar == 0x20 && width == 1 }

  private init(scalar: UInt32, style: Style, width: UInt8) {
    self.scalar = scalar
    self.style = style
    self.width = width
  }
}
