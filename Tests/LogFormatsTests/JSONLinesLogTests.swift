import JSONText
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct JSONLinesLogTests {
  private func read(_ text: String) -> ParserDrive { .whole(JSONLinesParser(), text) }

  /// The layouts of programs that write JSON lines, and what they say.
  @Test(arguments: [
    (  // mmengine, vis_data/scalars.json
      #"{"lr": 0.01, "data_time": 0.5, "loss": 2.25, "time": 0.75, "epoch": 1, "iter": 50, "#
        + #""memory": 1234, "step": 50}"#,
      [
        "lr 50 0.01", "data_time 50 0.5", "loss 50 2.25", "time 50 0.75", "epoch 50 1.0",
        "iter 50 50.0", "memory 50 1234.0",
      ]
    ),
    (  // detectron2, metrics.json
      #"{"data_time": 0.125, "iteration": 19, "lr": 0.005, "total_loss": 1.5}"#,
      ["data_time 19 0.125", "lr 19 0.005", "total_loss 19 1.5"]
    ),
    (  // stable-baselines3, progress.json
      #"{"time/fps": 901, "time/iterations": 2, "time/total_timesteps": 4096, "train/loss": 0.5}"#,
      ["time/fps 4096 901.0", "time/iterations 4096 2.0", "train/loss 4096 0.5"]
    ),
    (  // torchtune, log_1700000000.jsonl
      "{\"step\": 7, \"loss\": 0.5}\n{\"step\": 7, \"lr\": 0.25}\n", ["loss 7 0.5", "lr 7 0.25"]
    ),
    (  // fairseq
      #"2020-05-01 12:00:00 | INFO | train_inner | {"epoch": 1, "update": 0.25, "loss": "5.6", "#
        + #""num_updates": "100", "lr": "1e-05"}"# + "\n"
        + #"2020-05-01 12:00:09 | INFO | valid | {"epoch": 1, "valid_loss": "5.25", "#
        + #""valid_num_updates": "120"}"#,
      [
        "epoch 100 1.0", "update 100 0.25", "loss 100 5.6", "lr 100 1e-05", "epoch 120 1.0",
        "valid_loss 120 5.25",
      ]
    ),
  ])
  func layoutsOfProgramsAreRead(text: String, points: [String]) {
    let drive = read(text)
    #expect(drive.lines == points)
    #expect(drive.skipped.count == 0)
  }

  @Test(arguments: [
    (#"{"loss": 1, "step": 5, "global_step": 6}"#, 5),
    (#"{"loss": 1, "global_step": 6, "_step": 7}"#, 6),
    (#"{"loss": 1, "_step": 7, "iteration": 8}"#, 7),
    (#"{"loss": 1, "iteration": 8, "iter": 9}"#, 8),
    (#"{"loss": 1, "iter": 9, "iters": 10}"#, 9),
    (#"{"loss": 1, "iters": 10, "update": 11}"#, 10),
    (#"{"loss": 1, "update": 11, "training_iteration": 12}"#, 11),
    (#"{"loss": 1, "update": 1.0, "num_updates": 2000}"#, 2000),
    (#"{"loss": 1, "training_iteration": 12, "total_timesteps": 13}"#, 12),
    (#"{"loss": 1, "total_timesteps": 13, "epoch": 14}"#, 13),
    (#"{"loss": 1, "train/step": 3, "global_step": 6}"#, 6),
    (#"{"loss": 1, "train": {"global_step": 6}, "epoch": 14}"#, 6),
    (#"{"loss": 1, "epoch": 14}"#, 14),
    (#"{"loss": 1, "Step": 15}"#, 15),
    (#"{"loss": 1}"#, 1),
    (#"{"loss": 1, "step": "16"}"#, 16),
    (#"{"loss": 1, "step": 12.0}"#, 12),
    (#"{"loss": 1, "step": 1e3}"#, 1000),
    (#"{"loss": 1, "step": 9007199254740993}"#, 9_007_199_254_740_993),
    (#"{"loss": 1, "step": -3}"#, -3),
    (#"{"loss": 1, "step": 0.5}"#, 1),
    (#"{"loss": 1, "step": 1e300}"#, 1),
  ])
  func theStepIsFound(text: String, step: Int64) throws {
    #expect(try #require(read(text).points.first).step == step)
  }

  @Test func recordsWithoutAStepAreCounted() {
    let drive = read("{\"loss\": 3}\n\n{\"loss\": 2}\n{\"loss\": 1}\n")
    #expect(drive.lines == ["loss 1 3.0", "loss 2 2.0", "loss 3 1.0"])
  }

  /// Epochs do not stand among steps as if they were some.
  @Test func rowsOfAnEpochsEndStandAtTheLastStep() {
    let drive = read(
      """
      {"step": 100, "loss": 3}
      {"epoch": 1, "val_loss": 2}
      {"note": "saved", "size": 5}
      """)
    #expect(drive.lines == ["loss 100 3.0", "epoch 100 1.0", "val_loss 100 2.0", "size 100 5.0"])
  }

  @Test func epochsWithFractionsCountNothing() {
    let drive = read(
      """
      {"epoch": 0.5, "loss": 3}
      {"epoch": 1.0, "loss": 2}
      """)
    #expect(drive.lines == ["epoch 1 0.5", "loss 1 3.0", "epoch 2 1.0", "loss 2 2.0"])
  }

  @Test(arguments: [
    (#""timestamp": 1600000000.5"#, 1_600_000_000.5), (#""_timestamp": 1600000000"#, 1_600_000_000),
    (#""ts": 1600000000250"#, 1_600_000_000.25), (#""time": 1600000000"#, 1_600_000_000),
    (#""wall_time": "1600000000""#, 1_600_000_000), (#""time": 0.5"#, ParserDrive.wallTime),
    (#""timestamp": NaN"#, ParserDrive.wallTime), (#""ts": 1600000000000000"#, 1_600_000_000),
    (#""ts": 1500000000, "timestamp": 1600000000"#, 1_600_000_000),
  ])
  func theTimeIsFound(member: String, seconds: Double) throws {
    let points = read("{\"step\": 1, \(member), \"loss\": 2}").points
    #expect(try #require(points.last).wallTime == seconds)
    #expect(points.last?.tag == "loss")
    #expect(points.count == (seconds == ParserDrive.wallTime ? 2 : 1))
  }

  @Test func whatIsNoNumberIsNoMetric() {
    let drive = read(
      #"{"step": 1, "a": true, "b": [1, 2], "c": "resnet50", "d": null, "e": "0x10", "#
        + #""f": "1,234", "g": "", "h": {"i": {"j": "2.5", "k": false}}}"#)
    #expect(drive.lines == ["h/i/j 1 2.5"])
    #expect(drive.skipped.count == 0)
  }

  @Test func whatIsNotFiniteIsKept() {
    let drive = read(
      #"{"step": 1, "a": NaN, "b": Infinity, "c": -Infinity, "d": "NaN", "e": "-Infinity", "#
        + #""f": "nan", "g": 1e39}"#)
    #expect(
      drive.lines == [
        "a 1 nan", "b 1 inf", "c 1 -inf", "d 1 nan", "e 1 -inf", "f 1 nan", "g 1 inf",
      ])
  }

  // MARK: What goes wrong

  @Test func twoObjectsOnALineAreBothRead() {
    let drive = read("{\"step\": 1, \"a\": 1}{\"step\": 2, \"a\": 2} {\"step\": 3, \"a\": 3}\n")
    #expect(drive.lines == ["a 1 1.0", "a 2 2.0", "a 3 3.0"])
    #expect(drive.skipped.count == 0)
  }

  @Test func ofAnObjectsEqualNamesTheLastCountsAndThatIsToldOnce() {
    let line = "{\"step\": 1, \"a\": 1, \"a\": 2}\n"
    let drive = read("{\"step\": 0, \"a\": 0}\n" + line + line)
    #expect(drive.lines == ["a 0 0.0", "a 1 2.0", "a 1 2.0"])
    #expect(drive.skipped.count == 1)
    #expect(
      drive.skipped.reason == "the first at line 2: a name stands in it twice; the last counts")
  }

  @Test func brokenLinesAreCountedAndTheOthersRead() {
    let deep = String(repeating: "[", count: 100_000)
    let drive = read(
      """
      {"step": 1, "a": 1}
      {"step": 2, "a":
      nonsense
      {"step": 3, "a": \(deep)
      {"step": 4, "a": 4} and more
      [1, 2]
      {"step": 5, "a": 5}
      """)
    #expect(drive.lines == ["a 1 1.0", "a 4 4.0", "a 5 5.0"])
    #expect(drive.skipped.count == 5)
    #expect(drive.skipped.reason.hasPrefix("the first at line 2: "))
  }

  @Test func namesOfAllKindsAreRead() {
    let drive = read("\u{FEFF}{\"step\": 1, \"a\\ud800b\": 1, \"\\u00e9\": 2, \"\": 3}\r\n\r\n")
    #expect(drive.lines == ["a\u{FFFD}b 1 1.0", "é 1 2.0", " 1 3.0"])
    #expect(drive.skipped.count == 0)
  }

  @Test func aLineThatIsTooLongCostsNoMemory() {
    var drive = ParserDrive(JSONLinesParser())
    drive.take(Array("{\"step\": 1, \"a\": 1}\n{\"step\": 2, \"b\": \"".utf8))
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    for _ in 0..<100 {
      drive.take(piece)
      #expect(drive.restCount <= 1 << 20)
    }
    drive.take(Array("\"}\n{\"step\": 3, \"a\": 3}\n".utf8))
    #expect(drive.lines == ["a 1 1.0", "a 3 3.0"])
    #expect(drive.skipped.count == 1)
    #expect(drive.skipped.reason == "the first at line 2: it is longer than 1 MiB")
  }

  @Test(arguments: [0, 1, 2])
  func theLongestLineDoesNotDependOnThePieces(extra: Int) {
    let frame = "{\"step\": 1, \"a\": 1, \"b\": \"\"}\n"
    let filler = String(repeating: "x", count: (1 << 20) - frame.utf8.count + extra)
    let text = "{\"step\": 0, \"a\": 0}\n{\"step\": 1, \"a\": 1, \"b\": \"\(filler)\"}\n"
    let whole = read(text)
    #expect(whole.lines == (extra == 0 ? ["a 0 0.0", "a 1 1.0"] : ["a 0 0.0"]))
    let bytes = Array(text.utf8)
    for cut in [30, bytes.count - 2, bytes.count - 1] {
      let pieces = ParserDrive.pieces(JSONLinesParser(), bytes, cuts: [cut])
      #expect(pieces.lines == whole.lines)
      #expect(pieces.skipped == whole.skipped)
    }
  }

  @Test func manyAndLongNamesAreBounded() throws {
    let long = String(repeating: "n", count: 500_000)
    let inner = (0..<20_000).map { "\"\($0)\": 1" }.joined(separator: ",")
    let points = read("{\"step\": 1, \"\(long)\": {\(inner)}}").points
    #expect(points.allSatisfy { $0.tag.utf8.count <= 1024 })
    let many = (0..<12).map { part in
      "{\"step\": 1, "
        + (0..<10_000).map { "\"\(part)_\($0)\": 1" }.joined(separator: ",") + "}\n"
    }
    #expect(Set(read(many.joined()).points.map(\.tag)).count == 99_999)
  }

  // MARK: Headers

  @Test func aHeaderOfSettingsIsNoMetric() {
    let drive = read(
      """
      {"config": {"lr": 0.1, "model": {"depth": 3, "name": "vit"}, "sizes": [1, 2], "amp": true}}
      {"loss": 1}
      """)
    #expect(
      drive.events.first
        == .hyperparameters([
          Hyperparameter(name: "lr", value: 0.1),
          Hyperparameter(name: "model/depth", value: 3),
          Hyperparameter(name: "model/name", value: "vit"),
          Hyperparameter(name: "sizes", value: "[1,2]"),
          Hyperparameter(name: "amp", value: true),
        ]))
    #expect(drive.lines == ["loss 1 1.0"])
  }

  /// As mmcv writes it.
  @Test func aHeaderThatOnlyTheNextLineShowsToBeOneIsLeftOut() {
    let header = "{\"seed\": 42, \"exp_name\": \"a.py\"}\n"
    var drive = ParserDrive(JSONLinesParser())
    drive.take(Array(header.utf8))
    #expect(drive.restCount == header.utf8.count)
    drive.take(Array("{\"step\": 10, \"loss\": 1}\n".utf8))
    #expect(drive.lines == ["loss 10 1.0"])
    #expect(read(header + "{\"seed\": 43}\n").lines == ["seed 1 42.0", "seed 2 43.0"])
    #expect(read(header).lines == ["seed 1 42.0"])
  }

  /// As Ray Tune writes it with each result.
  @Test func aConfigurationBesideTheMetricsIsToldOnce() {
    let line = "{\"training_iteration\": 3, \"loss\": 1, \"config\": {\"lr\": 0.5}}\n"
    let drive = read(line + line)
    #expect(drive.lines == ["loss 3 1.0", "loss 3 1.0"])
    let told = drive.events.filter { if case .hyperparameters = $0 { true } else { false } }
    #expect(told == [.hyperparameters([Hyperparameter(name: "lr", value: 0.5)])])
  }

  // MARK: Pieces

  @Test(arguments: [
    "{\"step\": 1, \"a\": 1}\r\n\r\n{\"step\": 2, \"a\": 2, \"a\": 3}\n{\"x\n"
      + "{\"loss\": 4}{\"loss\": 5}\n",
    "\u{FEFF}{\"seed\": 3}\n\n{\"step\": 1, \"é\": 1e-3}\n{\"step\": 2, \"é\": NaN}",
    "{\"args\": {\"lr\": 0.1}}\n{\"epoch\": 0.5, \"a\": 1}\n{\"epoch\": 1.0, \"a\": 2}\n",
    "x | y | {\"epoch\": 1, \"loss\": \"5.6\"}\nsaved\nx | y | {\"epoch\": 2, \"loss\": \"5.5\"}\n",
  ])
  func piecesMakeNoDifference(text: String) {
    #expect(ParserDrive.differences({ JSONLinesParser() }, text) == [])
  }

  @Test func damageDoesNoHarm() {
    let text = Array("{\"step\": 1, \"a\": {\"b\": 2}}\n{\"step\": 2, \"a\": {\"b\": 1}}\n".utf8)
    var random = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      var bytes = text
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      _ = ParserDrive.whole(JSONLinesParser(), bytes)
    }
  }

  // MARK: Recognition

  @Test(arguments: [
    ("a.jsonl", "{\"step\": 1, \"loss\": 2}\n", true), ("", "\n\n  {\"a\": 1}\n", true),
    ("a.log", "a | b | {\"loss\": \"2\"}\n", true), ("a.log", "a {\"loss\": \"2\"}\n", false),
    ("a.json", "{\n  \"a\": 1\n}\n", false), ("a.json", "{\"a\": 1,\n\"b\": 2}\n", false),
    ("a.json", "[1, 2]\n", false), ("a.txt", "loss 2\n", false),
    ("a.json", "\u{FEFF}{\"a\": 1}\r\n", true), ("a", "{\"a\": \u{0}1}\n", false),
  ])
  func aFirstLineThatIsAnObjectTellsTheFormat(name: String, text: String, isLog: Bool) {
    let head = LogHead(name: name, bytes: Array(text.utf8), isWhole: false)
    #expect(JSONLinesParser.recognizes(head) == isLog)
  }

  @Test func aFirstLineThatIsLongIsKnownByTheNameOfItsFile() {
    let bytes = Array(("{\"config\": \"" + String(repeating: "x", count: 1 << 16)).utf8)
    #expect(JSONLinesParser.recognizes(LogHead(name: "a.jsonl", bytes: bytes, isWhole: false)))
    #expect(!JSONLinesParser.recognizes(LogHead(name: "a.json", bytes: bytes, isWhole: false)))
  }

  @Test func dataThatNobodyNamedIsNoLog() throws {
    let home = try TemporaryDirectory()
    try home.write(
      "{\"prompt\": \"a\", \"label\": 1}\n{\"prompt\": \"b\", \"label\": 0}\n", to: "d.jsonl")
    try home.write("{\"config\": {\"a\": 1}}\n{\"eval_loss\": 1}\n", to: "m.jsonl")
    var finder = RunFinder(files: LocalFileSystem(), format: .jsonLines)
    #expect(try finder.runs(at: home.path).map(\.path) == [home.path("m.jsonl")])
    #expect(try finder.runs(at: home.path("d.jsonl")).map(\.name) == ["d.jsonl"])
  }

  @Test func aFileThatGrowsIsFollowed() throws {
    let home = try TemporaryDirectory()
    let clock = ManualClock()
    let path = try home.write("{\"step\": 1, \"loss\": 1}\n{\"step\": 2, \"lo", to: "a.jsonl")
    var log = try LogFormat.jsonLines.open(path, clock: clock)
    #expect(log.read().points.map(\.step) == [1])
    try home.append(Array("ss\": 2}\n{\"step\": 3, \"loss\": 3}".utf8), to: "a.jsonl")
    #expect(log.read().points.map(\.step) == [2])
    clock.advance(bySeconds: 3)
    #expect(log.read().points.map(\.step) == [3])
    try home.append(Array("\n{\"step\": 4, \"loss\": 4}\n".utf8), to: "a.jsonl")
    #expect(log.read().points.map(\.step) == [3, 4])
    #expect(log.events.troubles == [])
  }

  @Test func aHeaderIsNotTakenForMetricsWhileItIsAlone() throws {
    let home = try TemporaryDirectory()
    let clock = ManualClock()
    let path = try home.write("{\"seed\": 42}\n", to: "a.jsonl")
    var log = try LogFormat.jsonLines.open(path, clock: clock)
    log.read()
    clock.advance(bySeconds: 3)
    #expect(log.read() == [])
    try home.append(Array("{\"step\": 4, \"loss\": 4}\n".utf8), to: "a.jsonl")
    #expect(log.read().points.map(\.tag) == ["loss"])
  }
}
