import JSONText
import NeuralNetwork
import RunLog

/// What is logged of an architecture while it is learned.
extension Engine {
  /// The kind of records that tell what would be derived.
  static let architectureKind = "architecture"

  /// How much each operation counts on each edge, and what would become of it, as it is now.
  func logArchitecture() {
    guard let derived = session.derivedArchitecture else { return }
    for table in derived.tables {
      let grid = Grid(
        rows: table.edges.count, columns: table.operations.count,
        values: table.shares.joined().map { Float($0) })
      log.events.grid(
        grid, tag: "architecture/\(table.layer)", step: Int64(session.state.step),
        wallTime: clock.wallSeconds())
    }
    logScalars([
      ("architecture/entropy", Float(derived.entropy)),
      ("architecture/skips", Float(derived.skipCount)),
    ])
  }

  /// The same, and its words into the journal.
  func noteArchitecture() {
    logArchitecture()
    for table in session.derivedArchitecture?.tables ?? [] {
      func words(_ words: [String]) -> JSON { .array(words.map { .string($0) }) }
      log.note(
        .other(
          kind: Self.architectureKind,
          [
            "layer": .string(table.layer), "edges": words(table.edges),
            "operations": words(table.operations), "chosen": words(table.chosen),
          ]), step: session.state.step)
    }
  }

  /// Notes the architecture behind an epoch, and says so when skip connections take over.
  func endEpochOfArchitecture() {
    guard let derived = session.derivedArchitecture else { return }
    noteArchitecture()
    let isTakenOver = derived.isTakenOverBySkips
    defer { wasTakenOverBySkips = isTakenOver }
    guard isTakenOver, !wasTakenOverBySkips else { return }
    log.note(
      .alert(
        "skip connections take over: \(derived.skipCount) of \(derived.keptCount) edges of the "
          + "architecture that would be derived"), step: session.state.step)
  }
}
