import Testing

@testable import TerminalUI

@Suite struct ThemeFileTests {
  private func read(_ lines: String...) -> (theme: Theme, problems: [ThemeFile.Problem]) {
    ThemeFile.read(lines.joined(separator: "\n"), name: "test")
  }

  @Test(arguments: [
    ("#0A141E", Color.rgb(10, 20, 30)), ("#80", .rgb(128, 128, 128)),
    ("10 20 30", .rgb(10, 20, 30)), ("ansi:4", .indexed(4)), ("index:208", .indexed(208)),
    ("default", .terminalDefault),
  ])
  func values(text: String, color: Color) {
    for line in [
      "theme[mark]=\"\(text)\"", "  theme[mark] = '\(text)'\t# a remark\r",
      "theme[mark]=\(text)", "\u{FEFF}theme[ mark ]=\(text)  # a remark",
    ] {
      let (theme, problems) = read(line)
      #expect(theme.color(for: .mark) == color, "\(line)")
      #expect(problems.isEmpty, "\(line)")
    }
  }

  @Test(arguments: [
    "#12345", "#GG0000", "ansi:16", "ansi:", "index:256", "index:-1", "1 2", "1 2 3 4", "1 2 256",
    "red", "#", "+1 2 3", "#+12345",
  ])
  func wrongValuesAreToldAndLeaveTheDefault(text: String) throws {
    let (theme, problems) = read("# one", "theme[mark]=\"\(text)\"")
    let problem = try #require(problems.first)
    #expect(problem.line == 2 && problems.count == 1)
    #expect(problem.message.contains("mark") && problem.message.contains("#RRGGBB"))
    #expect(theme.color(for: .mark) == Theme.standard.color(for: .mark))
  }

  @Test func whatIsNoLineOfAThemeIsTold() {
    let (_, problems) = read("", "# theme[mark]=x", "mark=1", "theme[mark", "theme[mark]=\"#80")
    #expect(problems.map(\.line) == [3, 4, 5])
    let many = read(String(repeating: "x\n", count: 9000))
    #expect(many.problems.count == ThemeFile.problemsMax)
  }

  @Test func unknownKeysAreSkippedAndTheLastLineCounts() {
    let (theme, problems) = read(
      "theme[proc_banner_bg]=\"nonsense\"", "theme[dim]=\"#80\"", "theme[dim]=\"#90\"",
      "theme[mark]=\"\"")
    #expect(problems.isEmpty)
    #expect(theme.color(for: .dim) == .rgb(0x90, 0x90, 0x90))
    #expect(theme.color(for: .mark) == Theme.standard.color(for: .mark))
  }

  @Test func sixteenColorsAreSaidApart() {
    let (theme, problems) = read(
      "theme[series_1]=\"#FF0000\"", "theme[series_1_16]=\"ansi:14\"", "theme[series_2]=\"ansi:5\"",
      "theme[series_3]=\"#00FF00\"", "theme[series_3_16]=\"#00FF00\"")
    func shown(_ role: Role) -> Color { theme.resolved(Style(role), depth: .ansi16).foreground }
    #expect(shown(.series1) == .indexed(14))
    #expect(theme.resolved(Style(.series1), depth: .direct).foreground == .rgb(255, 0, 0))
    #expect(shown(.series2) == .indexed(5))
    #expect(shown(.series3) == Theme.standard.resolved(Style(.series3), depth: .ansi16).foreground)
    #expect(problems.map(\.line) == [5])
  }

  @Test func aRampGoesThroughItsStops() throws {
    let (theme, problems) = read(
      "theme[heat_start]=\"#000040\"", "theme[heat_mid]=\"#C02040\"", "theme[heat_end]=\"#FFFFE0\"",
      "theme[heat_3]=\"#123456\"")
    #expect(problems.isEmpty)
    #expect(theme.color(for: .heat0) == .rgb(0, 0, 0x40))
    #expect(theme.color(for: .heat15) == .rgb(0xFF, 0xFF, 0xE0))
    #expect(theme.color(for: .heat3) == .rgb(0x12, 0x34, 0x56))
    let places = try [Role.heat4, .heat5, .heat6].map {
      try #require(OKLab(theme.color(for: $0)))
    }
    let steps = (places[0].distance(to: places[1]), places[1].distance(to: places[2]))
    #expect(abs(steps.0 - steps.1) < 0.02)
    let half = read("theme[heat_start]=\"#000000\"").theme
    #expect(half.color(for: .heat0) == Theme.standard.color(for: .heat0))
  }

