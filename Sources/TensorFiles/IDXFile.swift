import OperatingSystem

/// An array of bytes from an IDX file, the format of MNIST: plain, or gzipped as it is published.
///
/// Format: yann.lecun.com/exdb/mnist.
public struct IDXFile: Sendable {
  /// [images, rows, columns] or [labels].
  public let shape: [Int]
  /// Row-major; as many as the product of the shape.
  public let bytes: [UInt8]

  /// What a file may hold unless the caller says otherwise: 4 GiB.
  public static let sizeMaxUsual = 4 << 30

  /// Reads a file, plain or gzipped, whichever its first bytes say.
  ///
  /// The sizes in the header are checked against the file before memory is taken for them; those of
  /// a gzipped file against what gzip can hold in its size. Decompresses with the program `gzip`.
  /// - Parameters:
  ///   - path: the file.
  ///   - sizeMax: the most bytes to read, after decompression.
  ///   - files: where to read it; a gzipped file must also be readable by other programs.
  public static func read(
    _ path: String, sizeMax: Int = sizeMaxUsual, files: any FileSystem = LocalFileSystem()
  ) throws(TensorFileError) -> IDXFile {
    let file = try InputFile(path, expected: "an IDX file, plain or gzipped", files: files)
    let prefix = try file.contents(from: 0, limit: IDXHeader.lengthMax)
    let size = try file.size()
    if prefix.starts(with: [0x1F, 0x8B]) {
      return try readCompressed(path, compressedSize: size, sizeMax: sizeMax)
    }
    let header = try IDXHeader(prefix, path: path)
    try check(header, path: path, found: size, where: "the file")
    try check(header, path: path, sizeMax: sizeMax)
    let bytes = try file.contents(
      from: header.length, limit: header.fileLength - header.length)
    try check(header, path: path, found: header.length + bytes.count, where: "the file")
    return IDXFile(shape: header.shape, bytes: bytes)
  }

  private static func check(
    _ header: IDXHeader, path: String, sizeMax: Int
  ) throws(TensorFileError) {
    guard header.fileLength <= sizeMax else {
      throw TensorFileError(
        path: path, offset: 4,
        problem: "\(header.contents) need \(grouped(header.fileLength)) bytes, at most "
          + "\(grouped(sizeMax)) are read",
        advice: "split it, or copy it again if it should be smaller")
    }
  }

  private static func check(
    _ header: IDXHeader, path: String, found size: Int, where place: String
  ) throws(TensorFileError) {
    guard size == header.fileLength else {
      throw TensorFileError(
        path: path,
        problem: "\(header.contents) need \(grouped(header.fileLength)) bytes, \(place) has "
          + grouped(size),
        advice: "copy it again")
    }
  }

  // MARK: gzip

  /// Decompresses twice: the first bytes, to know how much must come, then exactly that much.
  private static func readCompressed(
    _ path: String, compressedSize: Int, sizeMax: Int
  ) throws(TensorFileError) -> IDXFile {
    let start = try decompress(path, limit: IDXHeader.lengthMax)
    let header = try IDXHeader(start.output, path: path)
    try check(header, path: path, sizeMax: sizeMax)
    // Deflate's densest code is 258 bytes in 2 bits, which is 1032 for one.
    let (outputMax, overflow) = compressedSize.multipliedReportingOverflow(by: 1032)
    guard overflow || header.fileLength <= outputMax else {
      throw TensorFileError(
        path: path, offset: 4,
        problem: "\(header.contents) need \(grouped(header.fileLength)) bytes, more than "
          + "\(grouped(compressedSize)) bytes of gzip can hold",
        advice: "copy it again")
    }
    let whole = try decompress(path, limit: header.fileLength)
    let place = "the decompressed file"
    guard !whole.isCut else {
      throw TensorFileError(
        path: path,
        problem: "\(header.contents) need \(grouped(header.fileLength)) bytes, \(place) has more",
        advice: "copy it again")
    }
    try check(header, path: path, found: whole.output.count, where: place)
    var bytes = whole.output
    bytes.removeFirst(header.length)
    return IDXFile(shape: header.shape, bytes: bytes)
  }

  /// Runs gzip; throws its reason when it fails before it has written `limit` bytes.
  static func decompress(
    _ path: String, limit: Int
  ) throws(TensorFileError) -> ChildProcess.Answer {
    let answer: ChildProcess.Answer
    do throws(SystemError) {
      answer = try ChildProcess.run("gzip", arguments: ["-dc", "--", path], outputLimit: limit)
    } catch {
      throw TensorFileError(
        path: path, problem: "it is gzipped and gzip cannot be started: \(error.reason)",
        advice: "install gzip, or decompress it first")
    }
    guard answer.isCut || answer.ending == .exited(0) else {
      throw TensorFileError(
        path: path,
        problem: "gzip cannot decompress it: \(reason(in: answer.errorText, path: path))",
        advice: "copy it again")
    }
    return answer
  }

  /// "unexpected end of file" of "\ngzip: train.gz: unexpected end of file\n".
  private static func reason(in errorText: String, path: String) -> String {
    let lines = errorText.split(separator: "\n").map { line in
      var rest = Substring(line)
      for prefix in ["gzip: ", path + ": "] where rest.hasPrefix(prefix) {
        rest = rest.dropFirst(prefix.count)
      }
      return String(rest)
    }
    return lines.isEmpty ? "it gave no reason" : shown(lines.joined(separator: ", "))
  }
}
