import JSONText
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

/// Real logs against what regular expressions in Python find in them.
struct TextSampleTests {
  /// How a log's expectations are told from its points.
  struct Sample: Sendable {
    let file: String
    let run: String
    /// Where the expectation has n + epoch × length, though the epochs count from 1.
    var epochLength: Int64 = 0
    /// Where it has the last redraw of each epoch alone.
    var onlyEpochEnds = false
    /// Tags that are not the expectation's name with "/" behind a part.
    var tags: [String: String] = [:]
    /// Expectations that are of several kinds of lines, or of none here.
    var except: Set<String> = []
  }

  private static let samples = [
    Sample(file: "text/nanogpt.log", run: "nanogpt.log"),
    Sample(file: "text/keyvalue.log", run: "keyvalue.log"),
    Sample(file: "text/dict.log", run: "dict.log"),
    Sample(
      file: "llmc/main.log", run: ".", tags: ["trl": "train/loss", "tel": "val/loss"]),
    Sample(
      file: "text/pytorch-mnist.log", run: "pytorch-mnist.log", epochLength: 12_000,
      tags: [
        "loss": "train/loss", "accuracy": "test/accuracy",
        "test set average loss": "test/average_loss",
      ]),
    Sample(
      file: "text/imagenet.log", run: "imagenet.log",
      except: ["* acc@1", "* acc@5", "test acc@1", "test acc@5"]),
    Sample(
      file: "text/keras-verbose1.log", run: "keras-verbose1.log", epochLength: 43,
      onlyEpochEnds: true),
    Sample(file: "text/tqdm.log", run: "tqdm.log", epochLength: 375, onlyEpochEnds: true),
    Sample(file: "huggingface/train.log", run: "train.log"),
  ]

  @Test(arguments: samples.indices)
  func pointsAreThoseOfTheExpectations(index: Int) throws {
    let sample = Self.samples[index]
    let folder = try #require(sample.file.split(separator: "/").first)
    let bytes = try LocalFileSystem().contents(
      of: Repository.path("Tests/LogFormatsTests/Truth/\(folder).json"), limit: 1 << 22)
    let runs = try #require(try JSONReader(options: .record).read(bytes).json["runs"]?.array)
    let run = try #require(runs.first { $0["name"]?.string == sample.run })
    let points = Dictionary(grouping: try self.points(sample), by: \.tag)
    for member in try #require(run["series"]?.members) where !sample.except.contains(member.name) {
      let tag = sample.tags[member.name] ?? Self.tag(member.name)
      try compare(try #require(points[tag], "\(tag)"), member.value, sample, tag)
    }
  }

  private static func tag(_ name: String) -> String {
    let words = name.split(separator: " ")
    let whole = words.count > 1 ? "\(words[0])/" + words.dropFirst().joined(separator: "_") : name
    return whole.hasSuffix("/2") ? whole.dropLast(2) + "/avg" : whole
  }

  private func points(_ sample: Sample) throws -> [ScalarPoint] {
    let bytes = try LocalFileSystem().contents(
      of: Repository.path("sample-runs/\(sample.file)"), limit: 1 << 22)
    let points = ParserDrive.whole(TextParser(), bytes).points
    guard sample.onlyEpochEnds else { return points }
    // Of several redraws at the same step the last counts.
    return points.enumerated().filter { index, point in
      point.step % sample.epochLength == 0
        && !points[(index + 1)...].contains { ($0.tag, $0.step) == (point.tag, point.step) }
    }.map(\.element)
  }

  private func compare(
    _ points: [ScalarPoint], _ truth: JSON, _ sample: Sample, _ tag: String
  ) throws {
    let count = try #require(truth["count"]?.integer)
    #expect(Int64(points.count) == count, "\(tag)")
    if let first = truth["firstStep"]?.integer, let last = truth["lastStep"]?.integer {
      #expect(points.first?.step == first - sample.epochLength, "\(tag)")
      #expect(points.last?.step == last - sample.epochLength, "\(tag)")
    }
    for (point, name) in [(points.first, "first"), (points.last, "last")] {
      let value = try #require(point).value
      var wanted = Float.nan
      if let number = truth[name]?.double { wanted = Float(number) }
      #expect(value == wanted || value.isNaN && wanted.isNaN, "\(tag) \(name)")
    }
    let finite = points.map(\.value).filter(\.isFinite)
    let nonFinite = try #require(truth["nonFinite"]?.integer)
    #expect(Int64(points.count - finite.count) == nonFinite, "\(tag)")
    let sum = finite.reduce(0) { $0 + Double($1) }
    let wanted = try #require(truth["sum"]?.double)
    #expect(abs(sum - wanted) <= abs(wanted) * 1e-6 + 1e-9, "\(tag)")
  }

  /// The Trainer prints no steps; its own state has them.
  @Test func dictsBesideBarsStandAtTheTrainersSteps() throws {
    let files = LocalFileSystem()
    let state = try JSONReader(options: .record).read(
      files.contents(
        of: Repository.path("sample-runs/huggingface/trainer_state.json"), limit: 1 << 22))
    let history = try #require(state["log_history"]?.array)
    let log = try files.contents(
      of: Repository.path("sample-runs/huggingface/train.log"), limit: 1 << 22)
    let points = ParserDrive.whole(TextParser(), log).points
    for tag in ["loss", "grad_norm", "eval_loss", "train_runtime"] {
      let wanted = history.filter { $0[tag] != nil }.compactMap { $0["step"]?.integer }
      #expect(!wanted.isEmpty)
      #expect(points.filter { $0.tag == tag }.map(\.step) == wanted, "\(tag)")
    }
  }

  /// What the summary of a test says stands at the step of its batches.
  @Test func summariesAreAboutTheTest() throws {
    let log = try LocalFileSystem().contents(
      of: Repository.path("sample-runs/text/imagenet.log"), limit: 1 << 22)
    let points = ParserDrive.whole(TextParser(), log).points.filter { $0.tag == "test/acc@1" }
    #expect(points.count == 24 + 8)
    #expect(points.last?.value == 93.467)
  }
}
