import OperatingSystem

/// What a safetensors file holds, without its data.
///
/// Format: github.com/huggingface/safetensors, README and `tensor.rs`. This reader makes all the
/// checks of the reference, and four more that its README asks for or that spare memory: names are
/// unique, the header begins with `{`, it is at most 16 MiB long, and nothing is nested deeper than
/// the format needs.
public struct SafetensorsHeader: Sendable {
  /// A tensor's place in the file.
  public struct Entry: Equatable, Sendable {
    public let name: String
    public let type: ElementType
    /// Empty for a single number.
    public let shape: [Int]
    /// Where it stands in the data, which is row-major and little-endian.
    public let bytes: Range<Int>
  }

  /// The texts under `__metadata__`, in the file's order.
  public let metadata: [(name: String, value: String)]
  /// In the order of their data; together they cover the data exactly.
  public let tensors: [Entry]
  /// Where the data begins in the file, in bytes.
  public let dataOffset: Int
  /// Bytes of data.
  public let dataCount: Int

  /// The longest header that is read unless the caller says otherwise: 16 MiB.
  public static let lengthMaxUsual = 16 << 20
  /// The longest header of the format.
  public static let lengthMaxOfFormat = 100_000_000
  /// The object, an entry, its shape; one more for fields that a later version may add.
  static let depthMax = 4

  /// The entry of that name.
  public subscript(name: String) -> Entry? {
    tensors.first { $0.name == name }
  }

  /// Reads and checks the header of a file against the file's size.
  /// - Parameters:
  ///   - path: the file.
  ///   - lengthMax: the longest header to read, in bytes; at most `lengthMaxOfFormat`.
  ///   - files: where to read it.
  public static func read(
    _ path: String, lengthMax: Int = lengthMaxUsual, files: any FileSystem = LocalFileSystem()
  ) throws(TensorFileError) -> SafetensorsHeader {
    let file = try InputFile(path, expected: "a safetensors file", files: files)
    return try SafetensorsHeader(file, lengthMax: lengthMax)
  }

  init(_ file: borrowing InputFile, lengthMax: Int) throws(TensorFileError) {
    let size = try file.size()
    let prefix = try file.contents(from: 0, limit: 8)
    guard prefix.count == 8 else {
      throw TensorFileError(
        path: file.path,
        problem: "a safetensors file begins with 8 bytes, the file has \(prefix.count)",
        advice: "copy it again")
    }
    let length = prefix.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    let limit = min(lengthMax, Self.lengthMaxOfFormat)
    guard length <= UInt64(max(0, limit)) else {
      throw TensorFileError(
        path: file.path, offset: 0,
        problem: "the header says it is \(length) bytes long, at most \(grouped(limit)) are read",
        advice: "is it a safetensors file?")
    }
    let dataOffset = 8 + Int(length)
    guard dataOffset <= size else {
      throw TensorFileError(
        path: file.path,
        problem: "the header needs \(grouped(dataOffset)) bytes, the file has \(grouped(size))",
        advice: "copy it again, or wait until it is written")
    }
    let text = try file.contents(from: 8, limit: Int(length))
    guard text.count == Int(length) else {
      throw TensorFileError(
        path: file.path, problem: "the file became shorter while it was read",
        advice: "try again")
    }
    self = try SafetensorsHeaderParser(path: file.path, dataOffset: dataOffset)
      .parse(text, dataCount: size - dataOffset)
  }

  init(
    metadata: [(name: String, value: String)], tensors: [Entry], dataOffset: Int, dataCount: Int
  ) {
    self.metadata = metadata
    self.tensors = tensors
    self.dataOffset = dataOffset
    self.dataCount = dataCount
  }
}
