import Tensors

/// The adding problem: of a sequence of random numbers, two are marked, and their sum is the
/// target.
///
/// Each step has two features: a number, uniform in 0..<1, and a marker, which is 1 at one step of
/// the first half and at one of the second, else 0. Who always answers 1 has a mean squared error
/// of 1/6, the variance of the sum of two uniform numbers. Hochreiter and Schmidhuber 1997, section
/// 5.4, in the form of Le, Jaitly, Hinton 2015, section 4.1.
struct AddingSource: MadeSource {
  static let kind = "adding"
  static let summary = "the sum of the two marked numbers of a sequence; regression"
  static let paper: String? = "Hochreiter, Schmidhuber 1997, section 5.4"

  let counts: MadeCounts
  private let steps: Int

  var normalizationDefault: Normalization { .none }

  init(_ object: ExperimentObject) throws {
    steps = try object.integer("steps", in: 2...100_000, default: 100)
    counts = try MadeCounts(
      object, training: 10_000, validation: 1_000, sampleBytes: (2 * steps + 1) * 4)
  }

  var outline: DatasetOutline? {
    DatasetOutline(sampleShape: [steps, 2], targetShape: .values(perSample: 1))
  }

  func make(pool: WorkerPool) -> SampleSet {
    var inputs = [Float](repeating: 0, count: counts.count * steps * 2)
    var sums: [Float] = []
    sums.reserveCapacity(counts.count)
    let half = steps / 2
    for index in 0..<counts.count {
      var random = RandomSource(
        seed: counts.seed, purpose: .madeSamples, index: UInt32(index))
      let first = index * steps * 2
      // 24 bits, so that the numbers are exact in Float and never round to 1.
      for step in 0..<steps { inputs[first + 2 * step] = Float(random.next() >> 8) * 0x1p-24 }
      let marked = [
        Int(random.integer(below: UInt32(half))),
        half + Int(random.integer(below: UInt32(steps - half))),
      ]
      for step in marked { inputs[first + 2 * step + 1] = 1 }
      sums.append(marked.reduce(0) { $0 + inputs[first + 2 * $1] })
    }
    return SampleSet(
      samples: .floats(inputs), sampleShape: [steps, 2], targets: .values(sums, perSample: 1),
      channelCount: 2)
  }
}