  @Test func lightAndMonochrome() {
    let light = read("theme[light]=\"true\"", "theme[summary]=\"mine\"")
    #expect(light.theme.isLight && light.theme.summary == "mine")
    #expect(light.theme.color(for: .background) == Theme.named("light")?.color(for: .background))
    #expect(read("theme[monochrome]=\"true\"").theme.isMonochrome)
    let wrong = read("theme[light]=\"yes\"")
    #expect(!wrong.theme.isLight && wrong.problems.map(\.line) == [1])
  }

  @Test func namesAndMessagesAreHarmless() {
    let escape = "\u{1B}[2J"
    let read = ThemeFile.read("theme[mark]=\"\(escape)\"", name: "a\(escape)")
    #expect(!read.theme.name.contains("\u{1B}"))
    #expect(read.problems.allSatisfy { !$0.message.contains("\u{1B}") })
  }

  // MARK: - btop's files

  /// A made-up file of btop's form: dark, its text of less importance far too close.
  static let foreign = """
    #Main bg
    theme[main_bg]="#282830"
    theme[main_fg]="#F0F0E0"
    theme[title]="#FFFFFF"
    theme[hi_fg]="#6070A0"
    theme[selected_bg]="#E04070"
    theme[selected_fg]="#FFFFFF"
    theme[inactive_fg]="#38383F"
    theme[cpu_box]="#B090F0"
    theme[div_line]="#404048"
    theme[temp_start]="#B090F0"
    theme[temp_mid]="#F070C0"
    theme[temp_end]="#F03040"
    theme[download_start]="#50F070"
    theme[download_mid]=""
    theme[download_end]="#40E060"
    theme[upload_end]="#4060A0"
    theme[used_end]="#40E060"
    """

  @Test func btopKeysStandInForOurs() throws {
    let (theme, problems) = ThemeFile.read(Self.foreign, name: "foreign")
    #expect(problems.isEmpty && !theme.isLight)
    let ground = Color.rgb(0x28, 0x28, 0x30)
    #expect(theme.color(for: .background) == ground)
    #expect(theme.color(for: .title) == .rgb(255, 255, 255))
    #expect(theme.color(for: .border) == .rgb(0xB0, 0x90, 0xF0))
    #expect(theme.color(for: .statusBad) == .rgb(0xF0, 0x30, 0x40))
    #expect(theme.color(for: .series1) == .rgb(0x40, 0xE0, 0x60))
    #expect(theme.color(for: .heat7) == Theme.standard.color(for: .heat7))
    #expect(theme.color(for: .dim) != .rgb(0x38, 0x38, 0x3F))
    let shown = theme.resolved(Style(.hotKey), depth: .direct).foreground
    #expect(try #require(shown.contrast(to: ground)) >= 4.5)
    let curves = try ThemeShippedTests.series.map { try #require(OKLab(theme.color(for: $0))) }
    for (index, curve) in curves.enumerated() {
      for earlier in curves[..<index] { #expect(curve.distance(to: earlier) >= 0.03) }
    }
  }

  @Test(arguments: ThemeShippedTests.depths)
  func foreignThemesAreMadeReadable(depth: ColorDepth) {
    let light = Self.foreign.replacing("#282830", with: "#F8F8F0").replacing("#F0F0E0", with: "#22")
    for text in [Self.foreign, light, Self.foreign.replacing("#282830", with: "")] {
      let theme = ThemeFile.read(text, name: "foreign").theme
      #expect(theme.isLight == (text == light))
      for role in ThemeShippedTests.texts {
        for background in [Role.background, .selection] {
          let contrast = ThemeShippedTests.contrast(theme, Style(role).on(background), depth)
          #expect(contrast >= 4.5, "\(role) on \(background)")
        }
      }
      for role in ThemeShippedTests.series {
        #expect(ThemeShippedTests.contrast(theme, Style(role), depth) >= 3, "\(role)")
        #expect(ThemeShippedTests.contrast(theme, Style(role, .faint), depth) >= 3, "\(role)")
      }
    }
  }

  @Test func ourKeysComeFirst() {
    let theme = ThemeFile.read(
      Self.foreign + "\ntheme[hot_key]=\"#FFCC00\"\ntheme[series_1]=\"#FF8800\"", name: "both"
    ).theme
    #expect(theme.color(for: .hotKey) == .rgb(0xFF, 0xCC, 0))
    #expect(theme.color(for: .series1) == .rgb(0xFF, 0x88, 0))
    #expect(theme.color(for: .series2) == .rgb(0x40, 0xE0, 0x60))
  }

  @Test func damagedFilesAreReadToo() {
    var random = SeededRandom(seed: 11)
    let bytes = Array(Self.foreign.utf8)
    for _ in 0..<200 {
      var damaged = bytes
      for _ in 0..<20 {
        damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      let read = ThemeFile.read(String(decoding: damaged, as: UTF8.self), name: "damaged")
      #expect(read.problems.count <= ThemeFile.problemsMax)
    }
  }
}
