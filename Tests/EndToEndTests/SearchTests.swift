import Glibc
import JSONText
import OperatingSystem
import TestSupport
import Testing

extension InTerminal {
  /// A search of architectures on a screen: its candidates, and what is done to them.
  @Suite struct SearchTests {
    /// Three small networks, a candidate after the other where one worker trains them.
    private static func search(epochs: Int) -> String {
      """
      {
        "name": "tiny", "strategy": "random", "candidates": 3, "epochs": \(epochs),
        "space": { "kind": "layers", "convolutions": [0], "widths": [8, 16] },
        "experiment": {
          "data": { "kind": "glyphs", "trainingCount": 500, "validationCount": 100 }
        }
      }
      """
    }
    private static let endless = 1_000_000

    /// A search in the background that has begun to train.
    private func begin(
      _ place: Workplace, epochs: Int, workers: Int = 1
    ) async throws -> RunOnDisk {
      try place.write(Self.search(epochs: epochs), to: "tiny.json")
      try await place.nntopDoing(
        "search", "tiny.json", "--name", "tiny", "--workers", "\(workers)", "--detach")
      let search = place.run("tiny")
      try await eventually("candidates that train") {
        try states(search).filter { $0.state == "running" }.count >= workers
      }
      return search
    }

    /// What the journal says of the candidates, record by record.
    private func states(_ search: RunOnDisk) throws -> [(id: String, state: String)] {
      try search.journal(of: "candidate").compactMap { record in
        guard let id = record["id"]?.string, let state = record["state"]?.string else { return nil }
        return (id, state)
      }
    }

    /// The candidates whose results the strategy was told, in that order.
    private func told(_ search: RunOnDisk) throws -> [String] {
      try search.journal(of: "candidate").compactMap { record in
        guard case .boolean(true)? = record["told"] else { return nil }
        return record["id"]?.string
      }
    }

    private func workers(_ place: Workplace) throws -> [Int32] {
      try place.processes.all.filter { $0.arguments.dropFirst().first == "worker" }
        .map(\.identifier)
    }

    private func sessions(_ search: RunOnDisk, _ candidate: String) throws -> Int {
      try RunOnDisk(path: search.path("candidates/" + candidate)).journal(of: "phase")
        .filter { $0["phase"]?.string == "starting" }.count
    }

    /// The table's row of a candidate: that in which its id stands below the heading "id".
    private static func row(_ id: String, _ text: String) -> Substring? {
      let lines = text.split(separator: "\n")
      guard let top = lines.firstIndex(where: { $0.contains("rank  id ") }),
        let heading = lines[top].firstRange(of: "id ")
      else { return nil }
      let column = lines[top].distance(from: lines[top].startIndex, to: heading.lowerBound)
      return lines[(top + 1)...].first { $0.dropFirst(column).hasPrefix(id + " ") }
    }

