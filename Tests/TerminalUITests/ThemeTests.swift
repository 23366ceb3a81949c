import Testing

@testable import TerminalUI

@Suite struct ThemeTests {
  @Test func everyRoleHasItsOwnLetter() {
    #expect(Set(Role.allCases.map(\.letter)).count == Role.allCases.count)
  }

  @Test(arguments: [ColorDepth.ansi8, .ansi16, .indexed256, .direct])
  func noCharacterHasTheColorOfItsBackground(depth: ColorDepth) {
    for foreground in Role.allCases where foreground != .background && foreground != .selection {
      for background in Role.allCases {
        if foreground == background || (foreground.isHeat && background.isHeat) { continue }
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

  @Test func heatOnHeatKeepsBothColors() {
    let style = Style(foreground: .heat4, background: .heat5)
    let shown = Theme.standard.resolved(style, depth: .ansi16)
    #expect(shown.foreground == shown.background, "two steps of one band")
    #expect(shown.foreground == Theme.standard.resolved(Style(.heat4), depth: .ansi16).foreground)
  }

  @Test func everyRoleButDefaultHasAThemeKey() {
    let keys = Role.allCases.compactMap(\.themeKey)
    #expect(Set(keys).count == Role.allCases.count - 1)
    #expect(Role.series8.themeKey == "series_8" && Role.heat15.themeKey == "heat_15")
    #expect(Role.statusBad.themeKey == "status_bad" && Role.seriesFaint.themeKey == "series_faint")
  }

  @Test func whatAThemeMakesUnreadableIsMadeReadable() throws {
    let theme = Theme(
      name: "mud",
      colors: [.background: .rgb(40, 40, 40), .text: .rgb(60, 60, 60), .series1: .rgb(50, 40, 40)])
    let text = theme.resolved(Style(.text), depth: .direct).foreground
    #expect(try #require(text.contrast(to: theme.ground)) >= 4.5)
    let curve = theme.resolved(Style(.series1), depth: .indexed256).foreground
    let ground = theme.ground.nearest256
    #expect(try #require(curve.contrast(to: ground)) >= 3)
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
