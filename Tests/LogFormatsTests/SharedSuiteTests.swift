import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

/// What every format promises: its sample, written by the real library, cut at every byte, grown
/// piece by piece and damaged bit by bit.
struct SharedSuiteTests {
  /// A real log for each format; a new one needs its own here.
  private static let samples = [
    "run": "glyphs", "keras": "keras", "mlflow": "mlflow-files", "trainer-state": "huggingface",
    "events": "tensorboardx", "wandb": "wandb", "mlflow-sqlite": "mlflow-sqlite/mlflow.db",
    "trackio": "trackio/spirals.db", "jsonl": "jsonl/metrics.jsonl",
    "csv": "lightning-csv/lightning_logs/version_0/metrics.csv", "text": "text/nanogpt.log",
    "safetensors": "safetensors/shapes.safetensors", "nasbench": "nasbench101/small.tfrecord",
  ]

  @Test(arguments: LogFormat.all.map(\.name))
  func everyFormatHasASample(name: String) throws {
    #expect(Self.samples[name] != nil)
  }

  // MARK: Formats whose records come one behind the other

  private static let streams = LogFormat.all.compactMap { format in
    if case .stream = format.kind { format.name } else { nil }
  }

  /// The beginning of a sample, small enough to be cut everywhere.
  private func bytes(_ name: String, max: Int = 6000) throws -> [UInt8] {
    let files = LocalFileSystem()
    var path = Repository.path(Path.join("sample-runs", try #require(Self.samples[name])))
    while files.isDirectory(path) {
      let inner = try files.entries(of: path).first {
        $0.contains("tfevents") || $0.hasSuffix(".wandb") || $0.contains("run-")
      }
      path = Path.join(path, try #require(inner))
    }
    // Rows of base64 take a while without optimization; these are four of them.
    let limit = name == "nasbench" ? min(max, 1500) : max
    return try files.contents(of: path, limit: limit)
  }

  private func parser(_ name: String) throws -> any LogParser {
    let format = try #require(LogFormat.named(name))
    guard case .stream(_, let makeParser) = format.kind else { throw NoStream() }
    return makeParser()
  }

  private struct NoStream: Error {}

  /// What a parser makes of bytes that come up to each of some places, and then to their end.
  private func events(
    _ name: String, _ bytes: [UInt8], upTo ends: [Int]
  ) throws -> (events: [RunEvent], skipped: Int) {
    var parser = try parser(name)
    var events: [RunEvent] = []
    var offset = 0
    for end in ends + [bytes.count] {
      bytes.withUnsafeBytes { all in
        let piece = UnsafeRawBufferPointer(rebasing: all[offset..<max(offset, end)])
        offset += parser.take(
          LogPiece(piece, offset: offset, wallTime: 1000), into: &events)
      }
    }
    bytes.withUnsafeBytes { all in
      let rest = UnsafeRawBufferPointer(rebasing: all[offset...])
      offset += parser.take(
        LogPiece(rest, offset: offset, wallTime: 1000, isEnd: true), into: &events)
    }
    return (events.separated, parser.skipped.count)
  }

  @Test(arguments: streams)
  func cutAnywhereItIsTheSame(name: String) throws {
    let bytes = try bytes(name)
    let whole = try events(name, bytes, upTo: [])
    #expect(tellsSomething(whole.events))
    for cut in 0...bytes.count {
      let found = try events(name, bytes, upTo: [cut])
      guard isSame(found.events, whole.events), found.skipped == whole.skipped else {
        Issue.record("\(name) cut at \(cut)")
        return
      }
    }
  }

  @Test(arguments: streams)
  func grownPieceByPieceItIsTheSame(name: String) throws {
    let bytes = try bytes(name)
    let whole = try events(name, bytes, upTo: [])
    var random = SeededGenerator(seed: 5)
    for round in 0..<20 {
      let sizes = round == 0 ? 1...1 : 1...Int.random(in: 2...900, using: &random)
      var ends = [0]
      while let last = ends.last, last < bytes.count {
        ends.append(min(bytes.count, last + Int.random(in: sizes, using: &random)))
      }
      let found = try events(name, bytes, upTo: ends)
      if !isSame(found.events, whole.events) { Issue.record("\(name), pieces of \(sizes)") }
    }
  }

  /// The beginning of a log is the beginning of what it tells.
  @Test(arguments: streams)
  func cutOffItTellsABeginning(name: String) throws {
    let bytes = try bytes(name, max: 3000)
    let all = try events(name, bytes, upTo: []).events
    let (whole, candidates) = (all.points, all.candidates.map(\.id))
    var parser = try parser(name)
    for cut in 0..<bytes.count {
      parser = try self.parser(name)
      var found: [RunEvent] = []
      Array(bytes[..<cut]).withUnsafeBytes { piece in
        _ = parser.take(LogPiece(piece, wallTime: 1000), into: &found)
      }
      let isBeginning = candidates.starts(with: found.candidates.map(\.id))
      if !isSame(Array(whole.prefix(found.points.count)), found.points) || !isBeginning {
        Issue.record("\(name) cut off at \(cut)")
        return
      }
    }
  }

  @Test(arguments: streams)
  func survivesEveryFlippedBit(name: String) throws {
    let bytes = try bytes(name, max: 1500)
    for place in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << UInt8(bit)
        _ = try events(name, damaged, upTo: [])
      }
    }
  }

  // MARK: On disk

  @Test(arguments: LogFormat.all.map(\.name))
  func survivesCutsAndDamageOnDisk(name: String) throws {
    let sample = Repository.path(Path.join("sample-runs", try #require(Self.samples[name])))
    let home = try TemporaryDirectory()
    let target = home.path(Path.name(of: sample))
    let copied = try copy(sample, to: target)
    let whole = try readAll(target)
    #expect(!whole.isEmpty && whole.contains { tellsSomething($0) })
    var random = SeededGenerator(seed: 23)
    let files = LocalFileSystem()
    let rounds = name.contains("sqlite") || name == "trackio" ? 12 : 60
    for round in 0..<rounds {
      let path = try #require(copied.randomElement(using: &random))
      let bytes = try files.contents(of: path, limit: 1 << 24)
      guard !bytes.isEmpty else { continue }
      var damaged = bytes
      if round % 2 == 0 {
        damaged.removeLast(Int.random(in: 1...bytes.count, using: &random))
      } else {
        damaged[Int.random(in: 0..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      try files.replace(path, with: damaged)
      _ = try? readAll(target)
      try files.replace(path, with: bytes)
    }
    let again = try readAll(target)
    #expect(again.count == whole.count)
    // Points without a time of their own have the file's, which is new.
    for (one, other) in zip(again, whole) {
      #expect(isSame(one.points.map(\.untimed), other.points.map(\.untimed)))
      #expect(one.candidates.elementsEqual(other.candidates, by: ==))
    }
  }

  private func readAll(_ path: String) throws -> [[RunEvent]] {
    var finder = RunFinder(files: LocalFileSystem())
    return try finder.runs(at: path).map { found in
      var log = CollectingReader(found.open())
      log.read()
      return log.events
    }
  }

  /// Copies a file, or a directory with all in it; returns the paths of the new files.
  private func copy(_ path: String, to target: String) throws -> [String] {
    let files = LocalFileSystem()
    guard files.isDirectory(path) else {
      try files.replace(target, with: try files.contents(of: path, limit: 1 << 24))
      return [target]
    }
    try files.createDirectories(target)
    return try files.entries(of: path).flatMap {
      try copy(Path.join(path, $0), to: Path.join(target, $0))
    }
  }

  // MARK: Comparing

  /// Equal, where NaN equals NaN.
  private func isSame(_ some: [ScalarPoint], _ others: [ScalarPoint]) -> Bool {
    some.count == others.count
      && zip(some, others).allSatisfy {
        ($0.tag, $0.step, $0.wallTime) == ($1.tag, $1.step, $1.wallTime)
          && $0.value.bitPattern == $1.value.bitPattern
      }
  }

  /// However points and candidates came together.
  private func isSame(_ some: [RunEvent], _ others: [RunEvent]) -> Bool {
    func rest(_ events: [RunEvent]) -> [RunEvent] {
      events.filter {
        switch $0 {
        case .scalars, .candidates: false
        default: true
        }
      }
    }
    return isSame(some.points, others.points) && rest(some) == rest(others)
      && some.candidates.elementsEqual(others.candidates, by: ==)
  }

  private func tellsSomething(_ events: [RunEvent]) -> Bool {
    !events.points.isEmpty || !events.candidates.isEmpty
  }
}

extension ScalarPoint {
  fileprivate var untimed: ScalarPoint {
    ScalarPoint(tag: tag, step: step, wallTime: 0, value: value)
  }
}
