import Tensors

/// The drawn digits as sequences, the pixels of all in one random order that the seed decides.
struct PermutedGlyphsSource: MadeSource {
  static let kind = "permutedGlyphs"
  static let summary = "the drawn digits as sequences of 784 pixels in one random order; 10 classes"
  static let paper: String? = "Le, Jaitly, Hinton 2015, section 4.2"

  let counts: MadeCounts

  private static let sampleShape = [Glyphs.side * Glyphs.side, 1]

  init(_ object: ExperimentObject) throws {
    counts = try MadeCounts(glyphs: object)
  }

  var outline: DatasetOutline? {
    DatasetOutline(
      sampleShape: Self.sampleShape,
      targetShape: .classes(count: Glyphs.classCount, perSample: 1))
  }

  /// The pixel that stands at each step.
  var permutation: [Int32] {
    var permutation = (0..<Int32(Glyphs.side * Glyphs.side)).map { $0 }
    var random = RandomSource(seed: counts.seed, purpose: .madeOrder)
    random.shuffle(&permutation)
    return permutation
  }

  func make(pool: WorkerPool) -> SampleSet {
    var set = GlyphDrawing(counts, permutation: permutation).draw(pool: pool)
    set.sampleShape = Self.sampleShape
    return set
  }
}
