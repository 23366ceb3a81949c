import Tensors

/// Grey digits, 28 × 28, that the program draws.
struct GlyphsSource: MadeSource {
  static let kind = "glyphs"
  static let summary = "grey digits of 28×28 pixels, drawn by the program; 10 classes"

  let counts: MadeCounts

  var drawsImages: Bool { true }

  init(_ object: ExperimentObject) throws {
    counts = try MadeCounts(glyphs: object)
  }

  var outline: DatasetOutline? {
    DatasetOutline(
      sampleShape: [Glyphs.side, Glyphs.side],
      targetShape: .classes(count: Glyphs.classCount, perSample: 1))
  }

  func make(pool: WorkerPool) -> SampleSet {
    var set = GlyphDrawing(counts).draw(pool: pool)
    set.isImage = drawsImages
    return set
  }
}

extension MadeCounts {
  init(glyphs object: ExperimentObject) throws {
    try self.init(
      object, training: Glyphs.trainingCountDefault, validation: Glyphs.validationCountDefault,
      sampleBytes: Glyphs.side * Glyphs.side)
  }
}
