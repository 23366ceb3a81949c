import Glibc
import JSONText
import OperatingSystem
import Testing

extension InTerminal {
  /// The views and what holds in all of them.
  @Suite struct DashboardTests {
    @Test(arguments: [(80, 24, "C.UTF-8"), (200, 60, "C.UTF-8"), (80, 24, "C"), (200, 60, "C")])
    func everyKeyShowsItsView(columns: Int, rows: Int, locale: String) async throws {
      try await Workplace.use { place in
        try place.sample("one", called: "one")
        let screen = try Screen(
          place, columns: columns, rows: rows, environment: ["LC_ALL": locale], "one")
        for view in DashboardFrame.views.reversed() {
          try screen.press(view.key)
          let text = try await screen.wait(for: "the view \(view.name)") { text in
            text.contains("finished") && view.words.allSatisfy { text.contains($0) }
          }
          #expect(text.contains(DashboardFrame.tabs))
          #expect(DashboardFrame.chosenTab(try screen.textWithEscapes()) == view.title)
          #expect(text.contains { !$0.isASCII } == (locale != "C"))
        }
      }
    }

    @Test func aFilterNarrowsAndEscapeRestores() async throws {
      try await Workplace.use { place in
        try place.sample("runs/first", called: "alpha")
        try place.sample("runs/second", called: "beta")
        let screen = try Screen(place, "runs")
        try await screen.wait(forText: "─ accuracy ─")
        try screen.type("/loss")
        try await screen.wait(for: "one chart") { text in
          text.contains("─ loss ─") && !text.contains("accuracy ─")
        }
        try screen.press("Escape")
        try await screen.wait(for: "all charts") { text in
          text.contains("─ accuracy ─") && !text.contains("/loss")
        }
        try screen.type("4/alph")
        try await screen.wait(for: "one run") { text in
          text.contains("  alpha ") && !text.contains("  beta ")
        }
        try screen.press("Enter")
        try await screen.wait(for: "the keys again, and the filter") { text in
          text.contains("q Quit") && text.contains("/alph") && !text.contains("  beta ")
        }
        try screen.press("Escape")
        try await screen.wait(forText: "  alpha ", "  beta ")
      }
    }

    @Test func thePaletteDoesWhatIsTyped() async throws {
      try await Workplace.use { place in
        try place.sample("one", called: "one")
        let screen = try Screen(place, "one")
        try await screen.wait(forText: "─ accuracy ─")
        let before = try screen.textWithEscapes()
        try screen.type(":theme light")
        try await screen.wait(forText: ":theme light", "colorblind-light")
        try screen.press("Enter")
        try await eventually("other colours", else: try screen.textWithEscapes()) {
          let colors = Self.colors(try screen.textWithEscapes())
          return try screen.text().contains("q Quit") && !colors.isEmpty
            && colors.isDisjoint(with: Self.colors(before))
        }
        try screen.type(":smoothing 0.9\r")
        try await screen.wait(forText: "smoothing 0.9")
        try screen.type(":view runs\r")
        try await screen.wait(forText: "best loss")
        try screen.type(":veiw runs\r")
        try await screen.wait(forText: ":veiw runs", "no command veiw")
        try screen.press("Escape")
        try await screen.wait(for: "the keys again") {
          $0.contains("q Quit") && !$0.contains("veiw")
        }
      }
    }

    /// The colours of characters and backgrounds that a captured screen sets.
    private static func colors(_ text: String) -> Set<Substring> {
      Set(
        text.split(separator: "\u{1b}[").compactMap { part in
          let style = part.prefix { $0 != "m" }
          return style.contains("38;") || style.contains("48;") ? style : nil
        })
    }

    @Test func markedRunsAreOverlaidAndWritten() async throws {
      try await Workplace.use { place in
        try place.sample("runs/first", called: "alpha")
        try place.sample("runs/second", called: "beta, \"2\"")
        let screen = try Screen(place, "runs")
        try screen.type("4")
        try await screen.wait(forText: "best loss", "alpha")
        try screen.type("g G ")
        try await screen.wait(for: "both marked") { $0.filter { $0 == "●" }.count >= 2 }
        try screen.type("1")
        try await screen.wait(forText: "1 more run")

        try screen.type("w")
        let prompt = try await screen.wait(forText: ":write ", ".csv")
        let name = try #require(prompt.split(separator: "\n").last { $0.contains(":write ") })
          .split(separator: " ")[1]
        try screen.press("Enter")
        try await screen.wait(forText: "written: \(name)")
        let csv = try place.contents(of: place.path(String(name)))
        try Self.check(csv)

        try screen.type(":write \(name)\r")
        try await screen.wait(forText: "\(name) exists already")
        #expect(try place.contents(of: place.path(String(name))) == csv)
        try screen.type(":write shown.svg\r")
        try await screen.wait(forText: "written: shown.svg")
        try await Self.checkSVG(try place.contents(of: place.path("shown.svg")), place)
      }
    }

