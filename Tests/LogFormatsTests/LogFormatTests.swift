import LogFormats
import OperatingSystem
import RunLog
import TestSupport
import Testing

/// What holds for every format that can be read; a new one needs its sample here.
struct LogFormatTests {
  /// A sample for each format: the directory that owns it, its path, and its files.
  private func sample(
    _ format: String
  ) throws -> (home: TemporaryDirectory, path: String, names: [String])? {
    let run = try SampleRun.complete()
    switch format {
    case "nntop run or TensorBoard run directory":
      return (run.home, run.home.path, try run.home.names)
    case "TensorBoard event file":
      let name = SampleRun.eventFile(1)
      return (run.home, run.home.path(name), [name])
    default: return nil
    }
  }

  @Test(arguments: LogFormat.all.map(\.name))
  func eachFormatReadsItsSampleCutAtEveryByte(name: String) throws {
    let format = try #require(LogFormat.all.first { $0.name == name })
    let sample = try #require(try self.sample(name), "no sample of \(name)")
    #expect(format.recognizes(sample.path, LocalFileSystem()))
    let whole = format.readAll(sample.path).byFile
    #expect(whole.contains { !$0.isEmpty })
    for file in sample.names {
      let bytes = try sample.home.bytes(of: file)
      for cut in 0..<bytes.count {
        try sample.home.write(Array(bytes[..<cut]), to: file)
        let found = format.readAll(sample.path).byFile
        // A later session stands behind a cut one: its events stay.
        let isKept = zip(found, whole).allSatisfy { isSubsequence($0, of: $1) }
        if !isKept { Issue.record("\(file) cut at \(cut)") }
      }
      try sample.home.write(bytes, to: file)
    }
    #expect(format.readAll(sample.path).byFile == whole)
  }

  @Test(arguments: LogFormat.all.map(\.name))
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
        _ = format.readAll(sample.path)
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
    let whole = LogFormat.runDirectory.readAll(home.path)
    #expect(whole.troubles == [])
    #expect(whole.points.count > 1000)
    #expect(!whole.records.isEmpty)
    let name = try #require(try home.names.first { RunDirectory.isEventFile($0) })
    let bytes = try home.bytes(of: name)
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20 {
      let cut = Int.random(in: 0..<bytes.count, using: &random)
      try home.write(Array(bytes[..<cut]), to: name)
      let found = LogFormat.runDirectory.readAll(home.path)
      #expect(found.troubles == [])
      #expect(whole.points.starts(with: found.points))
    }
  }

  @Test func everyPathHasAtMostOneFormat() throws {
    let run = try SampleRun.complete()
    let paths = [run.home.path] + (try run.home.names.map(run.home.path))
    for path in paths {
      let formats = LogFormat.all.filter { $0.recognizes(path, LocalFileSystem()) }
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
