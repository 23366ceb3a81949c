import Testing

@testable import TerminalUI

@Suite struct ThemeTests {
  static let black = Color.indexed(16)

  @Test func everyRoleHasItsOwnLetter() {
    #expect(Set(Role.allCases.map(\.letter)).count == Role.allCases.count)
  }

  @Test func textOfTheStandardThemeIsReadableOnBlack() throws {
    let readable: [Role] =
      [.dim, .hotKey, .statusGood, .statusWarning, .statusBad, .mark]
      + (0..<Role.seriesCount).map(Role.series)
    for role in readable {
      let color = Theme.standard.color(for: role).nearest256
      let contrast = try #require(color.contrast(to: Self.black))
      #expect(contrast >= 4.5, "\(role)")
    }
    for role in [Role.border, .seriesFaint] {
      let color = Theme.standard.color(for: role).nearest256
      let contrast = try #require(color.contrast(to: Self.black))
      #expect(contrast >= 3, "\(role)")
    }
  }

  @Test(arguments: [ColorDepth.indexed256, .direct])
  func faintCurvesStayVisible(depth: ColorDepth) throws {
    for index in 0..<Role.seriesCount {
      let style = Theme.standard.resolved(Style(.series(index), .faint), depth: depth)
      let contrast = try #require(style.foreground.contrast(to: Self.black))
      #expect(contrast >= 2.8, "series \(index)")
      #expect(style.foreground != Theme.standard.color(for: .series(index)).mapped(to: depth))
    }
  }

  @Test(arguments: [ColorDepth.ansi8, .ansi16, .indexed256, .direct])
  func noCharacterHasTheColorOfItsBackground(depth: ColorDepth) {
    for foreground in Role.allCases where foreground != .background && foreground != .selection {
      for background in Role.allCases {
        if foreground == background { continue }
        for attributes: Attributes in [[], .faint, .bold] {
          let style = Theme.standard.resolved(
            Style(foreground: foreground, background: background, attributes: attributes),
            depth: depth)
          #expect(
            style.foreground == .terminalDefault || style.foreground != style.background,
            "\(foreground) on \(background)")
        }
      }
    }
  }

  @Test func theHeatRampRisesInLightness() throws {
    let ramp = Role.allCases.filter(\.isHeat).map { Theme.standard.color(for: $0) }
    #expect(ramp.count == Role.heatSteps)
    let lightness = try ramp.map { try #require($0.luminance) }
    for (darker, lighter) in zip(lightness, lightness.dropFirst()) { #expect(darker < lighter) }
    #expect(Set(ramp.map(\.nearest256)).count == Role.heatSteps)
  }

  @Test func seriesColorsDiffer() {
    for depth in [ColorDepth.ansi16, .indexed256, .direct] {
      let colors = (0..<Role.seriesCount).map {
        Theme.standard.resolved(Style(.series($0)), depth: depth).foreground
      }
      #expect(Set(colors).count == Role.seriesCount)
    }
  }

  @Test func defaultIsBlackOrWhiteOnHeat() {
    func foreground(_ background: Role) -> Color {
      Theme.standard.resolved(
        Style(foreground: .default, background: background), depth: .indexed256
      ).foreground
    }
    #expect(foreground(.heat0) == .indexed(231))
    #expect(foreground(.heat15) == .indexed(16))
    #expect(foreground(.background) == .terminalDefault)
  }

  @Test func withoutColorsEmphasisCarriesTheMeaning() {
    for theme in [Theme.monochrome, .standard] {
      let selected = theme.resolved(Style(.text).on(.selection), depth: .monochrome)
      #expect(selected.attributes.contains(.reverse))
      let cursorOnSelection = theme.resolved(
        Style(.text, .reverse).on(.selection), depth: .monochrome)
      #expect(!cursorOnSelection.attributes.contains(.reverse))
      let bad = theme.resolved(Style(.statusBad), depth: .monochrome)
      #expect(!bad.attributes.isEmpty && bad.foreground == .terminalDefault)
    }
    #expect(
      Theme.monochrome.resolved(Style(.series1), depth: .direct).foreground == .terminalDefault)
  }

  @Test func roleStepsAreClamped() {
    #expect(Role.heat(-1) == .heat0)
    #expect(Role.heat(0.5) == .heat8)
    #expect(Role.heat(1) == .heat15)
    #expect(Role.heat(.nan) == .heat0)
    #expect(Role.heat(.infinity) == .heat15)
    #expect(Role.series(0) == .series1 && Role.series(8) == .series1 && Role.series(-1) == .series8)
  }

  @Test func missingColorsComeFromTheStandardTheme() {
    let theme = Theme(name: "mine", colors: [.series1: .rgb(255, 0, 0)])
    #expect(theme.color(for: .series1) == .rgb(255, 0, 0))
    #expect(theme.color(for: .series2) == Theme.standard.color(for: .series2))
    #expect(theme.resolved(Style(.series1), depth: .ansi16).foreground == .indexed(9))
  }
}
