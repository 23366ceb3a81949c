import Glibc
import OperatingSystem
import TestSupport
import Testing

extension InTerminal {
  /// Terminals of all kinds: they show something, live through everything, and are given back.
  @Suite struct TerminalTests {
    private static let log = Repository.path("sample-runs/glyphs")

    /// A kind of terminal: what is set in the environment, and whether there is a full screen.
    struct Kind: CustomTestStringConvertible, Sendable {
      var environment: [String: String?]
      var isASCII = false
      var hasScreen = true
      var hasColor = true

      var testDescription: String {
        environment.map { "\($0)=\($1 ?? "")" }.sorted().joined(separator: " ")
      }
    }

    static let kinds: [Kind] = [
      Kind(environment: ["TERM": "xterm-256color"]), Kind(environment: ["TERM": "tmux"]),
      Kind(environment: ["TERM": "screen"]), Kind(environment: ["TERM": "linux"]),
      Kind(environment: ["TERM": "vt100"], hasColor: false),
      Kind(environment: ["TERM": "xterm-direct"]),
      Kind(environment: ["TERM": "dumb"], hasScreen: false, hasColor: false),
      Kind(environment: ["TERM": "no-such-terminal"]), Kind(environment: ["TERM": nil]),
      Kind(environment: ["LANG": "C"], isASCII: true),
      Kind(environment: ["LANG": nil], isASCII: true),
      Kind(environment: ["LANG": "xx_YY.UTF-8"]),
      Kind(environment: ["LANG": "xx_YY.ISO-8859-1"], isASCII: true),
      Kind(environment: ["NO_COLOR": "1"], hasColor: false),
    ]

    @Test(arguments: kinds)
    func everyKindShowsTheRunAndIsGivenBack(kind: Kind) async throws {
      try await Workplace.use { place in
        if kind.environment["TERM"] == "xterm-direct" { try Self.describeDirectColor(place) }
        let session = try TerminalSession(place, environment: kind.environment, Self.log)
        try await session.wait(forBytes: "glyphs", "loss", "finished")
        if kind.hasScreen { session.type("q") }
        #expect(try await session.status() == 0)
        session.expectAsFound("\(kind.testDescription)")
        #expect(session.bytes.contains(0x1B) == kind.hasScreen)
        #expect(session.bytes.allSatisfy { $0 < 0x80 } == kind.isASCII)
        #expect(TerminalModes(after: session.bytes).hasSeenColor == kind.hasColor)
      }
    }

    /// A description that Debian does not install, for the user of a test.
    private static func describeDirectColor(_ place: Workplace) throws {
      guard let tic = Tool.find("tic") else { return }  // then it is one more unknown terminal
      let path = try place.writeBeside(
        """
        xterm-direct|xterm with direct colours,
        \tRGB, colors#0x1000000, pairs#0x7FFF,
        \tsetab=\\E[%?%p1%{8}%<%t4%p1%d%e48\\:2\\:\\:%p1%{65536}%/%d\\:%p1%{256}%/%{255}%&%d\\:\
        %p1%{255}%&%d%;m,
        \tsetaf=\\E[%?%p1%{8}%<%t3%p1%d%e38\\:2\\:\\:%p1%{65536}%/%d\\:%p1%{256}%/%{255}%&%d\\:\
        %p1%{255}%&%d%;m,
        \tuse=xterm-256color,

        """, to: "direct.terminfo")
      let answer = try ChildProcess.run(
        tic, arguments: ["-x", "-o", place.pathBeside("home/.terminfo"), path], outputLimit: 4096)
      #expect(answer.ending == .exited(0), "\(answer.errorText)")
    }

    static let deaths = [
      SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGUSR1,
    ]

    @Test(arguments: deaths)
    func everyDeathGivesTheTerminalBack(signal: Int32) async throws {
      try await Workplace.use { place in
        // Where Swift is installed, its backtraces would ask for a key.
        let session = try TerminalSession(
          place, environment: ["SWIFT_BACKTRACE": "enable=no"], Self.log)
        try await session.wait(forBytes: "finished", "\u{1B}[?2026l")
        let dashboard = try await session.dashboard()
        #expect(TerminalModes(after: session.bytes).changed.isSuperset(of: [1049, 25, 2004]))
        kill(dashboard, signal)
        let asked = [SIGTERM, SIGHUP, SIGINT].contains(signal)
        #expect(try await session.status() == (asked ? 0 : 128 + signal))
        session.expectAsFound("signal \(signal)")
      }
    }

