import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct SafetensorsLogTests {
  private let sample = Repository.path("sample-runs/safetensors/shapes.safetensors")

  private func value(_ tag: String, _ events: [RunEvent]) -> Float? {
    events.points.first { $0.tag == tag }?.value
  }

  /// The numbers are NumPy's: `(w == 0).mean()`, `(w == 0).all(1).sum()`, `np.linalg.norm(w)`.
  @Test func everyMatrixIsALayer() throws {
    let events = try LogFormat.safetensors.readAll(sample)
    #expect(events.troubles == [])
    #expect(value("sparsity/conv2", events) == 0.25)
    #expect(value("dead_units/conv2", events) == 4)
    #expect(abs((value("sparsity/linear1", events) ?? 0) - 2458.0 / 3072) < 1e-6)
    #expect(value("dead_units/linear1", events) == 1)
    #expect(abs((value("weight_norm/linear1", events) ?? 0) - 4.913026604396842) < 1e-5)
    #expect(value("sparsity/conv1.bias", events) == nil)
    let total = Float(288 + 2458) / Float(72 + 1152 + 3072 + 192)
    #expect(abs((value("sparsity/total", events) ?? 0) - total) < 1e-6)
    let grids = events.compactMap { event -> (String, Grid)? in
      if case .grid(let tag, _, _, let grid) = event { (tag, grid) } else { nil }
    }
    let conv2 = try #require(grids.first { $0.0 == "density/conv2" }?.1)
    #expect(conv2.rows == 16 && conv2.columns == 64)
    #expect((0..<16).filter { conv2.values[$0 * 64] == 0 }.count == 4)
    let bins = events.compactMap { event -> Double? in
      guard case .histogram("weights/linear1", _, _, let histogram) = event else { return nil }
      return histogram.bins.reduce(0) { $0 + $1.count }
    }
    #expect(bins == [3072])
    let isOver = events.contains { if case .outcome(.finished) = $0 { true } else { false } }
    #expect(isOver)
  }

  @Test func itIsToldFromOtherFilesByItsBeginning() throws {
    let home = try TemporaryDirectory()
    let length: [UInt8] = [16, 0, 0, 0, 0, 0, 0, 0]
    try home.write(length + Array("{\"a\":1}         ".utf8), to: "weights")
    try home.write(length + Array("[1]".utf8), to: "list")
    try home.write([255, 255, 255, 255, 0, 0, 0, 0] + Array("{\"a".utf8), to: "long")
    #expect(try LogFormat.safetensors.recognizes(home.path("weights")))
    #expect(try !LogFormat.safetensors.recognizes(home.path("list")))
    #expect(try !LogFormat.safetensors.recognizes(home.path("long")))
  }

  /// A file that is written anew is read anew; one that is cut says so, until it is whole.
  @Test func aFileThatChangesIsReadAnew() throws {
    let home = try TemporaryDirectory()
    let files = LocalFileSystem()
    let whole = try files.contents(of: sample, limit: 1 << 20)
    let path = home.path("w.safetensors")
    try files.replace(path, with: whole)
    var log = try LogFormat.safetensors.open(path)
    let first = log.read()
    #expect(!first.points.isEmpty && log.read().isEmpty)
    try files.replace(path, with: Array(whole.dropLast(100)))
    #expect(log.read().troubles.count == 1 && log.read().troubles.isEmpty)
    try files.replace(path, with: whole)
    let again = log.read()
    #expect(log.restarts == 1)
    #expect(again.points.map(\.value) == first.points.map(\.value))
  }

  /// Such files lie about in many directories: only who names one wants to see it.
  @Test func aDirectoryOfWeightsIsNoRun() throws {
    var finder = RunFinder(files: LocalFileSystem())
    #expect(try finder.runs(at: Repository.path("sample-runs/safetensors")).isEmpty)
    #expect(try finder.runs(at: sample).map(\.name) == ["shapes.safetensors"])
  }
}
