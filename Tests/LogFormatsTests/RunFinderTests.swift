import Glibc
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct RunFinderTests {
  private let clock = ManualClock()

  private func runs(at path: String) throws(RunFinderError) -> [RunFinder.Found] {
    var finder = RunFinder(files: LocalFileSystem(), clock: clock)
    return try finder.runs(at: path)
  }

  private func found(_ path: String, _ name: String) -> RunFinder.Found {
    RunFinder.Found(path: path, name: name, place: path) { UnusableLog(trouble: .diskFull(true)) }
  }

  private func problem(_ path: String) -> String? {
    #expect(throws: RunFinderError.self) { try runs(at: path) }?.description
  }

  @Test func aRunIsItself() throws {
    let run = try SampleRun.complete()
    let name = Path.name(of: run.home.path)
    #expect(try runs(at: run.home.path) == [found(run.home.path, name)])
    let slashed = run.home.path + "/"
    #expect(try runs(at: slashed) == [found(slashed, name)])
    let file = run.home.path(SampleRun.eventFile(1))
    #expect(try runs(at: file) == [found(file, SampleRun.eventFile(1))])
  }

  @Test func theRunToShowIsTheOneThatLivesOrElseTheLastWritten() throws {
    let runs = [try SampleRun.complete(), try SampleRun.complete(), try SampleRun.complete()]
    let found = runs.map { self.found($0.home.path, "run") }
    let finder = RunFinder(files: LocalFileSystem(), clock: clock)
    func touch(_ index: Int, atSeconds seconds: Int) {
      for name in ["journal.jsonl", SampleRun.eventFile(1), SampleRun.eventFile(2), "."] {
        var times = [timeval(tv_sec: seconds, tv_usec: 0), timeval(tv_sec: seconds, tv_usec: 0)]
        utimes(Path.join(runs[index].home.path, name), &times)
      }
    }
    for (index, seconds) in [1000, 3000, 2000].enumerated() { touch(index, atSeconds: seconds) }
    #expect(finder.liveliest(of: found) == found[1])
    let lock = try #require(
      try FileLock.take(RunDirectory(path: found[0].path).lockPath, patienceSeconds: 1))
    touch(0, atSeconds: 1000)
    #expect(finder.liveliest(of: found) == found[0])
    lock.release()
    #expect(finder.liveliest(of: []) == nil)
    withExtendedLifetime(runs) {}
  }

  @Test func aDirectoryHoldsRuns() throws {
    let root = try TemporaryDirectory()
    let files = LocalFileSystem()
    for name in ["b", "a", "neither", "c"] {
      try files.createDirectory(root.path(name), permissions: 0o777)
    }
    try root.write("{}", to: "a/run.json")
    try root.write("", to: "b/events.out.tfevents.1.box")
    try root.write("", to: "c/events.out.tfevents.1.box")
    try root.write("", to: "neither/notes.txt")
    try root.write("", to: "notes.txt")
    #expect(try runs(at: root.path).map(\.name) == ["a", "b", "c"])
    #expect(try runs(at: root.path).map(\.path) == ["a", "b", "c"].map(root.path))
    // Candidates of a search lie deeper and are not listed.
    #expect(try runs(at: root.path("neither")) == [])
  }

  @Test func anEmptyDirectoryHoldsNone() throws {
    let directory = try TemporaryDirectory()
    #expect(try runs(at: directory.path) == [])
  }

  @Test func whatIsNoLogSaysWhatWasTried() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(
      [0, 1, 2, 3, 0xFF, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1], to: "notes")
    let text = try #require(problem(path))
    #expect(text.hasPrefix("\(path): not a log that nntop reads; tried "))
    for format in LogFormat.all { #expect(text.contains(format.title)) }
    let missing = directory.path("nothing")
    #expect(problem(missing) == "\(missing): there is no such file or directory")
  }

  @Test func aDirectoryThatCannotBeListedIsNamed() throws {
    let directory = try TemporaryDirectory()
    let faulty = FaultyFileSystem()
    faulty.fail(.entries, with: .failure(code: 13))
    let error = #expect(throws: RunFinderError.self) {
      var finder = RunFinder(files: faulty, clock: clock)
      _ = try finder.runs(at: directory.path)
    }
    #expect(error?.description.contains(directory.path) == true)
    #expect(error?.description.contains("Permission denied") == true)
  }

  @Test func whatWasFoundCanBeOpened() throws {
    let run = try SampleRun.complete()
    for path in [run.home.path, run.home.path(SampleRun.eventFile(1))] {
      for found in try runs(at: path) {
        var log = CollectingReader(found.open())
        #expect(!log.read().points.isEmpty)
      }
    }
  }
}
