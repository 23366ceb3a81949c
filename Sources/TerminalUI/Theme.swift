/// A colour for every meaning, and emphasis where there are no colours.
public struct Theme: Equatable, Sendable {
  /// The name that people choose it by.
  public let name: String
  /// What it is for, in one line; may be empty.
  public let summary: String
  /// Whether dark characters stand on a light background.
  public let isLight: Bool
  /// Whether it uses no colour at all.
  public let isMonochrome: Bool
  /// One colour a role.
  private let colors: [Color]
  /// The same for terminals of 16 colours and fewer.
  private let ansiColors: [Color]

  /// A theme; what is missing has the standard theme's colour.
  ///
  /// - Parameters:
  ///   - colors: what 256-colour and better terminals show.
  ///   - ansi: what 16-colour terminals show, indexes below 16; missing ones are the nearest.
  public init(name: String, isLight: Bool = false, colors: [Role: Color], ansi: [Role: Color] = [:])
  {
    var nearest = ansi
    for (role, color) in colors where ansi[role] == nil { nearest[role] = color.nearest16 }
    self.init(name: name, isLight: isLight, colors: colors, ansi: nearest, base: .standard)
  }

  /// A theme; what is missing is the base's.
  init(
    name: String, summary: String = "", isLight: Bool = false, colors: [Role: Color],
    ansi: [Role: Color], base: Theme
  ) {
    self.name = name
    self.summary = summary
    self.isLight = isLight
    isMonochrome = false
    self.colors = Role.allCases.map { colors[$0] ?? base.color(for: $0) }
    ansiColors = Role.allCases.map { ansi[$0] ?? base.ansiColor(for: $0) }
  }

  /// A theme without colours.
  init(monochrome name: String, summary: String = "") {
    self.name = name
    self.summary = summary
    isLight = false
    isMonochrome = true
    colors = Role.allCases.map { _ in .terminalDefault }
    ansiColors = colors
  }

  /// The colour of a meaning.
  public func color(for role: Role) -> Color { colors[Int(role.rawValue)] }

  /// The colour of a meaning on terminals of 16 colours and fewer.
  func ansiColor(for role: Role) -> Color { ansiColors[Int(role.rawValue)] }

  /// The emphasis of a meaning where colours cannot carry it.
  public func monochromeAttributes(for role: Role) -> Attributes {
    switch role {
    case .title, .hotKey, .statusWarning, .mark, .series2, .series4: .bold
    case .dim, .border, .grid, .barEmpty, .seriesFaint: .faint
    case .statusBad: [.bold, .underline]
    default: []
    }
  }

  /// What stands behind everything: the terminal's own background is taken for black, or white.
  public var ground: Color {
    let background = color(for: .background)
    if background != .terminalDefault { return background }
    return isLight ? .rgb(255, 255, 255) : .rgb(0, 0, 0)
  }

  /// What a terminal of this depth is told for a style. Never the same colour twice, but for heat
  /// on heat, and never text or curves that can hardly be seen, whatever a theme file says.
  ///
  /// `Role.default`, and a foreground that is the terminal's own on a background that is not,
  /// become black or white, whichever reads better.
  public func resolved(_ style: Style, depth: ColorDepth) -> ResolvedStyle {
    if isMonochrome || depth == .monochrome {
      var attributes = style.attributes.union(monochromeAttributes(for: style.foreground))
      if style.background == .selection { attributes.formSymmetricDifference(.reverse) }
      return ResolvedStyle(
        foreground: .terminalDefault, background: .terminalDefault, attributes: attributes)
    }
    return depth >= .indexed256 ? resolvedRich(style, depth) : resolvedPoor(style, depth)
  }

