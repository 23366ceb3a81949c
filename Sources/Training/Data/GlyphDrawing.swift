import Tensors

/// Draws the built-in images on the threads of a pool.
final class GlyphDrawing: ParallelWork {
  private let glyphs: Glyphs
  private let count: Int
  private let permutation: [Int32]?
  private let pixels, labels: UnsafeMutablePointer<UInt8>

  private static let imagesPerBlock = 250
  private static let pixelCount = Glyphs.side * Glyphs.side

  /// - Parameter permutation: the pixel that goes to each place; nil: each to its own.
  init(_ counts: MadeCounts, permutation: [Int32]? = nil) {
    glyphs = Glyphs(seed: counts.seed)
    count = counts.count
    self.permutation = permutation
    pixels = .allocate(capacity: count * Self.pixelCount)
    labels = .allocate(capacity: count)
  }

  deinit {
    pixels.deallocate()
    labels.deallocate()
  }

  func draw(pool: WorkerPool) -> SampleSet {
    pool.run(self, blocks: (count + Self.imagesPerBlock - 1) / Self.imagesPerBlock)
    return SampleSet(
      samples: .bytes(
        Array(UnsafeBufferPointer(start: pixels, count: count * Self.pixelCount))),
      sampleShape: [Glyphs.side, Glyphs.side],
      targets: .classes(
        UnsafeBufferPointer(start: labels, count: count).map { Int32($0) }, perSample: 1,
        count: Glyphs.classCount))
  }

  func perform(block: Int) {
    let first = block * Self.imagesPerBlock
    let range = first..<min(count, first + Self.imagesPerBlock)
    glyphs.draw(range, pixels: pixels + first * Self.pixelCount, labels: labels + first)
    guard let permutation else { return }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.pixelCount) { image in
      guard let copy = image.baseAddress else { return }
      for index in range {
        let start = pixels + index * Self.pixelCount
        copy.initialize(from: start, count: Self.pixelCount)
        for (place, pixel) in permutation.enumerated() { start[place] = copy[Int(pixel)] }
      }
    }
  }
}
