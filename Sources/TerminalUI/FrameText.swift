/// A buffer as text for something that is not a terminal session: a file, a pipe, a pager.
public struct FrameText: Sendable {
  private let buffer: Buffer

  /// The text of this buffer.
  public init(_ buffer: Buffer) { self.buffer = buffer }

  /// Characters only; trailing spaces cut; every line ends in a newline.
  public var text: String {
    buffer.textLines().map { $0 + "\n" }.joined()
  }

  /// Characters with SGR sequences in the theme's colours; every line starts and ends plain.
  public func ansi(theme: Theme, depth: ColorDepth = .indexed256) -> String {
    var cache: [Style: (code: String, isPlainBehind: Bool)] = [:]
    var result = ""
    for row in 0..<buffer.rows {
      var line = ""
      var kept = line.endIndex
      var current = ""
      for column in 0..<buffer.columns {
        let cell = buffer.cells[row * buffer.columns + column]
        guard cell.width > 0 else { continue }
        let entry =
          cache[cell.style]
          ?? {
            let style = theme.resolved(cell.style, depth: depth)
            let plain =
              style.background == .terminalDefault
              && style.attributes.isDisjoint(with: [.reverse, .underline])
            return (FrameText.sgr(style), plain)
          }()
        cache[cell.style] = entry
        if cell.isBlank && entry.isPlainBehind {
          if !current.isEmpty { line += "\u{1B}[0m" }
          current = ""
          line += " "
          continue
        }
        if entry.code != current {
          line += entry.code.isEmpty ? "\u{1B}[0m" : entry.code
          current = entry.code
        }
        line.append(cell.character)
        kept = line.endIndex
      }
      result += line[..<kept]
      if !current.isEmpty || line[..<kept].contains("\u{1B}") { result += "\u{1B}[0m" }
      result += "\n"
    }
    return result
  }

  /// The sequence that sets exactly this style; empty for none.
  static func sgr(_ style: ResolvedStyle) -> String {
    var codes: [String] = []
    if style.attributes.contains(.bold) { codes.append("1") }
    if style.attributes.contains(.faint) { codes.append("2") }
    if style.attributes.contains(.underline) { codes.append("4") }
    if style.attributes.contains(.reverse) { codes.append("7") }
    codes += colorCodes(style.foreground, base: 30)
    codes += colorCodes(style.background, base: 40)
    return codes.isEmpty ? "" : "\u{1B}[0;" + codes.joined(separator: ";") + "m"
  }

  private static func colorCodes(_ color: Color, base: Int) -> [String] {
    switch color {
    case .terminalDefault: []
    case .indexed(let index) where index < 8: ["\(base + Int(index))"]
    case .indexed(let index) where index < 16: ["\(base + 60 + Int(index) - 8)"]
    case .indexed(let index): ["\(base + 8)", "5", "\(index)"]
    case .rgb(let red, let green, let blue): ["\(base + 8)", "2", "\(red)", "\(green)", "\(blue)"]
    }
  }
}
