/// From the keys of a theme file, nntop's own and btop's, to roles.
///
/// btop's keys stand in where nntop's are missing: `main_fg`, `main_bg`, `title` and `hi_fg` as
/// named, `selected_bg` for the selection, `proc_box` or `cpu_box` for borders, `div_line` for
/// the grid, `meter_bg` or `inactive_fg` for what is empty, `proc_misc` for marks, `cpu` for bars,
/// `temp` for warnings and failures, and what differs enough of the other gradients for the
/// curves. `inactive_fg` is no text here, because most files have it too close to the background.
struct ThemeMapping {
  /// What was wrong so far.
  private(set) var problems: [ThemeFile.Problem] = []
  private let entries: [String: ThemeEntry]

  init(entries: [String: ThemeEntry]) { self.entries = entries }

  /// The theme; what is missing is the base's, or the light or the standard theme's.
  mutating func theme(name: String, base: Theme?) -> Theme {
    let summary = SafeText.cleaned(entries["summary"]?.value ?? "", maxLength: summaryLengthMax)
    if flag("monochrome") == true { return Theme(monochrome: name, summary: summary) }
    var colors = ownColors()
    let isForeign =
      !["text", "background"].contains { entries[$0] != nil }
      && ["main_fg", "main_bg"].contains { entries[$0] != nil }
    if isForeign { addPlainColors(to: &colors) }
    let isLight = flag("light") ?? looksLight(colors)
    let usual = base ?? (isLight ? Theme.light : Theme.standard)
    if isForeign {
      addSoftColors(to: &colors, isLight: isLight)
      addSeries(to: &colors, isLight: isLight, usual: usual)
    }
    return Theme(
      name: name, summary: summary, isLight: isLight, colors: colors, ansi: ansi(colors),
      base: usual)
  }

  private let summaryLengthMax = 120
  private static let expected =
    "expected \"#RRGGBB\", \"#XX\", \"R G B\", \"ansi:0-15\", \"index:0-255\" or \"default\""

  // MARK: - Values

  /// The colour of a key; nil when there is none, and a problem when it is wrong.
  private mutating func color(_ key: String) -> Color? {
    guard let entry = entries[key] else { return nil }
    switch entry.reading {
    case .color(let color): return color
    case .empty: return key == "main_bg" ? .terminalDefault : nil
    case .wrong:
      complain(entry, "\(key): \"\(entry.value)\" is no colour; \(Self.expected)")
      return nil
    }
  }

  private mutating func flag(_ key: String) -> Bool? {
    guard let entry = entries[key], !entry.value.isEmpty else { return nil }
    if let flag = Bool(entry.value) { return flag }
    complain(entry, "\(key): \"\(entry.value)\"; expected \"true\" or \"false\"")
    return nil
  }

  private mutating func complain(_ entry: ThemeEntry, _ message: String) {
    problems.append(.init(line: entry.line, message: SafeText.cleaned(message, maxLength: 200)))
  }

  // MARK: - nntop's keys

  private mutating func ownColors() -> [Role: Color] {
    var colors = ownHeat()
    for role in Role.allCases {
      if let key = role.themeKey, let color = color(key) { colors[role] = color }
    }
    return colors
  }

  /// The ramp through two or three colours.
  private mutating func ownHeat() -> [Role: Color] {
    let stops = ["heat_start", "heat_mid", "heat_end"].map { color($0).flatMap { OKLab($0) } }
    guard let start = stops[0], let end = stops[2] else { return [:] }
    let middle = stops[1] ?? start.mixed(with: end, share: 0.5)
    var colors: [Role: Color] = [:]
    for (step, role) in Role.allCases.filter(\.isHeat).enumerated() {
      let share = 2 * Double(step) / Double(Role.heatSteps - 1)
      let place =
        share <= 1
        ? start.mixed(with: middle, share: share) : middle.mixed(with: end, share: share - 1)
      colors[role] = place.color
    }
    return colors
  }

