import Glibc
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct MLflowDirectoryTests {
  private let home: TemporaryDirectory
  private let files = LocalFileSystem()

  init() throws {
    home = try TemporaryDirectory()
    try files.createDirectories(home.path("run/metrics/val"))
    try files.createDirectories(home.path("run/params"))
    try home.write(
      "run_name: 'it''s fine'\nstatus: 1\nlifecycle_stage: active\nend_time: null\n",
      to: "run/meta.yaml")
  }

  private func metric(_ text: String, _ name: String = "loss") throws {
    try home.write(text, to: "run/metrics/" + name)
  }

  private func open() throws -> CollectingReader {
    try LogFormat.mlflowDirectory.open(home.path("run"))
  }

  @Test func readsWhatMLflowWrote() throws {
    let found = try StoreTruth.readAll(Repository.path("sample-runs/mlflow-files"))
    try StoreTruth("mlflow-files").check(found)
  }

  @Test(arguments: [
    ("1700000000500 0.25 7\n", "loss 7 0.25"), ("1700000000500 0.25\n", "loss 0 0.25"),
    ("1700000000500 0.25 7 data 0123abcd\n", "loss 7 0.25"), ("1 nan 1\n", "loss 1 nan"),
    ("1 inf 1\n", "loss 1 inf"), ("1 -inf 1\n", "loss 1 -inf"), ("1 1e-05 1\r\n", "loss 1 1e-05"),
    ("1 1.7976931348623157e+308 -3\n", "loss -3 inf"),
  ])
  func aLineIsAPoint(line: String, point: String) throws {
    try metric(line)
    var log = try open()
    log.read()
    #expect(log.events.pointLines == [point])
    #expect(log.events.troubles == [])
  }

  @Test func timesAreMilliseconds() throws {
    try metric("1700000000500 0.25 7\n")
    var log = try open()
    log.read()
    #expect(log.events.points.map(\.wallTime) == [1_700_000_000.5])
  }

  @Test(arguments: [
    "12\n", "12 0.5 3 4\n", "1 2 3 4 5 6 7\n", "x 0.5 1\n", "1 half 1\n", "1 0.5 1.5\n", "\n",
    "1 0x1p3 1\n", "99999999999999999999 0.5 1\n", "\0\0\0\n",
  ])
  func anotherLineIsCounted(line: String) throws {
    try metric("1 0.5 1\n" + line + "3 0.25 3\n")
    var log = try open()
    log.read()
    #expect(log.events.pointLines == ["loss 1 0.5", "loss 3 0.25"])
    #expect(
      log.events.troubles == [
        .skippedRecords(
          file: "metrics", count: 1,
          reason: "the first at loss, byte 8: it is not \"time value step\"")
      ])
  }

  @Test func aTornLineWaits() throws {
    let text = "1 0.5 1\n2 0.25 2\n"
    for cut in 1..<text.utf8.count {
      try metric(String(text.prefix(cut)))
      var log = try open()
      log.read()
      try metric(text)
      log.read()
      #expect(log.events.pointLines == ["loss 1 0.5", "loss 2 0.25"], "cut at \(cut)")
    }
  }

  @Test func aLineWithoutAnEndCostsNothing() throws {
    var bytes = [UInt8](repeating: UInt8(ascii: "1"), count: 9 << 20)
    bytes += Array("\n5 0.5 5\n".utf8)
    try home.write(bytes, to: "run/metrics/loss")
    var log = try open()
    log.read()
    #expect(log.events.pointLines == ["loss 5 0.5"])
    #expect(
      log.events.troubles.last
        == .skippedRecords(
          file: "metrics", count: 1, reason: "the first at loss, byte 0: a line is too long"))
  }

  @Test func stepsOutOfOrderArePutInOrder() throws {
    try metric("1 0.1 1\n2 0.5 5\n3 0.3 3\n4 0.55 5\n")
    var log = try open()
    log.read()
    #expect(
      log.events.pointLines == ["loss 1 0.1", "loss 3 0.3", "loss 5 0.5", "loss 5 0.55"])
    #expect(log.restarts == 0)
    try home.append(Array("5 0.6 6\n".utf8), to: "run/metrics/loss")
    #expect(log.read().pointLines == ["loss 6 0.6"])
    #expect(log.restarts == 0)
    try home.append(Array("6 0.4 4\n".utf8), to: "run/metrics/loss")
    log.read()
    #expect(log.restarts == 1)
    #expect(log.events.points.map(\.step) == [1, 3, 4, 5, 5, 6])
    #expect(log.events.runName == "it's fine")
    #expect(log.events.outcome == .running)
  }

  @Test func keysHaveDirectories() throws {
    try metric("1 0.5 1\n", "val/loss")
    try metric("1 0.25 1\n", "val loss é")
    var log = try open()
    log.read()
    #expect(log.events.pointLines == ["val/loss 1 0.5", "val loss é 1 0.25"])
  }

  @Test func linksAreNotFollowed() throws {
    try home.write("1 0.5 1\n", to: "secret")
    #expect(symlink(home.path("secret"), home.path("run/metrics/link")) == 0)
    #expect(symlink(home.path("run/metrics"), home.path("run/metrics/loop")) == 0)
    #expect(symlink(home.path("secret"), home.path("run/params/link")) == 0)
    try metric("1 0.25 1\n")
    var log = try open()
    log.read()
    #expect(log.events.pointLines == ["loss 1 0.25"])
    #expect(log.events.hyperparameters == [])
  }

  @Test func newMetricsAndEndsAreSeen() throws {
    try metric("")
    var log = try open()
    log.read()
    #expect(log.events.points == [])
    try metric("1 0.5 1\n", "val/loss")
    try home.write("0.001", to: "run/params/lr")
    try home.write("run_name: other\nstatus: 4\n", to: "run/meta.yaml")
    let new = log.read()
    #expect(new.pointLines == ["val/loss 1 0.5"])
    #expect(new.hyperparameters == [Hyperparameter(name: "lr", value: 0.001)])
    #expect(new.runName == "other")
    #expect(new.outcome == .failed)
    #expect(log.read() == [])
  }

  @Test func aRewrittenMetricBeginsAnew() throws {
    try metric("1 0.5 1\n2 0.25 2\n")
    var log = try open()
    log.read()
    try metric("1 0.75 1\n")
    log.read()
    #expect(log.restarts == 1)
    #expect(log.events.pointLines == ["loss 1 0.75"])
    #expect(log.events.runName == "it's fine")
  }

  @Test func aRunThatGoesAwayIsToldOnce() throws {
    try metric("1 0.5 1\n")
    var log = try open()
    log.read()
    try files.remove(home.path("run/metrics/loss"))
    try files.remove(home.path("run/meta.yaml"))
    #expect(log.read().troubles.map(\.subject).sorted() == ["meta.yaml", "metrics/loss"])
    #expect(log.read() == [])
    #expect(log.events.pointLines == ["loss 1 0.5"])
  }

  @Test func deletedRunsAreLeftOut() throws {
    try metric("1 0.5 1\n")
    try home.write("run_name: gone\nlifecycle_stage: deleted\n", to: "run/meta.yaml")
    var finder = RunFinder(files: files, clock: ManualClock())
    #expect(try finder.runs(at: home.path) == [])
  }

  @Test func onlyRunsAreRecognized() throws {
    #expect(try LogFormat.mlflowDirectory.recognizes(home.path("run")))
    #expect(try !LogFormat.mlflowDirectory.recognizes(home.path))
    try files.remove(home.path("run/meta.yaml"))
    #expect(try !LogFormat.mlflowDirectory.recognizes(home.path("run")))
  }

  @Test(arguments: [
    ("True", JSONValue.boolean(true)), ("3", .integer(3)), ("1e-05", .number(1e-05)),
    ("-0.5", .number(-0.5)), ("adam", .text("adam")), ("nan", .text("nan")),
    ("0x10", .text("0x10")),
    ("1, 2", .text("1, 2")), ("", .text("")),
    ("9223372036854775808", .number(9.223372036854775808e18)),
  ])
  func textsOfSettingsAreValues(text: String, value: JSONValue) {
    switch (LoggedValue.setting(text), value) {
    case (.boolean(let one), .boolean(let other)): #expect(one == other)
    case (.integer(let one), .integer(let other)): #expect(one == other)
    case (.number(let one), .number(let other)): #expect(one == other)
    case (.string(let one), .text(let other)): #expect(one == other)
    default: Issue.record("\(text)")
    }
  }

  enum JSONValue: Sendable {
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
  }
}
