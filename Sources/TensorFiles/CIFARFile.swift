import OperatingSystem

/// Images and labels from a file of the binary version of CIFAR-10 ("data_batch_1.bin").
///
/// Format: cs.toronto.edu/~kriz/cifar.html. Each image is one byte of label and three planes of
/// 32 × 32 bytes, red, green, blue; here the channels come last. Krizhevsky, "Learning multiple
/// layers of features from tiny images", 2009.
public struct CIFARFile: Sendable {
  /// Pixels in a row and in a column.
  public static let side = 32
  public static let channelCount = 3
  /// The classes, by label.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  /// What a file may hold unless the caller says otherwise: 20 times the published set.
  public static let imagesMaxUsual = 1_200_000

  /// [images], each 0..<10.
  public let labels: [UInt8]
  /// [images, row, column, channel], row-major.
  public let pixels: [UInt8]

  private static let planeLength = side * side
  private static let recordLength = 1 + channelCount * planeLength
  private static let recordsPerPiece = 500

  /// - Parameters:
  ///   - path: the file.
  ///   - imagesMax: the most images to read.
  ///   - files: where to read it.
  public static func read(
    _ path: String, imagesMax: Int = imagesMaxUsual, files: any FileSystem = LocalFileSystem()
  ) throws(TensorFileError) -> CIFARFile {
    let file = try InputFile(path, expected: "a .bin file of CIFAR-10", files: files)
    let size = try file.size()
    try check(try file.contents(from: 0, limit: 2), size: size, path: path)
    let count = size / recordLength
    guard count <= imagesMax else {
      throw TensorFileError(
        path: path, problem: "\(grouped(count)) images, at most \(grouped(imagesMax)) are read",
        advice: "split it")
    }
    var labels: [UInt8] = []
    var pixels: [UInt8] = []
    labels.reserveCapacity(count)
    pixels.reserveCapacity(count * channelCount * planeLength)
    while labels.count < count {
      let records = min(recordsPerPiece, count - labels.count)
      let offset = labels.count * recordLength
      let piece = try file.contents(from: offset, limit: records * recordLength)
      guard piece.count == records * recordLength else {
        throw TensorFileError(
          path: path, offset: offset + piece.count, problem: "the file ends while it is read",
          advice: "wait until it is written")
      }
      try append(piece, at: offset, path: path, &labels, &pixels)
    }
    return CIFARFile(labels: labels, pixels: pixels)
  }

  /// Tells the other things that are offered where the binary version is.
  private static func check(
    _ prefix: [UInt8], size: Int, path: String
  ) throws(TensorFileError) {
    if prefix == [0x1F, 0x8B] {
      throw TensorFileError(
        path: path, problem: "it is compressed", advice: "unpack it with tar -xzf")
    }
    if prefix.first == 0x80 {
      throw TensorFileError(
        path: path, problem: "it is the Python version of the set, a pickle",
        advice: "download the binary version")
    }
    guard size > 0, size % recordLength == 0 else {
      let isOther = size > 0 && size % (recordLength + 1) == 0
      throw TensorFileError(
        path: path,
        problem: "CIFAR-10 takes \(grouped(recordLength)) bytes an image, the file has "
          + "\(grouped(size)) bytes" + (isOther ? " as of CIFAR-100" : ""),
        advice: isOther ? "give a file of CIFAR-10" : "copy it again")
    }
  }

  private static func append(
    _ piece: [UInt8], at offset: Int, path: String, _ labels: inout [UInt8],
    _ pixels: inout [UInt8]
  ) throws(TensorFileError) {
    for start in stride(from: 0, to: piece.count, by: recordLength) {
      let label = piece[start]
      guard Int(label) < classNames.count else {
        throw TensorFileError(
          path: path, offset: offset + start,
          problem: "the label of image \(grouped((offset + start) / recordLength)) is \(label), "
            + "labels are 0 to \(classNames.count - 1)",
          advice: "copy it again, or is it another set?")
      }
      labels.append(label)
      let planes = piece[(start + 1)..<(start + recordLength)]
      planes.withUnsafeBufferPointer { planes in
        for pixel in 0..<planeLength {
          pixels.append(planes[pixel])
          pixels.append(planes[pixel + planeLength])
          pixels.append(planes[pixel + 2 * planeLength])
        }
      }
    }
  }
}
