import RunLog

/// Keeps the log of every step to a bounded rate: of each window of time the steps stay at which
/// some series has its minimum or maximum, so that no spike is lost.
struct ScalarThinner {
  /// Windows a second; each gives at most two points a series, and one that is no number.
  static let windowsPerSecond = 50.0

  struct Sample {
    var step: Int64
    var wallTime: Double
    var values: [Float]
  }

  /// Which samples of the window a series needs, by their index.
  private struct Kept {
    var minimum, maximum: Int?
    /// The first value that is no number: it must be seen, and hide no other.
    var noNumber: Int?

    func contains(_ index: Int) -> Bool {
      minimum == index || maximum == index || noNumber == index
    }
  }

  private let tags: [String]
  private var window: [Sample] = []
  private var windowEnd = 0.0
  private var kept: [Kept]
  /// Samples of a window that are held at most; a longer window is closed early.
  private static let samplesMax = 512

  init(tags: [String]) {
    self.tags = tags
    kept = Array(repeating: Kept(), count: tags.count)
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
      let value = sample.values[tag]
      if !value.isFinite {
        kept[tag].noNumber = kept[tag].noNumber ?? index
        continue
      }
      if kept[tag].minimum.map({ value < window[$0].values[tag] }) ?? true {
        kept[tag].minimum = index
      }
      if kept[tag].maximum.map({ value > window[$0].values[tag] }) ?? true {
        kept[tag].maximum = index
      }
    }
  }

  /// Writes what the current window keeps.
  /// - Parameter keepingLast: writes its last step too, for a log that ends or rests there.
  mutating func flush(to writer: EventFileWriter, keepingLast: Bool = false) {
    guard !window.isEmpty else { return }
    for index in window.indices {
      let isLast = keepingLast && index == window.count - 1
      let chosen = tags.indices.filter { isLast || kept[$0].contains(index) }
      if chosen.isEmpty { continue }
      let sample = window[index]
      writer.scalars(
        chosen.map { (tags[$0], sample.values[$0]) }, step: sample.step, wallTime: sample.wallTime)
    }
    window.removeAll(keepingCapacity: true)
    for tag in tags.indices { kept[tag] = Kept() }
  }
}
