import JSONText
import OperatingSystem

/// Writes safetensors files as the reference implementation does (`tensor.rs`), byte for byte:
/// tensors by falling alignment, then by name; the header padded with spaces to a multiple of 8,
/// so that every tensor stands at a multiple of its element's size.
public struct SafetensorsWriter: Sendable {
  private let files: any FileSystem

  /// - Parameter files: where to write.
  public init(files: any FileSystem = LocalFileSystem()) {
    self.files = files
  }

  /// Writes a file and returns when it is on the disk.
  ///
  /// It is written under another name in the same directory and renamed at the end. When anything
  /// fails, nothing changes under `path` and the unfinished file is removed.
  /// - Parameters:
  ///   - tensors: in any order; the names must differ, and each needs as many bytes as its shape
  ///     says.
  ///   - metadata: texts for `__metadata__`, in the order they are to be written.
  ///   - path: the file's final name.
  public func write(
    _ tensors: [SafetensorsTensor], metadata: [(name: String, value: String)] = [],
    to path: String
  ) throws(TensorFileError) {
    let ordered = Self.ordered(tensors)
    let entries = ordered.map { tensor in
      SafetensorsHeader.Entry(
        name: tensor.name, type: tensor.type, shape: tensor.shape, bytes: 0..<tensor.bytes.count)
    }
    let header = try Self.header(for: entries, metadata: metadata, path: path)
    do throws(SystemError) {
      try files.replace(path) { (file) throws(SystemError) in
        try files.writeAll(header, to: file)
        for tensor in ordered where !tensor.bytes.isEmpty {
          try files.writeAll(tensor.bytes, to: file)
        }
      }
    } catch {
      throw TensorFileError(path: path, error)
    }
  }

  private static func ordered(_ tensors: [SafetensorsTensor]) -> [SafetensorsTensor] {
    let ranks = Dictionary(
      uniqueKeysWithValues: ElementType.allCases.enumerated().map { ($1, $0) })
    return tensors.sorted { first, second in
      let firstRank = ranks[first.type, default: 0]
      let secondRank = ranks[second.type, default: 0]
      if firstRank != secondRank { return firstRank > secondRank }
      return first.name.utf8.lexicographicallyPrecedes(second.name.utf8)
    }
  }

  /// What stands before the data of a file with these tensors, one behind the other: the length,
  /// the JSON text and its padding.
  /// - Parameter path: for messages.
  static func header(
    for tensors: [SafetensorsHeader.Entry], metadata: [(name: String, value: String)], path: String
  ) throws(TensorFileError) -> [UInt8] {
    try checkNames(metadata.map(\.name), of: "texts in __metadata__", path: path)
    try checkNames(tensors.map(\.name), of: "tensors", path: path)
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      let texts = metadata.map { JSON.Member(name: $0.name, value: .string($0.value)) }
      members.append(JSON.Member(name: "__metadata__", value: .object(texts)))
    }
    var offset = 0
    for tensor in tensors {
      try check(tensor, path: path)
      let end = offset + tensor.bytes.count
      let entry: JSON = [
        "dtype": .string(tensor.type.rawValue),
        "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
        "data_offsets": [.integer(Int64(offset)), .integer(Int64(end))],
      ]
      members.append(JSON.Member(name: tensor.name, value: entry))
      offset = end
    }
    var text = JSON.object(members).utf8()
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    guard text.count <= SafetensorsHeader.lengthMaxUsual else {
      throw TensorFileError(
        path: path,
        problem: "the header would take \(grouped(text.count)) bytes, at most "
          + "\(grouped(SafetensorsHeader.lengthMaxUsual)) can be read again",
        advice: "write fewer tensors or shorter texts")
    }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }

  private static func checkNames(
    _ names: [String], of things: String, path: String
  ) throws(TensorFileError) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw TensorFileError(
        path: path, problem: "two \(things) would be named '\(shown(name))'",
        advice: "give them different names")
    }
  }

  private static func check(
    _ tensor: SafetensorsHeader.Entry, path: String
  ) throws(TensorFileError) {
    guard tensor.name != "__metadata__" else {
      throw TensorFileError(
        path: path, problem: "no tensor can be named '__metadata__'",
        advice: "give it another name")
    }
    guard tensor.type.byteCount(shape: tensor.shape) == tensor.bytes.count else {
      throw TensorFileError(
        path: path,
        problem: "the tensor '\(shown(tensor.name))' of \(times(tensor.shape)) "
          + "\(tensor.type.rawValue) cannot have \(grouped(tensor.bytes.count)) bytes",
        advice: "this is an error in the program")
    }
  }
}