    @Test func aLostTerminalEndsTheProgram() async throws {
      try await Workplace.use { place in
        var session: TerminalSession? = try TerminalSession(place, Self.log)
        try await session?.wait(forBytes: "finished")
        #expect(try !place.processes.dashboards.isEmpty)
        session = nil
        try await eventually("the dashboard's end", within: 10) {
          try place.processes.dashboards.isEmpty
        }
      }
    }

    @Test func aStormOfSizesIsSurvived() async throws {
      try await Workplace.use { place in
        let screen = try Screen(place, Self.log)
        try await screen.wait(forText: "finished")
        var random = SeededGenerator(seed: 7)
        var sizes = [(1, 1), (500, 200), (1, 200), (500, 1), (2, 2)]
        for _ in sizes.count..<100 {
          let columns = Int.random(in: 1...500, using: &random)
          sizes.append((columns, Int.random(in: 1...200, using: &random)))
        }
        for (columns, rows) in sizes { try screen.resize(columns: columns, rows: rows) }
        try screen.resize(columns: 100, rows: 30)
        try await screen.wait(for: "the whole frame again") { text in
          text.contains("finished") && text.contains("q Quit")
            && text.split(separator: "\n", omittingEmptySubsequences: false).count >= 30
        }
        try screen.press("q")
        try await screen.wait(forText: "left with status 0")
        #expect(try screen.modes() == Screen.modesOfShell)
      }
    }

    @Test(arguments: [(1, 1), (500, 200)])
    func theSmallestAndTheLargest(columns: Int, rows: Int) async throws {
      try await Workplace.use { place in
        let session = try TerminalSession(place, columns: columns, rows: rows, Self.log)
        try await session.wait(forBytes: "\u{1B}[?2026l")
        session.type("q")
        #expect(try await session.status() == 0)
        session.expectAsFound("\(columns)x\(rows)")
      }
    }

    enum Stop: CaseIterable { case askedByUser, fromOutside, withoutAsking }

    @Test(.enabled(if: Tool.bash != nil, "bash is not installed"), arguments: Stop.allCases)
    func aStoppedDashboardComesBack(stop: Stop) async throws {
      try await Workplace.use { place in
        let bash = try #require(Tool.bash)
        let screen = try Screen(place, program: bash, "--norc", "-i")
        try screen.type("stty -echoctl; \(Program.path) \(Self.log)")
        try screen.press("Enter")
        try await screen.wait(forText: "finished", "q Quit")
        let dashboard = try #require(try place.processes.dashboards.first).identifier
        switch stop {
        case .askedByUser: try screen.press("C-z")
        case .fromOutside: kill(dashboard, SIGTSTP)
        case .withoutAsking: kill(dashboard, SIGSTOP)
        }
        try await screen.wait(forText: "Stopped")
        if stop != .withoutAsking { #expect(try screen.modes() == Screen.modesOfShell) }
        try screen.type("fg")
        try screen.press("Enter")
        try await screen.wait(forText: "finished", "q Quit")
        #expect(try screen.modes() == Screen.modesOfDashboard)
        try screen.press("q")
        try screen.type("echo left with $?; stty -a")
        try screen.press("Enter")
        let left = try await screen.wait(forText: "left with 0", "extproc")
        #expect(left.contains(" icanon") && left.contains(" echo "))
        #expect(try screen.modes() == Screen.modesOfShell)
      }
    }

    @Test func aPastedLineIsNoSteering() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        let session = try TerminalSession(place, "runs/run")
        try await session.wait(forBytes: "training", "\u{1B}[?2026l")
        // As typing it would ask for a checkpoint, set a learning rate, and leave.
        session.type("\u{1B}[200~CL0.01\r\ry\rq\u{1B}[201~")
        let before = session.bytes.count
        session.type("\u{C}")
        try await session.wait(forBytes: "training", "\u{1B}[?2026l", after: before)
        session.type("q")
        #expect(try await session.status() == 0)
        #expect(try run.journal(of: "answer").isEmpty)
      }
    }
  }
}