  /// For poor terminals: what is said for them, and colours of the palette as they are. Others
  /// keep the base's, which were chosen for sixteen colours.
  private mutating func ansi(_ colors: [Role: Color]) -> [Role: Color] {
    var ansi: [Role: Color] = [:]
    for role in Role.allCases {
      guard let key = role.themeKey else { continue }
      if let color = color(key + "_16") {
        if color.isFromPalette {
          ansi[role] = color
        } else if let entry = entries[key + "_16"] {
          complain(entry, "\(key)_16: \"\(entry.value)\"; expected \"ansi:0-15\" or \"default\"")
        }
      } else if entries[key] != nil, let color = colors[role], color.isFromPalette {
        ansi[role] = color
      }
    }
    return ansi
  }

  // MARK: - btop's keys

  private mutating func first(_ keys: [String]) -> Color? {
    for key in keys {
      if let color = color(key) { return color }
    }
    return nil
  }

  private mutating func addPlainColors(to colors: inout [Role: Color]) {
    let sources: [(Role, [String])] = [
      (.text, ["main_fg"]), (.background, ["main_bg"]), (.title, ["title", "main_fg"]),
      (.hotKey, ["hi_fg"]), (.selection, ["selected_bg"]), (.border, ["proc_box", "cpu_box"]),
      (.grid, ["div_line"]), (.barEmpty, ["meter_bg", "inactive_fg"]), (.mark, ["proc_misc"]),
      (.barFilled, ["cpu_start"]), (.statusWarning, ["temp_mid"]), (.statusBad, ["temp_end"]),
    ]
    for (role, keys) in sources where colors[role] == nil { colors[role] = first(keys) }
  }

  private func looksLight(_ colors: [Role: Color]) -> Bool {
    if let light = colors[.background]?.luminance {
      return light > Color.luminanceWhereBlackReadsBetter
    }
    guard let text = colors[.text]?.luminance else { return false }
    return text < Color.luminanceWhereBlackReadsBetter
  }

  private func ground(_ colors: [Role: Color], isLight: Bool) -> Color {
    let plain = isLight ? Color.rgb(255, 255, 255) : .rgb(0, 0, 0)
    guard let background = colors[.background], background != .terminalDefault else {
      return plain
    }
    return background
  }

  /// Text of less importance, and curves behind others: the text, nearer to the background.
  private func addSoftColors(to colors: inout [Role: Color], isLight: Bool) {
    let ground = ground(colors, isLight: isLight)
    let plain = isLight ? Color.rgb(0, 0, 0) : .rgb(255, 255, 255)
    var text = colors[.text] ?? plain
    if text == .terminalDefault { text = plain }
    for (role, share, contrast) in [
      (Role.dim, 0.35, Theme.textContrastMin), (.seriesFaint, 0.5, Theme.curveContrastMin),
    ] where colors[role] == nil {
      colors[role] = text.blended(with: ground, share: share)
        .readable(on: ground, contrast: contrast)
    }
  }

  /// Curves: of the gradients' ends and middles those that can be told apart and seen, then the
  /// usual ones, then whatever is left.
  private mutating func addSeries(
    to colors: inout [Role: Color], isLight: Bool, usual: Theme
  ) {
    let ground = ground(colors, isLight: isLight)
    let names = [
      "download", "upload", "available", "used", "free", "cached", "cpu", "process", "temp",
    ]
    let keys = ["_end", "_mid", "_start"].flatMap { stop in names.map { $0 + stop } }
    var candidates = keys.compactMap { color($0) }
    candidates += (0..<Role.seriesCount).map { usual.color(for: .series($0)) }
    candidates = candidates.map { $0.readable(on: ground, contrast: Theme.curveContrastMin) }
    let roles = (0..<Role.seriesCount).map(Role.series)
    var chosen = roles.compactMap { colors[$0] }
    // Apart at first; nearer when there are not enough of them.
    for distance in [0.12, 0.06, 0.03] {
      for color in candidates {
        guard let role = roles.first(where: { colors[$0] == nil }) else { return }
        guard let place = OKLab(color),
          !chosen.compactMap({ OKLab($0) }).contains(where: { $0.distance(to: place) < distance })
        else { continue }
        colors[role] = color
        chosen.append(color)
      }
    }
  }
}
