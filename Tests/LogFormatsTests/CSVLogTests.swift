import OperatingSystem
import RunLog
import TestSupport
import Testing

@testable import LogFormats

struct CSVLogTests {
  private func read(_ text: String) -> ParserDrive { .whole(CSVParser(), text) }

  /// The layouts of programs that write tables, and what they say.
  @Test(arguments: [
    (  // Lightning: sorted, sparse, several rows a step
      "epoch,lr-SGD,step,train_loss,val_loss\r\n,0.5,4,,\r\n0,,4,4.25,\r\n0,,4,,0.75\r\n",
      ["lr-SGD 4 0.5", "epoch 4 0.0", "train_loss 4 4.25", "epoch 4 0.0", "val_loss 4 0.75"]
    ),
    (  // Keras
      "epoch,accuracy,loss,val_loss,weights\r\n0,0.5,2.25,NA,\"[1.0, 2.0]\"\r\n1,0.75,2,1.5,NA\r\n",
      [
        "accuracy 0 0.5", "loss 0 2.25", "accuracy 1 0.75", "loss 1 2.0", "val_loss 1 1.5",
      ]
    ),
    (  // ultralytics of 2023, padded
      "                  epoch,         train/box_loss,   metrics/mAP50(B)\n"
        + "                      0,                 1.25,            0.00125\n",
      ["train/box_loss 0 1.25", "metrics/mAP50(B) 0 0.00125"]
    ),
    (  // ultralytics: seconds since the start are no time of day
      "epoch,time,train/box_loss,lr/pg0\n1,0.5,6.75,0.25\n2,1.5,6.25,0.125\n",
      [
        "time 1 0.5", "train/box_loss 1 6.75", "lr/pg0 1 0.25", "time 2 1.5",
        "train/box_loss 2 6.25", "lr/pg0 2 0.125",
      ]
    ),
    (  // timm: evaluation is missing in some rows
      "epoch,train_loss,eval_top1,lr\r\n0,6.5,1.25,0.5\r\n1,6.25,,0.25\r\n",
      ["train_loss 0 6.5", "eval_top1 0 1.25", "lr 0 0.5", "train_loss 1 6.25", "lr 1 0.25"]
    ),
    (  // stable-baselines3: old rows got commas behind them
      "time/iterations,time/total_timesteps,train/loss\n1,512,\n2,1024,0.5\n",
      ["time/iterations 512 1.0", "time/iterations 1024 2.0", "train/loss 1024 0.5"]
    ),
    ("Wall time,Step,Value\n1600000000.5,10,0.25\n", ["Value 10 0.25"]),  // TensorBoard's export
    (",loss\n0,2\n1,1\n", ["loss 0 2.0", "loss 1 1.0"]),  // pandas
    ("# epoch, loss\n1, 2\n", ["loss 1 2.0"]),  // NumPy
    ("step\tloss\n3\t0.5\n", ["loss 3 0.5"]),
    ("epoch;loss;acc\n3;0,5;1e-1\n", ["loss 3 0.5", "acc 3 0.1"]),
    ("loss,acc\n3,4\n2,5\n", ["loss 1 3.0", "acc 1 4.0", "loss 2 2.0", "acc 2 5.0"]),
    ("loss\n3\n2\n", ["loss 1 3.0", "loss 2 2.0"]),
    ("1,2\n3,4\n", ["column 1 1 1.0", "column 2 1 2.0", "column 1 2 3.0", "column 2 2 4.0"]),
    ("\u{FEFF}epoch,loss\r\n1,2\r\n", ["loss 1 2.0"]), ("\n\u{FEFF}", []),
  ])
  func layoutsOfProgramsAreRead(text: String, points: [String]) {
    let drive = read(text)
    #expect(drive.lines == points)
    #expect(drive.skipped.count == 0)
  }

  @Test func theTimeOfARowIsItsOwnWhereItHasOne() throws {
    let drive = read("Wall time,Step,Value\n1600000000.5,10,0.25\n,11,0.5\n")
    #expect(drive.points.map(\.wallTime) == [1_600_000_000.5, ParserDrive.wallTime])
  }

