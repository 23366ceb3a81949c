import Glibc
import JSONText
import OperatingSystem
import Testing

extension WithoutTerminal {
  /// What cannot be: said in one line, and nothing created.
  @Suite struct BadInputTests {
    /// Bytes of an IDX file of unsigned bytes.
    private static func idx(_ shape: [Int], count: Int? = nil) -> [UInt8] {
      let sizes = shape.flatMap { size in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
      }
      let bytes = (0..<(count ?? shape.reduce(1, *))).map { UInt8(truncatingIfNeeded: $0 % 10) }
      return [0, 0, 8, UInt8(shape.count)] + sizes + bytes
    }

    /// A gzip file of stored bytes that ends in their middle.
    private static func truncatedGzip(_ bytes: [UInt8]) -> [UInt8] {
      let size = UInt16(bytes.count)
      let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
      let sizes = [size, ~size].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
      return header + [1] + sizes + bytes.prefix(bytes.count / 2)
    }

    private static func experiment(_ images: String, _ labels: String) -> String {
      #"{"data": {"kind": "idx", "images": "\#(images)", "labels": "\#(labels)"}}"#
    }

    private static let mistakes: [(arguments: [String], status: Int32, says: [String])] = [
      (["run", "--set", "optimiser.kind=adam"], 2, ["optimiser", "did you mean", "optimizer"]),
      (["run", "--set", "epochs=many"], 2, ["epochs", "integer"]),
      (["run", "--set", "epochs=0"], 2, ["epochs", "1"]),
      (["run", "--set", "epochs"], 2, ["expected key=value"]),
      (["run", "--seed", "x"], 2, ["seed"]),
      (["run", "field.json"], 1, ["field.json:2", "epoks", "did you mean", "epochs"]),
      (["run", "type.json"], 1, ["type.json:2", "epochs", "an integer"]),
      (["run", "cut.json"], 1, ["cut.json:2"]),
      (["run", "missing.json"], 1, ["missing.json"]),
      (["run", "noimages.json"], 1, ["nowhere.idx"]),
      (["run", "gzip.json"], 1, ["images.gz"]),
      (["run", "short.json"], 1, ["short.idx"]),
      (["run", "counts.json"], 1, ["9 labels", "10 samples"]),
      (["run", "swapped.json"], 1, ["is it the labels?"]),
      (["run", "--nmae", "x"], 2, ["did you mean --name?"]),
      (["run", "--name", "../x"], 1, ["--name ../x"]),
      (["run", "--name"], 2, ["--name needs a value"]),
      (["run", "--detach", "a", "b"], 2, ["usage: nntop run"]),
      (["rnu"], 2, ["did you mean nntop run?"]),
      (["resume"], 2, ["usage: nntop resume"]), (["resume", "nothing"], 1, ["nothing"]),
      (["resume", "empty"], 1, ["run.json", "no run of nntop"]),
      (["ctl", "empty", "pause"], 1, ["no run.json"]),
      (["rm", "empty", "--yes"], 1, ["not removed"]),
      (["snapshot", "nothing"], 1, ["nothing"]),
      (["snapshot", "field.json"], 1, ["not a log"]),
      (["snapshot", "empty", "--size", "big"], 2, ["--size big"]),
      (["export", "nothing"], 1, ["nothing"]), (["nothing/here"], 1, ["nothing/here"]),
    ]

    private static func prepare(_ place: Workplace) throws {
      try place.write("{\n  \"epoks\": 3\n}\n", to: "field.json")
      try place.write("{\n  \"epochs\": \"three\"\n}\n", to: "type.json")
      try place.write("{\n  \"epochs\": 3,", to: "cut.json")
      try place.write(idx([10, 4, 4]), to: "images.idx")
      try place.write(idx([10]), to: "labels.idx")
      try place.write(idx([9]), to: "few.idx")
      try place.write(idx([10, 4, 4], count: 100), to: "short.idx")
      try place.write(truncatedGzip(idx([10, 4, 4])), to: "images.gz")
      for (name, images, labels) in [
        ("noimages", "nowhere.idx", "labels.idx"), ("gzip", "images.gz", "labels.idx"),
        ("short", "short.idx", "labels.idx"), ("counts", "images.idx", "few.idx"),
        ("swapped", "labels.idx", "images.idx"),
      ] {
        try place.write(experiment(images, labels), to: name + ".json")
      }
      try LocalFileSystem().createDirectory(place.path("empty"), permissions: 0o777)
    }

