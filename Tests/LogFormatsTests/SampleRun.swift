import JSONText
import OperatingSystem
import RunLog
import TestSupport

@testable import LogFormats

/// A run's directory, written with what the engine writes with.
final class SampleRun {
  let home: TemporaryDirectory
  let directory: RunDirectory
  let files = LocalFileSystem()

  static let manifest = RunManifest(
    name: "digits", created: 1_700_000_000, version: "1", arguments: ["run"], seed: 1, threads: 1,
    host: "box", experiment: ["model": "mlp"],
    declares: [.init(command: "pause"), .init(command: "stop")])

  /// A name of the first, second … event file.
  static func eventFile(_ number: Int) -> String {
    "events.out.tfevents.170000000\(number).box.1.0"
  }

  init() throws {
    home = try TemporaryDirectory()
    directory = RunDirectory(path: home.path)
  }

  /// A run that was resumed once: two sessions, journal, commands.
  static func complete() throws -> SampleRun {
    let run = try SampleRun()
    try run.directory.write(manifest, run.files)
    try run.writeSession(1, steps: 1...6)
    try run.writeSession(2, steps: 5...9)
    try run.journal([
      .init(wallTime: 1, step: 0, .phase(.init(.training, finalStep: 9, stepsPerEpoch: 3))),
      .init(wallTime: 4, step: 4, .checkpoint(name: "step-4")),
      .init(wallTime: 5, step: 4, .restore(name: "step-4")),
      .init(
        wallTime: 6, step: 6,
        .answer(.init(id: "00000000000000aa", status: .applied, request: ["command": "pause"]))),
      .init(wallTime: 9, step: 9, .phase(.init(.finished))),
    ])
    try run.ask([
      .init(id: "00000000000000aa", wallTime: 6, author: "u@t", request: .pause),
      .init(id: "00000000000000bb", wallTime: 7, author: "u@t", request: .stop),
    ])
    return run
  }

  /// An event file of a session: the loss at each step, three halves of the step.
  func writeSession(_ number: Int, steps: ClosedRange<Int64>) throws {
    let writer = try EventFileWriter(
      path: home.path(Self.eventFile(number)), files: files, firstStep: steps.lowerBound,
      wallTime: 1)
    defer { writer.close() }
    writer.hyperparameters([.init(name: "batch", value: 8)], group: "digits", wallTime: 1)
    for step in steps {
      writer.scalars(
        [("train/loss", Float(step) * 1.5), ("val/loss", Float(step))], step: step,
        wallTime: Double(step))
    }
    try writer.flush()
  }

  func journal(_ records: [JournalRecord]) throws {
    try append(records.flatMap(\.records), to: directory.journalPath)
  }

  func ask(_ commands: [ControlCommand]) throws {
    try append(commands.map(\.json), to: directory.controlPath)
  }

  private func append(_ records: [JSON], to path: String) throws {
    let writer = try JSONLinesWriter(path: path, files: files)
    defer { writer.close() }
    for record in records { try writer.append(record) }
  }

  /// A reader of it with a clock that stands still.
  func log(
    clock: ManualClock = ManualClock(), files: any FileSystem = LocalFileSystem()
  ) -> CollectingReader {
    CollectingReader(RunDirectoryLog(directory, files: files, clock: clock))
  }
}
