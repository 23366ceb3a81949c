/// A bracket of successive halving: many architectures are trained a little, the best of them
/// longer, the best of those to the end.
struct HalvingBracket {
  /// A rung: how many are trained, to so many epochs.
  struct Rung: Equatable {
    var count: Int
    let epochs: Int
  }

  private let rungs: [Rung]
  private var rung = 0
  /// Waiting for their turn in this rung; in the first one they are drawn when it is their turn.
  private var queue: ArraySlice<Architecture> = []
  private var drawsLeft: Int
  /// Asked for in this rung, in this order, and what they reached.
  private var trials: [Architecture] = []
  private var results: [String: TrialResult] = [:]
  /// Identities whose results are still to come.
  private var pending: Set<String> = []
  private var started = 0

  /// Results that it has at its end, when nothing fails and no architecture is missing.
  static func resultCount(_ rungs: [Rung]) -> Int { rungs.reduce(0) { $0 + $1.count } }

  init(_ rungs: [Rung]) {
    self.rungs = rungs
    drawsLeft = rungs.first?.count ?? 0
  }

  /// - Parameter draw: brings one more architecture for the first rung, if there is one.
  mutating func next(_ draw: () -> Architecture?) -> SearchMove {
    while rung < rungs.count {
      if let architecture = takeUp(draw) {
        trials.append(architecture)
        pending.insert(architecture.identity)
        return .train(Trial(architecture, epochs: rungs[rung].epochs))
      }
      guard pending.isEmpty else { return .wait }
      promote()
    }
    return .finished
  }

  private mutating func takeUp(_ draw: () -> Architecture?) -> Architecture? {
    if let next = queue.popFirst() { return next }
    guard drawsLeft > 0 else { return nil }
    guard let drawn = draw() else {
      drawsLeft = 0
      return nil
    }
    drawsLeft -= 1
    started += 1
    return drawn
  }

  /// Ends a rung. Of equals the one that was asked for first goes on; what failed never does.
  private mutating func promote() {
    let ranked = trials.compactMap { results[$0.identity] }.filter { $0.score != nil }.enumerated()
      .sorted { one, other in
        if one.element.isBetter(than: other.element) { return true }
        if other.element.isBetter(than: one.element) { return false }
        return one.offset < other.offset
      }
    rung += 1
    // A bracket that ran out of architectures is smaller in all its rungs.
    let planned = rung < rungs.count ? rungs[rung].count : 0
    let kept =
      started == rungs[0].count ? planned : max(1, planned * started / max(1, rungs[0].count))
    queue = ranked.prefix(kept).map(\.element.trial.architecture)[...]
    trials = []
    results = [:]
    if queue.isEmpty { rung = rungs.count }
  }

  /// Whether the result is one that this bracket asked for.
  func waits(for result: TrialResult) -> Bool {
    pending.contains(result.trial.architecture.identity)
  }

  mutating func observe(_ result: TrialResult) {
    guard pending.remove(result.trial.architecture.identity) != nil else { return }
    results[result.trial.architecture.identity] = result
  }
}

extension HalvingBracket {
  /// The epochs of a rung grow by a factor from one to the next, down from all of them as long as
  /// they are at least the smallest number.
  static func epochs(from smallest: Int, to all: Int, factor: Int) -> [Int] {
    var epochs: [Int] = []
    var divisor = 1
    while all / divisor >= smallest {
      let rest = all % divisor
      epochs.append(all / divisor + (rest >= divisor - rest ? 1 : 0))
      let (next, isTooLarge) = divisor.multipliedReportingOverflow(by: factor)
      guard !isTooLarge else { break }
      divisor = next
    }
    return epochs.reversed()
  }

  /// From rung to rung a factor fewer, but never none.
  static func rungs(count: Int, epochs: some Sequence<Int>, factor: Int) -> [Rung] {
    var remaining = count
    return epochs.map { epochs in
      defer { remaining /= factor }
      return Rung(count: max(1, remaining), epochs: epochs)
    }
  }
}
