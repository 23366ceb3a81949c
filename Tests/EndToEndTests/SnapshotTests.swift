import JSONText
import OperatingSystem
import TestSupport
import Testing

extension WithoutTerminal {
  /// `nntop snapshot` and `nntop themes`.
  @Suite struct SnapshotTests {
    private static let log = Repository.path("sample-runs/glyphs")

    @Test(arguments: DashboardFrame.views.map(\.name))
    func everyViewHasEveryFormat(name: String) async throws {
      let view = try #require(DashboardFrame.views.first { $0.name == name })
      try await Workplace.use { place in
        func snapshot(_ format: String) async throws -> String {
          try await place.nntopDoing(
            "snapshot", Self.log, "--view", name, "--size", "120x36", "--format", format)
        }
        let text = try await snapshot("text")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(36)
        #expect(lines.count == 36)
        #expect(!text.hasSuffix("\n\n"))
        #expect(lines.allSatisfy { $0.count <= 120 })
        #expect(DashboardFrame.dangerous(text) == [])
        #expect(text.contains(DashboardFrame.tabs))
        for words in view.words { #expect(text.contains(words)) }

        let json = try JSONReader().read(try await snapshot("json")).json
        #expect(json["schema"]?.integer == 1)
        #expect(json["columns"]?.integer == 120 && json["rows"]?.integer == 36)
        let linesOfJSON = (json["lines"]?.array ?? []).compactMap(\.string)
        #expect(Self.trimmed(linesOfJSON) == Self.trimmed(lines.map(String.init)))
        #expect(json["roles"]?.array?.count == 36)

        let ansi = try await snapshot("ansi")
        #expect(ansi.contains("\u{1b}["))
        let plain = DashboardFrame.withoutStyles(ansi).split(
          separator: "\n", omittingEmptySubsequences: false
        ).prefix(36)
        #expect(Self.trimmed(plain.map(String.init)) == Self.trimmed(lines.map(String.init)))
        try await InTerminal.DashboardTests.checkSVG(try await snapshot("svg"), place)
      }
    }

    /// Lines without the blanks at their end.
    private static func trimmed(_ lines: [String]) -> [String] {
      lines.map { line in
        var line = line
        while line.last == " " { line.removeLast() }
        return line
      }
    }

    @Test func themesAreListed() async throws {
      try await Workplace.use { place in
        let json = try JSONReader().read(try await place.nntopDoing("themes", "--json")).json
        #expect(json["schema"]?.integer == 1)
        let themes = try #require(json["themes"]?.array)
        let text = try await place.nntopDoing("themes")
        #expect(DashboardFrame.dangerous(text) == [])
        for theme in themes {
          #expect(text.contains(try #require(theme["name"]?.string)))
          #expect(theme["colors"]?.members?.isEmpty == false)
        }
        #expect(themes.count >= 6)

        try place.writeInHome("theme[main_bg]=\"#123456\"\n", to: ".config/nntop/themes/my.theme")
        let mine = try await place.nntopDoing(
          "snapshot", Self.log, "--theme", "my", "--format", "svg")
        #expect(mine.contains("#123456"))
        for arguments in [
          ["themes", "lihgt"], ["snapshot", Self.log, "--theme", "lihgt"],
          [Self.log, "--once", "--theme", "lihgt"],
        ] {
          let answer = try await place.start(arguments).answer()
          #expect(answer.status == 2 && answer.output == "", "\(answer)")
          #expect(answer.errorLines == ["nntop: there is no theme lihgt; did you mean light?"])
        }
        let view = try await place.nntop("snapshot", Self.log, "--view", "layrs")
        #expect(view.status == 2 && view.errorText.contains("layers"), "\(view)")
      }
    }
  }
}
