import JSONText
import OperatingSystem
import Testing

extension WithoutTerminal {
  /// A disk that is full for a while.
  @Suite(.enabled(if: Disk.canBeMade, "no file systems may be mounted here"))
  struct FullDiskTests {
    private static let experiment = """
      {
        "name": "small",
        "data": { "kind": "glyphs", "trainingCount": 10000, "validationCount": 64 },
        "model": { "layers": [
          { "kind": "linear", "outputs": 6 }, { "kind": "relu" },
          { "kind": "linear", "outputs": 10 }
        ] },
        "epochs": 1000000, "checkpoint": { "everySeconds": 0.5 }
      }
      """

    @Test func theTrainingGoesOnAndItsLogAfterwards() async throws {
      try await Workplace.use { place in
        let disk = try Disk(place, "disk", options: "size=8m")
        defer { disk.remove() }
        try place.write(Self.experiment, to: "small.json")
        try await place.nntopDoing(
          "run", "small.json", "--detach", "--runs", "disk", "--name", "run")
        let run = place.run("run", in: "disk")
        try await eventually("a checkpoint of its own") {
          try run.journal(of: "checkpoint").count > 1
        }
        try disk.fill(leavingBytes: 0)

        try await eventually("the word about the disk") {
          try await place.nntopDoing("snapshot", run.path).contains(
            "The disk is full: the training goes on, its log stands still.")
        }
        let engine = try #require(try place.processes.engines.first)
        let before = try ProcessUsage.of(engine.identifier).processorSeconds
        try await eventually("work of the engine") {
          try ProcessUsage.of(engine.identifier).processorSeconds > before + 0.5
        }
        let step = try await place.step(run)
        let refused = try await place.nntop("ctl", run.path, "pause")
        #expect(refused.status == 1 && refused.errorLines.count == 1, "\(refused)")
        #expect(refused.errorText.contains("No space left on device"), "\(refused)")
        let unmade = try await place.nntop("run", "--headless", "--runs", "disk", "--name", "more")
        #expect(unmade.status == 1 && unmade.errorLines.count == 1, "\(unmade)")
        #expect(!place.run("more", in: "disk").exists)

        try disk.empty()
        try await eventually("the log going on") { try await place.step(run) > step }
        try await eventually("a new checkpoint") {
          try run.journal(of: "checkpoint").contains { $0["step"]?.integer ?? 0 > step }
        }
        try await place.nntopDoing("ctl", run.path, "stop")
        try await eventually("the engine's end") { !run.isAlive }
        try await expectWhole(place, run)
        try await place.nntopDoing("resume", run.path, "--detach")
        try await eventually("the training") { try run.lastPhase() == "training" }
      }
    }

    @Test func nothingStartsOnAFullDiskAndAllStartsLater() async throws {
      try await Workplace.use { place in
        let disk = try Disk(place, "disk", options: "size=8m")
        defer { disk.remove() }
        try place.write(Self.experiment, to: "small.json")
        try await place.nntopDoing(
          "run", "small.json", "--detach", "--runs", "disk", "--name", "run")
        let run = place.run("run", in: "disk")
        try await eventually("a training") { try run.lastPhase() == "training" }
        try await place.nntopDoing("ctl", run.path, "stop")
        try await eventually("the engine's end") { !run.isAlive }

        try disk.fill(leavingBytes: 0)
        let step = try await place.step(run)
        let refused = try await place.nntop("resume", run.path, "--headless")
        #expect(refused.status == 1 && refused.errorLines.count == 1, "\(refused)")
        #expect(refused.errorText.contains("No space left on device"), "\(refused)")
        try disk.empty()
        try await place.nntopDoing("resume", run.path, "--detach")
        try await eventually("more steps") { try await place.step(run) > step }
        try await place.nntopDoing("ctl", run.path, "stop")
        try await eventually("the engine's end") { !run.isAlive }
        try await expectWhole(place, run)
      }
    }

    /// What has a final name is whole, and what has none is gone.
    private func expectWhole(_ place: Workplace, _ run: RunOnDisk) async throws {
      let names = try run.checkpointNames()
      #expect(!names.isEmpty && names.allSatisfy { $0.hasSuffix(".safetensors") }, "\(names)")
      for name in names { #expect(try run.tensors(name).count >= 4, "\(name)") }
      let export = try await place.nntop("export", run.path)
      #expect(export.status == 0 && export.errorText == "", "\(export.errorText)")
    }
  }
}