    /// Every line has a run, a tag and three numbers, and both runs have the same ones.
    private static func check(_ csv: String) throws {
      let lines = csv.split(separator: "\n")
      #expect(lines.first == "run,tag,step,wall_time,value")
      let names = ["alpha", "\"beta, \"\"2\"\"\""]
      let points = names.map { name in
        lines.filter { $0.hasPrefix(name + ",") }.map { $0.dropFirst(name.count + 1) }
      }
      #expect(points[0].count > 1000 && points[0] == points[1])
      #expect(points[0].count + points[1].count == lines.count - 1)
      let broken = points[0].filter { point in
        let fields = point.split(separator: ",", omittingEmptySubsequences: false)
        return fields.count != 4 || fields.dropFirst().contains { Double($0) == nil }
      }
      #expect(broken.isEmpty)
      let tags = Set(points[0].map { $0.prefix { $0 != "," } })
      #expect(tags.isSuperset(of: ["train/loss", "val/loss"]))
    }

    static func checkSVG(_ svg: String, _ place: Workplace) async throws {
      #expect(svg.hasPrefix("<svg ") && svg.contains("</svg>"))
      guard let python = Tool.python else { return }  // then it is not looked at more closely
      let script = """
        import sys, xml.etree.ElementTree as tree
        print(tree.fromstring(sys.stdin.read()).tag)
        """
      let answer = try await place.start(
        program: python, ["-c", script], environment: ["PYTHONIOENCODING": "utf-8"], input: svg
      ).answer()
      #expect(answer.output == "{http://www.w3.org/2000/svg}svg\n", "\(answer)")
    }

    @Test func aFrozenDisplayStandsStill() async throws {
      try await Workplace.use { place in
        let log = try DashboardLog(place, "live", count: 50)
        let screen = try Screen(place, "live")
        try await screen.wait(for: "step 50") { ScreenText.step($0) == 50 }
        try log.write()
        try await screen.wait(for: "step 51") { ScreenText.step($0) == 51 }
        try screen.type("z")
        let frozen = try await screen.wait(forText: "FROZEN")
        let rows = frozen.split(separator: "\n").dropLast(4)
        for _ in 0..<5 {
          try log.write()
          try await Task.sleep(nanoseconds: 200_000_000)
          #expect(try screen.text().split(separator: "\n").dropLast(4) == rows)
        }
        try screen.type("z")
        try await screen.wait(for: "the newest step") {
          ScreenText.step($0) == 56 && !$0.contains("FROZEN")
        }
      }
    }

    @Test func theMouseChoosesAView() async throws {
      try await Workplace.use { place in
        try place.sample("one", called: "one")
        // tmux's own description knows the old reports of the mouse alone.
        for (term, click) in [
          ("xterm-256color", "\u{1b}[<0;14;3M\u{1b}[<0;14;3m"),
          ("tmux-256color", "\u{1b}[M .#\u{1b}[M#.#"),
        ] {
          let screen = try Screen(place, environment: ["TERM": term], "one", "--view", "curves")
          try await screen.wait(forText: "─ accuracy ─")
          #expect(try screen.modes() == Screen.modesOfDashboard)
          try screen.type("m")
          try await screen.wait(forText: "mouse on")
          #expect(try screen.modes() == "1 1 0")
          try screen.type(click)
          try await screen.wait(forText: "grad norm", "linear1")
          try screen.type("m")
          try await screen.wait(forText: "mouse off")
          #expect(try screen.modes() == Screen.modesOfDashboard)
          try screen.press("q")
          try await screen.wait(forText: "left with status 0")
        }
      }
    }

    @Test func theStartScreenOpensASample() async throws {
      try await Workplace.use { place in
        let screen = try Screen(place, columns: 120)
        let text = try await screen.wait(
          forText: "There is no run in runs.", "a  train the built-in experiment",
          "look at a recorded run", "look at logs of other programs", "train mnist.json")
        let line = try #require(text.split(separator: "\n").first { $0.contains("a recorded run") })
        let key = try #require(line.split(separator: " ").first)
        try screen.type(String(key))
        try await screen.wait(forText: "glyphs ✓ finished", "─ accuracy ─")
        #expect(try place.listing() == [])

        let training = try Screen(place, columns: 120)
        try await training.wait(forText: "There is no run in runs.")
        try training.type("a")
        try await training.wait(for: "a training") {
          $0.contains("● training") && ScreenText.step($0) ?? 0 > 0
        }
        #expect(try place.processes.engines.count == 1)
      }
    }
  }
}
