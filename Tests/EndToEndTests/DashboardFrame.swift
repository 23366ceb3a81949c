/// What a view shows of the sample run, at 80x24 and more, in every locale.
enum DashboardFrame {
  struct View: Sendable {
    let key: String
    let name: String
    let title: String
    let words: [String]
  }

  static let views = [
    View(key: "1", name: "curves", title: "Curves", words: ["train 0.01017", "0.0001762"]),
    View(key: "2", name: "layers", title: "Layers", words: ["grad norm", "linear1", "83.3%"]),
    View(
      key: "3", name: "candidates", title: "Candidates",
      words: ["architecture", "lenet-300-100", "0.9845"]),
    View(key: "4", name: "runs", title: "Runs", words: ["best loss", "0.0005925"]),
    View(
      key: "5", name: "events", title: "Events",
      words: ["kind", "checkpoint", "step-000003200"]),
    View(key: "6", name: "system", title: "System", words: ["host", "lab", "backward  1.04ms"]),
  ]

  /// The line of the tabs.
  static let tabs = " 1 Curves  2 Layers  3 Candidates  4 Runs  5 Events  6 System"

  /// The tab that is shown as chosen on a screen with escapes.
  static func chosenTab(_ text: String) -> String? {
    let line = text.split(separator: "\n").first { line in
      views.allSatisfy { line.contains($0.title) }
    }
    var isBold = false
    var bold = ""
    for part in (line ?? "").split(separator: "\u{1b}[") {
      let end = part.firstIndex(of: "m") ?? part.startIndex
      let numbers = part[..<end].split(separator: ";", omittingEmptySubsequences: false)
      if numbers.contains("0") || numbers == [""] { isBold = false }
      if numbers.contains("1") { isBold = true }
      if isBold { bold += part[end...].dropFirst() }
    }
    return views.map(\.title).first { bold.contains($0) }
  }

  /// A captured screen's text, and the styles in it in no order: tmux does not always write the
  /// same blanks the same way.
  struct Look: Hashable {
    let text: [String]
    let styles: Set<Substring>

    /// - Parameter rows: how many rows from the top on are looked at.
    init(_ screen: String, rows: Int) {
      let lines = screen.split(separator: "\n", omittingEmptySubsequences: false).prefix(rows)
      let parts = lines.joined(separator: "\n").split(separator: "\u{1b}[").dropFirst()
      let plain: Set<Substring> = ["", "0", "22", "27", "39", "49"]
      styles = Set(parts.map { $0.prefix { $0 != "m" } }).subtracting(plain)
      text = lines.map { line in
        var text = DashboardFrame.withoutStyles(String(line))
        while text.last == " " { text.removeLast() }
        return text
      }
    }
  }

  /// Characters that could do something to a terminal, or make a text read otherwise than it is.
  static func dangerous(_ text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { scalar in
      switch scalar.value {
      case 0x0a: false
      case 0x00..<0x20, 0x7f...0x9f, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: true
      default: false
      }
    }
  }

  /// A text without the sequences that set a style; every other one stays.
  static func withoutStyles(_ text: String) -> String {
    let parts = text.split(separator: "\u{1b}", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(String(parts.first ?? "")) { text, part in
      let body = part.drop { $0 == "[" }
      let end = body.firstIndex { !($0.isNumber || $0 == ";" || $0 == ":") }
      guard part.hasPrefix("["), let end, body[end] == "m" else { return text + "\u{1b}" + part }
      return text + body[body.index(after: end)...]
    }
  }
}
