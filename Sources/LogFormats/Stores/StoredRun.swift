import RunLog

/// All that is known of a run in an experiment store.
struct StoredRun: Sendable {
  var name = ""
  var outcome: Outcome?
  private(set) var hyperparameters: [Hyperparameter] = []
  var points = OrderedPoints()
  /// Grows when all of it was read anew.
  var generation = 0

  private var hyperparameterIndices: [String: Int] = [:]
  private static let hyperparametersMax = 10_000

  /// Adds settings; one of a name that is there takes its place.
  mutating func set(_ new: [Hyperparameter]) {
    for one in new {
      if let index = hyperparameterIndices[one.name] {
        hyperparameters[index] = one
      } else if hyperparameters.count < Self.hyperparametersMax {
        hyperparameterIndices[one.name] = hyperparameters.count
        hyperparameters.append(one)
      }
    }
  }
}

/// What one reader has told of a run: the next time it tells what is new.
struct StoredRunTelling: Sendable {
  private var name = ""
  private var outcome: Outcome?
  private var hyperparameters: [Hyperparameter] = []
  /// Which order of the points, nil before the first.
  private var order: Order?
  private var pointCount = 0
  /// On the clock that never goes back.
  private var nextRetelling = -Double.infinity

  private struct Order: Equatable {
    let generation, sortingCount: Int
  }

  private static let pointsPerBatchMax = 100_000
  /// Of a run whose order changes all the time; telling takes about a twentieth of this.
  private static let pointsRetoldPerSecondMax = 100_000.0

  /// - Parameters:
  ///   - run: its points are in order.
  ///   - now: on the clock that never goes back, in seconds.
  mutating func tell(_ run: StoredRun, at now: Double, into batch: inout LogBatch) {
    let order = Order(generation: run.generation, sortingCount: run.points.sortingCount)
    if order != self.order {
      guard order.generation != self.order?.generation || now >= nextRetelling else { return }
      if pointCount > 0 {
        batch.isRestart = true
        self = StoredRunTelling()
        nextRetelling =
          now + Double(run.points.entries.count) / Self.pointsRetoldPerSecondMax
      }
      self.order = order
    }
    if run.name != name {
      name = run.name
      batch.events.append(.named(name))
    }
    if run.hyperparameters != hyperparameters {
      hyperparameters = run.hyperparameters
      batch.events.append(.hyperparameters(hyperparameters))
    }
    let new = run.points.entries.dropFirst(pointCount).prefix(Self.pointsPerBatchMax)
    if !new.isEmpty {
      batch.events.append(.scalars(ScalarBlock(tags: run.points.tags, entries: Array(new))))
      pointCount += new.count
    }
    if pointCount < run.points.entries.count {
      batch.hasMore = true
    } else if let outcome = run.outcome, outcome != self.outcome {
      self.outcome = outcome
      batch.events.append(.outcome(outcome))
    }
  }
}