    @Test(arguments: ["C.UTF-8", "C"])
    func aSearchIsWatchedToItsEnd(locale: String) async throws {
      try await Workplace.use { place in
        try place.write(Self.search(epochs: 3), to: "tiny.json")
        let screen = try Screen(
          place, environment: ["LC_ALL": locale], "search", "tiny.json", "--name", "tiny")
        let text = try await screen.wait(for: "three results") {
          $0.contains("finished") && $0.contains("step 3/3")
        }
        #expect(text.contains("rank") && text.contains("val/accuracy"), "\(text)")
        if locale == "C" { #expect(text.utf8.allSatisfy { $0 < 0x80 }, "\(text)") }
        for id in ["0", "1", "2"] {
          #expect(Self.row(id, text)?.contains("finished") == true, "\(id): \(text)")
        }
        // The best stands first; its curves are those of its own run.
        let scores = text.split(separator: "\n").compactMap { line -> Double? in
          line.contains(" finished ") && !line.contains("step ")
            ? line.split(separator: " ").compactMap { Double($0) }.first { $0 > 0 && $0 < 1 } : nil
        }
        #expect(scores.count == 3 && scores == scores.sorted(by: >), "\(text)")
        try screen.press("Enter")
        try await screen.wait(forText: "loss", "learning_rate", "step 12/12")
        try screen.press("Escape")
        try await screen.wait(forText: "rank", "step 3/3")
        try screen.press("/")
        try screen.type("state:failed")
        try screen.press("Enter")
        try await screen.wait(forText: "no row matches state:failed")
        try screen.press("q")
        try await screen.wait(forText: "left with status 0")
      }
    }

    @Test func aCandidateIsPausedAndKilled() async throws {
      try await Workplace.use { place in
        let search = try await begin(place, epochs: Self.endless)
        let screen = try Screen(place, "runs/tiny", "--view", "candidates")
        try await screen.wait(for: "a candidate that trains") {
          Self.row("0", $0)?.contains("running") == true
        }
        // The cursor stays with it, wherever its row goes.
        try screen.press("g", "p")
        try await screen.wait(for: "a pause") { Self.row("0", $0)?.contains("paused") == true }
        // The worker has another one by now.
        try await screen.wait(for: "another one") {
          Self.row("1", $0)?.contains("running") == true
        }
        try screen.press("p")
        try await screen.wait(for: "going on") { Self.row("0", $0)?.contains("waiting") == true }

        try screen.press("x")
        try await screen.wait(forText: "Kill candidate 0?")
        #expect(try search.commands().count == 2)
        try screen.press("Enter")
        try await screen.wait(for: "a candidate less") {
          Self.row("0", $0)?.contains("killed") == true && $0.contains("candidate 0 killed")
        }
        #expect(try told(search) == ["0"])
        try await screen.wait(for: "the one in its place") {
          Self.row("1", $0)?.contains("running") == true
        }

        #expect(
          try search.commands().map { $0["action"]?.string }
            == ["pause", "resume", "kill"])
        #expect(try told(search) == ["0"])
      }
    }

    /// What was finished is not trained again, and what was running goes on.
    @Test func aSearchThatWasKilledGoesOn() async throws {
      try await Workplace.use { place in
        let search = try await begin(place, epochs: 40)
        try await eventually("a first result") { try !told(search).isEmpty }
        let engine = try #require(try place.processes.engines.first)
        kill(engine.identifier, SIGKILL)
        let before = try told(search)
        try await eventually("no coordinator") { !search.isAlive }

        let screen = try Screen(place, "resume", "runs/tiny")
        try await screen.wait(for: "the end") {
          $0.contains("finished") && $0.contains("step 3/3")
        }
        #expect(try told(search).prefix(before.count) == before[...])
        #expect(try told(search).sorted() == ["0", "1", "2"])
        for id in before { #expect(try sessions(search, id) == 1) }
        try await eventually("no workers") { try workers(place).isEmpty }
      }
    }

    @Test func aWorkerThatIsKilledLosesNoCandidate() async throws {
      try await Workplace.use { place in
        let search = try await begin(place, epochs: Self.endless)
        let screen = try Screen(place, "runs/tiny", "--view", "candidates")
        let worker = try #require(try workers(place).first)
        kill(worker, SIGKILL)
        try await eventually("another session of its candidate") {
          try states(search).map(\.state) == ["waiting", "running", "waiting", "running"]
            && sessions(search, "0") == 2
        }
        try await screen.wait(for: "the candidate training again") {
          Self.row("0", $0)?.contains("running") == true
        }
        #expect(try Set(workers(place)).count == 1)
        #expect(try told(search).isEmpty)
      }
    }

    @Test func aTableServesAsASimulator() async throws {
      try await Workplace.use { place in
        let table = Repository.path("sample-runs/nasbench101/small.tfrecord")
        let screen = try Screen(
          place, columns: 200, rows: 60, "search", "--simulate", table, "--strategy", "evolution",
          "--candidates", "40", "--name", "table")
        let text = try await screen.wait(forText: "finished", "step 40/40", "rank")
        // The cell of the chosen candidate is drawn.
        #expect(text.contains("output") && text.contains("input"), "\(text)")
        #expect(!LocalFileSystem().exists(place.run("table").path("candidates")))
        #expect(try told(place.run("table")).count == 40)

        let made = try await place.nntopDoing(
          "search", "--simulate", "synthetic", "--candidates", "300", "--headless")
        #expect(made.contains("synthetic fitness"), "\(made)")
      }
    }
  }
}
