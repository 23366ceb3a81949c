import JSONText
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

/// The samples that real libraries wrote as tables, JSON lines and documents, against what the
/// libraries, or Python's own readers, find in them.
struct TableSampleTests {
  /// The folder of a log and of its expectations, the run's name in these, the format, and the
  /// path in the folder.
  private static let samples = [
    ("jsonl", "metrics.jsonl", "jsonl", "metrics.jsonl"),
    ("jsonl", "log_1795240000.jsonl", "jsonl", "log_1795240000.jsonl"),
    ("sb3", "progress.json", "jsonl", "progress.json"),
    ("sb3", "progress.csv", "csv", "progress.csv"),
    ("keras-csv", "training.csv", "csv", "training.csv"),
    ("keras-csv", "appended.csv", "csv", "appended.csv"),
    ("ultralytics", ".", "csv", "results.csv"),
    (
      "lightning-csv", "lightning_logs/version_0", "csv", "lightning_logs/version_0/metrics.csv"
    ),
    ("huggingface", ".", "trainer-state", ""),
    ("huggingface", ".", "trainer-state", "trainer_state.json"),
    ("huggingface", "checkpoint-150", "trainer-state", "checkpoint-150"),
    ("huggingface", "checkpoint-300", "trainer-state", "checkpoint-300/trainer_state.json"),
  ]

  @Test(arguments: samples)
  func pointsAreThoseOfTheLibrary(
    folder: String, run: String, format: String, path: String
  ) throws {
    let truth = try truth(folder, run)
    let place = Repository.path("sample-runs/\(folder)") + (path.isEmpty ? "" : "/\(path)")
    let recognized = try LogFormat.all.first { try $0.recognizes(place) }
    #expect(recognized?.name == format)
    let events = try #require(LogFormat.named(format)).readAll(place)
    #expect(events.troubles == [])
    let points = Dictionary(grouping: events.points, by: \.tag)
    #expect(points.count == truth.count)
    for (name, series) in truth {
      let tag = format == "trainer-state" ? Self.trainerTag(name) : name
      try compare(try #require(points[tag], "\(tag)"), series, tag)
    }
    if truth["train_runtime"] != nil { #expect(events.contains(.outcome(.finished))) }
  }

  private static func trainerTag(_ name: String) -> String {
    name.hasPrefix("eval_") ? "eval/" + name.dropFirst(5) : "train/" + name
  }

  private func compare(_ points: [ScalarPoint], _ truth: JSONNode, _ tag: String) throws {
    #expect(points.count == truth["count"]?.integer.map { Int($0) }, "\(tag)")
    #expect(points.first?.step == truth["firstStep"]?.integer, "\(tag)")
    #expect(points.last?.step == truth["lastStep"]?.integer, "\(tag)")
    for (point, name) in [(points.first, "first"), (points.last, "last")] {
      let value = try #require(point).value
      let expected = try #require(truth[name].flatMap { PrintedNumber($0) }).double
      #expect(value == Float(expected) || value.isNaN && expected.isNaN, "\(tag) \(name)")
    }
    let finite = points.map(\.value).filter(\.isFinite)
    let nonFinite = try #require(truth["nonFinite"]?.integer)
    // A Float overflows where the library's Double does not.
    let overflows = points.count - finite.count - Int(nonFinite)
    #expect(overflows >= 0, "\(tag)")
    if overflows == 0 {
      let sum = finite.reduce(0) { $0 + Double($1) }
      let scale = finite.reduce(0) { $0 + Double($1.magnitude) }
      let expected = try #require(truth["sum"]?.double)
      #expect(abs(sum - expected) <= scale * 1e-7 + 1e-12, "\(tag)")
    }
  }

  private func truth(_ folder: String, _ run: String) throws -> [String: JSONNode] {
    let bytes = try LocalFileSystem().contents(
      of: Repository.path("Tests/LogFormatsTests/Truth/\(folder).json"), limit: 1 << 22)
    let runs = try #require(JSONReader(options: .record).read(bytes)["runs"]?.array)
    let found = try #require(runs.first { $0["name"]?.string == run })
    let members = try #require(found["series"]?.members)
    return Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.node) })
  }
}
