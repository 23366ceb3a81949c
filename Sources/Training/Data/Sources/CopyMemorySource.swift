import Tensors

/// The copying memory problem: repeat the symbols of the beginning, a long time later.
///
/// A sample has delay + 2 · length steps: `length` random symbols, delay − 1 blanks, the sign to
/// begin, `length` blanks. The target is blank until the last `length` steps, which are the
/// symbols. Inputs are one-hot: symbols come first, then the blank, then the sign; the classes are
/// the symbols and the blank. Who answers blanks and then guesses has a mean cross-entropy of
/// length · ln(symbols) / (delay + 2 · length). Hochreiter and Schmidhuber 1997, in the form of
/// Arjovsky, Shah, Bengio 2016, section 4.1.
struct CopyMemorySource: MadeSource {
  static let kind = "copyMemory"
  static let summary = "repeat the first symbols of a sequence after a delay; a class every step"
  static let paper: String? = "Arjovsky, Shah, Bengio 2016, section 4.1"

  let counts: MadeCounts
  private let delay, length, symbols: Int

  var normalizationDefault: Normalization { .none }

  init(_ object: ExperimentObject) throws {
    delay = try object.integer("delay", in: 1...100_000, default: 100)
    length = try object.integer("length", in: 1...1_000, default: 10)
    symbols = try object.integer("symbols", in: 2...1_000, default: 8)
    counts = try MadeCounts(
      object, training: 10_000, validation: 1_000,
      sampleBytes: (delay + 2 * length) * (symbols + 2 + 4))
  }

  private var steps: Int { delay + 2 * length }

  var outline: DatasetOutline? {
    DatasetOutline(
      sampleShape: [steps, symbols + 2], targetShape: .classes(count: symbols + 1, perSample: steps)
    )
  }

  func make(pool: WorkerPool) -> SampleSet {
    let (steps, features) = (steps, symbols + 2)
    let (blank, sign) = (symbols, symbols + 1)
    var inputs = [UInt8](repeating: 0, count: counts.count * steps * features)
    var targets = [Int32](repeating: Int32(blank), count: counts.count * steps)
    for index in 0..<counts.count {
      var random = RandomSource(
        seed: counts.seed, purpose: .madeSamples, index: UInt32(index))
      let first = index * steps
      for step in 0..<steps {
        var shown = blank
        if step < length {
          shown = Int(random.integer(below: UInt32(symbols)))
          targets[first + delay + length + step] = Int32(shown)
        } else if step == length + delay - 1 {
          shown = sign
        }
        inputs[(first + step) * features + shown] = 1
      }
    }
    return SampleSet(
      samples: .bytes(inputs), sampleShape: [steps, features],
      targets: .classes(targets, perSample: steps, count: symbols + 1), channelCount: features)
  }
}