  private func resolvedRich(_ style: Style, _ depth: ColorDepth) -> ResolvedStyle {
    let background = color(for: style.background).mapped(to: depth)
    let behind = background == .terminalDefault ? ground : background
    var foreground = style.foreground == .default ? .terminalDefault : color(for: style.foreground)
    var attributes = style.attributes
    if foreground == .terminalDefault, let light = background.luminance {
      foreground = .indexed(light > Color.luminanceWhereBlackReadsBetter ? 16 : 231)
    } else if foreground.isFromPalette {
      let contrast = foreground.contrast(to: behind) ?? .infinity
      if contrast < Theme.contrastMin(of: style) { foreground = contrasting(behind) }
    } else if attributes.contains(.faint) {
      foreground = faded(foreground, toward: behind, depth)
      attributes.remove(.faint)
    } else {
      let wanted = Theme.contrastMin(of: style)
      foreground = foreground.readable(on: behind, contrast: wanted, depth: depth)
    }
    foreground = foreground.mapped(to: depth)
    if foreground == background, !Theme.isHeatOnHeat(style) { foreground = contrasting(background) }
    return ResolvedStyle(foreground: foreground, background: background, attributes: attributes)
  }

  private func resolvedPoor(_ style: Style, _ depth: ColorDepth) -> ResolvedStyle {
    var attributes = style.attributes
    let background = Theme.lowered(ansiColor(for: style.background), depth).color
    var foreground = Color.terminalDefault
    if style.foreground != .default {
      let lowered = Theme.lowered(ansiColor(for: style.foreground), depth)
      foreground = lowered.color
      if lowered.isFaint { attributes.insert(.faint) }
    }
    guard background != .terminalDefault, !Theme.isHeatOnHeat(style) else {
      return ResolvedStyle(foreground: foreground, background: background, attributes: attributes)
    }
    // Users choose these colours, so only what is bad nearly everywhere is changed.
    let wanted = style.background == .background ? 0 : min(Theme.contrastMin(of: style), 3)
    let contrast = foreground.contrast(to: background) ?? 0
    if foreground == .terminalDefault || foreground == background || contrast < wanted {
      foreground = contrasting(background).mapped(to: depth)
    }
    return ResolvedStyle(foreground: foreground, background: background, attributes: attributes)
  }

  /// WCAG 2.1 asks 4.5 of text and 3 of what must be seen otherwise.
  static let textContrastMin = 4.5
  static let curveContrastMin = 3.0

  private static func contrastMin(of style: Style) -> Double {
    switch style.foreground {
    case .text, .dim, .title, .hotKey, .statusGood, .statusWarning, .statusBad, .mark:
      style.attributes.contains(.faint) ? curveContrastMin : textContrastMin
    case .series1, .series2, .series3, .series4, .series5, .series6, .series7, .series8,
      .seriesFaint, .border, .barFilled:
      curveContrastMin
    default: 0
    }
  }

  /// Two heat steps in one cell are two values: where they look alike, so be it.
  private static func isHeatOnHeat(_ style: Style) -> Bool {
    style.foreground.isHeat && style.background.isHeat
  }

  private func contrasting(_ background: Color) -> Color {
    guard let light = background.luminance else { return .terminalDefault }
    return light > Color.luminanceWhereBlackReadsBetter ? .indexed(0) : .indexed(7)
  }

  /// Half way to the background, or as far as it stays readable. What can go no nearer becomes the
  /// colour of faint curves, so that it still differs.
  private func faded(_ color: Color, toward ground: Color, _ depth: ColorDepth) -> Color {
    let plain = color.mapped(to: depth)
    for share in [0.5, 0.4, 0.3, 0.2, 0.1] {
      let candidate = color.blended(with: ground, share: share)
      let shown = candidate.mapped(to: depth)
      let contrast = shown.contrast(to: ground) ?? 0
      if shown != plain, contrast >= Theme.curveContrastMin { return candidate }
    }
    let grey = self.color(for: .seriesFaint)
    return grey.readable(on: ground, contrast: Theme.curveContrastMin, depth: depth)
  }

  /// Eight colours have no dark grey: it becomes the default colour, faint.
  private static func lowered(_ color: Color, _ depth: ColorDepth) -> (color: Color, isFaint: Bool)
  {
    guard depth == .ansi8, case .indexed(let index) = color, index >= 8 else {
      return (color.mapped(to: depth), false)
    }
    return index == 8 ? (.terminalDefault, true) : (.indexed(index - 8), false)
  }
}