  @Test(arguments: [
    ("epoch,step", "1,2", 2), ("global_step,step", "1,2", 2), ("epoch,train/step", "1,2", 2),
    ("iteration,epoch", "1,2", 1), ("time/total_timesteps,epoch", "1,2", 1), ("a,b", "1,2", 1),
    ("epoch,b", "2.0,1", 2), ("epoch,b", "1e2,1", 100), ("epoch,b", "0.5,1", 1),
    ("step,b", "9007199254740993,1", 9_007_199_254_740_993), ("step,b", "-1,1", -1),
    ("step,b", "99999999999999999999,1", 1),
  ])
  func theStepIsFound(header: String, row: String, step: Int64) throws {
    let points = read("\(header),loss\n\(row),7\n").points
    #expect(try #require(points.last).step == step)
  }

  @Test func whatIsNotFiniteIsKeptAndWhatIsMissingIsAbsent() {
    let drive = read(
      "step,a,b,c,d,e\n1,nan,inf,-Infinity,NaN,1e999\n2,NA,None,null,-,\n3,N/A,1,,,\n")
    #expect(drive.lines == ["a 1 nan", "b 1 inf", "c 1 -inf", "d 1 nan", "e 1 inf", "b 3 1.0"])
    #expect(drive.skipped.count == 0)
  }

  // MARK: What goes wrong

  @Test func rowsOfOtherLengthsAreRead() {
    let drive = read("step,a,b\n1,2,3,4\n2,5\n3,6,7,\n4\n")
    #expect(drive.lines == ["a 1 2.0", "b 1 3.0", "a 2 5.0", "a 3 6.0", "b 3 7.0"])
    #expect(drive.skipped.count == 1)
    #expect(drive.skipped.reason == "the first at line 2: it has more cells than the header")
  }

  @Test func rowsOfWordsAreCounted() {
    let drive = read("step,a\n1,x\nx,1\nnonsense\n,\n\n\"x\u{1}\",\"y\"\n3,4\n")
    #expect(drive.lines == ["a 1 1.0", "a 3 4.0"])
    #expect(drive.skipped.count == 2)
    #expect(drive.skipped.reason == "the first at line 4: it holds no numbers")
  }

