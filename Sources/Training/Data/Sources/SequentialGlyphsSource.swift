import Tensors

/// The drawn digits, one pixel after the other: a sequence of 784 steps of one feature.
struct SequentialGlyphsSource: MadeSource {
  static let kind = "sequentialGlyphs"
  static let summary = "the drawn digits as sequences of 784 pixels; 10 classes"
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

  func make(pool: WorkerPool) -> SampleSet {
    var set = GlyphDrawing(counts).draw(pool: pool)
    set.sampleShape = Self.sampleShape
    return set
  }
}
