import OperatingSystem

/// An array from a file of NumPy's, as `np.save` writes it: format versions 1 to 3, either order of
/// axes and of bytes.
///
/// Format: numpy.org, "NEP 1" and `numpy.lib.format`. Nothing in the file is ever evaluated, and
/// arrays of Python objects are refused.
public struct NumpyFile: Sendable {
  /// Extents, outermost first; empty for a single number.
  public let shape: [Int]
  /// In row-major order whatever the file's; as many as the product of the shape.
  public let numbers: Numbers

  public enum Numbers: Sendable, Equatable {
    /// Of unsigned bytes and of booleans, which are 0 and 1.
    case bytes([UInt8])
    /// Of all other integers.
    case integers([Int64])
    /// Of floats; doubles are rounded.
    case floats([Float])
  }

  /// What a file may hold unless the caller says otherwise: 4 GiB.
  public static let sizeMaxUsual = 4 << 30
  /// Bytes that are converted at a time; a multiple of every element's size.
  private static let pieceLength = 1 << 20

  /// Reads a file. Its length is compared with its header before memory is taken.
  /// - Parameters:
  ///   - path: the file.
  ///   - sizeMax: the most bytes of data to read.
  ///   - files: where to read it.
  public static func read(
    _ path: String, sizeMax: Int = sizeMaxUsual, files: any FileSystem = LocalFileSystem()
  ) throws(TensorFileError) -> NumpyFile {
    let file = try InputFile(path, expected: "a .npy file", files: files)
    let header = try NumpyFileHeader(file)
    let size = try file.size()
    try check(header, path: path, size: size, sizeMax: sizeMax)
    var numbers = try read(header, from: file)
    if header.isFortranOrder, header.shape.count > 1, header.byteCount > 0 {
      numbers = numbers.rowMajor(shape: header.shape)
    }
    return NumpyFile(shape: header.shape, numbers: numbers)
  }

  private static func check(
    _ header: NumpyFileHeader, path: String, size: Int, sizeMax: Int
  ) throws(TensorFileError) {
    let contents = "\(shown(times(header.shape))) values of \(header.type.name)"
    guard header.byteCount <= sizeMax else {
      throw TensorFileError(
        path: path,
        problem: "\(contents) need \(grouped(header.byteCount)) bytes, at most "
          + "\(grouped(sizeMax)) are read",
        advice: "split it, or copy it again if it should be smaller")
    }
    let found = size - header.dataOffset
    guard found == header.byteCount else {
      throw TensorFileError(
        path: path,
        problem: "\(contents) need \(grouped(header.byteCount)) bytes behind the "
          + "header, the file has \(grouped(max(0, found)))",
        advice: found < header.byteCount ? "copy it again" : "save one array to a file")
    }
  }

  private static func read(
    _ header: NumpyFileHeader, from file: borrowing InputFile
  ) throws(TensorFileError) -> Numbers {
    let count = header.byteCount / header.type.size
    var numbers = Numbers(like: header.type, capacity: count)
    var done = 0
    while done < header.byteCount {
      let wanted = min(pieceLength, header.byteCount - done)
      let piece = try file.contents(from: header.dataOffset + done, limit: wanted)
      guard piece.count == wanted else {
        throw TensorFileError(
          path: file.path, offset: header.dataOffset + done + piece.count,
          problem: "the file ends while it is read", advice: "wait until it is written")
      }
      if let wrong = numbers.append(piece, header.type) {
        throw TensorFileError(
          path: file.path, offset: header.dataOffset + done + wrong * header.type.size,
          problem: "a number beyond \(Int64.max)", advice: "save it as int64")
      }
      done += wanted
    }
    return numbers
  }
}

extension NumpyFile.Numbers {
  fileprivate init(like type: NumpyFileHeader.Element, capacity: Int) {
    switch type.kind {
    case _ where type.size == 1 && type.kind != .signed:
      var bytes: [UInt8] = []
      bytes.reserveCapacity(capacity)
      self = .bytes(bytes)
    case .boolean, .signed, .unsigned:
      var integers: [Int64] = []
      integers.reserveCapacity(capacity)
      self = .integers(integers)
    case .float:
      var floats: [Float] = []
      floats.reserveCapacity(capacity)
      self = .floats(floats)
    }
  }