  @Test func aHeaderInTheMiddleIsAHeader() {
    let drive = read("epoch,a,b\n1,2,3\nepoch,a,b\n2,4,5\nepoch,b,c\n3,6,7\n")
    #expect(
      drive.lines == ["a 1 2.0", "b 1 3.0", "a 2 4.0", "b 2 5.0", "b 3 6.0", "c 3 7.0"])
    #expect(drive.skipped.count == 0)
  }

  @Test func quotesHoldSeparatorsQuotesAndLineBreaks() {
    let drive = read(
      "step,\"a,\"\"b\"\"\",note,c\r\n1,\"2.5\",\"two\r\nlines, \"\"x\"\"\n\",3\r\n2,4,\"\",5\r\n")
    #expect(drive.lines == ["a,\"b\" 1 2.5", "c 1 3.0", "a,\"b\" 2 4.0", "c 2 5.0"])
    #expect(drive.skipped.count == 0)
  }

  @Test func aQuoteThatIsNeverClosedCostsOnlyItsRow() {
    let rows = (2..<200_000).map { "\($0),\($0),x\n" }.joined()
    let text = "step,a,b\n1,\"1,2\n" + rows
    let drive = read(text)
    #expect(drive.points.count == 199_998)
    #expect(drive.points.first?.step == 2)
    #expect(drive.skipped.reason == "the first at line 2: a quote is never closed")
    let pieces = ParserDrive.pieces(
      CSVParser(), Array(text.utf8), cuts: stride(from: 100_000, to: text.utf8.count, by: 100_000))
    #expect(pieces.points == drive.points)
    #expect(pieces.skipped == drive.skipped)
  }

  @Test func tooManyColumnsAreCut() {
    let header = (0..<100_000).map { "c\($0)" }.joined(separator: ",")
    let row = (0..<100_000).map { "\($0)" }.joined(separator: ",")
    let drive = read("step,\(header)\n7,\(row)\n8,\(row)\n")
    #expect(drive.points.count == 2 * 9999)
    #expect(drive.points.last == drive.points.last { $0.tag == "c9998" })
    #expect(drive.skipped.count == 1)
    #expect(drive.skipped.reason == "the first at line 1: it has more than 10000 columns")
  }

  @Test func oneNameForTwoColumnsIsThatOfTheFirst() {
    #expect(read("step,a,a,\n1,2,3,4\n").lines == ["a 1 2.0"])
  }

  @Test func aLineThatIsTooLongCostsNoMemory() {
    var drive = ParserDrive(CSVParser())
    drive.take(Array("step,a\n1,1\n2,".utf8))
    for _ in 0..<100 {
      drive.take([UInt8](repeating: UInt8(ascii: "9"), count: 1 << 20))
      #expect(drive.restCount <= 1 << 20)
    }
    drive.take(Array("\n3,3\n".utf8))
    #expect(drive.lines == ["a 1 1.0", "a 3 3.0"])
    #expect(drive.skipped.reason == "the first at line 3: it is longer than 1 MiB")
  }

  // MARK: Pieces

  @Test(arguments: [
    "epoch,step,a,b\r\n0,1,0.5,\r\n\r\n,2,NA,nan\r\n1,,1e-3,7\r\nx,y,z,w\r\n1,3,1,2,3\r\n9,4,1,",
    "step,\"a\"\"b\",n\n1,2,\"x\n\"\"y\"\",\n\"\n2,3,\"z\"\nstep,n\n3,4\n5,\"open\n6,7",
    "\u{FEFF}epoch;loss\n1;0,5\n2;0,25",
  ])
  func piecesMakeNoDifference(text: String) {
    #expect(ParserDrive.differences({ CSVParser() }, text) == [])
  }

  @Test func damageDoesNoHarm() {
    let text = Array("epoch,a,\"b\"\n1,2,\"3\"\n2,4,5\n3,1e5,-0.25\nepoch,a\n4,6\n".utf8)
    var random = SeededGenerator(seed: 9)
    for _ in 0..<2000 {
      var bytes = text
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      _ = ParserDrive.whole(CSVParser(), bytes)
    }
    for _ in 0..<100 {
      _ = ParserDrive.whole(
        CSVParser(), (0..<1000).map { _ in .random(in: 0...255, using: &random) })
    }
  }

  // MARK: Recognition

  @Test(arguments: [
    ("a.csv", "epoch,loss\n", true), ("a.tsv", "epoch\tloss\n", true), ("a.csv", "notes\n", false),
    ("a.csv", "1,2\n3,4\n", false), ("a.csv", "epoch,loss\n1,2,3\n", true),
    ("", "epoch,loss\n1,2\n", true), ("", "epoch, loss\n", true), ("", "hello, world\n", false),
    ("a", "epoch,loss\n1,2,3\n", false), ("a.log", "epoch 1, loss 2\nepoch 2, loss 1\n", false),
    ("a.log", "Namespace(lr=1, n=2, x=3)\nLoading data, 60000, 10000 more\n", false),
    ("a.log", "2024-10-18 17:05:11,123 INFO starting\n2024-10-18 17:05:12,456 x\n", false),
    ("a", "epoch;loss\n1;0,5\n", true), ("a", "epoch,name\n1,x\n", true),
    ("a", "epoch,loss\n1,\u{0}\n", false),
  ])
  func aHeaderAndARowTellTheFormat(name: String, text: String, isLog: Bool) {
    let head = LogHead(name: name, bytes: Array(text.utf8), isWhole: true)
    #expect(CSVParser.recognizes(head) == isLog)
  }

  @Test func dataThatNobodyNamedAreNoLog() throws {
    let home = try TemporaryDirectory()
    try home.write("sepal_length,species\n5.1,1\n", to: "iris.csv")
    try home.write("name,top1\nx,1\n", to: "a.csv")
    try home.write("Epoch,x\n1,1\n", to: "b.csv")
    try home.write("x,Valid Loss\n1,1\n", to: "c.csv")
    var finder = RunFinder(files: LocalFileSystem(), format: .csv)
    let names = try finder.runs(at: home.path).map(\.path)
    #expect(names == ["a.csv", "b.csv", "c.csv"].map(home.path))
    #expect(try finder.runs(at: home.path("iris.csv")).map(\.name) == ["iris.csv"])
  }

  // MARK: Files that are written anew

  /// Lightning and stable-baselines3 rewrite the file in its place when a column is added.
  @Test func aTableThatIsRewrittenWithMoreColumnsBeginsAnew() throws {
    let home = try TemporaryDirectory()
    let clock = ManualClock()
    let path = try home.write("epoch,step,train_loss\r\n0,4,2\r\n0,9,1\r\n", to: "metrics.csv")
    var log = try LogFormat.csv.open(path, clock: clock)
    #expect(log.read().points.map(\.tag) == ["epoch", "train_loss", "epoch", "train_loss"])
    // Caught while it is empty, then half written.
    try home.write("", to: "metrics.csv")
    #expect(log.read().points == [])
    #expect(log.restarts == 0)
    try home.write("epoch,step,train_loss,val_loss\r\n0,4,2,\r\n0,", to: "metrics.csv")
    log.read()
    #expect(log.restarts == 1)
    try home.append(Array("9,1,\r\n0,9,,3\r\n".utf8), to: "metrics.csv")
    log.read()
    let lines = log.events.points.map { "\($0.tag) \($0.step) \($0.value)" }
    #expect(
      lines == [
        "epoch 4 0.0", "train_loss 4 2.0", "epoch 9 0.0", "train_loss 9 1.0", "epoch 9 0.0",
        "val_loss 9 3.0",
      ])
    #expect(log.events.troubles == [])
  }

  /// The file has grown when it is looked at again, and only its header says that it is another.
  @Test(arguments: [3, 30, 200])
  func aLongHeaderThatGrewIsNoticed(columns: Int) throws {
    let home = try TemporaryDirectory()
    let names = (0..<columns).map { "rollout/metric_\($0)" }
    let header = "time/total_timesteps," + names.joined(separator: ",")
    let row = "512," + names.map { _ in "1" }.joined(separator: ",")
    let path = try home.write("\(header)\n\(row)\n", to: "progress.csv")
    var log = try LogFormat.csv.open(path)
    #expect(log.read().points.count == columns)
    try home.write("\(header),train/loss\n\(row),\n\(row),0.5\n", to: "progress.csv")
    log.read()
    log.read()
    #expect(log.restarts == 1)
    #expect(log.events.points.last?.tag == "train/loss")
    #expect(log.events.points.count == 2 * columns + 1)
  }

  @Test func aLastRowWithoutALineBreakIsHeldBackForAWhile() throws {
    let home = try TemporaryDirectory()
    let clock = ManualClock()
    let path = try home.write("epoch,loss\n1,0.5\n2,0.2", to: "a.csv")
    var log = try LogFormat.csv.open(path, clock: clock)
    #expect(log.read().points.map(\.step) == [1])
    try home.append(Array("5".utf8), to: "a.csv")
    #expect(log.read().points == [])
    clock.advance(bySeconds: 3)
    #expect(log.read().points.map(\.value) == [0.25])
  }

  /// Whoever buffers what he writes leaves half a row for minutes.
  @Test(arguments: [
    ("loss,step\n0.5,100\n0.25,1", ["loss 100 0.5"]),
    ("a,step,b\n1,100,2\n3,1", ["a 100 1.0", "b 100 2.0"]),
    ("step,a,b\n1,2,3\n2,4,5", ["a 1 2.0", "b 1 3.0", "a 2 4.0", "b 2 5.0"]),
  ])
  func halfAStepIsNotTold(text: String, lines: [String]) throws {
    let home = try TemporaryDirectory()
    let clock = ManualClock()
    var log = try LogFormat.csv.open(try home.write(text, to: "a.csv"), clock: clock)
    log.read()
    clock.advance(bySeconds: 3)
    log.read()
    #expect(log.events.points.map { "\($0.tag) \($0.step) \($0.value)" } == lines)
  }
}
