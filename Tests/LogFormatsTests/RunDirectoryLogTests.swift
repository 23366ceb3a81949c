import JSONText
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct RunDirectoryLogTests {
  @Test func aWholeRunIsRead() throws {
    let run = try SampleRun.complete()
    var log = run.log()
    let events = log.read()
    #expect(events.first == .manifest(SampleRun.manifest))
    let losses = events.points.filter { $0.tag == "train/loss" }
    #expect(losses.map(\.step) == Array(1...6) + Array(5...9))
    #expect(losses.allSatisfy { $0.value == Float($0.step) * 1.5 })
    #expect(events.byFile.map(\.count) == [1, 5, 2, 2 + 2 + 2 * 11])
    #expect(events.troubles == [])
    #expect(log.read() == [])
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func aRunThatGrowsInPiecesIsTheSameRun(seed: UInt64) throws {
    let whole = try SampleRun.complete()
    let expected = try LogFormat.runDirectory.readAll(whole.home.path).byFile
    var random = SeededGenerator(seed: seed)
    let growing = try SampleRun()
    var log = growing.log()
    // The manifest is there from the first moment; a later event file begins when the first ends.
    try growing.home.write(try whole.home.bytes(of: "run.json"), to: "run.json")
    let streams = [
      [SampleRun.eventFile(1), SampleRun.eventFile(2)], ["journal.jsonl"], ["control.jsonl"],
    ]
    var rest = try streams.map { names in
      try names.map { (name: $0, bytes: try whole.home.bytes(of: $0)[...]) }[...]
    }
    while let stream = rest.indices.filter({ !rest[$0].isEmpty }).randomElement(using: &random),
      let file = rest[stream].first
    {
      let piece = file.bytes.prefix(Int.random(in: 1...200, using: &random))
      try growing.home.append(Array(piece), to: file.name)
      rest[stream][rest[stream].startIndex].bytes = file.bytes.dropFirst(piece.count)
      if piece.count == file.bytes.count { rest[stream].removeFirst() }
      log.read()
    }
    #expect(log.events.byFile == expected)
    #expect(log.restarts == 0)
    #expect(log.events.troubles == [])
  }

  @Test func aTornTailIsNotYet() throws {
    let whole = try SampleRun.complete()
    let expected = try LogFormat.runDirectory.readAll(whole.home.path).byFile
    for name in [SampleRun.eventFile(2), "journal.jsonl", "control.jsonl"] {
      let bytes = try whole.home.bytes(of: name)
      for cut in 0..<bytes.count {
        try whole.home.write(Array(bytes[..<cut]), to: name)
        var log = whole.log()
        let torn = log.read()
        for (found, all) in zip(torn.byFile, expected) where !all.starts(with: found) {
          Issue.record("\(name) cut at \(cut) is no beginning")
        }
        if torn.troubles != [] { Issue.record("\(name) cut at \(cut): \(torn.troubles)") }
        try whole.home.append(Array(bytes[cut...]), to: name)
        log.read()
        if log.events.byFile != expected || log.restarts > 0 {
          Issue.record("\(name) cut at \(cut) does not go on")
        }
      }
    }
  }

  @Test func aNewSessionIsFound() throws {
    let run = try SampleRun()
    try run.writeSession(1, steps: 1...3)
    var log = run.log()
    #expect(log.read().points.count == 6)
    try run.writeSession(2, steps: 3...4)
    let new = log.read()
    #expect(new.first == .sessionStarted(step: 3, wallTime: 1))
    #expect(new.points.map(\.step) == [3, 3, 4, 4])
    #expect(log.restarts == 0)
  }

  /// A file that sorts before those that are read: the order of a fresh read counts.
  @Test func aFileThatSortsEarlierBeginsAgain() throws {
    let run = try SampleRun()
    try run.writeSession(2, steps: 3...4)
    var log = run.log()
    log.read()
    try run.writeSession(1, steps: 1...6)
    log.read()
    #expect(try log.events.points == LogFormat.runDirectory.readAll(run.home.path).points)
  }

  @Test(arguments: ["events", "journal.jsonl"], [false, true])
  func aReplacedOrShortenedFileBeginsAgain(file: String, isReplaced: Bool) throws {
    let run = try SampleRun.complete()
    let name = file == "events" ? SampleRun.eventFile(1) : file
    var log = run.log()
    log.read()
    let bytes = try run.home.bytes(of: name)
    // Longer than before when replaced, so that only the inode tells.
    let new = isReplaced ? bytes + bytes : Array(bytes[..<(bytes.count * 2 / 3)])
    if isReplaced {
      try run.files.rename(try run.home.write(new, to: "new"), to: run.home.path(name))
    } else {
      try run.home.write(new, to: name)
    }
    log.read()
    #expect(log.restarts == 1)
    #expect(try log.events == LogFormat.runDirectory.readAll(run.home.path))
    #expect(log.read() == [])
    #expect(log.restarts == 1)
  }

  @Test func withoutAManifestARunIsOnlyWatched() throws {
    let run = try SampleRun()
    try run.writeSession(1, steps: 1...3)
    var log = run.log()
    let events = log.read()
    #expect(events.troubles == [], "somebody else's directory of event files lacks nothing")
    #expect(events.livenesses == [])
    #expect(events.points.count == 6)
    #expect(log.read() == [])
    // It comes late.
    try run.directory.write(SampleRun.manifest, run.files)
    let later = log.read()
    #expect(later == [.manifest(SampleRun.manifest), .liveness(.dead), .engineOutput([])])
  }

  @Test func aDamagedManifestIsNamedWithItsLine() throws {
    let run = try SampleRun.complete()
    try run.home.write("{\"schema\": 1,\n\"name\": 7}", to: "run.json")
    var log = run.log()
    let events = log.read()
    guard case .unreadable("run.json", 0, let reason)? = events.troubles.first else {
      Issue.record("\(events.troubles)")
      return
    }
    #expect(reason.contains("run.json: line 2, column 9: \"name\" must be a string"))
    #expect(events.points.count == 22)
    #expect(events.records.count == 5)
    #expect(log.read() == [])
  }

  @Test func garbageIsCountedAndPassedOver() throws {
    let run = try SampleRun.complete()
    let clean = try LogFormat.runDirectory.readAll(run.home.path).byFile
    var log = run.log()
    log.read()
    let garbage = Array("\nno json\n\n{\"kind\": \n\n[1]\n\n\u{1}\u{2}\n".utf8)
    try run.home.append(garbage, to: "journal.jsonl")
    try run.home.append(garbage + garbage, to: "control.jsonl")
    // Records that are JSON but tell nothing are not damaged.
    try run.home.append(Array("\n{}\n\n{\"v\":9}\n".utf8), to: "journal.jsonl")
    #expect(
      log.read() == [
        .trouble(.skippedRecords(file: "journal.jsonl", count: 4)),
        .trouble(.skippedRecords(file: "control.jsonl", count: 8)),
      ])
    #expect(log.events.byFile == clean)
    #expect(log.read() == [])
    try run.home.append(Array("garbage\n".utf8), to: "journal.jsonl")
    #expect(log.read() == [.trouble(.skippedRecords(file: "journal.jsonl", count: 5))])
  }

  @Test func unknownKindsAreKept() throws {
    let run = try SampleRun.complete()
    try run.home.append(
      Array("\n{\"v\":1,\"t\":1,\"step\":2,\"kind\":\"dance\",\"with\":3}\n".utf8),
      to: "journal.jsonl")
    let records = try LogFormat.runDirectory.readAll(run.home.path).records
    #expect(records.last == .other(kind: "dance", ["with": 3]))
  }

  @Test func aRecordWithADamagedChecksumCostsOnlyItself() throws {
    let run = try SampleRun()
    try run.writeSession(1, steps: 1...4)
    let name = SampleRun.eventFile(1)
    var bytes = try run.home.bytes(of: name)
    bytes[bytes.count - 5] ^= 1
    try run.home.write(bytes, to: name)
    let events = try LogFormat.runDirectory.readAll(run.home.path)
    #expect(events.points.map(\.step) == [1, 1, 2, 2, 3, 3])
    #expect(
      events.troubles.last
        == .skippedRecords(
          file: name, count: 1, reason: "the first at byte 398: a checksum is wrong"))
  }

  @Test func aFileThatCannotBeReadDoesNotHideTheOthers() throws {
    let run = try SampleRun.complete()
    let clean = try LogFormat.runDirectory.readAll(run.home.path)
    // A directory in a file's place can be opened and not read.
    for name in ["control.jsonl", "journal.jsonl"] {
      try run.files.remove(run.home.path(name))
      try run.files.createDirectory(run.home.path(name), permissions: 0o777)
      let events = try LogFormat.runDirectory.readAll(run.home.path)
      #expect(events.points == clean.points)
      let isJournal = name == "journal.jsonl"
      #expect(
        events.troubles
          == (isJournal
            ? [.unreadable(file: name, offset: 0, reason: "it is no regular file")] : []),
        "\(name)")
      #expect(events.records == (isJournal ? [] : clean.records))
    }
  }

  @Test func failingReadsAreToldAndMended() throws {
    let run = try SampleRun.complete()
    let faulty = FaultyFileSystem()
    var log = run.log(files: faulty)
    faulty.fail(.read, with: .failure(code: 5))
    let events = log.read()
    #expect(events.points == [])
    #expect(
      events.troubles.contains(
        .unreadable(file: SampleRun.eventFile(1), offset: 0, reason: "Input/output error")))
    faulty.heal()
    log.read()
    #expect(try log.events.points == LogFormat.runDirectory.readAll(run.home.path).points)
    #expect(log.events.troubles.contains(.readable(file: SampleRun.eventFile(1))))
    #expect(log.read() == [])
    // However many runs are watched, no file stays open between two readings.
    #expect(faulty.openFileCount == 0)
  }

  @Test func aRunWithoutAJournalOrPointsIsNoTrouble() throws {
    let run = try SampleRun()
    try run.directory.write(SampleRun.manifest, run.files)
    var log = run.log()
    #expect(log.read() == [.manifest(SampleRun.manifest), .liveness(.dead), .engineOutput([])])
    try run.writeSession(1, steps: 1...2)
    #expect(log.read().points.count == 4)
    try run.journal([.init(wallTime: 1, step: 1, .note("here"))])
    #expect(log.read().records == [.note("here")])
  }

  @Test func aDirectoryThatGoesIsToldOnce() throws {
    let run = try SampleRun.complete()
    var log = run.log()
    log.read()
    for name in try run.home.names { try run.files.remove(run.home.path(name)) }
    let first = log.read().troubles
    #expect(first.contains { if case .unreadable = $0 { true } else { false } })
  }
}
