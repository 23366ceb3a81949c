/// A theme as a file: btop's syntax, one `theme[key]="value"` a line, with keys of nntop's own.
///
/// A value is `#RRGGBB`, `#XX` (a grey), `R G B` in decimal, `ansi:0` to `ansi:15` (the terminal's
/// own palette), `index:0` to `index:255`, `default` (the terminal's own colour) or empty (what
/// it is without the line). A line that starts with `#` is a comment. Keys that mean nothing here
/// are skipped, so that btop's files can be used as they are; how they are read is said in
/// `ThemeMapping`. nntop's own keys:
///
/// - every `Role.themeKey`, and the same with `_16` for terminals of 16 colours and fewer;
/// - `heat_start`, `heat_mid`, `heat_end`: a ramp through these, in steps that look equal;
/// - `light` and `monochrome`, `true` or `false`, and `summary`, a line of text.
public enum ThemeFile {
  /// Something in a theme file that could not be used.
  public struct Problem: Equatable, Sendable {
    /// The line, from 1.
    public let line: Int
    /// What is wrong and what was expected.
    public let message: String
  }

  /// More lines are not read.
  static let linesMax = 4096
  /// More problems are not told.
  static let problemsMax = 20

  /// The theme that a file's text describes. What is missing or wrong has the colour of the
  /// standard theme, or of the light one where the file's background is light.
  public static func read(_ text: String, name: String) -> (theme: Theme, problems: [Problem]) {
    read(text, name: name, base: nil)
  }

  static func read(
    _ text: String, name: String, base: Theme?
  ) -> (theme: Theme, problems: [Problem]) {
    var problems: [Problem] = []
    let entries = entries(of: text, problems: &problems)
    var mapping = ThemeMapping(entries: entries)
    let theme = mapping.theme(name: SafeText.cleaned(name, maxLength: nameLengthMax), base: base)
    problems += mapping.problems
    problems.sort { $0.line < $1.line }
    return (theme, Array(problems.prefix(problemsMax)))
  }

  private static let nameLengthMax = 80

  /// What the lines say; of two lines with one key the later one counts.
  private static func entries(
    of text: String, problems: inout [Problem]
  ) -> [String: ThemeEntry] {
    var entries: [String: ThemeEntry] = [:]
    let lines = text.utf8.split(
      separator: UInt8(ascii: "\n"), maxSplits: linesMax, omittingEmptySubsequences: false)
    for (index, line) in lines.prefix(linesMax).enumerated() {
      let trimmed = ThemeEntry.trimmed(String(Substring(line)))
      if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
      guard let (key, value) = ThemeEntry.parse(trimmed) else {
        problems.append(
          Problem(line: index + 1, message: "expected theme[key]=\"value\"; the line is skipped"))
        continue
      }
      entries[key] = ThemeEntry(line: index + 1, value: value)
    }
    return entries
  }
}
