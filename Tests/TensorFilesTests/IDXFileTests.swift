import Glibc
import OperatingSystem
import Testing

@testable import TensorFiles

@Suite struct IDXFileTests {
  /// 2 images of 2×3.
  static let small = bytes("00000803 00000002 00000002 00000003 000102030405 fafbfcfdfeff")

  static func gzipped(_ contents: [UInt8]) throws -> [UInt8] {
    let directory = try TemporaryDirectory()
    let path = try directory.file("plain", contents)
    return try ChildProcess.run("gzip", arguments: ["-nc", path], outputLimit: 1 << 30).output
  }

  private func complaint(_ contents: [UInt8], sizeMax: Int = 1 << 30) throws -> String? {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x.idx", contents)
    let error = #expect(throws: TensorFileError.self) {
      try IDXFile.read(path, sizeMax: sizeMax)
    }
    return error.map { String($0.description.dropFirst(directory.path.count + 1)) }
  }

  @Test func readsBytes() throws {
    let directory = try TemporaryDirectory()
    let file = try IDXFile.read(try directory.file("x.idx", Self.small))
    #expect(file.shape == [2, 2, 3])
    #expect(file.bytes == [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255])
  }

  @Test func readsInSmallPieces() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x.idx", Self.small)
    let file = try IDXFile.read(path, files: FaultyFileSystem(pieceMax: 1))
    #expect(file.bytes.count == 12 && file.bytes.last == 255)
  }

  @Test func readsGzippedBytesWhateverTheName() throws {
    let directory = try TemporaryDirectory()
    for name in ["x.gz", "x.idx", "-x", "a b'\"$x"] {
      let file = try IDXFile.read(try directory.file(name, try Self.gzipped(Self.small)))
      #expect(file.shape == [2, 2, 3])
      #expect(file.bytes == Array(Self.small[16...]))
    }
  }

  @Test func readsEveryRank() throws {
    let directory = try TemporaryDirectory()
    for rank in 1...8 {
      let sizes = (0..<rank).flatMap { _ in [0, 0, 0, 1] as [UInt8] }
      let path = try directory.file("x.idx", [0, 0, 8, UInt8(rank)] + sizes + [42])
      let file = try IDXFile.read(path)
      #expect(file.shape == [Int](repeating: 1, count: rank) && file.bytes == [42])
    }
  }

  @Test func readsAnEmptyArray() throws {
    let directory = try TemporaryDirectory()
    let file = try IDXFile.read(
      try directory.file("x.idx", bytes("00000803 ffffffff ffffffff 00000000")))
    #expect(file.shape == [0xFFFF_FFFF, 0xFFFF_FFFF, 0] && file.bytes.isEmpty)
  }

  @Test func truncationAtEveryByte() throws {
    let directory = try TemporaryDirectory()
    for contents in [Self.small, try Self.gzipped(Self.small)] {
      for length in 0..<contents.count {
        let path = try directory.file("x.idx", Array(contents[..<length]))
        let error = #expect(throws: TensorFileError.self, "\(length)") { try IDXFile.read(path) }
        #expect(error?.path == path && error?.description.contains("\n") == false)
      }
    }
  }

  @Test func singleByteMutationsAreSafe() throws {
    let directory = try TemporaryDirectory()
    for place in 0..<16 {
      for value in [0, 1, 3, 7, 9, 127, 128, 255] as [UInt8] {
        var contents = Self.small
        if contents[place] == value { continue }
        contents[place] = value
        let path = try directory.file("x.idx", contents)
        #expect(throws: TensorFileError.self, "\(place) \(value)") { try IDXFile.read(path) }
      }
    }
  }

  @Test func truncatedFile() throws {
    let header = bytes("00000803 00002710 0000001c 0000001c")
    let directory = try TemporaryDirectory()
    let path = try directory.sparseFile("images.idx", beginning: header, size: 7_000_000)
    let error = #expect(throws: TensorFileError.self) { try IDXFile.read(path) }
    #expect(
      error?.description == "\(path): 10000 images of 28×28 need 7 840 016 bytes, "
        + "the file has 7 000 000: copy it again")
  }

  @Test func oneByteTooFewAndTooMany() throws {
    #expect(
      try complaint(Self.small.dropLast())
        == "x.idx: 2 images of 2×3 need 28 bytes, the file has 27: copy it again")
    #expect(
      try complaint(Self.small + [0])
        == "x.idx: 2 images of 2×3 need 28 bytes, the file has 29: copy it again")
    #expect(
      try complaint(bytes("00000801 00000003 0102"))
        == "x.idx: 3 labels need 11 bytes, the file has 10: copy it again")
    #expect(
      try complaint(bytes("00000802 00000003 00000002 0102"))
        == "x.idx: 3×2 values need 18 bytes, the file has 14: copy it again")
  }

  @Test func brokenHeaders() throws {
    #expect(
      try complaint([])
        == "x.idx: an IDX file has a header of at least 8 bytes, the file has 0: copy it again")
    #expect(
      try complaint(bytes("00000803 00000001"))
        == "x.idx: a header of 3 dimensions needs 16 bytes, the file has 8: copy it again")
    #expect(
      try complaint(Array("PK\u{3}\u{4}".utf8))
        == "x.idx, byte 0: an IDX file begins with 00 00 08, this one with 50 4B 03: "
        + "give an IDX file, plain or gzipped")
    #expect(
      try complaint(bytes("00000800 00000001"))
        == "x.idx, byte 3: the header says 0 dimensions, 1 to 8 can be read: is it an IDX file?")
    #expect(
      try complaint(bytes("00000809") + [UInt8](repeating: 1, count: 64))
        == "x.idx, byte 3: the header says 9 dimensions, 1 to 8 can be read: is it an IDX file?")
    #expect(
      try complaint(bytes("00000d01 00000001 00000000"))
        == "x.idx, byte 2: it holds 32-bit floats (type 0D), only unsigned bytes (type 08) can be "
        + "read: convert it to bytes")
    #expect(
      try complaint(bytes("00000a01 00000001 00"))
        == "x.idx, byte 2: 0A is no type of an IDX file: give an IDX file, plain or gzipped")
  }

  @Test func sizesThatOverflow() throws {
    #expect(
      try complaint(bytes("00000803 ffffffff ffffffff ffffffff 00"))
        == "x.idx, byte 4: the sizes 4294967295×4294967295×4294967295 are beyond any file: "
        + "copy it again")
    // 7² × 73 × 127 × 337 × 92737 × 649657 = 2^63 - 1 bytes, and the header on top.
    let largest = bytes("00000808 00000031 00000049 0000007f 00000151 00016a41 0009e9b9")
    #expect(throws: TensorFileError.self) {
      try IDXHeader(largest + bytes("00000001 00000001"), path: "x")
    }
    #expect(
      try IDXHeader(bytes("00000803 7fffffff 7fffffff 00000001"), path: "x").fileLength
        == 16 + 0x7FFF_FFFF * 0x7FFF_FFFF)
    #expect(
      try complaint(bytes("00000802 7fffffff ffffffff 00"))
        == "x.idx: 2147483647×4294967295 values need 9 223 372 030 412 324 877 bytes, "
        + "the file has 13: copy it again")
  }

  @Test func moreThanTheCallerWants() throws {
    #expect(
      try complaint(Self.small, sizeMax: 27)
        == "x.idx, byte 4: 2 images of 2×3 need 28 bytes, at most 27 are read: "
        + "split it, or copy it again if it should be smaller")
    #expect(
      try complaint(try Self.gzipped(Self.small), sizeMax: 27)
        == "x.idx, byte 4: 2 images of 2×3 need 28 bytes, at most 27 are read: "
        + "split it, or copy it again if it should be smaller")
  }

  @Test func brokenGzip() throws {
    let whole = try Self.gzipped(Self.small)
    #expect(
      try complaint(whole.dropLast(9))?.hasSuffix(
        "x.idx: gzip cannot decompress it: unexpected end of file: copy it again") == true)
    var wrongSum = whole
    wrongSum[whole.count - 8] ^= 1
    #expect(
      try complaint(wrongSum)
        == "x.idx: gzip cannot decompress it: invalid compressed data--crc error: copy it again")
    #expect(
      try complaint([0x1F, 0x8B])
        == "x.idx: gzip cannot decompress it: unexpected end of file: copy it again")
    #expect(
      try complaint(whole + [1, 2, 3])?.contains("trailing garbage") == true)
  }

  @Test func aNameIsNeverAnOption() {
    #expect(throws: TensorFileError.self) { try IDXFile.decompress("--version", limit: 10_000) }
  }

  @Test func gzippedSizes() throws {
    #expect(
      try complaint(try Self.gzipped(Self.small.dropLast()))
        == "x.idx: 2 images of 2×3 need 28 bytes, the decompressed file has 27: copy it again")
    #expect(
      try complaint(try Self.gzipped(Self.small + [0]))
        == "x.idx: 2 images of 2×3 need 28 bytes, the decompressed file has more: copy it again")
    // A bomb whose header is honest about less, and one whose header says 2^31 images.
    let zeros = [UInt8](repeating: 0, count: 20_000_000)
    #expect(try complaint(try Self.gzipped(Self.small + zeros))?.contains("has more") == true)
    #expect(
      try complaint(try Self.gzipped(bytes("00000801 3fffff00 00")))?.contains("of gzip can hold")
        == true)
  }

  @Test func whatIsNoFile() throws {
    let directory = try TemporaryDirectory()
    let missing = #expect(throws: TensorFileError.self) {
      try IDXFile.read(directory.path + "/none")
    }
    #expect(
      missing?.description
        == "\(directory.path)/none: cannot open it: No such file or directory: check the name")
    let folder = #expect(throws: TensorFileError.self) { try IDXFile.read(directory.path) }
    #expect(
      folder?.description
        == "\(directory.path): it is no file: give an IDX file, plain or gzipped")
    #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
    #expect(throws: TensorFileError.self) { try IDXFile.read(directory.path + "/pipe") }
  }

  /// The size was right when it was asked for.
  @Test func aFileThatBecomesShorter() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x", Self.small)
    for length in 0..<Self.small.count {
      #expect(throws: TensorFileError.self, "\(length)") {
        try IDXFile.read(path, files: FaultyFileSystem(readableMax: length))
      }
    }
  }

  @Test func everyCallThatFailsIsReported() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x.idx", Self.small)
    var calls = 0
    while true {
      let files = FaultyFileSystem(callsBeforeFailure: calls, code: EIO)
      do {
        _ = try IDXFile.read(path, files: files)
        break
      } catch {
        #expect(error.description.hasSuffix("Input/output error") && error.path == path)
      }
      calls += 1
    }
    #expect(calls > 4)
  }

  @Test func namesAreShownSafely() throws {
    let error = #expect(throws: TensorFileError.self) { try IDXFile.read("/no\u{1B}[2J\n") }
    #expect(error?.description.hasPrefix("/no\u{FFFD}[2J\u{FFFD}: cannot open it") == true)
  }
}
