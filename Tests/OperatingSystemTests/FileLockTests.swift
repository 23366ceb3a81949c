import Glibc
import OperatingSystem
import TestSupport
import Testing

struct FileLockTests {
  @Test func aSecondHolderIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("lock")
    #expect(FileLock.probe(path) == .free)
    let lock = try #require(try FileLock.take(path, patienceSeconds: 0))
    #expect(FileLock.probe(path) == .held)
    #expect(try FileLock.take(path, patienceSeconds: 0) == nil)
    lock.release()
    #expect(FileLock.probe(path) == .free)
    let next = try #require(try FileLock.take(path, patienceSeconds: 0))
    next.release()
  }

  @Test func patienceIsKept() throws {
    let directory = try TemporaryDirectory()
    let lock = try #require(try FileLock.take(directory.path("lock"), patienceSeconds: 0))
    defer { lock.release() }
    let start = SystemClock().monotonicSeconds()
    #expect(try FileLock.take(directory.path("lock"), patienceSeconds: 0.2) == nil)
    let waited = SystemClock().monotonicSeconds() - start
    #expect(waited > 0.15 && waited < 5)
  }

  @Test func theEndOfTheProcessFreesIt() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("", to: "lock")
    let child = try ChildProcess.start(
      "/bin/sh", arguments: ["-c", "exec 9>>\"$0\"; flock 9; exec sleep 60", path],
      environment: Environment.list)
    #expect(comesTrue { FileLock.probe(path) == .held })
    #expect(try FileLock.take(path, patienceSeconds: 0) == nil)
    child.send(signal: SIGKILL)
    #expect(child.wait() == .killed(signal: SIGKILL))
    // The shell's own helper, `flock`, may still be on its way out.
    #expect(comesTrue { FileLock.probe(path) == .free })
  }

  @Test func aLockThatCannotBeMadeIsAnError() throws {
    let directory = try TemporaryDirectory()
    let error = #expect(throws: SystemError.self) {
      _ = try FileLock.take(directory.path("none/lock"), patienceSeconds: 0)
    }
    #expect(error?.isMissing == true)
  }
}

/// Whether something becomes true within ten seconds.
func comesTrue(_ condition: () -> Bool) -> Bool {
  let deadline = SystemClock().monotonicSeconds() + 10
  while !condition() {
    if SystemClock().monotonicSeconds() > deadline { return false }
    usleep(5_000)
  }
  return true
}
