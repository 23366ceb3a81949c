import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

/// What holds for every format that can be read; a new one needs its sample here.
struct LogFormatTests {
  /// A sample for each format: the directory that owns it, its path, and its files.
  private func sample(
    _ format: String
  ) throws -> (home: TemporaryDirectory, path: String, names: [String])? {
    let run = try SampleRun.complete()
    switch format {
    case "run":
      return (run.home, run.home.path, try run.home.names)
    case "events":
      let name = SampleRun.eventFile(1)
      return (run.home, run.home.path(name), [name])
    default: return nil
    }
  }

  @Test(arguments: ["run", "events"])
  func eachFormatReadsItsSampleCutAtEveryByte(name: String) throws {
    let format = try #require(LogFormat.all.first { $0.name == name })
    let sample = try #require(try self.sample(name), "no sample of \(name)")
    #expect(try format.recognizes(sample.path))
    let whole = try format.readAll(sample.path).byFile
    #expect(whole.contains { !$0.isEmpty })
    for file in sample.names {
      let bytes = try sample.home.bytes(of: file)
      for cut in 0..<bytes.count {
        try sample.home.write(Array(bytes[..<cut]), to: file)
        let found = try format.readAll(sample.path).byFile
        // A later session stands behind a cut one: its events stay.
        let isKept = zip(found, whole).allSatisfy { isSubsequence($0, of: $1) }
        if !isKept { Issue.record("\(file) cut at \(cut)") }
      }
      try sample.home.write(bytes, to: file)
    }
    #expect(try format.readAll(sample.path).byFile == whole)
  }

  @Test(arguments: ["run", "events"])
  func eachFormatSurvivesDamageAtRandomPlaces(name: String) throws {
    let format = try #require(LogFormat.all.first { $0.name == name })
    let sample = try #require(try self.sample(name))
    var random = SeededGenerator(seed: 11)
    for file in sample.names {
      let bytes = try sample.home.bytes(of: file)
      for _ in 0..<300 {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          damaged[Int.random(in: 0..<bytes.count, using: &random)] = .random(
            in: 0...255, using: &random)
        }
        try sample.home.write(damaged, to: file)
        _ = try format.readAll(sample.path)
      }
      try sample.home.write(bytes, to: file)
    }
  }

  /// The run that comes with the program, too large to be cut at every byte.
  @Test func theRecordedRunIsReadWhereverItIsCut() throws {
    let home = try TemporaryDirectory()
    let recorded = Repository.path("sample-runs/glyphs")
    let files = LocalFileSystem()
    for name in try files.entries(of: recorded) {
      let path = Path.join(recorded, name)
      if files.isDirectory(path) { continue }
      try home.write(try files.contents(of: path, limit: 1 << 24), to: name)
    }
    let whole = try LogFormat.runDirectory.readAll(home.path)
    #expect(whole.troubles == [])
    #expect(whole.points.count > 1000)
    #expect(!whole.records.isEmpty)
    let name = try #require(try home.names.first { RunDirectory.isEventFile($0) })
    let bytes = try home.bytes(of: name)
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20 {
      let cut = Int.random(in: 0..<bytes.count, using: &random)
      try home.write(Array(bytes[..<cut]), to: name)
      let found = try LogFormat.runDirectory.readAll(home.path)
      #expect(found.troubles == [])
      #expect(whole.points.starts(with: found.points))
    }
  }

  @Test func everyPathHasAtMostOneFormat() throws {
    let run = try SampleRun.complete()
    let paths = [run.home.path] + (try run.home.names.map(run.home.path))
    for path in paths {
      // All that is readable is text, too; it comes last.
      let formats = try LogFormat.all.dropLast().filter { try $0.recognizes(path) }
      #expect(formats.count <= 1, "\(path)")
    }
  }

  private func isSubsequence(_ some: [RunEvent], of all: [RunEvent]) -> Bool {
    var rest = all[...]
    for event in some {
      guard let place = rest.firstIndex(of: event) else { return false }
      rest = rest[(place + 1)...]
    }
    return true
  }
}
