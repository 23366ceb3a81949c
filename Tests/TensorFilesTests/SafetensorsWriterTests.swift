import Glibc
import OperatingSystem
import Testing

@testable import TensorFiles

@Suite struct SafetensorsWriterTests {
  /// The tensors of `SafetensorsSamples.python`, in another order.
  private func withSample<Result>(
    _ body: ([SafetensorsTensor]) throws -> Result
  ) rethrows -> Result {
    let contents: [(String, ElementType, [Int], [UInt8])] = [
      ("mask", .boolean, [2], [1, 0]), ("a", .uint8, [3], [1, 2, 255]),
      ("empty", .float32, [0, 3], []),
      ("b", .float32, [2, 2], bytes("0000803f 000000c0 0000003f 00004040")),
      ("d", .float64, [1], bytes("9a9999999999b93f")),
      ("step", .int64, [], [7, 0, 0, 0, 0, 0, 0, 0]),
      ("k", .uint64, [1], [1, 0, 0, 0, 0, 0, 0, 0x80]),
    ]
    let all = contents.flatMap { $0.3 }
    return try all.withUnsafeBytes { buffer in
      var offset = 0
      let tensors = contents.map { name, type, shape, bytes in
        defer { offset += bytes.count }
        return SafetensorsTensor(
          name: name, type: type, shape: shape,
          bytes: UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + bytes.count]))
      }
      return try body(tensors)
    }
  }

  @Test func writesTheBytesThatPythonWrites() throws {
    let directory = try TemporaryDirectory()
    try withSample { tensors in
      try SafetensorsWriter().write(
        tensors, metadata: [("format", "nntop")], to: directory.path + "/x")
    }
    #expect(try directory.bytes(of: "x") == SafetensorsSamples.python)
    #expect(directory.names == ["x"])
  }

  @Test func writesTheSameInSmallPieces() throws {
    let directory = try TemporaryDirectory()
    try withSample { tensors in
      try SafetensorsWriter(files: FaultyFileSystem(pieceMax: 1)).write(
        tensors, metadata: [("format", "nntop")], to: directory.path + "/x")
    }
    #expect(try directory.bytes(of: "x") == SafetensorsSamples.python)
  }

  @Test func writesNothingAtAll() throws {
    let directory = try TemporaryDirectory()
    try SafetensorsWriter().write([], to: directory.path + "/x")
    #expect(try directory.bytes(of: "x") == bytes("0800000000000000 7b7d 202020202020"))
  }

  /// The length of the header and the offset of every tensor fit its alignment.
  @Test func everyTensorIsAligned() throws {
    let directory = try TemporaryDirectory()
    let zeros = [UInt8](repeating: 0, count: 64)
    for nameLength in 1...8 {
      try zeros.withUnsafeBytes { buffer in
        let tensors = ElementType.allCases.map { type in
          SafetensorsTensor(
            name: String(repeating: "n", count: nameLength) + type.rawValue, type: type,
            shape: [4], bytes: UnsafeRawBufferPointer(rebasing: buffer[..<(type.bitCount / 2)]))
        }
        try SafetensorsWriter().write(tensors, to: directory.path + "/x")
      }
      let header = try SafetensorsHeader.read(directory.path + "/x")
      #expect(header.dataOffset % 8 == 0)
      for tensor in header.tensors where tensor.type.bitCount >= 8 {
        #expect(tensor.bytes.lowerBound % (tensor.type.bitCount / 8) == 0, "\(tensor.name)")
      }
    }
  }

  /// The order of the Python package's files that hold every type it can write.
  @Test func typesAreWrittenInTheReferencesOrder() throws {
    let directory = try TemporaryDirectory()
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    let tensors = ElementType.allCases.map { type in
      SafetensorsTensor(name: type.rawValue, type: type, shape: [0], bytes: none)
    }
    try SafetensorsWriter().write(tensors, to: directory.path + "/x")
    let text = String(decoding: try directory.bytes(of: "x"), as: UTF8.self)
    let places = [
      "U64", "I64", "F64", "C64", "F32", "U32", "I32", "BF16", "F16", "U16", "I16", "F8_E5M2FNUZ",
      "F8_E4M3FNUZ", "F8_E8M0", "F8_E4M3", "F8_E5M2", "I8", "U8", "F4", "BOOL",
    ].map { name in text.split(separator: "\"\(name)\":").first?.utf8.count ?? 0 }
    #expect(places == places.sorted() && Set(places).count == 20)
  }

  @Test func namesAndTextsReadBackTheSame() throws {
    let directory = try TemporaryDirectory()
    let name = "é\"\\\n\u{1B}\u{2028}😀"
    try SafetensorsWriter().write(
      [SafetensorsTensor(name: name, type: .uint8, shape: [0], bytes: .init(start: nil, count: 0))],
      metadata: [("z", name), (name, ""), ("a", "{\"x\": 1}")], to: directory.path + "/x")
    let file = try SafetensorsFile.read(directory.path + "/x")
    #expect(file.tensors.map(\.name) == [name])
    #expect(file.metadata.map(\.name) == ["z", name, "a"])
    #expect(file.metadata.map(\.value) == [name, "", "{\"x\": 1}"])
  }

  /// Whatever call fails: the old file stays, whole, and nothing else is left behind. Only when
  /// the last one does, that of the directory, the new file has its name already.
  @Test func aFailureLeavesTheOldFile() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x", [1, 2, 3])
    var replaced = 0
    var calls = 0
    while true {
      let files = FaultyFileSystem(callsBeforeFailure: calls, code: ENOSPC, pieceMax: 100)
      do {
        try withSample { try SafetensorsWriter(files: files).write($0, to: path) }
        // A name that cannot be examined is taken as free; that is the only call that may fail.
        if !files.hasFailed { break }
        #expect(calls == 0)
        _ = try directory.file("x", [1, 2, 3])
      } catch let error as TensorFileError {
        #expect(error.path == path && error.description.contains("No space left on device"))
        #expect(error.advice == "make room and try again")
        if try directory.bytes(of: "x") != [1, 2, 3] { replaced = calls }
      }
      #expect(directory.names == ["x"], "\(calls)")
      calls += 1
    }
    #expect(calls > 8 && (replaced == 0 || replaced == calls - 1))
  }

  @Test func aFullDiskIsReported() throws {
    let error = #expect(throws: TensorFileError.self) {
      try withSample { try SafetensorsWriter().write($0, to: "/nonexistent/x") }
    }
    #expect(
      error?.description
        == "/nonexistent/x: cannot open it: No such file or directory: check the name")
  }

  @Test func refusesWhatCouldNotBeReadAgain() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/x"
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    func tensor(_ name: String, _ shape: [Int], _ type: ElementType = .uint8) -> SafetensorsTensor {
      SafetensorsTensor(name: name, type: type, shape: shape, bytes: none)
    }
    func refusal(
      _ tensors: [SafetensorsTensor], _ metadata: [(name: String, value: String)] = []
    ) -> String? {
      let error = #expect(throws: TensorFileError.self) {
        try SafetensorsWriter().write(tensors, metadata: metadata, to: path)
      }
      return error?.problem
    }
    #expect(refusal([tensor("a", [0]), tensor("a", [0])]) == "two tensors would be named 'a'")
    #expect(
      refusal([tensor("é", [0]), tensor("e\u{301}", [0])])?.hasPrefix("two tensors") == true)
    #expect(
      refusal([], [("k", ""), ("k", "")]) == "two texts in __metadata__ would be named 'k'")
    #expect(
      refusal([tensor("__metadata__", [0])]) == "no tensor can be named '__metadata__'")
    #expect(refusal([tensor("a", [1])]) == "the tensor 'a' of 1 U8 cannot have 0 bytes")
    #expect(refusal([tensor("a", [-1, 0])]) == "the tensor 'a' of -1×0 U8 cannot have 0 bytes")
    #expect(refusal([tensor("a", [.max, 2, 0])])?.contains("cannot have") == true)
    let long = String(repeating: "x", count: 16 << 20)
    #expect(refusal([], [("long", long)])?.contains("at most 16 777 216 can be read") == true)
    #expect(directory.names.isEmpty)
  }
}
