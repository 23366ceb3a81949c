import OperatingSystem

/// A safetensors file that is read a piece at a time, whatever its size: memory for one piece is
/// taken once. Not for several threads at a time.
public final class SafetensorsReader {
  public let path: String
  public let header: SafetensorsHeader
  /// The file when it was opened.
  public let status: FileStatus

  private let file: InputFile
  private let piece: UnsafeMutableRawBufferPointer

  /// Elements of a piece at most: with their numbers they stay within a processor's second cache.
  public static let pieceMax = 1 << 16
  private static let elementSizeMax = 8

  /// Opens a file and checks its header against its size.
  /// - Parameters:
  ///   - path: the file.
  ///   - headerMax: the longest header to read, in bytes.
  ///   - files: where to read it.
  public init(
    _ path: String, headerMax: Int = SafetensorsHeader.lengthMaxUsual,
    files: any FileSystem = LocalFileSystem()
  ) throws(TensorFileError) {
    self.path = path
    file = try InputFile(path, expected: "a safetensors file", files: files)
    status = try file.status()
    header = try SafetensorsHeader(file, lengthMax: headerMax)
    piece = .allocate(byteCount: Self.pieceMax * Self.elementSizeMax * 2, alignment: 64)
  }

  deinit {
    piece.deallocate()
  }

  private var raw: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: piece[..<(Self.pieceMax * Self.elementSizeMax)])
  }

  /// Where numbers stand that are not the file's own bytes.
  private var converted: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: piece[(Self.pieceMax * Self.elementSizeMax)...])
  }

  /// Reads elements of a tensor as numbers, a piece at a time.
  /// - Parameters:
  ///   - elements: which of them, counted row by row.
  ///   - decoder: of the tensor's type.
  ///   - body: is given the numbers of a piece, and the index of the first; valid until it returns.
  public func read(
    _ elements: Range<Int>, of tensor: SafetensorsHeader.Entry, by decoder: ElementDecoder,
    _ body: (UnsafeBufferPointer<Float>, Int) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    let size = tensor.type.bitCount / 8
    var index = elements.lowerBound
    while index < elements.upperBound {
      let count = min(Self.pieceMax, elements.upperBound - index)
      let bytes = UnsafeMutableRawBufferPointer(rebasing: raw[..<(count * size)])
      try fill(bytes, from: tensor.bytes.lowerBound + index * size)
      if tensor.type == .float32 {
        try body(UnsafeBufferPointer(bytes.bindMemory(to: Float.self)), index)
      } else {
        let numbers = UnsafeMutableBufferPointer(
          rebasing: converted.bindMemory(to: Float.self)[..<count])
        decoder.decode(UnsafeRawBufferPointer(bytes), into: numbers)
        try body(UnsafeBufferPointer(numbers), index)
      }
      index += count
    }
  }

  /// Reads bytes from an offset in the data.
  public func fill(
    _ bytes: UnsafeMutableRawBufferPointer, from offset: Int
  ) throws(TensorFileError) {
    try file.fill(bytes, from: header.dataOffset + offset)
  }

  /// The file's first bytes up to its data: length, header and padding.
  public func headerBytes() throws(TensorFileError) -> [UInt8] {
    try file.contents(from: 0, limit: header.dataOffset)
  }
}
