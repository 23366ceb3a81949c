import JSONText
import RunLog
import Testing

@testable import RunModel

struct PruningStagesTests {
  /// What of a stage tells it from the others.
  private func names(_ run: Run) -> [String] {
    run.stages.map { stage in
      "\(stage.method ?? "dense") \(stage.step)..\(stage.endStep.map { "\($0)" } ?? "")"
        + " \(stage.sparsity)" + (stage.isUndone ? " undone" : "")
    }
  }

  private func accuracy(_ points: [(Int64, Float)]) -> [RunEvent] {
    points.map { scalar("val/accuracy", $0.0, $0.1) }
  }

  @Test func aRunThatWasNeverPrunedHasNoStages() {
    #expect(run(accuracy([(1, 0.5)])).stages == [])
    #expect(run([undone("prune", at: 4, to: 2, final: 9)]).stages == [])
  }

  @Test func eachPruneEndsAStage() throws {
    var events = accuracy([(100, 0.5), (200, 0.9), (300, 0.8), (350, 0.85), (400, 0.7), (500, 0.6)])
    events += [phase(.training), pruned("magnitude", at: 200, to: 0.5, parameters: 50)]
    events += [pruned("l2", at: 390, from: 0.5, to: 0.9)]
    events.append(journal(0, .phase(.init(.training, finalStep: 900, stepsPerEpoch: 100))))
    // 3 ms a step while dense, then 2 ms, then 1.5 ms; one step took long.
    for step in stride(from: 10, through: 500, by: 10) as StrideThrough<Int64> {
      let (forward, update): (Float, Float) = step <= 200 ? (2, 1) : step <= 390 ? (1, 1) : (1, 0.5)
      events.append(scalar("time/forward_ms", step, step == 50 ? 900 : forward))
      events.append(scalar("time/update_ms", step, update))
    }
    let stages = run(events).stages
    #expect(
      names(run(events)) == ["dense 0..200 0.0", "magnitude 200..390 0.5", "l2 390.. 0.9"])
    #expect(stages.map { $0.size?.parameters } == [100, 50, 10])
    #expect(stages.map { $0.size?.bytes } == [400, 200, 40])
    #expect(stages.map(\.accuracyBefore) == [nil, 0.9, 0.85])
    #expect(stages.map(\.bestAccuracy) == [0.9, 0.85, 0.7])
    #expect(stages.map(\.lastAccuracy) == [0.9, 0.85, 0.6])
    #expect(stages.map(\.stepMilliseconds) == [3, 2, 1.5])
    #expect(stages.map(\.epochs) == [2, 1.9, 1.1])
    #expect(stages.map(\.pruneCount) == [0, 1, 1])
  }

  @Test func anUndoTakesItsStageBackAndTheOneBeforeGoesOn() {
    let two = [pruned("a", at: 100, to: 0.5), pruned("b", at: 200, from: 0.5, to: 0.8)]
    let undo = undone("prune", at: 300, to: 200, final: 900)
    #expect(
      names(run(two + [undo])) == [
        "dense 0..100 0.0", "a 100..200 0.5", "b 200..300 0.8 undone", "a 300.. 0.5",
      ])
    // The second undo takes back what the first brought back.
    let second = undone("prune", at: 400, to: 100, final: 900)
    #expect(
      names(run(two + [undo, second])) == [
        "dense 0..100 0.0", "a 100..200 0.5 undone", "b 200..300 0.8 undone",
        "a 300..400 0.5 undone", "dense 400.. 0.0",
      ])
    // Two prunes at one step, while it was paused: only the newer one goes.
    let same = [pruned("a", at: 100, to: 0.5), pruned("b", at: 100, from: 0.5, to: 0.8)]
    #expect(
      names(run(same + [undone("prune", at: 100, to: 100, final: 9)])) == [
        "dense 0..100 0.0", "a 100..100 0.5", "b 100..100 0.8 undone", "a 100.. 0.5",
      ])
  }

  /// Weights go back with a learning rate, too, unless the program says that they do not.
  @Test func theUndoOfALearningRateTakesLaterPrunesBack() {
    let events = [
      pruned("a", at: 100, to: 0.5), undone("set_learning_rate", at: 300, to: 100, final: 9),
    ]
    #expect(names(run(events)) == ["dense 0..100 0.0", "a 100.. 0.5"])
    let earlier = [
      pruned("a", at: 100, to: 0.5), undone("set_learning_rate", at: 300, to: 99, final: 9),
    ]
    let back = ["dense 0..100 0.0", "a 100..300 0.5 undone", "dense 300.. 0.0"]
    #expect(names(run(earlier)) == back)
    let manifest = RunManifest(
      name: "a", created: 0, version: "", arguments: [], seed: 1, threads: 1, host: "",
      experiment: [:],
      declares: [.init(command: "undo", details: ["restores_weights": ["prune"]])])
    for events in [earlier + [.manifest(manifest)], [.manifest(manifest)] + earlier] {
      #expect(names(run(events)) == ["dense 0..100 0.0", "a 100.. 0.5"])
    }
  }

  /// What a resume went back over is gone, and what it does again is there once.
  @Test func aResumeGoesBack() {
    let before = [
      pruned("a", at: 100, to: 0.5), undone("prune", at: 100, to: 100, final: 9),
      pruned("a", at: 100, to: 0.5), pruned("b", at: 150, from: 0.5, to: 0.8),
    ]
    // From the checkpoint before all of it, behind the first, behind the undo, behind all of it.
    for done in 0...3 {
      let again = Array(before[done..<3])
      #expect(
        names(run(before + [journal(100, .restore(name: "step-100-0\(done)"))] + again)) == [
          "dense 0..100 0.0", "a 100..100 0.5 undone", "dense 100..100 0.0", "a 100.. 0.5",
        ])
    }
    #expect(names(run(before)).last == "b 150.. 0.8")
  }

  @Test func thePruningThatGoesOnIsOneStage() {
    let begun = [pruning("aofp", at: 50)]
    #expect(run(begun).pruning?.pruning.method == "aofp" && run(begun).pruning?.since == 50)
    let cuts =
      begun + [
        pruned("aofp", at: 60, to: 0.1), pruned("aofp", at: 70, from: 0.1, to: 0.4, parameters: 60),
      ]
    #expect(names(run(cuts)) == ["dense 0..60 0.0", "aofp 60.. 0.4"])
    #expect(run(cuts).stages.last?.pruneCount == 2)
    #expect(run(cuts).stages.last?.size?.parameters == 60)
    let over = cuts + [pruning("aofp", at: 80, isOver: true)]
    #expect(run(over).pruning == nil)
    #expect(names(run(over + [pruned("aofp", at: 90, from: 0.4, to: 0.6)])).count == 3)
    // Undone, resumed from before, resumed from in between.
    let undo = cuts + [undone("prune", at: 75, to: 50, final: 9)]
    #expect(run(undo).pruning == nil)
    #expect(names(run(undo)).suffix(2) == ["aofp 60..75 0.4 undone", "dense 75.. 0.0"])
    #expect(run(over + [journal(40, .restore(name: "x"))]).pruning == nil)
    #expect(run(over + [journal(75, .restore(name: "x"))]).pruning?.since == 50)
  }

  @Test func roundsBelongToTheirStages() {
    let events = [
      pruning("iterative", at: 0, to: 0.8), round(0, at: 10, sparsity: 0),
      pruned("iterative", at: 10, to: 0.4), round(1, at: 20, sparsity: 0.4, epochs: 3),
      pruned("iterative", at: 20, from: 0.4, to: 0.64), round(2, at: 30, sparsity: 0.64),
      pruning("iterative", at: 30, isOver: true),
    ]
    let run = run(events)
    #expect(names(run) == ["dense 0..10 0.0", "iterative 10..20 0.4", "iterative 20.. 0.64"])
    #expect(run.stages.map { $0.round?.number } == [0, 1, 2])
    #expect(run.stages.map(\.epochs) == [2, 3, 2])
    #expect(run.stages[0].size?.parameters == 100)
    #expect(run.rounds.map(\.round.number) == [0, 1, 2] && run.rounds.map(\.step) == [10, 20, 30])
    #expect(run.marks.map(\.kind).filter { $0 == .round }.count == 3)
    #expect(run.marks.contains { $0.text == "round 2 of 3: sparsity 64.0%, accuracy 90.0%" })
    #expect(run.marks.contains { $0.text == "pruning iterative → 50.0% is over" })
  }

  /// An engine may tell of rounds alone.
  @Test func aRoundWithoutItsPruneIsAStage() {
    let events = (0...2).map { round($0, at: 10 + 10 * $0, sparsity: 0.25 * Double($0)) }
    #expect(
      names(run(events)) == ["dense 0..10 0.0", "iterative 10..20 0.25", "iterative 20.. 0.5"])
    // The next job counts anew.
    let again = events + [pruning("iterative", at: 50), round(0, at: 60, sparsity: 0.5)]
    #expect(run(again).rounds.map(\.round.number) == [0])
  }

  @Test func nothingGrowsWithoutEnd() {
    var run = Run(path: "a", name: "a")
    for step in 1...9000 as ClosedRange<Int64> { run.apply(pruned("m\(step)", at: step, to: 0.5)) }
    #expect(run.stages.count == Run.stagesMax)
    #expect(run.stages.first?.method == nil && run.stages.last?.method == "m9000")
    #expect(run.pruningHistory.entries.count <= 4000)
  }

  /// Whatever a log says, nothing traps.
  @Test func outrageousStepsAreHarmless() {
    let steps: [Int64] = [.min, -1, 0, .max]
    for one in steps {
      for other in steps {
        var events = accuracy([(.min, 1), (0, 2), (.max, .nan)])
        events += [
          pruned("a", at: one, to: .nan), pruned("b", at: other, to: .infinity),
          round(.max, at: one, sparsity: .nan), undone("prune", at: other, to: one, final: .min),
          scalar("time/a_ms", one, .infinity), scalar("time/b_ms", other, 1),
          journal(0, .phase(.init(.training, finalStep: .max, stepsPerEpoch: .min))),
        ]
        #expect(!run(events).stages.isEmpty)
      }
    }
  }
}
