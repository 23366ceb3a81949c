/// What happened in a run, by step, without what a restart went back over: the same in whatever
/// order the journal and the event files are read.
struct MarkList: Sendable {
  private(set) var marks: [Run.Mark] = []
  private var sessions: [(step: Int64, wallTime: Double)] = []

  private static let marksMax = 2000
  private static let sessionsMax = 1000

  /// Adds a mark, unless it was abandoned; what was done again is one mark.
  mutating func add(_ mark: Run.Mark) {
    if mark.tag == nil && sessions.contains(where: { Self.isAbandoned(mark, by: $0) }) { return }
    if let same = marks.lastIndex(where: { $0.isSame(as: mark) }) {
      guard marks[same].wallTime < mark.wallTime else { return }
      marks.remove(at: same)
    }
    var index = marks.count
    while index > 0 && mark.isBefore(marks[index - 1]) { index -= 1 }
    marks.insert(mark, at: index)
    if marks.count > Self.marksMax {
      // What the engine does by itself goes first.
      marks.remove(at: marks.firstIndex { $0.kind == .checkpoint } ?? 0)
    }
  }

  /// A session began that writes `step` first: what others had done from there on is abandoned.
  mutating func beginSession(step: Int64, wallTime: Double) {
    sessions.append((step, wallTime))
    if sessions.count > Self.sessionsMax { sessions.removeFirst() }
    marks.removeAll { $0.tag == nil && Self.isAbandoned($0, by: (step, wallTime)) }
  }

  mutating func remove(_ isUnwanted: (Run.Mark) -> Bool) {
    marks.removeAll(where: isUnwanted)
  }

  /// An alert at the very step may be about the restart itself.
  private static func isAbandoned(
    _ mark: Run.Mark, by session: (step: Int64, wallTime: Double)
  ) -> Bool {
    let isBehind =
      mark.kind == .alert ? mark.step > session.step : mark.step >= session.step
    return isBehind && mark.wallTime < session.wallTime
  }
}

extension Run.Mark {
  fileprivate func isSame(as other: Run.Mark) -> Bool {
    step == other.step && kind == other.kind && tag == other.tag && text == other.text
  }

  /// By step, then by time; what the curves tell comes behind what the journal does.
  fileprivate func isBefore(_ other: Run.Mark) -> Bool {
    (step, wallTime, tag == nil ? 0 : 1) < (other.step, other.wallTime, other.tag == nil ? 0 : 1)
  }
}
