import RunLog
import Testing

@testable import RunModel

struct RunStateTests {
  private static let livenesses: [Liveness] = [.alive, .dead, .unknown]

  /// What a person is told, for each phase: alive, dead, unknown.
  private static let states: [JournalRecord.Phase.Name: [Run.State]] = [
    .starting: [.starting, .dead, .starting],
    .training: [.training, .dead, .training],
    .paused: [.paused, .dead, .paused],
    .validating: [.validating, .dead, .validating],
    .finished: [.finished, .finished, .finished],
    // What has ended has ended, whether the engine still lives for a moment or not.
    .failed: [.failed, .failed, .failed],
    .stopped: [.stopped, .stopped, .stopped],
  ]

  @Test(arguments: JournalRecord.Phase.Name.allCases)
  func aPhaseAndALifeMakeAState(name: JournalRecord.Phase.Name) throws {
    let expected = try #require(Self.states[name])
    for (liveness, state) in zip(Self.livenesses, expected) {
      for events in [[.liveness(liveness), phase(name)], [phase(name), .liveness(liveness)]] {
        let run = run(events)
        #expect(run.state == state, "\(name) \(liveness)")
        let obeys: [Run.State] = [.starting, .training, .paused, .validating]
        #expect(run.isObeying == (liveness == .alive && obeys.contains(state)))
      }
    }
  }

  @Test(arguments: livenesses)
  func aRunWithoutAJournalWaitsOrIsWatched(liveness: Liveness) {
    #expect(run([.liveness(liveness)]).state == .waiting)
    #expect(run([.liveness(liveness), scalar("loss", 1)]).state == .watched)
    #expect(!run([.liveness(liveness), scalar("loss", 1)]).isObeying)
  }

  @Test func theNewestPhaseCounts() {
    let run = run([phase(.starting), phase(.training, finalStep: 100), phase(.paused)])
    #expect(run.state == .paused)
    #expect(run.finalStep == 100)
  }

  @Test func theLearningRateIsWhatWasSetSinceTheLastStep() {
    var events = [
      scalar("optimizer/learning_rate", 7, 0.1),
      answered("a", at: 7, .setLearningRate(.value(0.5)), old: 0.1, new: 0.5),
    ]
    #expect(run(events).learningRate == 0.5)
    events.append(
      answered("b", at: 7, .setLearningRate(.value(9)), status: .refused, old: 0.5, new: 9))
    #expect(run(events).learningRate == 0.5)
    events.append(scalar("optimizer/learning_rate", 8, 0.4))
    #expect(run(events).learningRate == 0.4)
    #expect(run([]).learningRate == nil)
  }

  @Test func timeThatPassedAtRestDoesNotCount() {
    func step(_ number: Int64, at seconds: Double) -> RunEvent {
      .scalar(ScalarPoint(tag: "train/loss", step: number, wallTime: seconds, value: 1))
    }
    var events = (1...50).map { step(Int64($0), at: Double($0) / 100) }
    events.append(
      .journal(.init(wallTime: 60, step: 50, .phase(.init(.training, finalStep: 250)))))
    events += (1...100).map { step(50 + Int64($0), at: 60 + Double($0) / 100) }
    events.append(.liveness(.alive))
    let speed = run(events).stepsPerSecond ?? 0
    #expect(abs(speed - 100) < 1e-6)
    #expect(abs((run(events).remainingSeconds() ?? 0) - 1) < 1e-6)
  }

  @Test func remainingTimeIsThatOfThePresentSpeed() throws {
    // A step a second up to step 100, then four.
    var events = [phase(.training, finalStep: 300), .liveness(.alive)]
    events += (0...100).map { scalar("train/loss", $0) }
    #expect(run(events).stepsPerSecond == 1)
    #expect(run(events).remainingSeconds() == 200)
    events += (1...100).map { index in
      .scalar(
        ScalarPoint(
          tag: "train/loss", step: 100 + index, wallTime: 100 + Double(index) / 4, value: 1))
    }
    #expect(run(events).stepsPerSecond == 4)
    #expect(run(events).remainingSeconds() == 25)
    // Past the end nothing remains.
    #expect(run(events + [phase(.training, finalStep: 150)]).remainingSeconds() == 0)
  }

  @Test func noSpeedWithoutTwoPointsAndTime() {
    let training = [phase(.training, finalStep: 300), .liveness(.alive)]
    #expect(run(training).remainingSeconds() == nil)
    #expect(run(training + [scalar("train/loss", 1)]).remainingSeconds() == nil)
    let atOnce = (1...9).map { step in
      RunEvent.scalar(ScalarPoint(tag: "train/loss", step: step, wallTime: 5, value: 1))
    }
    #expect(run(training + atOnce).remainingSeconds() == nil)
    let backInTime = (1...9).map { step in
      RunEvent.scalar(
        ScalarPoint(tag: "train/loss", step: step, wallTime: -Double(step), value: 1))
    }
    #expect(run(training + backInTime).remainingSeconds() == nil)
    let points = (1...99).map { scalar("train/loss", $0) }
    #expect(run(training + points).remainingSeconds() != nil)
    #expect(run([phase(.paused, finalStep: 300)] + points).remainingSeconds() == nil)
    #expect(run([phase(.training)] + points).remainingSeconds() == nil)
  }

  @Test(arguments: [Int64.min, -1, 0, 1, .max])
  func extremeStepsAreNoTrap(finalStep: Int64) {
    let far = [scalar("train/loss", .min), scalar("train/loss", 0), scalar("train/loss", .max)]
    for last in 1...3 {
      let run = run([phase(.training, finalStep: finalStep)] + far.prefix(last))
      _ = run.remainingSeconds()
      _ = run.stepsPerSecond
    }
  }

  @Test func theNewestStepIsThatOfTheSeries() {
    var events = [scalar("a", 10), scalar("b", 12)]
    #expect(run(events).lastStep == 12)
    // A log that goes back without saying so.
    events += [scalar("a", 4), scalar("b", 4)]
    #expect(run(events).lastStep == 4)
    events += [.sessionStarted(step: 2, wallTime: 0)]
    #expect(run(events).lastStep == 0)
  }
}
