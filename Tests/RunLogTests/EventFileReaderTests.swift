import Glibc
import OperatingSystem
import TestSupport
import Testing

@testable import RunLog

/// The rules of reference/log-formats.md §1.6 about files and frames.
struct EventFileReaderTests {
  private static let sampleRecords = [
    record(EventMessage.fileVersion(wallTime: 10)), scalarRecord("loss", 1, 0.5),
    record(EventMessage.text("words", tag: "note", step: 2, wallTime: 10)), record([]),
    scalarRecord("loss", 3, 0.25),
  ]
  private static let sample = sampleRecords.flatMap { $0 }
  private static let sampleEvents = [
    scalar("loss", 1, 0.5), .text(tag: "note", step: 2, wallTime: 10, "words"),
    scalar("loss", 3, 0.25),
  ]

  @Test func aTornTailWaitsAndGoesOn() throws {
    let directory = try TemporaryDirectory()
    for cut in 0...Self.sample.count {
      let path = try directory.write(Array(Self.sample[..<cut]), to: "events")
      var reader = EventFileReader(path: path, files: LocalFileSystem())
      let first = try reader.readAll()
      #expect(first == Array(Self.sampleEvents.prefix(first.count)), "cut at \(cut)")
      #expect(reader.offset <= cut)
      #expect(try reader.readAll() == [])
      try directory.append(Array(Self.sample[cut...]), to: "events")
      let second = try reader.readAll()
      #expect(first + second == Self.sampleEvents, "cut at \(cut)")
      #expect(reader.skippedRecords == 0)
      #expect(reader.unreadable == nil)
    }
  }

