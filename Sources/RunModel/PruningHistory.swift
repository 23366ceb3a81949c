import RunLog

/// What the journal tells of pruning, without what a resume went back over. It is a fold over the
/// journal alone, so the order in which files are read does not matter.
struct PruningHistory: Sendable {
  enum Fact: Sendable, Equatable {
    case prune(JournalRecord.Prune)
    case pruning(JournalRecord.Pruning)
    case round(JournalRecord.Round)
    case undo(JournalRecord.Undo)
  }

  struct Entry: Sendable, Equatable {
    let step: Int64
    let fact: Fact
    /// How many resumes came before it.
    let session: Int
  }

  /// In the order of the journal.
  private(set) var entries: [Entry] = []
  private var session = 0

  private static let entriesMax = 4000

  mutating func add(_ fact: Fact, step: Int64) {
    // A resumed engine does again what stood behind its checkpoint at the same step, the last of
    // what happened there.
    let again = entries.lastIndex {
      $0.session < session && $0.step == step && $0.fact == fact
    }
    if let again { entries.remove(at: again) }
    entries.append(Entry(step: step, fact: fact, session: session))
    if entries.count > Self.entriesMax { entries.removeFirst(Self.entriesMax / 8) }
  }

  /// The engine went on from the state of a step.
  mutating func resume(at step: Int64) {
    session += 1
    entries.removeAll { $0.step > step }
  }

  /// The pruning that goes on, with the step at which it began; nil when there is none.
  static func ongoing(_ entries: [Entry]) -> (pruning: JournalRecord.Pruning, since: Int64)? {
    var found: (pruning: JournalRecord.Pruning, since: Int64)?
    for entry in entries {
      switch entry.fact {
      case .pruning(let pruning): found = pruning.isOver ? nil : (pruning, entry.step)
      case .undo(let undo):
        if let since = found?.since, undo.takesBack(whatBeganAt: since) { found = nil }
      case .prune, .round: continue
      }
    }
    return found
  }

  /// The rounds of the newest iterative pruning, the first of them first.
  var rounds: [Run.PruningRound] {
    var rounds: [Run.PruningRound] = []
    for entry in entries {
      switch entry.fact {
      case .pruning(let pruning) where !pruning.isOver: rounds = []
      case .round(let round):
        if let last = rounds.last?.round, round.number <= last.number { rounds = [] }
        rounds.append(.init(step: entry.step, round: round))
      default: continue
      }
    }
    return rounds
  }
}

extension JournalRecord.Undo {
  /// Whether the state that is back is one from before something that began at a step.
  func takesBack(whatBeganAt step: Int64) -> Bool {
    step > restoredStep || (step == restoredStep && command == "prune")
  }
}
