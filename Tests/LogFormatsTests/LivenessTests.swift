import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

/// Whether an engine lives is told by its lock, looked at about once a second.
struct LivenessTests {
  private static let probeSeconds = 1.0

  @Test func theLockTellsWhetherAnEngineLives() throws {
    let run = try SampleRun.complete()
    try run.home.write("first\nsecond\n", to: "engine.log")
    let clock = ManualClock()
    var log = run.log(clock: clock)
    let lock = try #require(try FileLock.take(run.directory.lockPath, patienceSeconds: 0.1))
    #expect(log.read().livenesses == [.alive])
    lock.release()
    clock.advance(bySeconds: 0.1)
    #expect(log.read().livenesses == [], "not looked at before its time")
    clock.advance(bySeconds: Self.probeSeconds)
    let death = log.read()
    #expect(death.livenesses == [.dead])
    #expect(death.engineOutput == ["first", "second"])
    clock.advance(bySeconds: Self.probeSeconds)
    #expect(log.read() == [])
    let again = try #require(try FileLock.take(run.directory.lockPath, patienceSeconds: 0.1))
    defer { again.release() }
    clock.advance(bySeconds: Self.probeSeconds)
    #expect(log.read() == [.liveness(.alive)])
  }

  @Test func theEndOfALongEngineLogIsKept() throws {
    let run = try SampleRun.complete()
    let lines = (1...5000).map { "line \($0)" }
    try run.home.write(lines.joined(separator: "\n"), to: "engine.log")
    let events = try LogFormat.runDirectory.readAll(run.home.path)
    #expect(events.engineOutput == Array(lines.suffix(20)))
    // One endless line in which no character is cut in half for long.
    try run.home.write(String(repeating: "ü", count: 20_000), to: "engine.log")
    let long = try #require(try LogFormat.runDirectory.readAll(run.home.path).engineOutput)
    #expect(long.count == 1)
    #expect((long.first?.count ?? 0) <= 8192)
  }

  @Test func aRestartTellsTheLifeAgain() throws {
    let run = try SampleRun.complete()
    let clock = ManualClock()
    let lock = try #require(try FileLock.take(run.directory.lockPath, patienceSeconds: 0.1))
    defer { lock.release() }
    var log = run.log(clock: clock)
    log.read()
    try run.home.write("", to: "journal.jsonl")
    #expect(log.read().livenesses == [.alive])
    #expect(log.restarts == 1)
  }

  @Test func aForeignRunHasNoLock() throws {
    let run = try SampleRun()
    try run.writeSession(1, steps: 1...2)
    #expect(try LogFormat.runDirectory.readAll(run.home.path).livenesses == [])
  }
}
