import RunLog
import TestSupport
import Testing

@testable import RunModel

struct ForeignStateTests {
  private static let start = 1_700_000_000.0

  /// A point every so many seconds, the newest at `start`.
  private func log(gap: Double, count: Int = 200, _ more: [RunEvent] = []) -> Run {
    let points = (0..<count).map { index in
      RunEvent.scalar(
        ScalarPoint(
          tag: "loss", step: Int64(index),
          wallTime: Self.start - gap * Double(count - 1 - index), value: 1))
    }
    return run(points + more)
  }

  @Test func theOutcomeIsTheState() {
    let expected: [(Outcome, Run.State)] = [
      (.finished, .finished), (.failed, .failed), (.stopped, .stopped), (.running, .watched),
    ]
    for (outcome, state) in expected {
      let run = log(gap: 1, [.outcome(outcome), .expected(finalStep: 1000)])
      #expect(run.state == state && run.outcome == outcome)
      #expect(run.state(at: Self.start + 10) == state)
      #expect((run.remainingSeconds(at: Self.start + 10) != nil) == (outcome == .running))
      #expect(run.state(at: Self.start + 1e6) == (outcome == .running ? .stale : state))
    }
    #expect(run([.outcome(.running)]).state(at: 1e10) == .waiting)
    #expect(run([.outcome(.finished)]).state == .finished)
    // What our own engine says counts more.
    #expect(run([.outcome(.failed), phase(.paused)]).state == .paused)
  }

  @Test func aLogThatPausesForLongerThanUsualIsQuiet() {
    let patience: [(gap: Double, seconds: Double)] = [
      (0.1, 150), (1, 150), (29, 150), (60, 300), (600, 3000), (86_400, 432_000),
    ]
    for (gap, seconds) in patience {
      let run = log(gap: gap)
      for (time, state) in [
        (seconds - 1, Run.State.watched), (seconds + 1, .stale), (-1000, .watched),
      ] {
        #expect(run.state(at: Self.start + time) == state, "\(gap) \(time)")
      }
      #expect(run.state(at: 0) == .watched)
      #expect(run.state(at: .nan) == .watched)
      #expect(run.remainingSeconds(at: Self.start + seconds + 1) == nil)
    }
    #expect(log(gap: 1).state == .watched)
  }

  /// A writer that flushes every two minutes, and a few long pauses among short ones.
  @Test func aFewGapsAreNoHabit() {
    var events: [RunEvent] = []
    var time = Self.start - 100_000
    for step in 0..<100 as Range<Int64> {
      time += step % 5 == 0 ? 5000 : 1
      events.append(.scalar(ScalarPoint(tag: "a", step: step, wallTime: time, value: 1)))
    }
    let run = run(events)
    #expect(run.state(at: time + 149) == .watched)
    #expect(run.state(at: time + 151) == .stale)
  }

  /// All of what is read at once of a plain log has the time of its file.
  @Test func equalTimesAreNoGaps() {
    var run = log(gap: 0)
    #expect(run.state(at: Self.start + 149) == .watched)
    #expect(run.state(at: Self.start + 151) == .stale)
    for step in 1...20 as ClosedRange<Int64> {
      let time = Self.start + 100 * Double(step)
      run.apply(
        .scalar(ScalarPoint(tag: "loss", step: 1000 + step, wallTime: time, value: 1)))
    }
    #expect(run.state(at: Self.start + 2000 + 499) == .watched)
    #expect(run.state(at: Self.start + 2000 + 501) == .stale)
  }

  @Test func aClockOfAnotherZoneIsNotBelieved() {
    let hour = 3600.0
    var run = log(gap: 1)
    let now = Self.start + 2 * hour
    #expect(run.state(at: now) == .stale)
    run.heard(at: now)
    run.heard(at: now - 50)
    run.heard(at: .nan)
    #expect(run.heardAt == now && run.lastHeard == now)
    #expect(run.state(at: now + 149) == .watched)
    #expect(run.state(at: now + 151) == .stale)
    // A clock that is ahead is not quiet before it is so by its own time.
    #expect(log(gap: 1).state(at: Self.start - 5 * hour) == .watched)
    #expect(run.lastHeard == now && RunModelTests.run([]).lastHeard == nil)
  }

  @Test func linesAreHeardToo() {
    let run = run([.line(step: 0, wallTime: Self.start, "epoch 1")])
    #expect(run.state == .watched)
    #expect(run.state(at: Self.start + 149) == .watched)
    #expect(run.state(at: Self.start + 151) == .stale)
  }

  @Test func whatAFinalStepIsExpectedOfHasARemainingTime() {
    let run = log(gap: 1, [.expected(finalStep: 299)])
    #expect(run.finalStep == 299)
    #expect(run.remainingSeconds(at: Self.start + 1) == 100)
    #expect(log(gap: 1).remainingSeconds() == nil)
  }

  @Test func theLogsNameHoldsUntilAManifestHasOne() {
    let manifest = RunManifest(
      name: "digits", created: 1, version: "1", arguments: [], seed: 1, threads: 1, host: "box",
      experiment: [:], declares: [])
    #expect(run([.named("theirs")]).name == "theirs")
    #expect(run([.named("theirs"), .manifest(manifest)]).name == "digits")
    #expect(run([.manifest(manifest), .named("theirs")]).name == "digits")
  }

  @Test func aNumberThatWasSetIsMarkedAndCanBeUndone() {
    let record = JournalRecord.Answer(
      id: "a", status: .applied,
      request: ["command": "set", "name": "temperature", "value": 0.5], old: 1, new: 0.5)
    let run = run([journal(7, .answer(record))])
    #expect(run.marks.map(\.text) == ["temperature 1.0 → 0.5"])
    #expect(run.marks.first?.kind == .set && run.marks.first?.step == 7)
    #expect(run.undoable == "temperature back to 1.0")
    #expect(run.learningRate == nil)
  }
}
