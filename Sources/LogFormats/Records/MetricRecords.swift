import JSONText
import RunLog

/// Makes points of records that are names with numbers: one of the names counts the steps, one may
/// tell the time, and the others are metrics.
struct MetricRecords: Sendable {
  /// The tags of the points so far.
  private(set) var tags: [String] = []

  private var fields: [Field] = []
  private var numbers: [String: Int] = [:]
  /// The field that followed each field last: records repeat themselves.
  private var followers: [Int] = []
  private var lastField = -1
  /// The numbers of the record that is being read.
  private var pending: [(field: Int, value: PrintedNumber)] = []
  private var recordCount: Int64 = 0
  private var lastStep: Int64?
  /// Whether a record counted steps, not only epochs.
  private var countsSteps = false

  private struct Field {
    let name: String
    let stepRank, timeRank: Int
    /// Whether it had a fraction once: it counts nothing then.
    var isFractional = false
    /// Index into the tags; -1 as long as it made no point.
    var tag: Int32 = -1

    var isPlain: Bool { stepRank == StepKey.noRank && timeRank == StepKey.noRank }
  }

  /// More names than these are left out.
  static let fieldsMax = 100_000
  /// Longer names are cut, in bytes.
  static let nameSizeMax = 1024

  /// The number of a name; nil when there are too many.
  mutating func field(_ name: String) -> Int? {
    if lastField >= 0, case let guess = followers[lastField], guess >= 0, fields[guess].name == name
    {
      lastField = guess
      return guess
    }
    guard let number = numbers[name] ?? add(name) else { return nil }
    if lastField >= 0 { followers[lastField] = number }
    lastField = number
    return number
  }

  private mutating func add(_ name: String) -> Int? {
    guard fields.count < Self.fieldsMax else { return nil }
    let number = fields.count
    numbers[name] = number
    fields.append(
      Field(
        name: name, stepRank: StepKey.rank(of: name), timeRank: StepKey.timeRank(of: name)))
    followers.append(-1)
    return number
  }

  /// A name as long as names may be.
  static func cut(_ name: String) -> String {
    name.utf8.count <= nameSizeMax
      ? name : String(decoding: name.utf8.prefix(nameSizeMax), as: UTF8.self)
  }

  /// Adds a number to the record that is being read.
  mutating func add(_ value: PrintedNumber, to field: Int) {
    pending.append((field, value))
  }

  /// Whether a name of the record that is being read counts steps, if only by fractions.
  var hasStep: Bool { pending.contains { fields[$0.field].stepRank != StepKey.noRank } }

  /// The names of the record that is being read.
  var pendingNames: some Sequence<String> { pending.lazy.map { fields[$0.field].name } }

  /// Forgets the record that is being read.
  mutating func discard() {
    pending.removeAll(keepingCapacity: true)
  }

  /// Ends the record that was read and appends its points.
  /// - Parameters:
  ///   - step: the step, where it is known without looking for it.
  ///   - wallTime: when the record was written, unless it tells so itself.
  mutating func finish(
    step known: Int64? = nil, wallTime: Double, into entries: inout [ScalarBlock.Entry]
  ) {
    recordCount += 1
    let (stepIndex, step) = known.map { (-1, $0) } ?? takeStep()
    var time = (rank: StepKey.noRank, seconds: wallTime)
    for entry in pending where !fields[entry.field].isPlain {
      let rank = fields[entry.field].timeRank
      if rank < time.rank, let seconds = StepKey.wallSeconds(entry.value.double) {
        time = (rank, seconds)
      }
    }
    for (index, entry) in pending.enumerated() where index != stepIndex {
      let value = entry.value.double
      let field = fields[entry.field]
      if field.timeRank != StepKey.noRank, StepKey.wallSeconds(value) != nil { continue }
      entries.append(
        ScalarBlock.Entry(
          tag: tag(of: entry.field), step: step, wallTime: time.seconds, value: Float(value)))
    }
    discard()
  }

  /// The step of the record that was read, and where it stands in it; -1 when it is not there.
  private mutating func takeStep() -> (index: Int, step: Int64) {
    var best = (index: -1, rank: StepKey.noRank, step: Int64(0))
    for (index, entry) in pending.enumerated() {
      let rank = fields[entry.field].stepRank
      guard rank != StepKey.noRank else { continue }
      if let step = entry.value.integer {
        if rank < best.rank && !fields[entry.field].isFractional { best = (index, rank, step) }
      } else if entry.value.double.isFinite {
        fields[entry.field].isFractional = true
      }
    }
    // A row of an epoch's end among rows that count steps stands at the last of them.
    let isStep = best.rank < StepKey.epochRank
    guard best.index >= 0, isStep || !countsSteps else { return (-1, lastStep ?? recordCount) }
    countsSteps = countsSteps || isStep
    lastStep = best.step
    return (best.index, best.step)
  }

  private mutating func tag(of field: Int) -> Int32 {
    if fields[field].tag < 0 {
      fields[field].tag = Int32(tags.count)
      tags.append(fields[field].name)
    }
    return fields[field].tag
  }
}
