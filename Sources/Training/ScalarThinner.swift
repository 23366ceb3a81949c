import RunLog

/// Keeps the log of every step to a bounded rate: of each window of time the steps stay at which
/// some series has its minimum or maximum, so that no spike is lost.
struct ScalarThinner {
  /// Windows a second; each gives at most two points a series.
  static let windowsPerSecond = 50.0

  struct Sample {
    var step: Int64
    var wallTime: Double
    var values: [Float]
  }

  private let tags: [String]
  private var window: [Sample] = []
  private var windowEnd = 0.0
  private var extremes: [(minimum: Int, maximum: Int)]
  /// Samples of a window that are held at most; a longer window is closed early.
  private static let samplesMax = 512

  init(tags: [String]) {
    self.tags = tags
    extremes = Array(repeating: (0, 0), count: tags.count)
    window.reserveCapacity(Self.samplesMax)
  }

  /// Takes a step's values, one for each tag; writes a window that it ends.
  mutating func add(_ sample: Sample, at seconds: Double, to writer: EventFileWriter) {
    if seconds >= windowEnd || window.count >= Self.samplesMax {
      flush(to: writer)
      windowEnd = seconds + 1 / Self.windowsPerSecond
    }
    let index = window.count
    window.append(sample)
    for tag in tags.indices {
      if index == 0 {
        extremes[tag] = (0, 0)
      } else {
        // A value that is no number is an extreme: it must be seen.
        let value = sample.values[tag]
        if value < window[extremes[tag].minimum].values[tag] || value.isNaN {
          extremes[tag].minimum = index
        }
        if value > window[extremes[tag].maximum].values[tag] { extremes[tag].maximum = index }
      }
    }
  }

  /// Writes what the current window keeps.
  mutating func flush(to writer: EventFileWriter) {
    guard !window.isEmpty else { return }
    for index in window.indices {
      let kept = tags.indices.filter {
        extremes[$0].minimum == index || extremes[$0].maximum == index
      }
      if kept.isEmpty { continue }
      let sample = window[index]
      writer.scalars(
        kept.map { (tags[$0], sample.values[$0]) }, step: sample.step, wallTime: sample.wallTime)
    }
    window.removeAll(keepingCapacity: true)
  }
}
