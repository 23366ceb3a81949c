import Glibc
import OperatingSystem
import TestSupport
import Testing

struct ReadinessTests {
  private func seconds(_ body: () -> Void) -> Double {
    let start = SystemClock().monotonicSeconds()
    body()
    return SystemClock().monotonicSeconds() - start
  }

  @Test func nothingComesUntilTheTimeout() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    for timeout in [0, 0.05, 0.3] {
      let waited = seconds {
        #expect(Readiness.wait(for: [ends[0]], timeoutSeconds: timeout).isEmpty)
      }
      #expect(waited >= timeout - 0.001 && waited < timeout + 5)
    }
    #expect(Readiness.wait(for: [], timeoutSeconds: 0.01).isEmpty)
    #expect(Readiness.wait(for: [ends[0]], timeoutSeconds: -1).isEmpty)
  }

  @Test func whatCanBeReadIsNamed() throws {
    var (first, second) = ([Int32](repeating: -1, count: 2), [Int32](repeating: -1, count: 2))
    try #require(pipe(&first) == 0 && pipe(&second) == 0)
    defer { for end in [first[0], second[0], second[1]] { close(end) } }
    var byte: UInt8 = 7
    try #require(write(second[1], &byte, 1) == 1)
    let both = [first[0], second[0]]
    #expect(Readiness.wait(for: both, timeoutSeconds: 5) == [second[0]])
    #expect(Readiness.wait(for: both, timeoutSeconds: nil) == [second[0]])
    // The other side is gone.
    close(first[1])
    #expect(Readiness.wait(for: both, timeoutSeconds: 5) == both)
  }
}

struct FileWatcherTests {
  @Test func tellsWhatHappensToFiles() throws {
    let directory = try TemporaryDirectory()
    var watcher = FileWatcher()
    defer { watcher.close() }
    let descriptor = try #require(watcher.descriptor)
    let watched = [directory.path, directory.path("none")].map { watcher.watch($0) }
    #expect(watched == [true, false])
    #expect(watcher.drain().isEmpty)
    let other = try TemporaryDirectory()
    let moved = try other.write("", to: "moved")
    let changes: [() throws -> Void] = [
      { try directory.write("", to: "file") }, { try directory.append([1], to: "file") },
      { try LocalFileSystem().rename(moved, to: directory.path("moved")) },
    ]
    for change in changes {
      try change()
      #expect(Readiness.wait(for: [descriptor], timeoutSeconds: 5) == [descriptor])
      #expect(watcher.drain() == [directory.path])
      #expect(watcher.drain().isEmpty)
      #expect(Readiness.wait(for: [descriptor], timeoutSeconds: 0).isEmpty)
    }
  }
}

struct SignalPipeTests {
  @Test func signalsBecomeBytes() async {
    await #expect(processExitsWith: .success) {
      let pipe = try SignalPipe([SIGUSR1, SIGWINCH])
      #expect(pipe.received() == [])
      // To the process: its threads may have blocked signals.
      kill(getpid(), SIGUSR1)
      kill(getpid(), SIGWINCH)
      var received: Set<Int32> = []
      while received.count < 2 {
        let ready = Readiness.wait(for: [pipe.descriptor], timeoutSeconds: 10)
        try #require(ready == [pipe.descriptor])
        received.formUnion(pipe.received())
      }
      #expect(received == [SIGUSR1, SIGWINCH])
      #expect(pipe.received() == [])
    }
  }
}

struct ClockTests {
  @Test func monotonicTimeNeverGoesBack() {
    let clock = SystemClock()
    var last = clock.monotonicSeconds()
    for _ in 0..<1000 {
      let now = clock.monotonicSeconds()
      #expect(now >= last)
      last = now
    }
    #expect(abs(clock.wallSeconds() - Double(time(nil))) < 2)
  }

  @Test func localTimeAsPeopleWriteIt() async {
    await #expect(processExitsWith: .success) {
      setenv("TZ", "UTC", 1)
      tzset()
      let time = LocalTime(wallSeconds: 1_769_903_999.9)
      #expect(time.compact == "20260131-235959")
      #expect(time.clock == "23:59:59")
      #expect(LocalTime(wallSeconds: .nan).clock == "00:00:00")
      #expect(LocalTime(wallSeconds: -.infinity).compact.count == 15)
    }
  }

  @Test func aManualClockStandsStill() {
    let clock = ManualClock(wallSeconds: 100, monotonicSeconds: 5)
    clock.advance(bySeconds: 2)
    clock.setWall(toSeconds: 50)
    #expect(clock.wallSeconds() == 50)
    #expect(clock.monotonicSeconds() == 7)
  }
}

struct EnvironmentTests {
  @Test func surroundingsAreKnown() throws {
    let path = try #require(Environment.value("PATH"))
    #expect(Environment.list.contains("PATH=\(path)"))
    #expect(Environment.value("NNTOP_NO_SUCH_VARIABLE") == nil)
    #expect(LocalFileSystem().exists(Environment.ownProgram))
    #expect(!Environment.hostName.isEmpty)
    #expect(!Environment.userName.isEmpty)
    #expect(!Environment.terminalName.isEmpty)
    #expect(Environment.processorCount >= 1)
    #expect(LocalFileSystem().isDirectory(Environment.currentDirectory))
  }

  @Test func usageOfTheMachine() throws {
    let usage = ProcessUsage.now()
    #expect(usage.processorSeconds > 0)
    #expect(usage.residentBytes > 1 << 20)
    let seenFromOutside = try ProcessUsage.of(getpid())
    #expect(abs(seenFromOutside.processorSeconds - usage.processorSeconds) < 5)
    #expect(seenFromOutside.residentBytes > 1 << 20)
    #expect(throws: SystemError.self) { try ProcessUsage.of(.max) }
    #expect(try #require(DiskSpace(at: "/")).freeBytes > 0)
    #expect(DiskSpace(at: "/no/such/place") == nil)
  }
}
