import Glibc
import OperatingSystem
import Testing

@testable import TensorFiles

/// Good files, and the typed access to them.
@Suite struct SafetensorsFileTests {
  typealias Samples = SafetensorsSamples

  private func read(_ contents: [UInt8]) throws -> SafetensorsFile {
    let directory = try TemporaryDirectory()
    return try SafetensorsFile.read(try directory.file("x.safetensors", contents))
  }

  @Test func readsWhatPythonWrote() throws {
    let file = try read(Samples.python)
    #expect(file.metadata.map(\.name) == ["format"] && file.metadata.first?.value == "nntop")
    #expect(file.tensors.map(\.name) == ["k", "step", "d", "b", "empty", "a", "mask"])
    #expect(file["b"]?.shape == [2, 2] && file["b"]?.type == .float32)
    #expect(file["step"]?.shape == [] && file["empty"]?.shape == [0, 3])
    #expect(file["none"] == nil)
    #expect(try file.float32("b") == [1, -2, 0.5, 3])
    #expect(try file.float32("empty") == [])
    #expect(try file.float64("d") == [0.1])
    #expect(try file.int64("step") == [7])
    #expect(try file.uint64("k") == [1 << 63 + 1])
    #expect(try file.uint8("a") == [1, 2, 255])
    #expect(try file.boolean("mask") == [true, false])
  }

  @Test func readsInSmallPieces() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x", Samples.python)
    let file = try SafetensorsFile.read(path, files: FaultyFileSystem(pieceMax: 3))
    #expect(try file.float32("b") == [1, -2, 0.5, 3])
  }

  @Test func readsTheHeaderAlone() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x", Samples.python)
    let header = try SafetensorsHeader.read(path)
    #expect(header.dataOffset == 440 && header.dataCount == 45 && header.tensors.count == 7)
    #expect(header["mask"]?.bytes == 43..<45)
  }

  @Test func copiesIntoABuffer() throws {
    let file = try read(Samples.python)
    var values = [Float](repeating: .nan, count: 4)
    try values.withUnsafeMutableBufferPointer { try file.copyFloat32("b", into: $0) }
    #expect(values == [1, -2, 0.5, 3])
    var few = [Float](repeating: 9, count: 3)
    let error = #expect(throws: TensorFileError.self) {
      try few.withUnsafeMutableBufferPointer { try file.copyFloat32("b", into: $0) }
    }
    #expect(
      error?.problem == "the tensor 'b' of 2×2 has 4 elements, 3 are wanted" && few == [9, 9, 9])
    try file.copyFloat32("empty", into: UnsafeMutableBufferPointer(start: nil, count: 0))
  }

  @Test func readsUnalignedTensors() throws {
    let header =
      "{" + Samples.entry("U8", "[1]", "0", "1", name: "a") + ","
      + Samples.entry("F32", "[1]", "1", "5") + "}"
    let file = try read(Samples.file(header) + [7] + bytes("0000803f"))
    #expect(try file.float32("x") == [1])
    #expect(try file.uint8("a") == [7])
  }

  @Test func refusesTheWrongTypeAndTheMissingName() throws {
    let file = try read(Samples.python)
    let wrong = #expect(throws: TensorFileError.self) { try file.float32("a") }
    #expect(
      wrong?.description == "\(file.path): the tensor 'a' is U8, F32 is wanted: convert it")
    let missing = #expect(throws: TensorFileError.self) { try file.boolean("no\u{1B}pe") }
    #expect(
      missing?.description == "\(file.path): it has no tensor 'no\u{FFFD}pe' among its 7: "
        + "was it written for another network?")
  }

  @Test func readsEveryType() throws {
    for type in ElementType.allCases {
      let count = 4 * type.bitCount / 8
      let header = "{" + Samples.entry(type.rawValue, "[2,2]", "0", "\(count)") + "}"
      let file = try read(Samples.file(header, dataCount: count))
      #expect(file["x"]?.type == type && file.data.count == count)
    }
  }

  @Test(arguments: [
    "{}", "{} \n\t ", #"{"__metadata__":null}"#, #"{"__metadata__":{}}"#,
    #"{"__metadata__":{"é":"\u0000"}}"#,
    "{" + SafetensorsSamples.entry("F32", "[2,0,9223372036854775807]", "0", "0") + "}",
    "{" + SafetensorsSamples.entry("F4", "[0]", "0", "0", name: "\\u001b[2J") + "}",
    #"{"x":{"data_offsets":[0,0],"more":[{}],"shape":[0],"dtype":"BOOL"}}"#,
  ])
  func acceptsWhatIsLegal(_ header: String) throws {
    #expect(throws: Never.self) { try read(Samples.file(header)) }
  }

  /// Entries in any order and with any names; empty ones between the others.
  @Test func ordersTensorsByTheirData() throws {
    let header = [
      Samples.entry("U8", "[2]", "1", "3", name: "c"),
      Samples.entry("U8", "[0]", "3", "3", name: "d"),
      Samples.entry("U8", "[0]", "1", "1", name: "b"),
      Samples.entry("U8", "[1]", "0", "1", name: "z"),
    ].joined(separator: ",")
    let file = try read(Samples.file("{" + header + "}", dataCount: 3))
    #expect(file.tensors.map(\.name) == ["z", "b", "c", "d"])
  }
}
