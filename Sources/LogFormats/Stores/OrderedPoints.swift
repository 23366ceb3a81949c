import RunLog

/// The points of a run by their steps, in whatever order they come: experiment stores keep what
/// several writers logged, and steps that fall mean nothing there.
struct OrderedPoints: Sendable {
  private var numberedTags = NumberedTags()
  /// In the order in which they are told: as they came, or by step and time.
  private(set) var entries: [ScalarBlock.Entry] = []
  /// Grows when entries moved that were there before.
  private(set) var sortingCount = 0

  /// The largest step of each tag.
  private var lastSteps: [Int64] = []
  private var isOrdered = true

  /// Of one run; 24 bytes each.
  static let pointsMax = 5_000_000

  var tags: [String] { numberedTags.names }

  /// Adds a point; false when there are too many.
  mutating func append(tag: String, step: Int64, wallTime: Double, value: Double) -> Bool {
    guard entries.count < Self.pointsMax, let number = numberedTags.number(of: tag) else {
      return false
    }
    if Int(number) == lastSteps.count { lastSteps.append(.min) }
    if step < lastSteps[Int(number)] { isOrdered = false }
    lastSteps[Int(number)] = max(step, lastSteps[Int(number)])
    entries.append(
      .init(
        tag: number, step: step, wallTime: wallTime.isFinite ? wallTime : 0, value: Float(value)))
    return true
  }

  /// Puts them in order; call it before entries are told.
  mutating func order() {
    guard !isOrdered else { return }
    // Stable: of equal steps and times the one that came last is the one that counts.
    entries.sort { ($0.step, $0.wallTime) < ($1.step, $1.wallTime) }
    (isOrdered, sortingCount) = (true, sortingCount + 1)
  }
}
