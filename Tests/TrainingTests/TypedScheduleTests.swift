import Glibc
import JSONText
import OperatingSystem
import RunLog
import Testing

@testable import Training

/// A learning-rate schedule that is typed while a run goes on.
@Suite struct TypedScheduleTests {
  typealias Wish = TestRun.Wish

  private static let cosine = ControlCommand.Request.schedule([
    "kind": "cosine", "finalFactor": 0.1,
  ])
  /// What experiments get that give none.
  private static let learningRate = 0.1

  /// The rate of the update that led to each step.
  private func rates(_ run: TestRun) throws -> [Double] {
    try run.points("optimizer/learning_rate").joined().map { Double($0.value) }
  }

  /// Loshchilov and Hutter 2017, equation 5, over the updates that are left.
  private func cosine(_ update: Int, of updates: Int) -> Double {
    0.1 + 0.9 * 0.5 * (1 + cos(Double.pi * Double(update) / Double(updates)))
  }

  private func expectSame(_ rates: some Sequence<Double>, _ expected: [Double]) {
    let rates = Array(rates)
    #expect(rates.count == expected.count)
    for (rate, one) in zip(rates, expected) { #expect(abs(rate / one - 1) < 1e-6) }
  }

  @Test func itBeginsWhereItIsTypedAndReachesToTheEnd() throws {
    let run = try TestRun()
    try run.train([Wish(4, .learningRate(times: 0.5)), Wish(8, Self.cosine)])
    let before = Array(repeating: Self.learningRate, count: 4)
    let scaled = Array(repeating: Self.learningRate / 2, count: 4)
    // What was scaled by hand stays scaled.
    let typed = (0..<16).map { Self.learningRate / 2 * cosine($0, of: 16) }
    expectSame(try rates(run), before + scaled + typed)
    let answer = try run.answer(TestRun.id(1))
    #expect(answer.answer.status == .applied && answer.step == 8)
    #expect(answer.answer.old == .number(0.05) && answer.answer.new == .number(0.05))
  }

  @Test func theAnswerSaysTheRatesBeforeAndAfter() throws {
    let run = try TestRun(["learningRateSchedule.kind=cosine"])
    try run.train([Wish(12, .schedule(["kind": "constant"]))])
    let answer = try run.answer(TestRun.id(0)).answer
    let half = Self.learningRate * (0.01 + 0.99 * 0.5)
    #expect(abs(try #require(answer.old?.double) - half) < 1e-12)
    #expect(answer.new == .number(Self.learningRate))
    expectSame(try rates(run).suffix(12), Array(repeating: Self.learningRate, count: 12))
  }

  @Test func anUndoGoesBackToTheScheduleBefore() throws {
    let run = try TestRun()
    let trained = try run.train([
      Wish(6, .schedule(["kind": "step", "everyEpochs": 1, "factor": 0.5])), Wish(10, Self.cosine),
      Wish(12, .undo), Wish(14, .undo),
    ])
    #expect(trained.outcome == .finished)
    let rate = Self.learningRate
    // Undone at 12, the run stands where it stood at 10: 4 updates into the typed steps of 8.
    // Undone at 14, it stands where it stood at 6.
    let typed = Array(repeating: rate, count: 6 + 4)
    let cosines = (0..<2).map { rate * cosine($0, of: 14) }
    expectSame(try rates(run), typed + cosines + Array(repeating: rate, count: 2 + 18))
    let undone = try run.answer(TestRun.id(2)).answer
    #expect(undone.status == .applied && undone.reason == "learning rate at step 10")
    #expect(abs(try #require(undone.old?.double) - rate * cosine(2, of: 14)) < 1e-12)
    #expect(undone.new == .number(rate))
  }

  /// The typed schedule is part of the state: of checkpoints, and of what is promised behind one.
  @Test(arguments: [5, 100])
  func itSurvivesAKillAtEveryStep(everySteps: Int) throws {
    let overrides = ["checkpoint.everySteps=\(everySteps)", "optimizer.kind=adam"]
    let wishes = [
      Wish(3, Self.cosine), Wish(9, .learningRate(times: 0.5)),
      Wish(11, .schedule(["kind": "oneCycle", "riseFraction": 0.5])), Wish(15, .undo),
    ]
    let expected = try TestRun(overrides).train(wishes).state
    #expect(expected != (try TestRun(overrides).train().state))
    let run = try TestRun(overrides)
    try run.train(
      wishes,
      behindStep: { engine in
        let step = engine.session.state.step
        let copy = try TestRun(copying: run.directory)
        let trained = try KillTests.resume(copy, attempt: 1, wishes)
        KillTests.check(copy, trained, expected, "killed at \(step)")
      })
  }

  private static let mistakes: [(schedule: JSON, says: [String])] = [
    (["kind": "cosin"], ["\"cosin\"", "did you mean \"cosine\"?"]),
    (["kind": "cosine", "finalFactor": 2], ["a number from 0 to 1", "2"]),
    (["kind": "cosine", "finalFactor": "low"], ["a number from 0 to 1"]),
    (["kind": "cosine", "finalFaktor": 0.5], ["finalFaktor", "finalFactor"]),
    (["kind": "multiStep"], ["is missing"]),
    (["kind": "step", "everyEpochs": 0], ["an integer from 1"]),
    (["kind": 7], ["must be an object with a \"kind\""]),
    ("cosine", ["must be an object with a \"kind\""]),
  ]

  @Test func whatIsNoScheduleIsRefusedAndChangesNothing() throws {
    let expected = try TestRun().train().state
    let run = try TestRun()
    let trained = try run.train(Self.mistakes.map { Wish(5, .schedule($0.schedule)) })
    #expect(trained.state.difference(from: expected) == "")
    for (index, mistake) in Self.mistakes.enumerated() {
      let answer = try run.answer(TestRun.id(index)).answer
      #expect(answer.status == .refused, "\(mistake)")
      let reason = try #require(answer.reason)
      #expect(!reason.contains("\n"))
      for words in mistake.says { #expect(reason.contains(words), "\(reason)") }
    }
    #expect(try run.checkpointNames().allSatisfy { !$0.contains("000000005") })
  }

  @Test func aBranchFollowsTheScheduleOfItsParent() throws {
    let wishes = [Wish(6, Self.cosine), Wish(9, .branch(.init(name: "child")))]
    let run = try TestRun()
    let trained = try run.train(wishes, startEngine: { _ in })
    let child = TestRun(
      RunDirectory(path: Path.join(Path.parent(of: run.directory.path), "child")), in: run.home)
    let state = try child.train().state
    #expect(state.tensors == trained.state.tensors)
    #expect(try rates(child) == (try rates(run).suffix(15)))
  }
}
