import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct EventFileLogTests {
  private let run: SampleRun
  private let name = SampleRun.eventFile(1)

  init() throws {
    run = try SampleRun()
    try run.writeSession(1, steps: 1...6)
  }

  private func open() throws -> CollectingReader {
    try LogFormat.eventFile.open(run.home.path(name))
  }

  /// Where each record begins, by the lengths that stand before them, and the end.
  private func recordStarts(_ bytes: [UInt8]) -> [Int] {
    var starts = [0]
    while let start = starts.last, start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
      starts.append(start + length + 16)
    }
    return starts
  }

  @Test func aFileAloneIsRead() throws {
    var log = try open()
    #expect(log.read().points.count == 12)
    #expect(log.read() == [])
    try run.home.append([1, 2, 3], to: name)
    #expect(log.read() == [])
  }

  @Test func aReplacedFileBeginsAgain() throws {
    var log = try open()
    log.read()
    let other = try SampleRun()
    try other.writeSession(1, steps: 100...130)
    try run.home.write(try other.home.bytes(of: name), to: "new")
    try run.files.rename(run.home.path("new"), to: run.home.path(name))
    log.read()
    #expect(log.restarts == 1)
    #expect(log.events.points.map(\.step).first == 100)
    #expect(log.events.points.count == 62)
  }

  /// The damage of the old file is not that of the new one, but each file's own is told.
  @Test func damageIsToldForEachFileAnew() throws {
    var bytes = try run.home.bytes(of: name)
    let starts = recordStarts(bytes)
    for record in [3, 4] { bytes[starts[record] + 14] ^= 0xFF }
    bytes[starts[8]] ^= 0xFF  // a length
    try run.home.write(bytes, to: name)
    var log = try open()
    let expected: [LogTrouble] = [
      .skippedRecords(
        file: name, count: 2, reason: "the first at byte \(starts[3]): a checksum is wrong"),
      .unreadable(
        file: name, offset: starts[8],
        reason: "the length of a record does not match its checksum"),
    ]
    #expect(log.read().troubles == expected)
    #expect(log.read() == [])
    bytes[starts[4] + 14] ^= 0xFF
    try run.files.rename(try run.home.write(bytes, to: "new"), to: run.home.path(name))
    #expect(
      log.read().troubles == [
        .skippedRecords(
          file: name, count: 1, reason: "the first at byte \(starts[3]): a checksum is wrong"),
        expected[1],
      ])
    #expect(log.restarts == 1)
  }

  @Test func aFileThatGoesIsTrouble() throws {
    var log = try open()
    log.read()
    try run.files.remove(run.home.path(name))
    guard case .unreadable(name, _, "No such file or directory")? = log.read().troubles.first else {
      Issue.record("\(log.events.troubles)")
      return
    }
  }
}