    @Test func mistakesAreToldInOneLineAndCreateNothing() async throws {
      try await Workplace.use { place in
        try Self.prepare(place)
        let before = try place.listing()
        for mistake in Self.mistakes {
          let answer = try await place.start(mistake.arguments).answer()
          #expect(answer.status == mistake.status, "\(mistake.arguments): \(answer)")
          #expect(
            answer.errorLines.count == 1 && answer.output == "", "\(mistake.arguments): \(answer)")
          #expect(answer.errorText.hasPrefix("nntop: "), "\(mistake.arguments): \(answer)")
          for words in mistake.says {
            #expect(answer.errorText.contains(words), "\(mistake.arguments): \(answer)")
          }
        }
        #expect(try place.listing() == before)
      }
    }

    @Test func filesThatAreRightAreTrainedOn() async throws {
      try await Workplace.use { place in
        try Self.prepare(place)
        try place.write(Self.experiment("images.idx", "labels.idx"), to: "right.json")
        let answer = try await place.nntop("run", "right.json", "--name", "right")
        #expect(answer.status == 0 && answer.output.hasSuffix("finished runs/right\n"))
      }
    }

    @Test func aDirectoryWithoutAManifestIsOnlyWatched() async throws {
      try await Workplace.use { place in
        let run = try await place.finishedRun()
        try LocalFileSystem().remove(run.path("run.json"))
        let frame = try await place.nntopDoing("snapshot", "runs/run")
        #expect(frame.contains("run.json is missing: it can be watched, not steered"))
        #expect(frame.contains("─ accuracy ─"))
      }
    }

    @Test func aCutEventFileStillShowsTheRest() async throws {
      try await Workplace.use { place in
        let run = try await place.finishedRun()
        let whole = try await place.nntopDoing("export", "runs/run").split(separator: "\n").count
        let files = LocalFileSystem()
        let name = try #require(
          try files.entries(of: run.path).first { $0.hasPrefix("events.out.") })
        let size = try files.status(at: run.path(name)).size
        // Inside one of the last records, which the engine writes when it ends.
        #expect(truncate(run.path(name), size - 100) == 0)
        let frame = try await place.nntopDoing("snapshot", "runs/run")
        #expect(frame.contains("finished") && frame.contains("─ learning_rate ─"))
        let rest = try await place.nntopDoing("export", "runs/run").split(separator: "\n").count
        #expect(rest > 10 && rest < whole)
      }
    }

    @Test func aControlLineThatIsNoJSONCostsOnlyItself() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        try place.append(
          "\nthis is no JSON\n\n{\"v\":1,\"id\":\"00\"\n", to: "runs/run/control.jsonl")
        try await place.nntopDoing("ctl", "run", "pause")
        try place.append(
          "\n{\"v\":1,\"id\":\"0123456789abcdef\",\"t\":1,\"by\":\"x\",\"command\":\"fly\"}\n",
          to: "runs/run/control.jsonl")
        try await eventually("the refusal") {
          try run.journal(of: "answer").contains {
            $0["id"]?.string == "0123456789abcdef" && $0["status"]?.string == "refused"
          }
        }
        #expect(run.isAlive)
        let frame = try await place.nntopDoing("snapshot", "runs/run")
        #expect(frame.contains("control.jsonl: 2 damaged records passed over"))
      }
    }

    @Test func aRunHasOneEngine() async throws {
      try await Workplace.use { place in
        let run = try await place.startEngine()
        let attempts = [["resume", "run"], ["resume", "run", "--detach"], ["engine", run.path]]
        for arguments in attempts {
          let answer = try await place.start(arguments).answer()
          #expect(answer.status == 1 && answer.errorLines.count == 1, "\(answer)")
          #expect(
            answer.errorText.contains("is training already")
              || answer.errorText.contains("is being trained by another engine"),
            "\(answer)")
        }
        let removal = try await place.nntop("rm", "--yes", "runs/run")
        #expect(removal.status == 1 && removal.errorText.contains("nothing was removed"))
        let step = try await place.step(run)
        try await eventually("more steps") { try await place.step(run) > step }
        #expect(try run.journal(of: "phase").count == 2)
      }
    }

    /// The superuser may write everywhere but on a file system that is mounted for reading.
    @Test(.enabled(if: getuid() != 0 || Disk.canBeMade, "no file system may be mounted here"))
    func aReadOnlyDirectoryIsToldInOneLine() async throws {
      try await Workplace.use { place in
        let disk = Disk.canBeMade ? try Disk(place, "sealed", options: "size=1m,ro") : nil
        defer { disk?.remove() }
        if disk == nil {
          try LocalFileSystem().createDirectory(place.path("sealed"), permissions: 0o555)
        }
        let answer = try await place.nntop("run", "--headless", "--runs", "sealed/runs")
        #expect(answer.status == 1 && answer.errorLines.count == 1, "\(answer)")
        #expect(answer.errorText.contains("cannot create sealed/runs: "), "\(answer)")
      }
    }
  }
}
