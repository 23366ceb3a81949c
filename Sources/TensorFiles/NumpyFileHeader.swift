/// What stands before the numbers of a .npy file: the magic string, the version, the header's
/// length, and a dictionary in Python's notation.
struct NumpyFileHeader {
  /// More axes than any data set has; NumPy itself allows 64.
  static let rankMax = 8
  /// More than any array of plain numbers needs; the format allows 4 GiB.
  static let lengthMax = 65_536
  /// Magic string, version, and the longer form of the length.
  private static let prefixLength = 12

  let shape: [Int]
  let type: Element
  /// Whether the first axis varies fastest.
  let isFortranOrder: Bool
  /// Where the numbers begin.
  let dataOffset: Int
  /// Bytes that the numbers take.
  let byteCount: Int

  /// What the array is made of.
  struct Element: Equatable {
    enum Kind: Character {
      case boolean = "b"
      case signed = "i"
      case unsigned = "u"
      case float = "f"
    }
    var kind: Kind
    /// Bytes.
    var size: Int
    var isBigEndian: Bool

    /// NumPy's name: "float32".
    var name: String {
      switch kind {
      case .boolean: "bool"
      case .signed: "int\(size * 8)"
      case .unsigned: "uint\(size * 8)"
      case .float: "float\(size * 8)"
      }
    }
  }

  init(_ file: borrowing InputFile) throws(TensorFileError) {
    let prefix = try file.contents(from: 0, limit: Self.prefixLength)
    let (textOffset, textLength) = try Self.textPlace(prefix, path: file.path)
    let text = try file.contents(from: textOffset, limit: textLength)
    guard text.count == textLength else {
      throw TensorFileError(
        path: file.path, offset: textOffset,
        problem: "the header needs \(grouped(textLength)) bytes, the file has "
          + grouped(text.count),
        advice: "copy it again")
    }
    var parser = NumpyFileHeaderParser(text, path: file.path, offset: textOffset)
    let dictionary = try parser.parse()
    shape = dictionary.shape
    type = dictionary.type
    isFortranOrder = dictionary.isFortranOrder
    dataOffset = textOffset + textLength
    guard let byteCount = Self.byteCount(shape: shape, elementSize: type.size) else {
      throw TensorFileError(
        path: file.path, offset: textOffset,
        problem: "the sizes \(shown(times(shape))) are beyond any file", advice: "copy it again")
    }
    self.byteCount = byteCount
  }

  /// Where the dictionary stands, by the first bytes.
  private static func textPlace(
    _ prefix: [UInt8], path: String
  ) throws(TensorFileError) -> (offset: Int, length: Int) {
    if prefix.starts(with: [0x50, 0x4B]) {
      throw TensorFileError(
        path: path, problem: "it is a ZIP archive, as .npz files are",
        advice: "save each of its arrays with np.save")
    }
    guard prefix.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw TensorFileError(
        path: path, offset: 0, problem: "a .npy file begins with \\x93NUMPY, this one does not",
        advice: "save the array with np.save")
    }
    guard prefix.count == prefixLength else {
      throw TensorFileError(
        path: path,
        problem: "a .npy file has a header, this one ends after "
          + "\(prefix.count) bytes",
        advice: "copy it again")
    }
    let version = prefix[6]
    guard (1...3).contains(version) else {
      throw TensorFileError(
        path: path, offset: 6, problem: "version \(version) of the format, 1 to 3 can be read",
        advice: "save it with another version of NumPy")
    }
    let lengthBytes = prefix[8..<(version == 1 ? 10 : 12)]
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= lengthMax else {
      throw TensorFileError(
        path: path, offset: 8,
        problem: "a header of \(grouped(length)) bytes, at most \(grouped(lengthMax)) are read",
        advice: "is it a file of np.save?")
    }
    return (lengthBytes.endIndex, length)
  }

  private static func byteCount(shape: [Int], elementSize: Int) -> Int? {
    if shape.contains(0) { return 0 }
    var count = elementSize
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      count = product
    }
    return count
  }
}
