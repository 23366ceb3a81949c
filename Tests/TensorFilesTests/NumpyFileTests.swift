import Glibc
import OperatingSystem
import Testing

@testable import TensorFiles

/// Files made by hand, from the description of the format.
@Suite struct NumpyFileTests {
  /// A file of version 1 (or another) with that dictionary and data.
  static func file(_ dictionary: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let lengthBytes = version == 1 ? 2 : 4
    let unpadded = 8 + lengthBytes + dictionary.utf8.count + 1
    let padding = (64 - unpadded % 64) % 64
    let text = Array(dictionary.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0A]
    let length = (0..<lengthBytes).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data
  }

  static func dictionary(
    _ type: String, _ shape: String, order: String = "False"
  ) -> String {
    "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }"
  }

  private func read(_ contents: [UInt8]) throws -> NumpyFile {
    let directory = try TemporaryDirectory()
    return try NumpyFile.read(try directory.file("x.npy", contents))
  }

  private func complaint(_ contents: [UInt8], sizeMax: Int = 1 << 30) throws -> String {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x.npy", contents)
    let error = #expect(throws: TensorFileError.self) {
      try NumpyFile.read(path, sizeMax: sizeMax)
    }
    let line = error.map { String($0.description.dropFirst(directory.path.count + 1)) } ?? ""
    #expect(!line.contains("\n"))
    return line
  }

  @Test(arguments: [1, 2, 3] as [UInt8]) func readsEveryVersion(version: UInt8) throws {
    let file = try read(
      Self.file(Self.dictionary("|u1", "(2, 3)"), [0, 1, 2, 253, 254, 255], version: version))
    #expect(file.shape == [2, 3])
    #expect(file.numbers == .bytes([0, 1, 2, 253, 254, 255]))
  }

  struct Sample: CustomTestStringConvertible {
    var type: String
    var data: String
    var numbers: NumpyFile.Numbers
    var testDescription: String { type }
  }

  @Test(arguments: [
    Sample(type: "|b1", data: "00 01 02", numbers: .bytes([0, 1, 1])),
    Sample(type: "|i1", data: "00 7f 80", numbers: .integers([0, 127, -128])),
    Sample(type: "<i2", data: "0001 ff7f 0080", numbers: .integers([256, 32767, -32768])),
    Sample(type: ">i2", data: "0001 7fff 8000", numbers: .integers([1, 32767, -32768])),
    Sample(type: "<u2", data: "0001 ff7f 0080", numbers: .integers([256, 32767, 32768])),
    Sample(
      type: "<i4", data: "01000000 ffffffff 00000080", numbers: .integers([1, -1, -2_147_483_648])),
    Sample(
      type: ">u4", data: "00000001 ffffffff 80000000",
      numbers: .integers([1, 4_294_967_295, 2_147_483_648])),
    Sample(
      type: "<i8", data: "0100000000000000 ffffffffffffffff 0000000000000080",
      numbers: .integers([1, -1, .min])),
    Sample(
      type: "=u8", data: "0100000000000000 ffffffffffffff7f 0200000000000000",
      numbers: .integers([1, .max, 2])),
    // Half precision: 1, -2 and the largest.
    Sample(type: "<f2", data: "003c 00c0 ff7b", numbers: .floats([1, -2, 65504])),
    Sample(type: ">f2", data: "3c00 c000 7bff", numbers: .floats([1, -2, 65504])),
    Sample(
      type: "<f4", data: "0000803f 000000c0 0000807f", numbers: .floats([1, -2, .infinity])),
    Sample(type: ">f4", data: "3f800000 c0000000 ff800000", numbers: .floats([1, -2, -.infinity])),
    Sample(
      type: "<f8", data: "000000000000f03f 00000000000000c0 9a9999999999b93f",
      numbers: .floats([1, -2, 0.1])),
  ])
  func readsEveryType(sample: Sample) throws {
    let file = try read(Self.file(Self.dictionary(sample.type, "(3,)"), bytes(sample.data)))
    #expect(file.shape == [3])
    #expect(file.numbers == sample.numbers)
  }

  @Test func readsFortranOrder() throws {
    // [[0, 1, 2], [3, 4, 5]], column by column.
    let matrix = Self.file(Self.dictionary("|u1", "(2, 3)", order: "True"), [0, 3, 1, 4, 2, 5])
    #expect(try read(matrix).numbers == .bytes([0, 1, 2, 3, 4, 5]))
    let empty = Self.file(
      Self.dictionary("|u1", "(0, 9223372036854775807, 9223372036854775807)", order: "True"), [])
    #expect(try read(empty).numbers == .bytes([]))
  }

  @Test func readsWhatPythonAllows() throws {
    for text in [
      "{'descr':'|u1','fortran_order':False,'shape':(1,)}",
      "{ \"shape\" : ( 1 , ) , \"descr\" : \"|u1\" , \"fortran_order\" : False }",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (1L,), }",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (), }",
    ] {
      #expect(try read(Self.file(text, [7])).numbers == .bytes([7]), "\(text)")
    }
  }

  @Test func readsManyPieces() throws {
    let count = 3 << 17
    var data: [UInt8] = []
    for number in 0..<count {
      data += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
    let file = try read(Self.file(Self.dictionary("<i4", "(\(count),)"), data))
    let isCounting = file.numbers == .integers((0..<Int64(count)).map { $0 })
    #expect(isCounting)
  }

  @Test(arguments: [
    ("", "x.npy, byte 0: a .npy file begins with \\x93NUMPY, this one does not: "),
    ("504b0304", "x.npy: it is a ZIP archive, as .npz files are: save each of its arrays"),
    ("934e554d5059", "x.npy: a .npy file has a header, this one ends after 6 bytes: copy it again"),
    ("934e554d5059 0400 0000 0000", "x.npy, byte 6: version 4 of the format, 1 to 3 can be read: "),
    (
      "934e554d5059 0200 ffffffff",
      "x.npy, byte 8: a header of 4 294 967 295 bytes, at most 65 536 "
    ),
    ("934e554d5059 0100 1000 7b27", "x.npy, byte 10: the header needs 16 bytes, the file has 2: "),
  ])
  func whatIsNoHeaderIsTold(contents: String, expected: String) throws {
    let line = try complaint(bytes(contents))
    #expect(line.hasPrefix(expected), "\(line)")
  }

  @Test(arguments: [
    ("", "'{' is missing"), ("{}", "it lacks descr, fortran_order or shape"),
    ("{'descr': '<f4', 'fortran_order': False}", "it lacks descr, fortran_order or shape"),
    ("{'descr': '<f4', 'descr': '<f4'}", "'descr' stands there twice or is no key"),
    ("{'other': 3}", "'other' stands there twice or is no key"),
    ("{'descr' '<f4'}", "':' is missing"), ("{'descr': <f4}", "a string is missing"),
    ("{'descr", "a string does not end or has escapes"),
    ("{'de\\'scr': 1}", "a string does not end or has escapes"),
    ("{'\(String(repeating: "x", count: 100))': 1}", "a string does not end or has escapes"),
    ("{'fortran_order': 0}", "fortran_order is neither True nor False"),
    ("{'shape': 3}", "'(' is missing"), ("{'shape': ((3,),)}", "a size is no whole number"),
    ("{'shape': (-3,)}", "a size is no whole number"),
    ("{'shape': (99999999999999999999,)}", "a size is no whole number"),
    ("{'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1)}", "more than 8 axes"),
    ("{'shape': (3", "')' is missing"),
    (dictionary("<f4", "(3,)") + "x", "text behind the dictionary"),
    ("{'shape': \(String(repeating: "(", count: 60_000))", "a size is no whole number"),
  ])
  func wrongDictionariesAreTold(dictionary: String, expected: String) throws {
    let line = try complaint(Self.file(dictionary, []))
    #expect(line.contains(": the header is wrong: \(expected)"), "\(line)")
    #expect(line.utf8.count < 300)
  }

  @Test(arguments: [
    ("'|O'", "an array of Python objects"), ("'<U3'", "an array of '<U3'"),
    ("'<c8'", "an array of '<c8'"), ("'<M8[ns]'", "an array of '<M8[ns]'"),
    ("'<f16'", "an array of '<f16'"), ("'<i3'", "an array of '<i3'"), ("''", "an array of ''"),
    ("[('a', '<f4')]", "a structured array"),
  ])
  func otherTypesAreRefused(type: String, expected: String) throws {
    let line = try complaint(
      Self.file("{'descr': \(type), 'fortran_order': False, 'shape': (1,)}", [0, 0, 0, 0]))
    #expect(line.contains("it holds \(expected), only bool, int, uint and float"), "\(line)")
  }

  @Test func lengthsThatLieAreTold() throws {
    let floats = Self.dictionary("<f4", "(2, 3)")
    #expect(
      try complaint(Self.file(floats, [UInt8](repeating: 0, count: 23)))
        == "x.npy: 2×3 values of float32 need 24 bytes behind the header, the file has 23: copy "
        + "it again")
    #expect(
      try complaint(Self.file(floats, [UInt8](repeating: 0, count: 25))).contains("the file has 25")
    )
    let large = Self.dictionary("<f8", "(4000000000, 4000000000)")
    #expect(try complaint(Self.file(large, [])).contains("are beyond any file"))
    #expect(
      try complaint(Self.file(Self.dictionary("<f8", "(1000000000,)"), [])).contains(
        "need 8 000 000 000 bytes, at most 1 073 741 824 are read"))
    #expect(
      try complaint(
        Self.file(Self.dictionary("<u8", "(2,)"), bytes("0100000000000000 ffffffffffffffff"))
      ).hasPrefix("x.npy, byte 136: a number beyond 9223372036854775807"))
  }

  @Test func everyTruncationIsAnError() throws {
    let directory = try TemporaryDirectory()
    let whole = Self.file(Self.dictionary("<f4", "(2,)"), [1, 2, 3, 4, 5, 6, 7, 8])
    for length in 0..<whole.count {
      let path = try directory.file("x.npy", Array(whole[..<length]))
      #expect(throws: TensorFileError.self) { try NumpyFile.read(path) }
    }
    let path = try directory.file("x.npy", whole)
    #expect(throws: TensorFileError.self) {
      try NumpyFile.read(path, files: FaultyFileSystem(readableMax: whole.count - 1))
    }
  }

  @Test func everyChangedByteIsReadOrTold() throws {
    let directory = try TemporaryDirectory()
    let whole = Self.file(Self.dictionary("<f4", "(2,)"), [1, 2, 3, 4, 5, 6, 7, 8])
    for index in whole.indices {
      for byte in [0, 0x27, 0x28, 0x39, 0x5B, 0x7B, 0xFF] as [UInt8] {
        var changed = whole
        changed[index] = byte
        let path = try directory.file("x.npy", changed)
        do throws(TensorFileError) {
          _ = try NumpyFile.read(path)
        } catch {
          #expect(!error.problem.isEmpty)
        }
      }
    }
  }
}

