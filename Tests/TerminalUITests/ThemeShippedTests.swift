import Glibc
import Testing

@testable import TerminalUI

extension Theme: CustomTestStringConvertible {
  public var testDescription: String { name }
}

/// What every theme that the program brings must keep.
@Suite struct ThemeShippedTests {
  static let depths: [ColorDepth] = [.indexed256, .direct]
  static let colored = Theme.shipped.filter { !$0.isMonochrome }
  static let texts: [Role] = [
    .text, .dim, .title, .hotKey, .statusGood, .statusWarning, .statusBad, .mark,
  ]
  static let series = (0..<Role.seriesCount).map(Role.series)

  /// The contrast as the terminal shows it; its own colours are taken for black and white.
  static func contrast(_ theme: Theme, _ style: Style, _ depth: ColorDepth) -> Double {
    let shown = theme.resolved(style, depth: depth)
    let plain: Color = theme.isLight ? .rgb(0, 0, 0) : .rgb(255, 255, 255)
    let foreground = shown.foreground == .terminalDefault ? plain : shown.foreground
    let background = shown.background == .terminalDefault ? theme.ground : shown.background
    return foreground.contrast(to: background) ?? 0
  }

  @Test(arguments: colored, depths)
  func textIsReadable(theme: Theme, depth: ColorDepth) {
    for role in Self.texts {
      for background in [Role.background, .selection] {
        let contrast = Self.contrast(theme, Style(role).on(background), depth)
        #expect(contrast >= 4.5, "\(theme.name): \(role) on \(background)")
      }
    }
  }

  @Test(arguments: colored, depths)
  func curvesCanBeSeen(theme: Theme, depth: ColorDepth) {
    for role in Self.series + [.seriesFaint, .border] {
      for attributes: Attributes in [[], .faint] {
        let contrast = Self.contrast(theme, Style(role, attributes), depth)
        #expect(contrast >= 3, "\(theme.name): \(role)")
      }
    }
  }

  @Test(arguments: colored)
  func noColorNeedsMending(theme: Theme) {
    for role in Self.texts + Self.series + [.seriesFaint, .border, .barFilled] {
      let shown = theme.resolved(Style(role), depth: .direct).foreground
      #expect(shown == theme.color(for: role), "\(theme.name): \(role)")
    }
  }

  @Test(arguments: colored, [ColorDepth.ansi16, .indexed256, .direct])
  func curvesHaveEightColors(theme: Theme, depth: ColorDepth) {
    let colors = Self.series.map { theme.resolved(Style($0), depth: depth).foreground }
    #expect(Set(colors).count == Role.seriesCount, "\(theme.name)")
  }

  @Test(arguments: colored, depths)
  func faintCurvesAreFainter(theme: Theme, depth: ColorDepth) {
    for role in Self.series {
      let faint = theme.resolved(Style(role, .faint), depth: depth)
      let plain = theme.resolved(Style(role), depth: depth)
      #expect(faint != plain, "\(theme.name): \(role)")
    }
  }

  // MARK: - Heat

  static func lightness(_ theme: Theme, _ depth: ColorDepth) throws -> [Double] {
    try Role.allCases.filter(\.isHeat).map { role in
      let color = theme.resolved(Style(.default).on(role), depth: depth).background
      return try #require(OKLab(color)).lightness
    }
  }

