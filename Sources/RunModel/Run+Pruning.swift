import RunLog

extension Run {
  /// A round of iterative pruning, and the step at which it was over.
  public struct PruningRound: Sendable, Equatable {
    public let step: Int64
    public let round: JournalRecord.Round
  }

  /// The network between one prune and the next.
  public struct Stage: Sendable, Equatable {
    /// What pruned it; nil: the network before any prune.
    public var method: String?
    public var scope: String?
    /// From the prune on; 0 for the network before any.
    public var step: Int64
    /// Where the next prune ended it; nil: it lasts.
    public var endStep: Int64?
    /// Fraction of the weights of the network as it began that are gone.
    public var sparsity: Double
    /// As far as the journal tells.
    public var size: JournalRecord.NetworkSize?
    /// Prunes that it sums up: those of a pruning that goes on while the network learns.
    public var pruneCount: Int
    /// Of the validation, the last before the prune.
    public var accuracyBefore: Float?
    /// Of the validation, while it lasted.
    public var bestAccuracy, lastAccuracy: Float?
    /// Median of the sum of `time/<part>_ms`, in milliseconds.
    public var stepMilliseconds: Double?
    /// For which it has been trained; nil where the log does not tell an epoch's length.
    public var epochs: Double?
    /// The round of iterative pruning that it is.
    public var round: JournalRecord.Round?
    /// An undo took it back.
    public var isUndone: Bool
  }

  /// The pruning that goes on while the network learns, with the step at which it began; nil when
  /// there is none.
  public var pruning: (pruning: JournalRecord.Pruning, since: Int64)? {
    PruningHistory.ongoing(pruningEntries)
  }

  /// The rounds of the newest iterative pruning, in their order.
  public var rounds: [PruningRound] { pruningHistory.rounds }

  /// Without the undos that leave weights alone.
  private var pruningEntries: [PruningHistory.Entry] {
    pruningHistory.entries.filter { entry in
      guard case .undo(let undo) = entry.fact else { return true }
      return manifest?.undoRestoresWeights(of: undo.command) ?? true
    }
  }

  /// Stages that are kept: the dense network and the newest.
  public static let stagesMax = 100

  /// The states of the network between prunes, the dense one first; empty while nothing was
  /// pruned. O(prunes · log n).
  public var stages: [Stage] {
    var stages = PruningStages(pruningEntries).stages
    if stages.count > Self.stagesMax { stages.removeSubrange(1...stages.count - Self.stagesMax) }
    let times = stepTimes
    for index in stages.indices { measure(&stages[index], times) }
    return stages
  }

  /// How many stages there are; 0 while nothing was pruned.
  public var stageCount: Int {
    pruningHistory.entries.isEmpty
      ? 0 : min(PruningStages(pruningEntries).stages.count, Self.stagesMax)
  }

  private var stepTimes: [TimeSeries] {
    let partsMax = 32
    return series.keys.lazy.filter { $0.hasPrefix("time/") && $0.hasSuffix("_ms") }
      .prefix(partsMax).compactMap { series[$0] }
  }

  /// What was measured while a stage lasted.
  private func measure(_ stage: inout Stage, _ times: [TimeSeries]) {
    let end = stage.endStep ?? lastStep
    // The numbers of a step come from before the prune at that step.
    let first = stage.step == 0 ? 0 : Self.next(stage.step)
    if let accuracy = series["val/accuracy"] {
      let points = Self.points(of: accuracy, from: first, to: end)
      if points.lowerBound > 0, stage.method != nil {
        stage.accuracyBefore = accuracy.values[points.lowerBound - 1]
      }
      if !points.isEmpty {
        let extent = accuracy.extent(points)
        stage.bestAccuracy = extent.isEmpty ? nil : extent.maximum
        stage.lastAccuracy = accuracy.values[points.upperBound - 1]
      }
    }
    stage.stepMilliseconds = Self.median(times, from: first, to: end)
    if let round = stage.round {
      stage.epochs = round.epochs
    } else if let stepsPerEpoch, stepsPerEpoch > 0 {
      stage.epochs = max(0, Double(end) - Double(stage.step)) / Double(stepsPerEpoch)
    }
  }

  private static func next(_ step: Int64) -> Int64 { step == .max ? step : step + 1 }

  /// The points from one step to another, both included.
  private static func points(
    of series: TimeSeries, from first: Int64, to last: Int64
  ) -> Range<Int> {
    let start = series.firstIndex(atOrAfter: first)
    return start..<max(start, series.firstIndex(atOrAfter: next(last)))
  }

  /// The median over the steps of the sum of all series; of some of the steps where there are many.
  private static func median(_ times: [TimeSeries], from first: Int64, to last: Int64) -> Double? {
    let samplesMax = 64
    guard let longest = times.max(by: { $0.count < $1.count }) else { return nil }
    let points = points(of: longest, from: first, to: last)
    guard !points.isEmpty else { return nil }
    let samples = min(points.count, samplesMax)
    let sums = (0..<samples).compactMap { sample -> Double? in
      let step = longest.steps[points.lowerBound + sample * points.count / samples]
      let sum = times.reduce(0.0) { sum, one in
        let index = one.firstIndex(atOrAfter: step)
        return index < one.count && one.steps[index] == step
          ? sum + Double(one.values[index]) : sum
      }
      return sum.isFinite ? sum : nil
    }.sorted()
    return sums.isEmpty ? nil : sums[sums.count / 2]
  }
}
