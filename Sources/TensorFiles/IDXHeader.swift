/// The first bytes of an IDX file: 0, 0, the type, the rank, and the sizes as big-endian UInt32.
struct IDXHeader {
  /// More dimensions than any data set has.
  static let rankMax = 8
  /// The most bytes a header takes.
  static let lengthMax = 4 + 4 * rankMax

  let shape: [Int]
  /// Bytes of the header.
  let length: Int
  /// Bytes of the header and the data.
  let fileLength: Int

  /// - Parameter prefix: the file's first `lengthMax` bytes, or all it has.
  init(_ prefix: [UInt8], path: String) throws(TensorFileError) {
    guard prefix.count >= 4 else {
      throw TensorFileError(
        path: path,
        problem: "an IDX file has a header of at least 8 bytes, the file has \(prefix.count)",
        advice: "copy it again")
    }
    guard prefix[0] == 0, prefix[1] == 0 else {
      throw TensorFileError(
        path: path, offset: 0,
        problem: "an IDX file begins with 00 00 08, this one with \(Self.hexadecimal(prefix))",
        advice: "give an IDX file, plain or gzipped")
    }
    try Self.check(type: prefix[2], path: path)
    let rank = Int(prefix[3])
    guard rank >= 1, rank <= Self.rankMax else {
      throw TensorFileError(
        path: path, offset: 3,
        problem: "the header says \(rank) dimensions, 1 to \(Self.rankMax) can be read",
        advice: "is it an IDX file?")
    }
    length = 4 + 4 * rank
    guard prefix.count >= length else {
      throw TensorFileError(
        path: path,
        problem: "a header of \(rank) dimensions needs \(length) bytes, the file has "
          + "\(prefix.count)",
        advice: "copy it again")
    }
    shape = (0..<rank).map { axis in
      prefix[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let fileLength = Self.fileLength(shape: shape, headerLength: length) else {
      throw TensorFileError(
        path: path, offset: 4, problem: "the sizes \(times(shape)) are beyond any file",
        advice: "copy it again")
    }
    self.fileLength = fileLength
  }

  /// "10000 images of 28×28", "10000 labels", "2×3×4×5 values".
  var contents: String {
    switch shape.count {
    case 1: "\(shape[0]) labels"
    case 3: "\(shape[0]) images of \(times(Array(shape.dropFirst())))"
    default: "\(times(shape)) values"
    }
  }

  private static func fileLength(shape: [Int], headerLength: Int) -> Int? {
    if shape.contains(0) { return headerLength }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      count = product
    }
    let (length, overflow) = count.addingReportingOverflow(headerLength)
    return overflow ? nil : length
  }

  private static func check(type: UInt8, path: String) throws(TensorFileError) {
    let others: [UInt8: String] = [
      0x09: "signed bytes", 0x0B: "16-bit integers", 0x0C: "32-bit integers",
      0x0D: "32-bit floats", 0x0E: "64-bit floats",
    ]
    if type == 0x08 { return }
    if let name = others[type] {
      throw TensorFileError(
        path: path, offset: 2,
        problem: "it holds \(name) (type \(hexadecimal([type]))), only unsigned bytes (type 08) "
          + "can be read",
        advice: "convert it to bytes")
    }
    throw TensorFileError(
      path: path, offset: 2, problem: "\(hexadecimal([type])) is no type of an IDX file",
      advice: "give an IDX file, plain or gzipped")
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.prefix(3).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined(separator: " ")
  }
}