  @Test func growingByteByByteIsTheSameAsAtOnce() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([], to: "events")
    var reader = EventFileReader(path: path, files: LocalFileSystem())
    var events: [RunEvent] = []
    for byte in Self.sample {
      try directory.append([byte], to: "events")
      let batch = try reader.read()
      #expect(!batch.isRestart)
      events += batch.events.separated
    }
    #expect(events == Self.sampleEvents)
  }

  @Test(arguments: [1, 7, 16, 17, 40, 100])
  func smallReadsFindTheSame(bytesMax: Int) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.sample, to: "events")
    var reader = EventFileReader(path: path, files: LocalFileSystem())
    #expect(try reader.readAll(bytesMax: bytesMax) == Self.sampleEvents)
  }

  @Test func recordsLongerThanAReadAreRead() throws {
    let long = String(repeating: "x", count: 3_000_000)
    let file =
      scalarRecord("a", 1, 1)
      + record(EventMessage.text(long, tag: "long", step: 2, wallTime: 10))
      + scalarRecord("a", 3, 3)
    let directory = try TemporaryDirectory()
    let path = try directory.write(file, to: "events")
    var reader = EventFileReader(path: path, files: LocalFileSystem())
    let events = try reader.readAll(bytesMax: 1000)
    #expect(events.count == 3)
    #expect(events.last == scalar("a", 3, 3))
  }

  @Test func aWrongPayloadChecksumCostsItsRecord() throws {
    // Every byte of payload and footer of the second record.
    let start = Self.sampleRecords[0].count + TFRecord.headerSize
    let end = Self.sampleRecords[0].count + Self.sampleRecords[1].count
    for place in start..<end {
      var damaged = Self.sample
      damaged[place] ^= 0x20
      let (events, reader) = try readFile(damaged)
      #expect(events == Array(Self.sampleEvents.dropFirst()), "byte \(place)")
      #expect(reader.skippedRecords == 1)
      #expect(reader.unreadable == nil)
    }
  }

  @Test func aWrongLengthEndsTheFileAtItsOffset() throws {
    let start = Self.sampleRecords[0].count + Self.sampleRecords[1].count
    for place in start..<start + TFRecord.headerSize {
      var damaged = Self.sample
      damaged[place] ^= 0x20
      let directory = try TemporaryDirectory()
      let path = try directory.write(damaged, to: "events")
      var reader = EventFileReader(path: path, files: LocalFileSystem())
      #expect(try reader.readAll() == [Self.sampleEvents[0]])
      #expect(reader.unreadable?.offset == start)
      #expect(
        reader.unreadable?.reason == "the length of a record does not match its checksum")
      try directory.append(scalarRecord("loss", 9, 9), to: "events")
      #expect(try reader.readAll() == [], "nothing behind it can be found")
    }
  }

  @Test(arguments: [UInt64(1) << 62, .max, (64 << 20) + 1])
  func aHugeLengthEndsTheFileAndReservesNothing(length: UInt64) throws {
    var header = withUnsafeBytes(of: length.littleEndian) { Array($0) }
    let checksum = header.withUnsafeBytes { MaskedCRC32C.checksum($0) }
    withUnsafeBytes(of: checksum.littleEndian) { header.append(contentsOf: $0) }
    let (events, reader) = try readFile(scalarRecord("a", 1, 1) + header + [1, 2, 3])
    #expect(events == [scalar("a", 1, 1)])
    #expect(reader.unreadable?.offset == scalarRecord("a", 1, 1).count)
    #expect(
      reader.unreadable?.reason == "a record claims \(length) bytes, more than any event has")
  }

  @Test func aTailOfNULsEndsTheFile() throws {
    let record = scalarRecord("a", 1, 1)
    let (events, reader) = try readFile(record + [UInt8](repeating: 0, count: 4096))
    #expect(events == [scalar("a", 1, 1)])
    #expect(reader.unreadable?.offset == record.count)
    // Too few of them to tell: they may be the beginning of something.
    let (_, waiting) = try readFile(record + [UInt8](repeating: 0, count: 11))
    #expect(waiting.unreadable == nil)
  }

  @Test func aForeignFileIsUnreadableFromItsStart() throws {
    let (events, reader) = try readFile(Array("step,loss\n1,0.25\n2,0.125\n".utf8))
    #expect(events == [])
    #expect(reader.unreadable?.offset == 0)
  }

  @Test func aMissingFileIsAnError() throws {
    let directory = try TemporaryDirectory()
    var reader = EventFileReader(path: directory.path("none"), files: LocalFileSystem())
    let error = #expect(throws: SystemError.self) { try reader.read() }
    #expect(error?.isMissing == true)
  }

  @Test func aShortenedFileIsReadAnew() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.sample, to: "events")
    var reader = EventFileReader(path: path, files: LocalFileSystem())
    _ = try reader.readAll()
    try directory.write(scalarRecord("new", 1, 7), to: "events")
    let batch = try reader.read()
    #expect(batch.isRestart)
    #expect(batch.events.separated == [scalar("new", 1, 7)])
    #expect(try reader.read().isRestart == false)
  }

  @Test func aReplacedFileIsReadAnewEvenAfterDamage() throws {
    let directory = try TemporaryDirectory()
    let damaged = Self.sample + [UInt8](repeating: 0, count: 100)
    let path = try directory.write(damaged, to: "events")
    var reader = EventFileReader(path: path, files: LocalFileSystem())
    _ = try reader.readAll()
    #expect(reader.unreadable != nil)
    // Longer than before, so that only the inode tells.
    try LocalFileSystem().replace(path, with: Self.sample + Self.sample + Self.sample)
    let batch = try reader.read()
    #expect(batch.isRestart)
    #expect(batch.events.separated == Self.sampleEvents + Self.sampleEvents + Self.sampleEvents)
    #expect(reader.unreadable == nil)
  }

  @Test func aFailedReadLosesNothing() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.sample, to: "events")
    for call in 0..<4 {
      let files = FaultyFileSystem()
      files.fail(nil, call..<call + 1, with: .failure(code: EIO))
      var reader = EventFileReader(path: path, files: files)
      #expect(throws: SystemError.self) { try reader.readAll() }
      #expect(try reader.readAll() == Self.sampleEvents)
      #expect(files.openFileCount == 0)
    }
    let files = FaultyFileSystem()
    files.fail(.read, with: .short(bytes: 3))
    var reader = EventFileReader(path: path, files: files)
    #expect(try reader.readAll() == Self.sampleEvents)
  }
}