  /// Converts and appends a piece of the file.
  /// - Returns: the index within the piece of a number that does not fit; nil when all do.
  fileprivate mutating func append(_ piece: [UInt8], _ type: NumpyFileHeader.Element) -> Int? {
    switch self {
    case .bytes(var bytes):
      self = .bytes([])
      if type.kind == .boolean {
        bytes.append(contentsOf: piece.lazy.map { $0 == 0 ? 0 : 1 })
      } else {
        bytes.append(contentsOf: piece)
      }
      self = .bytes(bytes)
    case .integers(var integers):
      self = .integers([])
      defer { self = .integers(integers) }
      return type.append(piece, to: &integers)
    case .floats(var floats):
      self = .floats([])
      type.append(piece, to: &floats)
      self = .floats(floats)
    }
    return nil
  }

  /// The same numbers when the first axis was the one that varies fastest.
  fileprivate func rowMajor(shape: [Int]) -> NumpyFile.Numbers {
    switch self {
    case .bytes(let bytes): .bytes(AxisReversal(shape: shape).applied(to: bytes))
    case .integers(let integers): .integers(AxisReversal(shape: shape).applied(to: integers))
    case .floats(let floats): .floats(AxisReversal(shape: shape).applied(to: floats))
    }
  }
}

extension NumpyFileHeader.Element {
  /// - Returns: the index of an integer that is too large; nil when all fit.
  fileprivate func append(_ piece: [UInt8], to integers: inout [Int64]) -> Int? {
    let isSigned = kind == .signed
    switch size {
    case 1: decode(piece, UInt8.self) { integers.append(Int64(Int8(bitPattern: $0))) }
    case 2:
      decode(piece, UInt16.self) {
        integers.append(isSigned ? Int64(Int16(bitPattern: $0)) : Int64($0))
      }
    case 4:
      decode(piece, UInt32.self) {
        integers.append(isSigned ? Int64(Int32(bitPattern: $0)) : Int64($0))
      }
    default:
      let first = integers.count
      decode(piece, UInt64.self) { integers.append(Int64(bitPattern: $0)) }
      return isSigned ? nil : integers[first...].firstIndex { $0 < 0 }.map { $0 - first }
    }
    return nil
  }

  fileprivate func append(_ piece: [UInt8], to floats: inout [Float]) {
    switch size {
    case 2: decode(piece, UInt16.self) { floats.append(Float(Float16(bitPattern: $0))) }
    case 4: decode(piece, UInt32.self) { floats.append(Float(bitPattern: $0)) }
    default: decode(piece, UInt64.self) { floats.append(Float(Double(bitPattern: $0))) }
    }
  }

  @inline(__always)
  private func decode<Raw: FixedWidthInteger>(
    _ piece: [UInt8], _ type: Raw.Type, _ body: (Raw) -> Void
  ) {
    piece.withUnsafeBytes { bytes in
      for offset in stride(from: 0, to: bytes.count, by: MemoryLayout<Raw>.size) {
        let raw = bytes.loadUnaligned(fromByteOffset: offset, as: Raw.self)
        body(isBigEndian ? Raw(bigEndian: raw) : Raw(littleEndian: raw))
      }
    }
  }
}

/// From column-major order (Fortran's: the first index varies fastest) to row-major.
private struct AxisReversal {
  let shape: [Int]

  func applied<Number>(to numbers: [Number]) -> [Number] {
    // The distance in `numbers` between neighbours along each axis.
    var distances: [Int] = []
    var distance = 1
    for size in shape {
      distances.append(distance)
      distance *= size
    }
    var index = [Int](repeating: 0, count: shape.count)
    var source = 0
    return [Number](unsafeUninitializedCapacity: numbers.count) { result, count in
      for place in numbers.indices {
        result.initializeElement(at: place, to: numbers[source])
        var axis = shape.count - 1
        while axis >= 0 {
          index[axis] += 1
          source += distances[axis]
          if index[axis] < shape[axis] { break }
          source -= distances[axis] * shape[axis]
          index[axis] = 0
          axis -= 1
        }
      }
      count = numbers.count
    }
  }
}
