import JSONText
import RunLog
import Testing

@testable import RunModel

struct RunCommandTests {
  @Test func answersAndQuestionsMeetInAnyOrder() {
    let events = [
      asked("a", .pause), answered("a", at: 7, .pause), asked("b", .stop),
      answered("b", at: 9, .stop, status: .refused),
    ]
    let expected = run(events)
    #expect(expected.commands.map(\.id) == ["a", "b"])
    #expect(expected.command("a")?.answeredStep == 7)
    #expect(expected.command("b")?.answer?.status == .refused)
    for order in [[1, 0, 2, 3], [1, 3, 0, 2], [0, 2, 1, 3], [1, 3, 2, 0]] {
      let run = run(order.map { events[$0] })
      #expect(run.commands == expected.commands, "\(order)")
      #expect(run.marks == expected.marks)
    }
  }

  @Test func theFirstAnswerCounts() {
    let run = run([
      answered("a", at: 7, .pause), answered("a", at: 9, .pause, status: .refused),
    ])
    #expect(run.commands.count == 1)
    #expect(run.command("a")?.answer?.status == .applied)
    #expect(run.command("a")?.answeredStep == 7)
    #expect(run.command("b") == nil)
  }

  @Test func layersThatCameInPiecesAreOneAnswer() {
    let layers = (0..<30).map {
      JournalRecord.LayerChange(
        name: "layer\($0)", before: 0, after: 0.5, parameters: 1, flops: 2)
    }
    let run = run([
      journal(5, .layers(id: "a", Array(layers[..<12]))),
      journal(5, .layers(id: "b", [layers[0]])),
      journal(5, .layers(id: "a", Array(layers[12..<24]))),
      answered("a", at: 5, .pruneToFourFifths, layers: Array(layers[24...])),
    ])
    #expect(run.command("a")?.answer?.layers == layers)
  }

  @Test func undoNamesWhatItWouldTakeBack() {
    var events: [RunEvent] = []
    func expect(_ text: String?, after event: RunEvent...) {
      events += event
      #expect(run(events).undoable == text)
    }
    let rate = "the learning rate back to 0.1; weights go back to step 10"
    let prune = "the prune at step 20; weights go back to that step"
    expect(nil)
    expect(nil, after: asked("a", .halveLearningRate))
    expect(rate, after: answered("a", at: 10, .halveLearningRate, old: 0.1, new: 0.05))
    expect(prune, after: answered("b", at: 20, .pruneToFourFifths))
    expect(prune, after: answered("c", at: 21, .pause))
    expect(prune, after: answered("d", at: 22, .halveLearningRate, status: .refused, old: 1))
    expect(prune, after: answered("e", at: 23, .pruneToFourFifths, status: .previewed))
    expect(rate, after: answered("f", at: 24, .undo))
    expect(nil, after: answered("g", at: 25, .undo))
    expect(nil, after: answered("h", at: 26, .undo))
  }

  /// Then the engine's stack holds what only the engine knows.
  @Test func undoNamesNothingThatItCannotKnow() {
    let prune = answered("a", at: 20, .pruneToFourFifths)
    #expect(run([prune]).undoable != nil)
    var manifest = RunManifest(
      name: "a", created: 0, version: "", arguments: [], seed: 1, threads: 1, host: "",
      experiment: ["pruning": []], declares: [])
    #expect(run([.manifest(manifest), prune]).undoable != nil)
    manifest.experiment = ["pruning": [["method": "magnitude"]]]
    #expect(run([.manifest(manifest), prune]).undoable == nil)
    let final = JournalRecord.Answer(
      id: "b", status: .applied, request: ControlCommand.Request.pruneToFourFifths.json,
      reason: "cannot be undone: no checkpoint could be written")
    #expect(run([prune, journal(30, .answer(final))]).undoable == nil)
  }

  /// A command with `at_step` is answered later than one that was asked after it.
  @Test func undoGoesByTheOrderOfTheAnswers() {
    let questions = [asked("late", .halveLearningRate), asked("soon", .pruneToFourFifths)]
    let answers = [
      answered("soon", at: 20, .pruneToFourFifths),
      answered("late", at: 100, .halveLearningRate, old: 0.1, new: 0.05),
    ]
    for events in [questions + answers, answers + questions] {
      #expect(run(events).undoable == "the learning rate back to 0.1; weights go back to step 100")
      #expect(run(events).commands.map(\.id) == ["soon", "late"])
    }
  }

  @Test func commandsLeaveMarks() {
    let run = run([
      answered("a", at: 3, .halveLearningRate, old: .number(0.1), new: .number(0.05)),
      answered("b", at: 1, .pause), answered("c", at: 2, .resume),
      answered("d", at: 4, .stop, status: .refused),
      answered("e", at: 5, .pruneToFourFifths), pruned(at: 5),
      undone("prune", at: 9, to: 5, final: 140),
      undone("set_learning_rate", at: 9, to: 9, final: 3),
      journal(6, .checkpoint(name: "step-6")), journal(7, .restore(name: "step-6")),
      journal(8, .alert("loss is not a number")), journal(8, .note("nothing")),
      answered("f", at: 10, .stop),
    ])
    #expect(
      run.marks.map { "\($0.step) \($0.kind) \($0.text)" } == [
        "1 command pause", "2 command resume", "3 command learning rate 0.1 → 0.05",
        "5 prune prune magnitude 0.0% → 80.0%", "6 checkpoint checkpoint",
        "7 restart resumed", "8 alert loss is not a number", "9 undo undo prune at step 5",
        "9 undo undo learning rate at step 9", "10 command stop",
      ])
    #expect(run.finalStep == 3)
  }

  @Test func whatIsDoneAgainAfterARestartIsOneMark() {
    let once = [
      journal(4, .checkpoint(name: "step-4")), pruned(at: 5), pruned(at: 5, to: 0.9),
      journal(8, .checkpoint(name: "step-8")),
    ]
    let restart = [journal(4, .restore(name: "step-4"))]
    let twice = run(once + restart + Array(once.dropFirst()) + restart + once)
    #expect(twice.marks == run(once + restart).marks)
  }
}
