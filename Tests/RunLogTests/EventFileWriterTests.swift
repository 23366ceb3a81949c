import Glibc
import JSONText
import OperatingSystem
import TestSupport
import Testing

@testable import RunLog

struct EventFileWriterTests {
  private static let histogram = Histogram(bins: [
    Histogram.Bin(lower: -1, upper: 0, count: 3), Histogram.Bin(lower: 0, upper: 0.5, count: 0),
    Histogram.Bin(lower: 0.5, upper: .infinity, count: 1e12),
  ])
  private static let grid = Grid(rows: 2, columns: 3, values: [0, 0.25, 0.5, 0.75, 1, -1])
  private static let hyperparameters = [
    Hyperparameter(name: "learningRate", value: .number(0.05)),
    Hyperparameter(name: "optimizer", value: "sgd"), Hyperparameter(name: "fast", value: true),
    Hyperparameter(name: "name ü", value: ""),
  ]

  private func writeAll(_ writer: EventFileWriter) {
    writer.hyperparameters(Self.hyperparameters, group: "group", wallTime: 1)
    writer.scalars([("train/loss", 0.5), ("train/accuracy", .nan)], step: 8, wallTime: 2)
    writer.histogram(Self.histogram, tag: "weights/linear1", step: 9, wallTime: 3)
    writer.grid(Self.grid, tag: "density/linear1", step: 10, wallTime: 4)
    writer.text("*words*", tag: "note", step: 11, wallTime: 5)
    writer.sessionEnd(succeeded: true, wallTime: 6)
  }

  @Test func whatIsWrittenIsRead() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("events")
    let writer = try EventFileWriter(
      path: path, files: LocalFileSystem(), firstStep: 7, wallTime: 0.5)
    writeAll(writer)
    #expect(writer.waitingBytes > 0)
    try writer.flush()
    try writer.synchronize()
    #expect(writer.waitingBytes == 0)
    writer.close()
    let (events, reader) = try readFile(try directory.bytes(of: "events"))
    #expect(reader.skippedRecords == 0)
    #expect(reader.unreadable == nil)
    try #require(events.count == 8)
    #expect(events[0] == .sessionStarted(step: 7, wallTime: 0.5))
    #expect(events[1] == .hyperparameters(Self.hyperparameters))
    #expect(events[2] == scalar("train/loss", 8, 0.5, wallTime: 2))
    guard let accuracy = [events[3]].points.first else {
      Issue.record("a scalar")
      return
    }
    #expect(accuracy.value.isNaN)
    #expect(
      events[4] == .histogram(tag: "weights/linear1", step: 9, wallTime: 3, Self.histogram))
    #expect(events[5] == .grid(tag: "density/linear1", step: 10, wallTime: 4, Self.grid))
    #expect(events[6] == .text(tag: "note", step: 11, wallTime: 5, "*words*"))
    #expect(events[7] == .outcome(.finished))
  }

  @Test func anExistingFileIsNeverTouched() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("old", to: "events")
    let error = #expect(throws: SystemError.self) {
      try EventFileWriter(path: path, files: LocalFileSystem(), firstStep: 0, wallTime: 0)
    }
    #expect(error?.code == EEXIST)
    #expect(try directory.text(of: "events") == "old")
  }

  /// The file that a sound disk gets.
  private func soundFile() throws -> [UInt8] {
    let directory = try TemporaryDirectory()
    let writer = try EventFileWriter(
      path: directory.path("events"), files: LocalFileSystem(), firstStep: 7, wallTime: 0.5)
    writeAll(writer)
    try writer.flush()
    writer.close()
    return try directory.bytes(of: "events")
  }

  @Test(arguments: [1, 2, 13, 100])
  func shortWritesGoOnWithTheSameByte(bytes: Int) throws {
    let directory = try TemporaryDirectory()
    let files = FaultyFileSystem()
    files.fail(.write, with: .short(bytes: bytes))
    let writer = try EventFileWriter(
      path: directory.path("events"), files: files, firstStep: 7, wallTime: 0.5)
    writeAll(writer)
    try writer.flush()
    writer.close()
    #expect(try directory.bytes(of: "events") == soundFile())
  }

  @Test func aFullDiskGoesOnWithTheSameByte() throws {
    let sound = try soundFile()
    for goodWrites in 1..<20 {
      let directory = try TemporaryDirectory()
      let files = FaultyFileSystem()
      // The disk takes the beginning whole, then some pieces, then nothing.
      files.fail(.write, 1..<goodWrites, with: .short(bytes: 17))
      files.fail(.write, goodWrites..<goodWrites + 3, with: .failure(code: ENOSPC))
      let writer = try EventFileWriter(
        path: directory.path("events"), files: files, firstStep: 7, wallTime: 0.5)
      writeAll(writer)
      for _ in 0..<3 {
        let error = #expect(throws: SystemError.self) { try writer.flush() }
        #expect(error?.isDiskFull == true)
        #expect(writer.waitingBytes > 0)
      }
      writer.scalars([("late", 1)], step: 12, wallTime: 7)
      try writer.flush()
      writer.close()
      let late = record(EventMessage.scalars([("late", 1)], step: 12, wallTime: 7))
      #expect(try directory.bytes(of: "events") == sound + late, "\(goodWrites)")
      #expect(writer.droppedRecords == 0)
    }
  }

  @Test func waitingIsBounded() throws {
    let directory = try TemporaryDirectory()
    let files = FaultyFileSystem()
    let writer = try EventFileWriter(
      path: directory.path("events"), files: files, firstStep: 0, wallTime: 0.5)
    defer { writer.close() }
    files.fail(.write, with: .failure(code: ENOSPC))
    let megabyte = String(repeating: "x", count: 1 << 20)
    for step in 0..<20 { writer.text(megabyte, tag: "t", step: Int64(step), wallTime: 1) }
    #expect(throws: SystemError.self) { try writer.flush() }
    #expect(writer.waitingBytes <= EventFileWriter.waitingBytesMax)
    #expect(writer.droppedRecords == 13)
    files.heal()
    try writer.flush()
    let (events, reader) = try readFile(try directory.bytes(of: "events"))
    #expect(events.count == 1 + 7)
    #expect(reader.unreadable == nil)
  }

  @Test func aWriterThatCannotBeginHoldsNoFile() throws {
    let directory = try TemporaryDirectory()
    let files = FaultyFileSystem()
    files.fail(.write, with: .failure(code: ENOSPC))
    #expect(throws: SystemError.self) {
      try EventFileWriter(
        path: directory.path("events"), files: files, firstStep: 0, wallTime: 0)
    }
    #expect(files.openFileCount == 0)
  }
}