/// The Python that is installed, if any.
private enum Python {
  static let hasNumpy = run("import numpy") != nil

  /// What a program prints; nil when it fails.
  static func run(_ program: String) -> String? {
    do throws(SystemError) {
      let answer = try ChildProcess.run(
        "python3", arguments: ["-c", program], outputLimit: 1 << 24)
      return answer.ending == .exited(0) ? String(decoding: answer.output, as: UTF8.self) : nil
    } catch {
      return nil
    }
  }
}

/// What NumPy itself writes.
@Suite(.enabled(if: Python.hasNumpy)) struct NumpyTruthTests {
  /// Writes an array of every type in either order, and prints its numbers row by row.
  private static let program = """
    import numpy as n
    r = n.random.default_rng(5)
    types = 'u1 i1 >i2 <i2 <u2 <i4 >i4 <u4 <i8 >u8 <f2 >f2 <f4 >f4 <f8 >f8 |b1'.split()
    for type in types:
      for order, version in ('C', 1), ('F', 2), ('F', 3):
        a = r.standard_normal((3, 4, 5)) * 50
        if type[-2] in 'ub': a = abs(a)
        a = n.asarray(a.astype(type), order=order)
        name = f'{types.index(type)}-{order}{version}.npy'
        with open(name, 'wb') as f: n.lib.format.write_array(f, a, version=(version, 0))
        print(name, ' '.join(float(x).hex() for x in a.flatten(order='C')))
    """

  @Test func arraysOfNumPyAreRead() throws {
    let directory = try TemporaryDirectory()
    let output = try #require(
      Python.run("import os; os.chdir('\(directory.path)')\n" + Self.program))
    let lines = output.split(separator: "\n")
    #expect(lines.count == 51)
    for line in lines {
      let words = line.split(separator: " ")
      let name = String(words[0])
      let expected = words.dropFirst().compactMap { Double($0) }
      try #require(expected.count == 60)
      let file = try NumpyFile.read(directory.path + "/" + name)
      #expect(file.shape == [3, 4, 5])
      switch file.numbers {
      case .bytes(let bytes): #expect(bytes.map { Double($0) } == expected, "\(name)")
      case .integers(let integers): #expect(integers.map { Double($0) } == expected, "\(name)")
      case .floats(let floats): #expect(floats == expected.map { Float($0) }, "\(name)")
      }
    }
  }
}
