/// What a line of text says in numbers.
struct TextReading: Sendable {
  /// What is counted on the way through a training. The lower, the better it tells the step.
  enum Counter: UInt8, CaseIterable, Sendable {
    /// Counts from the beginning of the training, by its name.
    case globalStep
    case step, iter, iteration
    /// Within an epoch or a bar: n of a total.
    case batch
    case epoch
  }

  struct Count: Sendable, Equatable {
    let counter: Counter
    let value: Int64
    let total: Int64?
  }

  struct Value: Sendable {
    /// Its number among the keys.
    let key: Int32
    /// The part that the line is about where it stands.
    var part: TextPart?
    /// The part that the last key before it names for itself.
    let nearPart: TextPart?
    /// What stands behind a value in parentheses: its running average.
    let isSecond: Bool
    /// Whether its unit is that of a z-score.
    let isScore: Bool
    let number: Double
  }

  /// A progress bar.
  struct Bar: Sendable {
    let count: Count
    /// Whether it says that it is about something else than training.
    let isOther: Bool
  }

  var values: [Value] = []
  var counts: [Count] = []
  /// The part that the line is about at its end.
  var part: TextPart?
  var bar: Bar?
  /// Whether its numbers are the members of a JSON object or a Python dict.
  var isRecord = false
  /// Whether it tells an epoch that is not whole, which is a metric.
  var hasFractionalEpoch = false
  /// Whether all its numbers are of data that is not trained on.
  var isEvaluation = false
  /// Whether the form of the line alone tells that it is a training's.
  var isKnown = false
  /// Whether it tells settings or code, whose numbers are no metrics.
  var isSettings = false
  /// Seconds since 1970, where the line tells them.
  var wallTime: Double?
  /// The process that wrote the line, of several that train together.
  var rank: Int64?

  /// More numbers of one line are left out.
  static let valuesMax = 10_000

  /// What it says of a counter.
  func count(_ counter: Counter) -> Count? { counts.first { $0.counter == counter } }

  mutating func add(_ counter: Counter, _ value: Int64, of total: Int64? = nil) {
    guard value >= 0, count(counter) == nil else { return }
    counts.append(Count(counter: counter, value: value, total: total.flatMap { $0 > 0 ? $0 : nil }))
  }

  /// Adds a number; of several with one name the first counts, unless they are of different parts.
  mutating func add(_ value: Value) {
    guard values.count < Self.valuesMax else { return }
    var value = value
    // Lines of thousands of numbers are not looked through.
    let comparedMax = 200
    for index in values.indices.prefix(comparedMax)
    where values[index].key == value.key && values[index].isSecond == value.isSecond {
      if values[index].part != value.part { continue }
      guard value.part == nil, let near = value.nearPart, near != values[index].nearPart else {
        return
      }
      // "train loss 0.5 acc 0.8 val loss 0.6 acc 0.7"
      values[index].part = values[index].nearPart
      value.part = near
    }
    values.append(value)
  }

  mutating func removeAll() {
    values.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
    (part, bar, wallTime, rank) = (nil, nil, nil, nil)
    (isRecord, isKnown, isSettings) = (false, false, false)
    (hasFractionalEpoch, isEvaluation) = (false, false)
  }
}
