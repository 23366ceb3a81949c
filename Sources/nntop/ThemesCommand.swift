import JSONText
import OperatingSystem
import TerminalUI

/// `nntop themes`
enum ThemesCommand {
  static let command = Command(
    name: "themes", usage: "[NAME | FILE.theme]",
    summary: "the themes with a preview; one of them, or a theme file, at greater length",
    details: """
      Own themes are files in $XDG_CONFIG_HOME/nntop/themes, usually ~/.config/nntop/themes. btop's
      can be used as they are. With a file, what could not be used of it is printed as well.
      """,
    options: [.init("json", "print JSON")]
  ) { arguments in
    let glyphs = LocaleGlyphs.glyphs
    let usage = "nntop themes [NAME | FILE.theme] [--json]"
    let names = try arguments.positional(0...1, usage)
    let settings = UserSettings.load()
    let themes = try names.first.map { [try theme($0, settings)] } ?? settings.themes
    if arguments.has("json") {
      Output.line((["schema": 1, "themes": .array(themes.map(json(of:)))] as JSON).text())
    } else if names.isEmpty {
      for theme in themes {
        show(theme, ThemePreview.short(of: theme, glyphs: glyphs, hasColors: depth != nil))
      }
    } else if let theme = themes.first {
      show(theme, ThemePreview.long(of: theme, glyphs: glyphs, hasColors: depth != nil))
    }
    return 0
  }

  private static let fileBytesMax = 1 << 16

  /// A theme by its name, or the one in a file, whose problems go to standard error.
  private static func theme(_ name: String, _ settings: UserSettings) throws -> Theme {
    let ending = ".theme"
    guard name.contains("/") || name.hasSuffix(ending) else { return try settings.theme(name) }
    let bytes = try LocalFileSystem().contents(of: name, limit: fileBytesMax)
    let file = Path.name(of: name)
    let (theme, problems) = ThemeFile.read(
      String(decoding: bytes, as: UTF8.self),
      name: file.hasSuffix(ending) ? String(file.dropLast(ending.count)) : file)
    for problem in problems { Output.error("nntop: \(name):\(problem.line): \(problem.message)") }
    return theme
  }

  private static func show(_ theme: Theme, _ buffer: Buffer) {
    let frame = FrameText(buffer)
    Output.write(depth.map { frame.ansi(theme: theme, depth: $0) } ?? frame.text)
  }

  /// How many colours standard output shows, as far as the environment tells; nil: none.
  private static var depth: ColorDepth? {
    let term = Environment.value("TERM") ?? "dumb"
    let noColor = Environment.value("NO_COLOR").map { !$0.isEmpty } ?? false
    guard Output.isTerminal, !noColor, term != "dumb", !term.hasPrefix("vt") else { return nil }
    let hint = Environment.value("COLORTERM") ?? ""
    if hint == "truecolor" || hint == "24bit" || term.hasSuffix("-direct") { return .direct }
    return term.contains("256color") ? .indexed256 : .ansi16
  }

  private static func json(of theme: Theme) -> JSON {
    var colors: JSON = .object([])
    for role in Role.allCases {
      if let key = role.themeKey { colors[key] = .string(text(of: theme.color(for: role))) }
    }
    return [
      "name": .string(theme.name), "summary": .string(theme.summary),
      "light": .boolean(theme.isLight), "monochrome": .boolean(theme.isMonochrome),
      "colors": colors,
    ]
  }

  /// A colour as a theme file has it.
  private static func text(of color: Color) -> String {
    switch color {
    case .terminalDefault: return "default"
    case .indexed(let index): return index < 16 ? "ansi:\(index)" : "index:\(index)"
    case .rgb(let red, let green, let blue):
      return "#"
        + [red, green, blue].map { channel in
          (channel < 16 ? "0" : "") + String(channel, radix: 16, uppercase: true)
        }.joined()
    }
  }
}
