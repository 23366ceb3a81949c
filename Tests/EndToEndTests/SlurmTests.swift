import Glibc
import JSONText
import OperatingSystem
import TestSupport
import Testing

/// A Slurm of this one machine, started for a test.
struct Slurm {
  private let place: Workplace
  private let directory: String
  /// What its users' programs need.
  var environment: [String: String?] { ["SLURM_CONF": Path.join(directory, "slurm.conf")] }

  private static let script = Repository.path("Tests/EndToEndTests/Slurm/start-slurm.sh")
  /// What the script ends with where Slurm cannot be had.
  private static let absent: Int32 = 77
  private static let startSecondsMax = 180.0

  /// Lends one to a test, which is skipped where there is none.
  static func use(in place: Workplace, _ body: (Slurm) async throws -> Void) async throws {
    let slurm = Slurm(place: place, directory: place.pathBeside("slurm"))
    let start = try await place.start(program: script, [slurm.directory])
      .answer(within: startSecondsMax)
    if start.status == absent {
      let reason = start.errorLines.last ?? "no Slurm here"
      try Test.cancel("\(reason)")
    }
    do {
      try #require(start.status == 0, "\(start)")
      try await body(slurm)
      try await slurm.stop()
    } catch {
      try await slurm.stop()
      throw error
    }
  }

  private func stop() async throws {
    let answer = try await place.start(program: Self.script, [directory, "stop"]).answer()
    #expect(answer.status == 0, "\(answer)")
    #expect(!LocalFileSystem().exists(directory))
  }

  /// The states of the tasks that are in its queue.
  func queue() async throws -> [String] {
    let answer = try await place.start(
      program: "squeue", ["--noheader", "--array", "--format=%T"], environment: environment
    ).answer()
    try #require(answer.status == 0, "\(answer)")
    return answer.output.split(separator: "\n").map(String.init)
  }
}

extension WithoutTerminal {
  /// Searches whose workers Slurm starts.
  @Suite struct SlurmTests {
    private static func search(epochs: Int) -> String {
      """
      {
        "name": "tiny", "strategy": "random", "candidates": 4, "epochs": \(epochs),
        "space": { "kind": "layers", "widths": [8, 16] },
        "launcher": { "kind": "slurm", "minutes": 5, "options": "--comment='a test'" },
        "experiment": {
          "data": { "kind": "glyphs", "trainingCount": 500, "validationCount": 100 }
        }
      }
      """
    }

    private func start(
      _ place: Workplace, _ slurm: Slurm, epochs: Int
    ) throws -> (search: RunOnDisk, coordinator: Workplace.Started) {
      try place.write(Self.search(epochs: epochs), to: "tiny.json")
      // As a shell and Slurm would misread it.
      let runs = "it's 100%A"
      let coordinator = try place.start(
        ["search", "tiny.json", "--workers", "2", "--runs", runs, "--name", "tiny", "--headless"],
        environment: slurm.environment)
      return (place.run("tiny", in: runs), coordinator)
    }

    /// What the journal says of the candidates, record by record.
    private func states(_ search: RunOnDisk) throws -> [(id: String, state: String)] {
      try search.journal(of: "candidate").compactMap { record in
        guard let id = record["id"]?.string, let state = record["state"]?.string else { return nil }
        return (id, state)
      }
    }

    @Test func slurmsWorkersTrainAllCandidates() async throws {
      try await Workplace.use { place in
        try await Slurm.use(in: place) { slurm in
          let (search, coordinator) = try start(place, slurm, epochs: 1)
          let answer = try await coordinator.answer()
          try #require(answer.status == 0, "\(answer)")
          let finished = try states(search).filter { $0.state == "finished" }.map(\.id)
          #expect(finished.sorted() == ["0", "1", "2", "3"])
          let logs = try LocalFileSystem().entries(of: search.path).filter {
            $0.hasPrefix("worker-") && $0.hasSuffix(".log")
          }
          #expect(Set(logs).isSuperset(of: ["worker-1_1.log"]), "\(logs)")
          try await eventually("an empty queue") { try await slurm.queue().isEmpty }
        }
      }
    }

    @Test func aWorkerThatIsKilledIsReplacedAndStopEndsAll() async throws {
      try await Workplace.use { place in
        try await Slurm.use(in: place) { slurm in
          let (search, coordinator) = try start(place, slurm, epochs: 1_000_000)
          let workers = {
            try place.processes.all.filter { $0.arguments.dropFirst().first == "worker" }
          }
          try await eventually("two candidates that train") {
            try Set(states(search).filter { $0.state == "running" }.map(\.id)).count == 2
          }
          let victim = try #require(try workers().first)
          kill(victim.identifier, SIGKILL)
          let id: String = try await eventually("its candidate being handed out again") {
            let states = try states(search)
            return states.indices.first { index in
              states[index].state == "waiting"
                && states[..<index].contains { $0 == (states[index].id, "running") }
            }.map { states[$0].id }
          }
          try await eventually("another worker taking it") {
            try states(search).last { $0.id == id }?.state == "running"
          }
          #expect(try Set(workers().map(\.identifier)).count == 2)
          #expect(
            try search.journal(of: "note").contains {
              $0["text"]?.string?.hasPrefix("worker 1_") == true
            })

          kill(coordinator.process.processIdentifier, SIGTERM)
          let answer = try await coordinator.answer()
          #expect(answer.status == 128 + SIGTERM, "\(answer)")
          try await eventually("an empty queue") { try await slurm.queue().isEmpty }
          #expect(try workers().isEmpty)
        }
      }
    }
  }
}
