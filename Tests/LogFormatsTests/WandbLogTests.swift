import Glibc
import JSONText
import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct WandbLogTests {
  private func read(_ records: [[UInt8]]) -> ParserDrive {
    .whole(WandbParser(), WandbBytes.file(records))
  }

  // MARK: What the client writes

  @Test func readsWhatWandbWrote() throws {
    let found = try StoreTruth.readAll(Repository.path("sample-runs/wandb"))
    // Seconds since the start are an axis, not a metric.
    try StoreTruth("wandb").check(found, separator: ".", except: ["_runtime"])
  }

  @Test func aStepIsItsOwnOrAnItem() {
    let drive = read([
      WandbBytes.history([(["a"], "1")], step: 5), WandbBytes.history([(["a"], "2")], step: 0),
      WandbBytes.history([(["a"], "3"), (["_step"], "7")]),
      WandbBytes.history([(["_step"], "8"), (["a"], "4")], step: 9),
    ])
    #expect(drive.lines == ["a 5 1.0", "a 0 2.0", "a 7 3.0", "a 9 4.0"])
    #expect(drive.skipped.count == 0)
  }

  @Test func aStepWithoutANumberIsCounted() {
    let drive = read([WandbBytes.history([(["a"], "1")])])
    #expect(drive.lines == [])
    #expect(drive.skipped.reason == "the first at byte 7: a step has no number")
  }

  @Test func timesAreTheRecordsOwn() {
    let drive = read([
      WandbBytes.history([(["_timestamp"], "1.795280119683918e+09"), (["a"], "1")], step: 1),
      WandbBytes.history([(["a"], "1"), (["_runtime"], "3.5")], step: 2),
    ])
    #expect(drive.points.map(\.wallTime) == [1_795_280_119.683918, ParserDrive.wallTime])
  }

  @Test func whatIsNoNumberIsLeftOut() {
    let drive = read([
      WandbBytes.history(
        [
          (["nest", "y", "z"], "2.5"), (["bad"], "NaN"), (["up"], "Infinity"),
          (["down"], "-Infinity"), (["text"], "\"words\""), (["nan"], "\"NaN\""),
          (["flag"], "true"), (["list"], "[1,2]"), (["dot.key"], "3"), (["none"], "null"),
          (["whole"], "{\"x\":1,\"y\":{\"z\":2}}"),
          (["picture"], "{\"_type\":\"image-file\",\"size\":30}"),
        ], step: 1)
    ])
    #expect(
      drive.lines == [
        "nest.y.z 1 2.5", "bad 1 nan", "up 1 inf", "down 1 -inf", "nan 1 nan", "dot.key 1 3.0",
        "whole.x 1 1.0", "whole.y.z 1 2.0",
      ])
    #expect(drive.skipped.count == 0)
  }

  /// As wandb 0.31 logs a table and a histogram: their parts are items, in any order.
  @Test func partsOfMediaAreLeftOut() {
    let drive = read([
      WandbBytes.history(
        [
          (["t", "size"], "30"), (["t", "ncols"], "1"), (["t", "_type"], "\"table-file\""),
          (["h", "_type"], "\"histogram\""), (["h", "bins"], "[0,1]"),
          (["deep", "t", "nrows"], "1"),
          (["deep", "t", "_type"], "\"table-file\""), (["deep", "x"], "4"), (["ta"], "5"),
        ], step: 1)
    ])
    #expect(drive.lines == ["deep.x 1 4.0", "ta 1 5.0"])
  }

  @Test func theNestedKeyWins() {
    let both = WandbBytes.field(
      2,
      WandbBytes.field(1, WandbBytes.item(key: "flat", ["a", "b"], "1"))
        + WandbBytes.field(1, WandbBytes.item(key: "flat", [], "2"))
        + WandbBytes.field(2, WandbBytes.field(1, 3 as Int64)))
    #expect(read([both]).lines == ["a.b 3 1.0", "flat 3 2.0"])
  }

  @Test func valuesThatAreNoJSONAreCounted() {
    let drive = read([
      WandbBytes.history([(["a"], "1"), (["b"], "1,2"), (["c"], "")], step: 1),
      WandbBytes.history([(["a"], "2")], step: 2),
    ])
    #expect(drive.lines == ["a 1 1.0", "a 2 2.0"])
    #expect(
      drive.skipped == SkippedRecords(count: 1, reason: "the first at byte 7: a value is no JSON"))
  }

  @Test func settingsAreFlatAndUpdated() {
    let update = WandbBytes.field(
      5,
      WandbBytes.field(1, WandbBytes.item(["net"], "{\"size\":8}"))
        + WandbBytes.field(1, WandbBytes.item(["opt", "lr"], "0.2"))
        + WandbBytes.field(2, WandbBytes.item(["gone"], "")))
    let drive = read([
      WandbBytes.run(
        "calm-lake-3",
        config: [
          (["_wandb"], "{\"x\":1}"), (["net"], "{\"size\":4,\"act\":\"tanh\"}"), (["gone"], "1"),
          (["sizes"], "[1,2]"), (["on"], "false"),
        ]), update, WandbBytes.run("calm-lake-3"), WandbBytes.run("renamed"),
    ])
    #expect(
      drive.events == [
        .hyperparameters([
          .init(name: "net.size", value: 4), .init(name: "net.act", value: "tanh"),
          .init(name: "gone", value: 1), .init(name: "sizes", value: "[1,2]"),
          .init(name: "on", value: false),
        ]), .named("calm-lake-3"),
        .hyperparameters([
          .init(name: "sizes", value: "[1,2]"), .init(name: "on", value: false),
          .init(name: "net.size", value: 8), .init(name: "opt.lr", value: 0.2),
        ]), .named("renamed"),
      ])
  }

  @Test func theEndIsTold() {
    #expect(read([WandbBytes.exit(0)]).events == [.outcome(.finished)])
    #expect(read([WandbBytes.exit(1)]).events == [.outcome(.failed)])
    #expect(read([WandbBytes.exit(-1)]).events == [.outcome(.failed)])
  }

  /// The client records each write of the program by itself.
  @Test func outputIsPutTogether() {
    let drive = read([
      WandbBytes.output("epoch"), WandbBytes.output(" 0 "),
      WandbBytes.history([(["a"], "1")], step: 4),
      WandbBytes.output("\u{1b}[1mloss\n\rbar 1\rbar 2\n", seconds: 1_700_000_009),
    ])
    #expect(
      Array(drive.events.dropFirst()) == [
        .line(step: 4, wallTime: 1_700_000_009, "epoch 0 loss"),
        .line(step: 4, wallTime: 1_700_000_009, "bar 2"),
      ])
  }

  /// The directory as wandb 0.31 leaves it.
  @Test func theClientsOtherFilesAreNoRuns() throws {
    let home = try TemporaryDirectory()
    let files = LocalFileSystem()
    let run = "wandb/offline-run-20261121_165518-abc"
    try files.createDirectories(home.path(run + "/files"))
    try files.createDirectories(home.path(run + "/logs"))
    try home.write(
      WandbBytes.file([WandbBytes.history([(["a"], "1")], step: 1)]), to: run + "/run-abc.wandb")
    let log = String(repeating: "step 1 loss 0.5\nstep 2 loss 0.25\n", count: 9)
    for name in ["/files/output.log", "/logs/debug-internal.log"] {
      try home.write(log, to: run + name)
    }
    #expect(symlink(home.path(run), home.path("wandb/latest-run")) == 0)
    #expect(symlink(home.path(run + "/logs/debug.log"), home.path("wandb/debug.log")) == 0)
    for root in ["", "wandb", run, "wandb/latest-run"] {
      var finder = RunFinder(files: files, clock: ManualClock())
      let found = try finder.runs(at: home.path(root)).map { Path.resolved($0.path) }
      #expect(found == [home.path(run + "/run-abc.wandb")], "\(root)")
    }
  }

  // MARK: Framing

  /// `crc32` of "123456789" is the check value that every table of CRCs gives.
  @Test func theChecksumIsZlibs() {
    let digits = Array("23456789".utf8)
    #expect(digits.withUnsafeBytes { CRC32.checksum(first: 0x31, $0) } == 0xcbf4_3926)
  }

  /// Records of all lengths, so that each place in a block is an end.
  private var longFile: [UInt8] {
    let records = (0..<60 as Range<Int64>).map { step in
      WandbBytes.history(
        [
          (["a"], "\(step)"),
          (["s"], "\"" + String(repeating: "x", count: 2100 + 13 * Int(step)) + "\""),
        ],
        step: step)
    }
    return WandbBytes.file(
      records + [
        WandbBytes.history(
          [(["s"], "\"" + String(repeating: "y", count: 100_000) + "\"")], step: 60),
        WandbBytes.history([(["a"], "61")], step: 61),
      ])
  }

  @Test func recordsCrossBlocks() {
    let bytes = longFile
    let whole = ParserDrive.whole(WandbParser(), bytes)
    #expect(whole.points.map(\.step) == Array(0..<60) + [61])
    #expect(whole.skipped.count == 0)
    #expect(whole.restCount == 0)
    var random = SeededGenerator(seed: 3)
    for most in [1, 6, 100, 5000, 40_000] {
      var cuts: [Int] = []
      var place = 0
      while place < bytes.count - most {
        place += Int.random(in: 1...most, using: &random)
        cuts.append(place)
      }
      let drive = ParserDrive.pieces(WandbParser(), bytes, cuts: cuts)
      #expect(drive.lines == whole.lines, "pieces of \(most)")
      #expect(drive.restCount == 0)
    }
  }

  @Test func roomAtTheEndOfABlockIsPadding() {
    for room in 0...20 {
      // The first record ends `room` bytes before the block does.
      let size = 32_768 - 7 - 7 - room
      var record = WandbBytes.history([(["a"], "1")], step: 1)
      // An unknown field fills it.
      let filler = size - record.count - 4
      record += WandbBytes.field(25, [UInt8](repeating: 7, count: filler - 1))
      let bytes = WandbBytes.file([record, WandbBytes.history([(["a"], "2")], step: 2)])
      let drive = ParserDrive.whole(WandbParser(), bytes)
      #expect(drive.lines == ["a 1 1.0", "a 2 2.0"], "\(room)")
      #expect(drive.skipped.count == 0, "\(room)")
    }
  }

  @Test func aHeaderAloneWaits() {
    for count in 0...7 {
      var drive = ParserDrive(WandbParser())
      drive.take(Array(WandbBytes.header.prefix(count)))
      #expect(drive.events == [] && drive.skipped.count == 0)
      drive.take(Array(WandbBytes.file([WandbBytes.exit(0)]).dropFirst(count)))
      #expect(drive.events == [.outcome(.finished)])
    }
  }

  @Test func anotherVersionIsNotRead() {
    var parser = WandbParser()
    var bytes = WandbBytes.file([WandbBytes.exit(0)])
    bytes[6] = 1
    var events: [RunEvent] = []
    let used = bytes.withUnsafeBytes { parser.take(LogPiece($0), into: &events) }
    #expect(used == bytes.count && events == [])
    #expect(parser.unreadable?.offset == 0)
  }

  @Test func damageCostsTheRestOfItsBlock() throws {
    var bytes = longFile
    bytes[40_000] ^= 1
    let drive = ParserDrive.whole(WandbParser(), bytes)
    let whole = ParserDrive.whole(WandbParser(), longFile)
    #expect(drive.skipped.count == 1)
    #expect(drive.skipped.reason.hasSuffix("a checksum is wrong"))
    // What stands in the blocks before and behind is there; the damaged block's records are not.
    let lost = Set(whole.points.map(\.step)).subtracting(drive.points.map(\.step))
    #expect(!lost.isEmpty && lost.count <= 13)
    #expect(drive.points.map(\.step).prefix(10) == whole.points.map(\.step).prefix(10))
    #expect(drive.points.last?.step == 61)
  }

  @Test(arguments: [
    (WandbBytes.piece(3, [1, 2]), "a record has no beginning"),
    (WandbBytes.piece(4, [1, 2]), "a record has no beginning"),
    (WandbBytes.piece(2, [1, 2]), "a record has no end"),
    (WandbBytes.piece(1, [0xff]), "it is no record of W&B"),
  ])
  func oneBadPieceIsCountedAndTheNextRead(bad: [UInt8], reason: String) {
    let good = WandbBytes.history([(["a"], "1")], step: 1)
    let bytes = WandbBytes.header + bad + WandbBytes.piece(1, good)
    let drive = ParserDrive.whole(WandbParser(), bytes)
    #expect(drive.lines == ["a 1 1.0"])
    #expect(drive.skipped.count == 1)
    #expect(drive.skipped.reason.hasSuffix(reason))
  }

  @Test func aLengthThatLeavesTheBlockEndsIt() {
    let good = WandbBytes.history([(["a"], "1")], step: 1)
    for bad in [[9, 9, 9, 9, 0xff, 0xff, 1], [9, 9, 9, 9, 1, 0, 5, 0]] as [[UInt8]] {
      var bytes = WandbBytes.header + WandbBytes.piece(1, good) + bad
      bytes += [UInt8](repeating: 1, count: 32_768 - bytes.count)
      bytes += WandbBytes.piece(4, [1]) + WandbBytes.piece(1, good)
      let drive = ParserDrive.whole(WandbParser(), bytes)
      #expect(drive.lines == ["a 1 1.0", "a 1 1.0"])
      #expect(drive.skipped.count == 1)
      #expect(drive.skipped.reason.contains("longer than its block"))
    }
  }

  @Test func roomThatWasNeverFilledIsNoDamage() {
    let bytes = WandbBytes.file([WandbBytes.exit(0)]) + [UInt8](repeating: 0, count: 100_000)
    let drive = ParserDrive.whole(WandbParser(), bytes)
    #expect(drive.events == [.outcome(.finished)])
    #expect(drive.skipped.count == 0)
    #expect(drive.restCount == 0)
  }
}
