import Glibc
import JSONText
import OperatingSystem
import TestSupport
import Testing

@testable import RunLog

struct JSONLinesTests {
  private func reader(_ path: String) -> JSONLinesReader {
    JSONLinesReader(path: path, files: LocalFileSystem())
  }

  /// The numbers under "n" of the records that have come.
  private func numbers(_ reader: inout JSONLinesReader) throws -> [Int64] {
    var numbers: [Int64] = []
    while true {
      let batch = try reader.read()
      numbers += batch.records.compactMap { $0["n"]?.integer }
      if !batch.hasMore { return numbers }
    }
  }

  @Test func recordsAreLinesOfTheirOwn() throws {
    let directory = try TemporaryDirectory()
    let writer = try JSONLinesWriter(path: directory.path("log"), files: LocalFileSystem())
    try writer.append(["n": 1, "value": .number(.nan)])
    try writer.append(["n": 2, "text": "a\nb"])
    try writer.synchronize()
    writer.close()
    #expect(
      try directory.text(of: "log") == #"""

        {"n":1,"value":NaN}

        {"n":2,"text":"a\nb"}

        """#)
    var reader = reader(directory.path("log"))
    let records = try reader.read().records
    #expect(records.count == 2)
    #expect(records.first?["value"]?.double?.isNaN == true)
    #expect(records.last?["text"]?.string == "a\nb")
    #expect(try reader.read().records.isEmpty)
  }

  @Test func aMissingFileHasNoRecordsYet() throws {
    let directory = try TemporaryDirectory()
    var reader = reader(directory.path("log"))
    #expect(try reader.read().records.isEmpty)
    try directory.write("{\"n\":1}\n", to: "log")
    #expect(try numbers(&reader) == [1])
  }

  @Test func growingByteByByteIsTheSameAsAtOnce() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("", to: "log")
    var reader = reader(path)
    var found: [Int64] = []
    for byte in Array("\n{\"n\":1}\n\n{\"n\":2}\n\r\n{\"n\":3, \"t\":\"ü\"}\r\n".utf8) {
      try directory.append([byte], to: "log")
      found += try numbers(&reader)
    }
    #expect(found == [1, 2, 3])
    #expect(reader.skippedRecords == 0)
  }

  @Test func aTornRecordCostsOnlyItself() throws {
    let torn = Array("\n{\"n\":1,\"text\":\"words\"}\n".utf8)
    for cut in 3..<torn.count - 2 {
      let directory = try TemporaryDirectory()
      try directory.write(Array("\n{\"n\":0}\n".utf8) + torn[..<cut], to: "log")
      let writer = try JSONLinesWriter(path: directory.path("log"), files: LocalFileSystem())
      try writer.append(["n": 2])
      writer.close()
      var reader = reader(directory.path("log"))
      #expect(try numbers(&reader) == [0, 2], "cut at \(cut)")
      #expect(reader.skippedRecords == 1)
    }
  }

  @Test func whatIsNoObjectIsSkippedAndCounted() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(
      "{\"n\":1}\n[1]\n7\nnull\nnonsense\n{\"n\":1}{\"n\":2}\n \r\n{\"n\":3}\n", to: "log")
    try directory.append([0xff, 0x00, 0x0a], to: "log")
    try directory.append(Array(repeating: UInt8(ascii: "["), count: 100_000) + [10], to: "log")
    try directory.append(Array("{\"n\":4,\"n\":5}\n".utf8), to: "log")
    var reader = reader(path)
    #expect(try numbers(&reader) == [1, 3, 5])
    #expect(reader.skippedRecords == 7)
  }

  @Test func anEndlessLineIsPassedOver() throws {
    let directory = try TemporaryDirectory()
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20)
    let path = try directory.write(Array("{\"n\":1}\n".utf8) + long, to: "log")
    try directory.append(Array("\n{\"n\":2}\n".utf8), to: "log")
    var reader = reader(path)
    #expect(try numbers(&reader) == [1, 2])
    #expect(reader.skippedRecords > 0)
  }

  @Test func aShortOrFailedWriteIsAnErrorAndCostsOnlyItself() throws {
    let directory = try TemporaryDirectory()
    let files = FaultyFileSystem()
    files.fail(.write, 1..<2, with: .short(bytes: 6))
    files.fail(.write, 2..<3, with: .failure(code: ENOSPC))
    files.fail(.synchronize, 0..<1, with: .failure(code: EIO))
    let writer = try JSONLinesWriter(path: directory.path("log"), files: files)
    try writer.append(["n": 0])
    for number in 1...2 as ClosedRange<Int64> {
      let error = #expect(throws: SystemError.self) { try writer.append(["n": .integer(number)]) }
      #expect(error?.isDiskFull == true)
    }
    try writer.append(["n": 3])
    #expect(throws: SystemError.self) { try writer.synchronize() }
    try writer.append(["n": 4])
    writer.close()
    #expect(files.openFileCount == 0)
    var reader = reader(directory.path("log"))
    #expect(try numbers(&reader) == [0, 3, 4])
    #expect(reader.skippedRecords == 1)
  }

  @Test func aRecordOf4096BytesIsOneWrite() throws {
    let directory = try TemporaryDirectory()
    let files = FaultyFileSystem()
    let writer = try JSONLinesWriter(path: directory.path("log"), files: files)
    let empty = JSON.object([JSON.Member(name: "t", value: "")]).utf8().count
    let filling = String(repeating: "x", count: JSONLinesWriter.recordSizeMax - 2 - empty)
    try writer.append(["t": .string(filling)])
    writer.close()
    #expect(try directory.bytes(of: "log").count == 4096)
    #expect(files.calls == [.open, .write])
  }

  @Test func aLongerRecordIsRefusedWhole() throws {
    let directory = try TemporaryDirectory()
    let writer = try JSONLinesWriter(path: directory.path("log"), files: LocalFileSystem())
    defer { writer.close() }
    let error = #expect(throws: SystemError.self) {
      try writer.append(["t": .string(String(repeating: "x", count: 4096))])
    }
    #expect(error?.code == SystemError.tooLongCode)
    #expect(try directory.bytes(of: "log").isEmpty)
  }

  @Test func twoWritersDoNotDisturbEachOther() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("log")
    let recordsEach = 400
    try await withThrowingTaskGroup(of: Void.self) { group in
      for name in ["a", "b"] {
        group.addTask {
          let writer = try JSONLinesWriter(path: path, files: LocalFileSystem())
          defer { writer.close() }
          for number in 0..<recordsEach {
            let filling = String(repeating: name, count: number % 3000)
            try writer.append([
              "n": .integer(Int64(number)), "by": .string(name), "t": .string(filling),
            ])
          }
        }
      }
      try await group.waitForAll()
    }
    var reader = reader(path)
    let records = try reader.read().records
    #expect(reader.skippedRecords == 0)
    for name in ["a", "b"] {
      let own = records.filter { $0["by"]?.string == name }
      #expect(own.map { $0["n"]?.integer } == (0..<recordsEach).map { Int64($0) })
    }
  }

  @Test func aReplacedOrShortenedFileIsReadAnew() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("{\"n\":1}\n{\"n\":2}\nbad\n", to: "log")
    var reader = reader(path)
    #expect(try numbers(&reader) == [1, 2])
    try LocalFileSystem().replace(path, with: Array("{\"n\":3}\n{\"n\":4}\n{\"n\":5}\n".utf8))
    let replaced = try reader.read()
    #expect(replaced.isRestart)
    #expect(replaced.records.map { $0["n"]?.integer } == [3, 4, 5])
    #expect(reader.skippedRecords == 0)
    try directory.write("{\"n\":6}\n", to: "log")
    let shortened = try reader.read()
    #expect(shortened.isRestart)
    #expect(shortened.records.map { $0["n"]?.integer } == [6])
    #expect(try reader.read().isRestart == false)
  }

  @Test func readingMayBeginSomewhere() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("{\"n\":1}\n{\"n\":2}\n", to: "log")
    var reader = JSONLinesReader(path: path, files: LocalFileSystem(), offset: 8)
    #expect(try numbers(&reader) == [2])
  }
}
