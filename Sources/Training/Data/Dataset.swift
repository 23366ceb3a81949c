import OperatingSystem
import TensorFiles
import Tensors

/// Samples of bytes with a class each, in memory.
public final class Dataset: Sendable {
  /// The shape of one sample, such as [28, 28].
  public let sampleShape: [Int]
  public let classCount: Int
  /// [sample, …], row-major.
  public let samples: [UInt8]
  public let labels: [UInt8]
  /// The first samples train; the rest validates.
  public let trainingCount: Int
  public var validationCount: Int { labels.count - trainingCount }
  public var sampleSize: Int { sampleShape.reduce(1, *) }

  /// input = byte · scale + offset: mean 0 and deviation 1 over the training samples.
  public let scale, offset: Float

  init(
    samples: [UInt8], sampleShape: [Int], labels: [UInt8], classCount: Int, trainingCount: Int
  ) {
    self.samples = samples
    self.sampleShape = sampleShape
    self.labels = labels
    self.classCount = classCount
    self.trainingCount = trainingCount
    let (mean, deviation) = Self.moments(samples.prefix(trainingCount * sampleShape.reduce(1, *)))
    scale = Float(1 / deviation)
    offset = Float(-mean / deviation)
  }

  /// The shape of a sample and the number of classes, for a check before anything is created:
  /// files are read, glyphs are not drawn.
  public static func outline(
    _ description: DataDescription, files: any FileSystem
  ) throws -> (sampleShape: [Int], classCount: Int) {
    switch description.source {
    case .glyphs: return ([Glyphs.side, Glyphs.side], Glyphs.classCount)
    case .idx(let images, let labels):
      let dataset = try loadIDX(images, labels, description, files: files)
      return (dataset.sampleShape, dataset.classCount)
    }
  }

  /// Reads or draws the samples. Mistakes are one line that names the file.
  public static func load(
    _ description: DataDescription, pool: WorkerPool, files: any FileSystem
  ) throws -> Dataset {
    switch description.source {
    case .glyphs(let seed, let training, let validation):
      return GlyphDrawing(seed: seed, count: training + validation)
        .draw(pool: pool, trainingCount: training)
    case .idx(let imagesPath, let labelsPath):
      return try loadIDX(imagesPath, labelsPath, description, files: files)
    }
  }

  private static func loadIDX(
    _ imagesPath: String, _ labelsPath: String, _ description: DataDescription,
    files: any FileSystem
  ) throws -> Dataset {
    func wrong(_ path: String, _ problem: String) -> ExperimentError {
      ExperimentError(place: path, problem: problem)
    }
    let images = try IDXFile.read(imagesPath, files: files)
    let labels = try IDXFile.read(labelsPath, files: files)
    guard images.shape.count >= 2 else {
      throw wrong(
        imagesPath, "holds \(images.shape.count) axis, images need 2 or more; is it the labels?")
    }
    guard labels.shape.count == 1 else {
      throw wrong(
        labelsPath, "holds \(labels.shape.count) axes, labels have 1; are these the images?")
    }
    guard images.shape[0] == labels.shape[0] else {
      throw wrong(
        labelsPath,
        "holds \(labels.shape[0]) labels, but \(imagesPath) holds \(images.shape[0]) images")
    }
    let count = images.shape[0]
    let validation = Int((Double(count) * description.validationFraction).rounded())
    guard validation >= 1, validation < count else {
      throw wrong(
        imagesPath,
        "\(count) images and a validationFraction of \(description.validationFraction) leave "
          + "\(count - validation) for training and \(validation) for validation")
    }
    let largest = labels.bytes.max() ?? 0
    return Dataset(
      samples: images.bytes, sampleShape: Array(images.shape.dropFirst()), labels: labels.bytes,
      classCount: max(2, Int(largest) + 1), trainingCount: count - validation)
  }

  /// Mean and standard deviation; exact integers until the end, so the same everywhere.
  private static func moments(_ bytes: ArraySlice<UInt8>) -> (mean: Double, deviation: Double) {
    var (sum, squares): (UInt64, UInt64) = (0, 0)
    bytes.withUnsafeBufferPointer { buffer in
      for byte in buffer {
        sum &+= UInt64(byte)
        squares &+= UInt64(byte) &* UInt64(byte)
      }
    }
    let count = Double(max(1, bytes.count))
    let mean = Double(sum) / count
    let variance = Double(squares) / count - mean * mean
    return (mean, variance > 0 ? variance.squareRoot() : 1)
  }
}

/// Draws the built-in images on the threads of a pool.
private final class GlyphDrawing: ParallelWork {
  private let glyphs: Glyphs
  private let count: Int
  private let pixels, labels: UnsafeMutablePointer<UInt8>
  private static let imagesPerBlock = 250

  init(seed: UInt64, count: Int) {
    glyphs = Glyphs(seed: seed)
    self.count = count
    pixels = .allocate(capacity: count * Glyphs.side * Glyphs.side)
    labels = .allocate(capacity: count)
  }

  deinit {
    pixels.deallocate()
    labels.deallocate()
  }

  func draw(pool: WorkerPool, trainingCount: Int) -> Dataset {
    pool.run(self, blocks: (count + Self.imagesPerBlock - 1) / Self.imagesPerBlock)
    let size = count * Glyphs.side * Glyphs.side
    return Dataset(
      samples: Array(UnsafeBufferPointer(start: pixels, count: size)),
      sampleShape: [Glyphs.side, Glyphs.side],
      labels: Array(UnsafeBufferPointer(start: labels, count: count)),
      classCount: Glyphs.classCount, trainingCount: trainingCount)
  }

  func perform(block: Int) {
    let first = block * Self.imagesPerBlock
    let range = first..<min(count, first + Self.imagesPerBlock)
    glyphs.draw(
      range, pixels: pixels + first * Glyphs.side * Glyphs.side, labels: labels + first)
  }
}
