/// Finds the step for what a line says.
///
/// The best of what the line counts is taken: a count that names itself global, then step, iter,
/// iteration, then n of a bar or of an epoch, then the epoch, then the line's number.
///
/// - A count within an epoch is continued over the epochs: epochs before it × total + n, of which
///   the first epoch is number 0 where the log says "epoch 0" and number 1 elsewhere. Whether a
///   step beside an epoch counts within the epoch or over all is told by what it does when the
///   epoch changes.
/// - A bar without an epoch that begins anew when it was full is taken for the next epoch's. A bar
///   that is much shorter than the longest is about something else, such as validation.
/// - Lines that count only epochs, or nothing, or batches of evaluation data, stand at the newest
///   step when there are steps. Else they stand at their epoch, or the one that a line before told,
///   as long as a line does not come again and again in one epoch; and else at their line's number.
/// - When lines with steps appear in a log whose points stand at epochs, one of them changes
///   nothing: the same kind of line has to come again with a later step.
struct TextAxis: Sendable {
  /// Of the newest point.
  private(set) var newest: Int64 = 0
  /// The step at which the training will be complete, as far as the lines tell.
  private(set) var finalStep: Int64?

  /// The newest epoch that a line told, and of how many.
  private var epoch: Int64?
  private var epochTotal: Int64?
  private var firstEpochNumber: Int64 = 1
  private var countsSteps = false
  private var hasPoints = false
  private var loops = [Loop](
    repeating: Loop(), count: TextReading.Counter.allCases.count)
  private var bar = MainBar()

  /// What kind of line it is, as far as its place is concerned.
  struct Place: Sendable {
    fileprivate var lastStep: Int64?
    fileprivate var lastEpoch: Int64?
    fileprivate var epochRepeats = 0
    fileprivate var isByLine = false

    init() {}
  }

  /// So many lines of one kind in an epoch are more than its end.
  private static let epochRepeatsMax = 2

  /// Notes what a line counts that has no metrics: the epoch that begins, a bar.
  mutating func note(_ reading: TextReading) {
    if let count = reading.count(.epoch), !reading.isRecord { note(epoch: count) }
    if let bar = reading.bar { self.bar.note(bar) }
  }

  private mutating func note(epoch count: TextReading.Count) {
    if epoch == nil || count.value == 0 { firstEpochNumber = min(1, count.value) }
    epoch = count.value
    epochTotal = count.total ?? epochTotal
  }

  /// Whether the step of a line is that of a bar, which may be drawn anew behind the line.
  func isByBar(_ reading: TextReading) -> Bool {
    reading.isRecord && !reading.values.isEmpty && bar.isKnown
      && reading.counts.allSatisfy { $0.counter == .epoch || $0.counter == .batch }
  }

  /// The step of a line with metrics.
  /// - Parameter line: its number.
  mutating func step(of reading: TextReading, _ place: inout Place, line: Int64) -> Int64 {
    note(reading)
    defer { hasPoints = true }
    if let counted = counted(reading) {
      let isLater = place.lastStep.map { counted.step > $0 } ?? false
      countsSteps = countsSteps || !hasPoints || isLater
      place.lastStep = counted.step
      if countsSteps {
        newest = counted.step
        finalStep = counted.final ?? finalStep
      }
      return counted.step
    }
    if !countsSteps { newest = uncounted(reading, &place, line) }
    return newest
  }

  /// The epoch, or the line's number.
  private mutating func uncounted(
    _ reading: TextReading, _ place: inout Place, _ line: Int64
  ) -> Int64 {
    let own = reading.count(.epoch)
    let told = own?.value ?? (reading.hasFractionalEpoch ? nil : epoch)
    guard let told, !place.isByLine else {
      place.isByLine = true
      return line
    }
    place.epochRepeats = told == place.lastEpoch ? place.epochRepeats + 1 : 0
    place.lastEpoch = told
    guard place.epochRepeats < Self.epochRepeatsMax else {
      place.isByLine = true
      return line
    }
    finalStep = own?.total ?? epochTotal ?? finalStep
    return told
  }

