import JSONText
import OperatingSystem
import RunLog
import Testing

extension WithoutTerminal {
  /// What nntop tells of runs to people without a screen and to scripts.
  @Suite struct ReportTests {
    /// A point as the exports write it.
    private struct Point: Hashable {
      var tag: String
      var step: Int64
      var wallTime: Double
      var value: Float
    }

    /// The points of the run's event file.
    private static func points(_ run: RunOnDisk) throws -> [Point] {
      let files = LocalFileSystem()
      let names = try RunDirectory(path: run.path).eventFiles(files)
      var points: [Point] = []
      for name in names {
        var reader = EventFileReader(path: run.path(name), files: files)
        for point in try reader.read().events.points {
          points.append(
            Point(
              tag: point.tag, step: point.step, wallTime: point.wallTime, value: point.value))
        }
      }
      return points
    }

    @Test func theExportsHoldEveryPoint() async throws {
      try await Workplace.use { place in
        let run = try await place.finishedRun()
        let points = Set(try Self.points(run))
        #expect(points.count > 50)
        let tags = Set(points.map(\.tag))
        #expect(tags.isSuperset(of: ["train/loss", "val/loss", "sparsity/total"]))

        let lines = try await place.nntopDoing("export", "runs/run").split(separator: "\n")
        #expect(lines.first == "run,tag,step,wall_time,value")
        let csv = try lines.dropFirst().map { line in
          let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
          try #require(fields.count == 5 && fields[0] == "run", "\(line)")
          return Point(
            tag: fields[1], step: try #require(Int64(fields[2])),
            wallTime: try #require(Double(fields[3])), value: try #require(Float(fields[4])))
        }
        #expect(Set(csv) == points && csv.count == points.count)

        let objects = try await place.nntopDoing("export", "runs", "--format", "jsonl")
        let jsonl = try objects.split(separator: "\n").map { line in
          let object = try JSONReader().read(String(line)).json
          #expect(
            object.members?.map(\.name) == ["run", "tag", "step", "wall_time", "value"])
          return Point(
            tag: try #require(object["tag"]?.string), step: try #require(object["step"]?.integer),
            wallTime: try #require(object["wall_time"]?.double),
            value: Float(try #require(object["value"]?.double)))
        }
        #expect(Set(jsonl) == points && jsonl.count == points.count)

        let some = try await place.nntopDoing("export", "runs/run", "--tag", "val/*")
        let count = points.count { $0.tag.hasPrefix("val/") }
        #expect(some.split(separator: "\n").count == 1 + count)
      }
    }

    @Test func theListTellsOfAllRuns() async throws {
      try await Workplace.use { place in
        let none = try await place.nntopDoing("ls", "--json")
        #expect(try JSONReader().read(none).json == ["schema": 1, "runs": []])
        #expect(try await place.nntopDoing("ls").contains("nntop run starts one"))

        _ = try await place.finishedRun("first")
        let second = try await place.startEngine("second")
        try await eventually("a step of it") { try await place.step(second) > 0 }
        let list = try JSONReader().read(try await place.nntopDoing("ls", "--json")).json
        #expect(list["schema"]?.integer == 1)
        let runs = try #require(list["runs"]?.array)
        #expect(runs.map { $0["name"]?.string } == ["first", "second"])
        #expect(runs.map { $0["state"]?.string } == ["finished", "training"])
        #expect(runs[0]["step"]?.integer == 48 && runs[0]["finalStep"]?.integer == 48)
        #expect(runs[0]["loss"]?.double != nil && runs[0]["sparsity"]?.double == 0)

        let table = try await place.nntopDoing("ls", "runs").split(separator: "\n")
        #expect(table.count == 3)
        #expect(table[0].split(separator: " ").prefix(4) == ["NAME", "STATE", "STEP", "LOSS"])
        #expect(table[1].hasPrefix("first ") && table[1].contains("finished  48/48 "))
      }
    }

    @Test func theLastValueIsThatOfTheLastStep() async throws {
      try await Workplace.use { place in
        let run = try await place.finishedRun()
        let losses = try Self.points(run).filter { $0.tag == "train/loss" }
        #expect(losses.map(\.step).max() == 48)
      }
    }

    @Test func runsAreRemovedAfterAsking() async throws {
      try await Workplace.use { place in
        let run = try await place.finishedRun()
        let kept = try await place.nntop("rm", "runs/run", input: "n\n")
        #expect(kept.status == 0 && kept.output == "remove runs/run? [y/N] kept\n")
        #expect(run.exists)
        let unanswered = try await place.nntop("rm", "runs/run")
        #expect(unanswered.output.contains("[y/N]") && run.exists)
        try await place.nntop("rm", "runs/run", input: "y\n")
        #expect(!run.exists)
        _ = try await place.finishedRun()
        try await place.nntopDoing("rm", "--yes", "runs/run")
        #expect(!run.exists)
      }
    }

    @Test func helpIsThereAtEveryLevel() async throws {
      try await Workplace.use { place in
        let overview = try await place.nntopDoing("--help")
        #expect(try await place.nntopDoing("runs", "--help") == overview)
        let names = overview.split(separator: "\n").filter {
          $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  -")
        }.compactMap { $0.split(separator: " ").first }
        #expect(names.count >= 8 && names.contains("snapshot"))
        for name in names {
          let page = try await place.nntopDoing(String(name), "--help")
          #expect(page.hasPrefix("usage: nntop \(name)"))
        }
        #expect(try await place.nntopDoing("--version").hasPrefix("nntop "))
        #expect(try place.listing() == [])
      }
    }
  }
}
