import RunLog

/// The states of a network between prunes, from what the journal tells of pruning.
struct PruningStages {
  private(set) var stages: [Run.Stage] = []
  /// Whether the next prune belongs to the stage that the one before began.
  private var goesOn = false
  private var isPruning = false
  /// Where the newest round was over.
  private var lastRoundStep: Int64?
  /// Stages that an undo brought back, by index, and the stages that they are.
  private var sources: [Int: Int] = [:]

  init(_ entries: [PruningHistory.Entry]) {
    for entry in entries {
      switch entry.fact {
      case .prune(let prune): add(prune, entry.step)
      case .pruning(let pruning):
        isPruning = !pruning.isOver
        goesOn = false
      case .round(let round): add(round, entry.step)
      case .undo(let undo): takeBack(undo, entry.step)
      }
    }
  }

  private mutating func add(_ prune: JournalRecord.Prune, _ step: Int64) {
    if stages.isEmpty { begin(method: nil, step: 0, prune.before, nil) }
    if stages.count == 1, stages[0].size == nil { stages[0].size = prune.sizeBefore }
    if goesOn, let last = stages.indices.last, stages[last].method == prune.method {
      (stages[last].sparsity, stages[last].size) = (prune.after, prune.size)
      stages[last].pruneCount += 1
    } else {
      begin(method: prune.method, step: step, prune.after, prune.size)
      stages[stages.count - 1].scope = prune.scope
    }
    goesOn = isPruning
  }

  /// A round belongs to the newest stage of its sparsity.
  private mutating func add(_ round: JournalRecord.Round, _ step: Int64) {
    goesOn = false
    let tolerance = 0.01
    let newest = stages.indices.suffix(2).last {
      stages[$0].round == nil && !stages[$0].isUndone
        && abs(stages[$0].sparsity - round.sparsity) < tolerance
    }
    if let newest {
      stages[newest].round = round
    } else if stages.isEmpty {
      begin(method: nil, step: 0, round.sparsity, nil)
      stages[0].round = round
    } else {
      begin(method: round.method, step: lastRoundStep ?? step, round.sparsity, nil)
      stages[stages.count - 1].round = round
    }
    lastRoundStep = step
  }

  private mutating func begin(
    method: String?, step: Int64, _ sparsity: Double, _ size: JournalRecord.NetworkSize?
  ) {
    if let last = stages.indices.last, stages[last].endStep == nil { stages[last].endStep = step }
    stages.append(
      Run.Stage(
        method: method, step: step, sparsity: sparsity, size: size,
        pruneCount: method == nil ? 0 : 1, isUndone: false))
  }

  /// The newest stage goes, and all that the state that is back knows nothing of.
  private mutating func takeBack(_ undo: JournalRecord.Undo, _ step: Int64) {
    var isNewest = undo.command == "prune"
    for index in stages.indices.reversed()
    where stages[index].method != nil && !stages[index].isUndone && sources[index] == nil {
      guard
        stages[index].step > undo.restoredStep
          || (isNewest && stages[index].step == undo.restoredStep)
      else { break }
      stages[index].isUndone = true
      if stages[index].endStep == nil { stages[index].endStep = step }
      isNewest = false
      (isPruning, goesOn) = (false, false)
    }
    for (index, source) in sources where stages[source].isUndone {
      stages[index].isUndone = true
      if stages[index].endStep == nil { stages[index].endStep = step }
    }
    guard let back = stages.lastIndex(where: { !$0.isUndone }), stages.last?.isUndone == true
    else { return }
    // The network that is back goes on as a stage of its own, below what was undone.
    var again = stages[back]
    (again.step, again.endStep, again.round) = (step, nil, nil)
    sources[stages.count] = sources[back] ?? back
    stages.append(again)
  }
}
