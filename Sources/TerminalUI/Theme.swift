/// A colour for every meaning, and emphasis where there are no colours.
public struct Theme: Equatable, Sendable {
  /// The name that people choose it by.
  public let name: String
  /// Whether dark characters stand on a light background.
  public let isLight: Bool
  /// Whether it uses no colour at all.
  public let isMonochrome: Bool
  private let colors: [Color]
  private let ansiColors: [Color]

  /// A theme; what is missing has the standard theme's colour.
  ///
  /// - Parameters:
  ///   - colors: what 256-colour and better terminals show.
  ///   - ansi: what 16-colour terminals show, indexes below 16; missing ones are the nearest.
  public init(name: String, isLight: Bool = false, colors: [Role: Color], ansi: [Role: Color] = [:])
  {
    self.name = name
    self.isLight = isLight
    isMonochrome = false
    let usesStandard = Theme.standardColors
    let chosen = Role.allCases.map { colors[$0] ?? usesStandard[$0] ?? .terminalDefault }
    self.colors = chosen
    ansiColors = zip(Role.allCases, chosen).map { role, color in
      if let index = ansi[role] { return index }
      if colors[role] != nil { return color.nearest16 }
      return Theme.standardAnsi[role] ?? color.nearest16
    }
  }

  private init(monochrome name: String) {
    self.name = name
    isLight = false
    isMonochrome = true
    colors = Role.allCases.map { _ in .terminalDefault }
    ansiColors = colors
  }

  /// Dark, on the terminal's own background; colours that colour-blind people can tell apart.
  public static let standard = Theme(name: "standard", colors: [:])
  /// Bold, faint, underline and reverse only.
  public static let monochrome = Theme(monochrome: "monochrome")

  /// The colour of a meaning.
  public func color(for role: Role) -> Color { colors[Int(role.rawValue)] }

  /// The emphasis of a meaning where colours cannot carry it.
  public func monochromeAttributes(for role: Role) -> Attributes {
    switch role {
    case .title, .hotKey, .statusWarning, .mark, .series2, .series4: .bold
    case .dim, .border, .grid, .barEmpty, .seriesFaint: .faint
    case .statusBad: [.bold, .underline]
    default: []
    }
  }

  /// What a terminal of this depth is told for a style. Never the same colour twice.
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
    let background = color(for: style.background)
    var foreground = style.foreground == .default ? .terminalDefault : color(for: style.foreground)
    var attributes = style.attributes
    if foreground == .terminalDefault, let light = background.luminance {
      foreground = .indexed(light > Theme.luminanceWhereBlackReadsBetter ? 16 : 231)
    }
    if attributes.contains(.faint), foreground != .terminalDefault {
      let ground = background == .terminalDefault ? assumedBackground : background
      foreground = Theme.faded(foreground, toward: ground)
      attributes.remove(.faint)
    }
    let mapped = (foreground.mapped(to: depth), background.mapped(to: depth))
    return ResolvedStyle(
      foreground: mapped.0 == mapped.1 ? contrasting(mapped.1) : mapped.0, background: mapped.1,
      attributes: attributes)
  }

  private func resolvedPoor(_ style: Style, _ depth: ColorDepth) -> ResolvedStyle {
    var attributes = style.attributes
    let background = Theme.lowered(ansiColors[Int(style.background.rawValue)], depth).color
    var foreground = Color.terminalDefault
    if style.foreground != .default {
      let lowered = Theme.lowered(ansiColors[Int(style.foreground.rawValue)], depth)
      foreground = lowered.color
      if lowered.isFaint { attributes.insert(.faint) }
    }
    if background != .terminalDefault, foreground == .terminalDefault || foreground == background {
      foreground = contrasting(background).mapped(to: depth)
    }
    return ResolvedStyle(foreground: foreground, background: background, attributes: attributes)
  }

  /// Backgrounds lighter than this are read better with black on them.
  private static let luminanceWhereBlackReadsBetter = 0.179
  private static let faintContrastMin = 3.0

  private var assumedBackground: Color { isLight ? .rgb(255, 255, 255) : .rgb(0, 0, 0) }

  private func contrasting(_ background: Color) -> Color {
    guard let light = background.luminance else { return .terminalDefault }
    return light > Theme.luminanceWhereBlackReadsBetter ? .indexed(0) : .indexed(7)
  }

  /// Half way to the background, or as far as it stays readable.
  private static func faded(_ color: Color, toward ground: Color) -> Color {
    for share in [0.5, 0.4, 0.3, 0.2, 0.1] {
      let candidate = color.blended(with: ground, share: share)
      if (candidate.contrast(to: ground) ?? 0) >= faintContrastMin { return candidate }
    }
    return color
  }

  /// Eight colours have no dark grey: it becomes the default colour, faint.
  private static func lowered(_ color: Color, _ depth: ColorDepth) -> (color: Color, isFaint: Bool)
  {
    guard depth == .ansi8, case .indexed(let index) = color, index >= 8 else {
      return (color.mapped(to: depth), false)
    }
    return index == 8 ? (.terminalDefault, true) : (.indexed(index - 8), false)
  }

  private static let standardColors: [Role: Color] = {
    var colors: [Role: Color] = [
      .dim: .indexed(246), .hotKey: .indexed(214), .border: .indexed(242), .grid: .indexed(238),
      .selection: .indexed(24), .statusGood: .indexed(78), .statusWarning: .indexed(220),
      .statusBad: .indexed(203), .mark: .indexed(140), .barFilled: .indexed(73),
      .barEmpty: .indexed(238), .seriesFaint: .indexed(243),
      .series1: .rgb(0x5F, 0xB7, 0xEC), .series2: .rgb(0xF0, 0xA0, 0x1E),
      .series3: .rgb(0x1F, 0xC0, 0x8C), .series4: .rgb(0xF0, 0xE4, 0x5A),
      .series5: .rgb(0xE0, 0x88, 0xB8), .series6: .rgb(0xF0, 0x6A, 0x2A),
      .series7: .rgb(0xA8, 0xA0, 0xFF), .series8: .rgb(0xC8, 0xC8, 0xC8),
    ]
    // From near black through red to pale yellow; each one lighter than the one before.
    let ramp: [UInt8] = [17, 18, 53, 54, 89, 90, 125, 161, 197, 167, 203, 209, 215, 221, 227, 230]
    for (role, index) in zip(Role.allCases.filter(\.isHeat), ramp) {
      colors[role] = .indexed(index)
    }
    return colors
  }()

  private static let standardAnsi: [Role: Color] = {
    var colors: [Role: Color] = [
      .dim: .indexed(8), .hotKey: .indexed(11), .border: .indexed(8), .grid: .indexed(8),
      .selection: .indexed(4), .statusGood: .indexed(10), .statusWarning: .indexed(11),
      .statusBad: .indexed(9), .mark: .indexed(13), .barFilled: .indexed(6),
      .barEmpty: .indexed(8), .seriesFaint: .indexed(8), .series1: .indexed(14),
      .series2: .indexed(11), .series3: .indexed(10), .series4: .indexed(13),
      .series5: .indexed(9), .series6: .indexed(12), .series7: .indexed(6), .series8: .indexed(7),
    ]
    let ramp: [UInt8] = [0, 0, 4, 4, 4, 5, 5, 5, 1, 1, 9, 9, 3, 11, 11, 15]
    for (role, index) in zip(Role.allCases.filter(\.isHeat), ramp) {
      colors[role] = .indexed(index)
    }
    return colors
  }()
}