  @Test(arguments: colored.filter { $0.name != "terminal" }, depths)
  func theRampRisesInLightnessAtEveryStep(theme: Theme, depth: ColorDepth) throws {
    let ramp = try Self.lightness(theme, depth)
    #expect(ramp.count == Role.heatSteps)
    for (darker, lighter) in zip(ramp, ramp.dropFirst()) { #expect(darker + 0.01 < lighter) }
  }

  /// As xterm draws the palette; the bands of neighbouring colours differ clearly.
  @Test(arguments: colored, [(ColorDepth.ansi16, 6), (.ansi8, 5)])
  func theRampRisesInBandsOnPoorTerminals(theme: Theme, depth: (ColorDepth, Int)) throws {
    let ramp = try Self.lightness(theme, depth.0)
    for (darker, lighter) in zip(ramp, ramp.dropFirst()) {
      #expect(darker == lighter || darker + 0.03 < lighter, "\(theme.name)")
    }
    #expect(Set(ramp).count == depth.1, "\(theme.name)")
  }

  // MARK: - Colour blindness

  /// Françoise Viénot, Hans Brettel and John Mollon, "Digital video colourmaps for checking the
  /// legibility of displays by dichromats", Color Research & Application 24 (1999), 243-252: the
  /// product of their three matrices, for linear light.
  static let protanopia = [
    [0.112382, 0.887612, -0.000001], [0.112383, 0.887618, 0.0], [0.004006, -0.004006, 1.0],
  ]
  static let deuteranopia = [
    [0.292751, 0.707252, 0.000001], [0.292750, 0.707249, 0.0], [-0.022336, 0.022337, 1.0],
  ]
  static let usual = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]

  static func seen(_ color: Color, by eye: [[Double]]) throws -> OKLab {
    let light = try #require(color.linearComponents)
    let parts = eye.map { row in
      min(max(row[0] * light.red + row[1] * light.green + row[2] * light.blue, 0), 1)
    }
    return OKLab(linearRed: parts[0], green: parts[1], blue: parts[2])
  }

  @Test(arguments: ["colorblind-dark", "colorblind-light"], depths)
  func curvesStayApartForColorblindEyes(name: String, depth: ColorDepth) throws {
    let theme = try #require(Theme.named(name))
    let apart = 0.1
    for eye in [Self.usual, Self.protanopia, Self.deuteranopia] {
      let places = try Self.series.map {
        try Self.seen(theme.resolved(Style($0), depth: depth).foreground, by: eye)
      }
      for (index, place) in places.enumerated() {
        for (other, earlier) in places[..<index].enumerated() {
          #expect(place.distance(to: earlier) >= apart, "series \(other + 1) and \(index + 1)")
        }
      }
    }
  }

  /// Without this the test above could not fail.
  @Test func simulatedEyesTakeRedForGreen() throws {
    let red = try Self.seen(.rgb(200, 60, 0), by: Self.deuteranopia)
    let green = try Self.seen(.rgb(90, 130, 0), by: Self.deuteranopia)
    #expect(red.distance(to: green) < 0.1)
  }

  // MARK: - The list

  @Test func theListIsTheDirectory() throws {
    let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let directory = try #require(opendir("/\(path)/themes"))
    defer { closedir(directory) }
    var names: Set<String> = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".theme") { names.insert(String(name.dropLast(6))) }
    }
    #expect(names == Set(Theme.shipped.map(\.name)))
  }

  @Test(arguments: [
    ("standard", PackageResources.standard_theme), ("light", PackageResources.light_theme),
    ("colorblind-dark", PackageResources.colorblind_dark_theme),
    ("colorblind-light", PackageResources.colorblind_light_theme),
    ("terminal", PackageResources.terminal_theme),
    ("monochrome", PackageResources.monochrome_theme),
  ])
  func theFilesHaveNoProblems(name: String, bytes: [UInt8]) throws {
    let read = ThemeFile.read(String(decoding: bytes, as: UTF8.self), name: name)
    #expect(read.problems.isEmpty)
    #expect(read.theme == Theme.named(name))
    #expect(!read.theme.summary.isEmpty)
  }

  @Test func themesAreFoundByName() {
    #expect(Theme.named("Standard") == Theme.standard)
    #expect(Theme.named("monochrome") == Theme.monochrome && Theme.monochrome.isMonochrome)
    #expect(Theme.named("light")?.isLight == true)
    #expect(Theme.named("no such") == nil)
    #expect(Theme.shipped.first == .standard)
  }
}