  /// The step and the last one by what a line counts; nil when it counts no steps.
  private mutating func counted(_ reading: TextReading) -> (step: Int64, final: Int64?)? {
    if let count = reading.count(.globalStep) { return (count.value, count.total) }
    let isBehindBar = reading.isRecord && reading.bar != nil
    let counters: [TextReading.Counter] =
      isBehindBar ? [.step, .iter, .iteration] : [.step, .iter, .iteration, .batch]
    guard let count = counters.lazy.compactMap({ reading.count($0) }).first else {
      return reading.isRecord ? bar.step(isEvaluation: reading.isEvaluation) : nil
    }
    let isWithin = count.counter == .batch || count.total != nil
    if isWithin && countsSteps && reading.isEvaluation { return nil }
    let own = reading.count(.epoch)
    let loop = Int(count.counter.rawValue)
    if let epoch = own?.value ?? epoch {
      return loops[loop].step(count, epoch, of: own?.total ?? epochTotal, first: firstEpochNumber)
    }
    return count.counter == .batch ? loops[loop].step(ofBar: count) : (count.value, count.total)
  }
}

/// A loop over batches, once an epoch or once for all.
private struct Loop: Sendable {
  /// Of its longest turn; 0 until it is known.
  private var total: Int64 = 0
  private var last: (epoch: Int64, value: Int64)?
  /// Whether it counts over all epochs; nil until that can be told.
  private var isOverAll: Bool?
  /// Turns without an epoch.
  private var turns: Int64 = 0
  /// How far it counts in an epoch, where it does not tell: learnt when it begins anew.
  private var length: Int64 = 0
  private var firstEpoch: Int64 = 0
  private var interval: Int64 = 1

  /// The step of a count within an epoch; nil when it is of another loop.
  mutating func step(
    _ count: TextReading.Count, _ epoch: Int64, of epochs: Int64?, first: Int64
  ) -> (step: Int64, final: Int64?)? {
    defer { last = (epoch, count.value) }
    guard let total = count.total else { return (step(count.value, epoch), nil) }
    guard isThis(total) else { return nil }
    if let last, epoch > last.epoch, isOverAll == nil {
      isOverAll = !isFull(last.value) && count.value > last.value
    }
    if isOverAll == true { return (count.value, total) }
    let final = epochs.flatMap { Self.sum(0, $0, self.total) }
    return (Self.sum(count.value, epoch - first, self.total) ?? count.value, final)
  }

  /// The step of a count whose last value in an epoch nobody told.
  private mutating func step(_ value: Int64, _ epoch: Int64) -> Int64 {
    if let last {
      if epoch == last.epoch, value > last.value { interval = value - last.value }
      if epoch > last.epoch, value <= last.value, length == 0 {
        (length, firstEpoch) = (last.value + interval, last.epoch)
      }
    }
    return Self.sum(value, epoch - firstEpoch, length) ?? value
  }

  /// The step of a bar without an epoch; nil when it is of another loop.
  mutating func step(ofBar count: TextReading.Count) -> (step: Int64, final: Int64?)? {
    defer { last = (0, count.value) }
    guard let total = count.total else { return (count.value, nil) }
    guard isThis(total) else { return nil }
    if let last, count.value < last.value, isFull(last.value) { turns += 1 }
    return (
      Self.sum(count.value, turns, self.total) ?? count.value,
      Self.sum(self.total, turns, self.total)
    )
  }

  /// Whether a bar of so many is this one's, not that of something shorter.
  private mutating func isThis(_ count: Int64) -> Bool {
    if count > total {
      if total > 0 { (turns, last) = (0, nil) }
      total = count
    }
    // The last epoch of a resumed or an uneven loop may be a little shorter.
    return Double(count) >= 0.8 * Double(total)
  }

  private func isFull(_ value: Int64) -> Bool { Double(value) >= 0.9 * Double(total) }

  /// value + turns × length; nil when that is too large.
  private static func sum(_ value: Int64, _ turns: Int64, _ length: Int64) -> Int64? {
    let (product, isTooLarge) = turns.multipliedReportingOverflow(by: length)
    let (sum, isSumTooLarge) = product.addingReportingOverflow(value)
    return isTooLarge || isSumTooLarge ? nil : sum
  }
}

/// The bar that stands for the whole training, such as that of the Hugging Face Trainer, which
/// prints its numbers beside it. Evaluations have bars of their own in between.
private struct MainBar: Sendable {
  private var main: TextReading.Count?
  private var newest: TextReading.Count?

  var isKnown: Bool { main != nil }

  mutating func note(_ bar: TextReading.Bar) {
    guard !bar.isOther, bar.count.total != nil else { return }
    newest = bar.count
    if main == nil || main?.total == bar.count.total { main = bar.count }
  }

  mutating func step(isEvaluation: Bool) -> (step: Int64, final: Int64?)? {
    let isComplete = main.map { $0.value == $0.total } ?? false
    // Another training began.
    if !isEvaluation, isComplete, let newest, newest.value != newest.total { main = newest }
    return main.map { ($0.value, $0.total) }
  }
}
