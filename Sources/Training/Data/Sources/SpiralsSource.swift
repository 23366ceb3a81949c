import Glibc
import Tensors

/// Points in the plane, each class on an arm of a spiral around the origin.
struct SpiralsSource: MadeSource {
  static let kind = "spirals"
  static let summary = "points on the arms of a spiral, one arm a class"

  let counts: MadeCounts
  private let classes: Int
  /// Standard deviation along both axes, when an arm is 1 long.
  private let noise: Double

  /// From the middle to the end of an arm.
  private static let turns = 1.0

  init(_ object: ExperimentObject) throws {
    classes = try object.integer("classes", in: 2...100, default: 3)
    noise = try object.number("noise", in: 0...10, default: 0.02)
    counts = try MadeCounts(object, training: 3_000, validation: 600, sampleBytes: 8)
  }

  var outline: DatasetOutline? {
    DatasetOutline(sampleShape: [2], targetShape: .classes(count: classes, perSample: 1))
  }

  /// Sample i is of class i modulo the classes, so that all are equally frequent.
  func make(pool: WorkerPool) -> SampleSet {
    var points: [Float] = []
    points.reserveCapacity(counts.count * 2)
    for index in 0..<counts.count {
      var random = RandomSource(
        seed: counts.seed, purpose: .madeSamples, index: UInt32(index))
      let along = random.uniform()
      let arm = Double(index % classes) / Double(classes)
      let angle = 2 * Double.pi * (arm + Self.turns * along)
      points.append(Float(along * cos(angle) + noise * random.bell()))
      points.append(Float(along * sin(angle) + noise * random.bell()))
    }
    return SampleSet(
      samples: .floats(points), sampleShape: [2],
      targets: .classes(
        (0..<counts.count).map { Int32($0 % classes) }, perSample: 1, count: classes),
      channelCount: 2)
  }
}
