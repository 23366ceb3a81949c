import OperatingSystem

/// The tensors of a safetensors file, in memory.
public struct SafetensorsFile: Sendable {
  /// The file it was read from, for messages.
  public let path: String
  public let header: SafetensorsHeader
  /// All tensors one after the other, row-major and little-endian; `Entry.bytes` are places in it.
  public let data: [UInt8]

  /// The texts under `__metadata__`, in the file's order.
  public var metadata: [(name: String, value: String)] { header.metadata }
  /// In the order of their data.
  public var tensors: [SafetensorsHeader.Entry] { header.tensors }

  /// The most data that is read unless the caller says otherwise: 4 GiB.
  public static let dataMaxUsual = 4 << 30

  /// Reads a file into memory, after its header was checked against its size.
  /// - Parameters:
  ///   - path: the file.
  ///   - headerMax: the longest header to read, in bytes.
  ///   - dataMax: the most data to read, in bytes.
  ///   - files: where to read it.
  public static func read(
    _ path: String, headerMax: Int = SafetensorsHeader.lengthMaxUsual,
    dataMax: Int = dataMaxUsual, files: any FileSystem = LocalFileSystem()
  ) throws(TensorFileError) -> SafetensorsFile {
    let file = try InputFile(path, expected: "a safetensors file", files: files)
    let header = try SafetensorsHeader(file, lengthMax: headerMax)
    guard header.dataCount <= dataMax else {
      throw TensorFileError(
        path: path,
        problem: "it holds \(grouped(header.dataCount)) bytes of data, at most "
          + "\(grouped(dataMax)) are read",
        advice: "give a smaller file")
    }
    let data = try file.contents(from: header.dataOffset, limit: header.dataCount)
    guard data.count == header.dataCount else {
      throw TensorFileError(
        path: path, problem: "the file became shorter while it was read", advice: "try again")
    }
    return SafetensorsFile(path: path, header: header, data: data)
  }

  /// The entry of that name.
  public subscript(name: String) -> SafetensorsHeader.Entry? {
    header[name]
  }

  /// The elements of an F32 tensor, row-major.
  public func float32(_ name: String) throws(TensorFileError) -> [Float] {
    try elements(of: name, type: .float32, zero: 0)
  }

  /// Copies the elements of an F32 tensor, row-major, into exactly as many floats.
  public func copyFloat32(
    _ name: String, into destination: UnsafeMutableBufferPointer<Float>
  ) throws(TensorFileError) {
    let entry = try entry(name, type: .float32)
    let bytes = UnsafeMutableRawBufferPointer(destination)
    guard bytes.count == entry.bytes.count else {
      throw TensorFileError(
        path: path,
        problem: "the tensor '\(shown(name))' of \(times(entry.shape)) has "
          + "\(grouped(entry.bytes.count / 4)) elements, \(grouped(destination.count)) are wanted",
        advice: "was it written for another network?")
    }
    bytes.copyBytes(from: data[entry.bytes])
  }

  /// The elements of an F64 tensor, row-major.
  public func float64(_ name: String) throws(TensorFileError) -> [Double] {
    try elements(of: name, type: .float64, zero: 0)
  }

  /// The elements of an I64 tensor, row-major.
  public func int64(_ name: String) throws(TensorFileError) -> [Int64] {
    try elements(of: name, type: .int64, zero: 0)
  }

  /// The elements of a U64 tensor, row-major.
  public func uint64(_ name: String) throws(TensorFileError) -> [UInt64] {
    try elements(of: name, type: .uint64, zero: 0)
  }

  /// The elements of a U8 tensor, row-major.
  public func uint8(_ name: String) throws(TensorFileError) -> [UInt8] {
    Array(data[try entry(name, type: .uint8).bytes])
  }

  /// The elements of a BOOL tensor, row-major; every byte but 0 is true.
  public func boolean(_ name: String) throws(TensorFileError) -> [Bool] {
    data[try entry(name, type: .boolean).bytes].map { $0 != 0 }
  }

  private func entry(
    _ name: String, type: ElementType
  ) throws(TensorFileError) -> SafetensorsHeader.Entry {
    guard let entry = self[name] else {
      throw TensorFileError(
        path: path, problem: "it has no tensor '\(shown(name))' among its \(tensors.count)",
        advice: "was it written for another network?")
    }
    guard entry.type == type else {
      throw TensorFileError(
        path: path,
        problem:
          "the tensor '\(shown(name))' is \(entry.type.rawValue), \(type.rawValue) is wanted",
        advice: "convert it")
    }
    return entry
  }

  /// Copies, because a tensor may stand at any offset. The bytes are little-endian, as every
  /// machine is that this runs on.
  private func elements<Element: BitwiseCopyable>(
    of name: String, type: ElementType, zero: Element
  ) throws(TensorFileError) -> [Element] {
    let bytes = try entry(name, type: type).bytes
    var elements = [Element](repeating: zero, count: bytes.count / MemoryLayout<Element>.size)
    elements.withUnsafeMutableBytes { $0.copyBytes(from: data[bytes]) }
    return elements
  }
}
