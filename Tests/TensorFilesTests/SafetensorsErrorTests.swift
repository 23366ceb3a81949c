import Glibc
import OperatingSystem
import Testing

@testable import TensorFiles

/// Every way in which a file can be wrong, and the complaint about it.
@Suite struct SafetensorsErrorTests {
  typealias Samples = SafetensorsSamples

  struct Bad: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let contents: [UInt8]
    /// What the complaint must contain.
    let complaint: String

    init(_ name: String, _ contents: [UInt8], _ complaint: String) {
      testDescription = name
      self.contents = contents
      self.complaint = complaint
    }

    /// A file whose header is the text in braces.
    init(_ name: String, _ entries: String, dataCount: Int = 0, _ complaint: String) {
      self.init(name, Samples.file("{\(entries)}", dataCount: dataCount), complaint)
    }
  }

  static let lengths = [
    Bad("empty", [], ": a safetensors file begins with 8 bytes, the file has 0: copy it again"),
    Bad("seven bytes", [2, 0, 0, 0, 0, 0, 0], "begins with 8 bytes, the file has 7"),
    Bad("no header", [0, 0, 0, 0, 0, 0, 0, 0], "byte 8: the header does not begin with '{'"),
    Bad(
      "N beyond the file", Samples.file("{}", length: 3),
      ": the header needs 11 bytes, the file has 10: copy it again, or wait until it is written"),
    Bad(
      "N above the limit", Samples.file("{}", length: 16 << 20 + 1),
      "byte 0: the header says it is 16777217 bytes long, at most 16 777 216 are read"),
    Bad("N = 2^63", Samples.file("{}", length: 1 << 63), "9223372036854775808 bytes long"),
    Bad("N = 2^64 - 1", Samples.file("{}", length: .max), "18446744073709551615 bytes long"),
    Bad("N = 2^64 - 8", Samples.file("{}", length: .max - 7), "18446744073709551608 bytes long"),
    Bad(
      "one byte of data missing", Samples.python.dropLast(),
      ": the tensors need 45 bytes after the header, the file has 44: copy it again, or wait"),
    Bad(
      "one byte too many", Samples.python + [0],
      ", byte 485: 1 bytes follow the last tensor: copy it again"),
    Bad("data without tensors", "", dataCount: 1, "byte 10: 1 bytes follow the last tensor"),
  ]

  static let texts = [
    Bad("leading blank", Samples.file(" {}"), "byte 8: the header does not begin with '{'"),
    Bad("byte order mark", Samples.file("\u{FEFF}{}"), "does not begin with '{'"),
    Bad("array", Samples.file("[]"), "does not begin with '{'"),
    Bad("no JSON", "x", "byte 9: the header is wrong: a name in quotes was expected, found 'x'"),
    Bad("trailing NUL", Samples.file("{}\0"), "the end of the text was expected, found U+0000"),
    Bad("two objects", Samples.file("{}{}"), "the end of the text was expected"),
    Bad("comment", Samples.file("{}//"), "the end of the text was expected"),
    Bad("trailing comma", Samples.entry("U8", "[0]", "0", "0") + ",", "a name in quotes"),
    Bad(
      "invalid UTF-8", Samples.file("{\"x\":1}").map { $0 == 0x78 ? 0xFF : $0 },
      "byte 8: the header is not valid UTF-8"),
    Bad("too deep", #""x":{"a":[[[]]]}"#, "nested deeper than 4 levels"),
    Bad("far too deep", String(repeating: "\"\":{", count: 100_000), "nested deeper than 4 levels"),
    Bad(
      "duplicate name",
      Samples.entry("U8", "[0]", "0", "0") + "," + Samples.entry("U8", "[0]", "0", "0"),
      "the name 'x' appears twice"),
    Bad(
      "duplicate field", #""x":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}"#,
      "the name 'dtype' appears twice"),
    Bad("duplicate metadata", #""__metadata__":{"a":"","a":""}"#, "the name 'a' appears twice"),
    Bad(
      "metadata number", #""__metadata__":{"a":1}"#,
      "'a' in __metadata__ is a number, not a string"),
    Bad("metadata null inside", #""__metadata__":{"a":null}"#, "'a' in __metadata__ is null"),
    Bad("metadata string", #""__metadata__":"a""#, "__metadata__ is a string, not an object"),
  ]

  static let entries = [
    Bad("entry is no object", #""x":1"#, "the tensor 'x' lacks dtype, shape or data_offsets"),
    Bad("no dtype", #""x":{"shape":[0],"data_offsets":[0,0]}"#, "lacks dtype"),
    Bad("no shape", #""x":{"dtype":"U8","data_offsets":[0,0]}"#, "lacks dtype"),
    Bad("no offsets", #""x":{"dtype":"U8","shape":[0]}"#, "lacks dtype"),
    Bad(
      "unknown dtype", Samples.entry("F33", "[0]", "0", "0"),
      "byte 22: the header is wrong: the tensor 'x' has an unknown dtype 'F33'"),
    Bad("small dtype", Samples.entry("f32", "[0]", "0", "0"), "unknown dtype 'f32'"),
    Bad(
      "dtype is a number", #""x":{"dtype":1,"shape":[0],"data_offsets":[0,0]}"#,
      "unknown dtype (a number)"),
    Bad(
      "name with an escape character", Samples.entry("\\u001b", "[]", "0", "0", name: "\\u001b["),
      "the tensor '\u{FFFD}[' has an unknown dtype '\u{FFFD}'"),
    Bad("shape is a number", Samples.entry("U8", "0", "0", "0"), "the shape of the tensor 'x'"),
    Bad("negative size", Samples.entry("U8", "[-1]", "0", "0"), "the shape of the tensor 'x'"),
    Bad("size 1.0", Samples.entry("U8", "[1.0]", "0", "1"), dataCount: 1, "the shape of"),
    Bad("size 1e0", Samples.entry("U8", "[1e0]", "0", "1"), dataCount: 1, "the shape of"),
    Bad("size -0", Samples.entry("U8", "[-0]", "0", "0"), "the shape of the tensor 'x'"),
    Bad("size 2^63", Samples.entry("U8", "[9223372036854775808]", "0", "0"), "the shape of"),
    Bad("size as text", Samples.entry("U8", "[\"1\"]", "0", "1"), dataCount: 1, "the shape of"),
    Bad("nested shape", Samples.entry("U8", "[[1]]", "0", "1"), dataCount: 1, "the shape of"),
    Bad(
      "shape 2^62 × 2^62",
      Samples.entry(
        "U8", "[4611686018427387904,4611686018427387904]",
        "0", "0"), "has no possible size"),
    Bad(
      "bits overflow", Samples.entry("F32", "[4611686018427387904]", "0", "0"),
      "the tensor 'x' of 4611686018427387904 F32 has no possible size"),
    Bad("half a byte", Samples.entry("F4", "[3]", "0", "1"), dataCount: 1, "no possible size"),
    Bad("one offset", #""x":{"dtype":"U8","shape":[0],"data_offsets":[0]}"#, "the data_offsets of"),
    Bad(
      "three offsets", #""x":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}"#,
      "the data_offsets of"),
    Bad("negative offset", Samples.entry("U8", "[1]", "-1", "0"), "the data_offsets of"),
    Bad("offset 0.0", Samples.entry("U8", "[1]", "0.0", "1"), dataCount: 1, "the data_offsets of"),
    Bad(
      "offsets backwards", Samples.entry("U8", "[1]", "1", "0"), dataCount: 1,
      "are not two whole numbers in order"),
    Bad(
      "too few bytes", Samples.entry("F32", "[2,3]", "0", "23"), dataCount: 23,
      "the tensor 'x' of 2×3 F32 needs 24 bytes, its data_offsets hold 23"),
    Bad(
      "too many bytes", Samples.entry("F32", "[]", "0", "5"), dataCount: 5,
      "needs 4 bytes, its data_offsets hold 5"),
  ]

  static let tilings = [
    Bad(
      "first does not begin at 0", Samples.entry("U8", "[1]", "1", "2"), dataCount: 2,
      "the tensor 'x' begins at 1 of the data, but the one before it ends at 0"),
    Bad(
      "hole",
      Samples.entry("U8", "[1]", "0", "1") + "," + Samples.entry("U8", "[1]", "2", "3", name: "y"),
      dataCount: 3,
      ", byte 115: the tensor 'y' begins at 2 of the data, but the one before it ends at 1"),
    Bad(
      "overlap",
      Samples.entry("U8", "[2]", "0", "2") + "," + Samples.entry("U8", "[2]", "1", "3", name: "y"),
      dataCount: 3, "the tensor 'y' begins at 1 of the data, but the one before it ends at 2"),
    Bad(
      "the same bytes twice",
      Samples.entry("U8", "[2]", "0", "2") + "," + Samples.entry("U8", "[2]", "0", "2", name: "y"),
      dataCount: 2, "begins at 0 of the data, but the one before it ends at 2"),
    Bad(
      "empty tensor inside another",
      Samples.entry("U8", "[2]", "0", "2") + "," + Samples.entry("U8", "[0]", "1", "1", name: "y"),
      dataCount: 2, "begins at 1 of the data, but the one before it ends at 2"),
    Bad(
      "beyond any file", Samples.entry("U8", "[1]", "9223372036854775806", "9223372036854775807"),
      dataCount: 1, "begins at 9 223 372 036 854 775 806 of the data"),
    Bad(
      "larger than any memory",
      Samples.entry(
        "U8", "[1152921504606846975]", "0",
        "1152921504606846975"), "the tensors need 1 152 921 504 606 846 975 bytes"),
  ]

  @Test(arguments: lengths + texts + entries + tilings)
  func rejects(_ example: Bad) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x.safetensors", example.contents)
    let error = #expect(throws: TensorFileError.self) { try SafetensorsFile.read(path) }
    let description = error?.description ?? ""
    #expect(description.hasPrefix(path) && description.contains(example.complaint))
    #expect(description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
  }

  @Test func truncationAtEveryByte() throws {
    let directory = try TemporaryDirectory()
    for length in 0..<Samples.python.count {
      let path = try directory.file("x", Array(Samples.python[..<length]))
      #expect(throws: TensorFileError.self, "\(length)") { try SafetensorsFile.read(path) }
    }
  }

  /// Any byte may change; the answer is a file whose tensors can all be read, or an error.
  @Test func everySingleByteMutation() throws {
    let directory = try TemporaryDirectory()
    var rejected = 0
    for place in 0..<440 {
      for change in [0x01, 0x02, 0x10, 0x20, 0x80] as [UInt8] {
        var contents = Samples.python
        contents[place] ^= change
        let path = try directory.file("x", contents)
        do {
          let file = try SafetensorsFile.read(path)
          for tensor in file.tensors where tensor.type == .float32 {
            let count = try file.float32(tensor.name).count
            #expect(count == tensor.shape.reduce(1, *))
          }
        } catch {
          rejected += 1
        }
      }
    }
    #expect(rejected > 1000)
  }

  @Test func limitsAreTheCallers() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x", Samples.python)
    #expect(throws: Never.self) {
      try SafetensorsFile.read(path, headerMax: 432, dataMax: 45)
    }
    #expect(throws: TensorFileError.self) { try SafetensorsFile.read(path, headerMax: 431) }
    let error = #expect(throws: TensorFileError.self) {
      try SafetensorsFile.read(path, dataMax: 44)
    }
    #expect(error?.problem == "it holds 45 bytes of data, at most 44 are read")
    #expect(throws: TensorFileError.self) { try SafetensorsFile.read(path, headerMax: -1) }
  }

  @Test func theFormatsLimitHoldsWhateverTheCallerSays() throws {
    let directory = try TemporaryDirectory()
    let prefix = Samples.file("{}", length: 100_000_001)
    let path = try directory.sparseFile("x", beginning: prefix, size: 100_000_100)
    let error = #expect(throws: TensorFileError.self) {
      try SafetensorsHeader.read(path, lengthMax: .max)
    }
    #expect(error?.problem.contains("at most 100 000 000 are read") == true)
  }

  /// A file of a terabyte is refused before memory is taken for it.
  @Test func hugeFilesAreRefused() throws {
    let directory = try TemporaryDirectory()
    let header = Samples.file(
      "{" + Samples.entry("U8", "[1000000000000]", "0", "1000000000000") + "}")
    let path = try directory.sparseFile(
      "x", beginning: header, size: header.count + 1_000_000_000_000)
    #expect(throws: TensorFileError.self) { try SafetensorsFile.read(path) }
    #expect(try SafetensorsHeader.read(path).dataCount == 1_000_000_000_000)
  }

  @Test func whatIsNoFile() throws {
    let directory = try TemporaryDirectory()
    let error = #expect(throws: TensorFileError.self) {
      try SafetensorsFile.read(directory.path + "/none")
    }
    #expect(error?.description.hasSuffix("No such file or directory: check the name") == true)
    #expect(throws: TensorFileError.self) { try SafetensorsFile.read(directory.path) }
  }

  /// The size was right when it was asked for.
  @Test func aFileThatBecomesShorter() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x", Samples.python)
    for length in 0..<Samples.python.count {
      let error = #expect(throws: TensorFileError.self, "\(length)") {
        try SafetensorsFile.read(path, files: FaultyFileSystem(readableMax: length))
      }
      if length >= 8 {
        #expect(error?.problem == "the file became shorter while it was read", "\(length)")
      }
    }
  }

  @Test func everyCallThatFailsIsReported() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x", Samples.python)
    var calls = 0
    while true {
      let files = FaultyFileSystem(callsBeforeFailure: calls, code: EIO)
      do {
        _ = try SafetensorsFile.read(path, files: files)
        break
      } catch {
        #expect(error.description.hasSuffix("Input/output error") && error.path == path)
      }
      calls += 1
    }
    #expect(calls > 5)
  }
}
