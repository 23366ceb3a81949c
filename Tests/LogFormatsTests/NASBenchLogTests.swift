import JSONText
import OperatingSystem
import TestSupport
import Testing

@testable import LogFormats
@testable import RunLog

struct NASBenchLogTests {
  private static let sample = Repository.path("sample-runs/nasbench101/small.tfrecord")

  /// What an independent reader finds in the sample.
  private func truth() throws -> [JSON.Member] {
    let path = Repository.path("Tests/LogFormatsTests/Truth/nasbench101.json")
    let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 22)
    return try #require(JSONReader(options: .record).read(bytes)["cells"]?.json.members)
  }

  private func means(_ cell: JSON) -> [(epochs: Int, means: [Double])] {
    (cell["budgets"]?.members ?? []).map { budget in
      (Int(budget.name) ?? 0, (budget.value.array ?? []).map { $0.double ?? .nan })
    }
  }

  // MARK: The sample

  @Test func theSampleHoldsWhatIsInIt() throws {
    let found = try LogFormat.nasBench.readAll(Self.sample)
    #expect(found.troubles.isEmpty)
    let cells = Dictionary(uniqueKeysWithValues: found.candidates.map { ($0.id, $0.fields) })
    let truth = try truth()
    #expect(cells.count == truth.count)
    for cell in truth {
      let fields = try #require(cells[cell.name])
      let longest = try #require(means(cell.value).last)
      #expect(fields["adjacency"] == cell.value["adjacency"]?.string)
      #expect(fields["operations"] == cell.value["operations"]?.string)
      #expect(Double(fields["parameters"] ?? "") == cell.value["parameters"]?.double)
      #expect(fields["epochs"] == "\(Double(longest.epochs))")
      let names = ["validation_accuracy", "test_accuracy", "train_accuracy", "training_time"]
      for (name, mean) in zip(names, longest.means) {
        #expect(isNear(fields[name], mean), "\(cell.name) \(name)")
      }
      for (epochs, means) in means(cell.value) {
        #expect(isNear(fields["validation_accuracy@\(epochs)"], means[0]))
        #expect(isNear(fields["test_accuracy@\(epochs)"], means[1]))
      }
      let budgetFields = fields.keys.filter { $0.contains("@") }
      #expect(budgetFields.count == 2 * means(cell.value).count)
    }
  }

  private func isNear(_ text: String?, _ value: Double) -> Bool {
    guard let found = text.flatMap(Double.init) else { return false }
    return abs(found - value) <= 1e-12 * max(1, abs(value))
  }

  @Test func aCellIsSaidInALine() throws {
    let cells = try LogFormat.nasBench.readAll(Self.sample).candidates
    let inception = try #require(cells.first { $0.id == "28cfc7874f6d200472e1a9dcd8650aa0" })
    #expect(
      inception.fields["architecture"]
        == "1x1(0) 3x3(0) 3x3(0) 3x3(3) pool(0) out(1,2,4,5)")
    #expect(inception.fields["vertices"] == "7.0")
    #expect(inception.fields["parameters"] == "2694282.0")
  }

  @Test func itIsToldByItsContent() throws {
    let home = try TemporaryDirectory()
    let bytes = try LocalFileSystem().contents(of: Self.sample, limit: 1 << 20)
    let path = try home.write(bytes, to: "anything")
    #expect(try LogFormat.nasBench.recognizes(path))
    #expect(try !LogFormat.eventFile.recognizes(path))
    var finder = RunFinder(files: LocalFileSystem())
    let found = try finder.runs(at: path)
    #expect(found.count == 1)
    var log = CollectingReader(try #require(found.first).open())
    #expect(log.read().candidates.count == 293)
    let events = try SampleRun()
    try events.writeSession(1, steps: 1...3)
    let eventFile = events.home.path(SampleRun.eventFile(1))
    #expect(try !LogFormat.nasBench.recognizes(eventFile))
  }

  /// What a search asks.
  @Test func theTableAnswersByHash() throws {
    let table = try NASBenchTable(path: Self.sample)
    let truth = try truth()
    #expect(table.count == truth.count)
    #expect(table.budgets == [4, 12, 36, 108])
    #expect(table.notes.isEmpty)
    for cell in truth {
      let hash = try #require(NASBenchHash(cell.name))
      #expect(hash.text == cell.name)
      let index = try #require(table.index(of: hash))
      #expect(table.hash(at: index) == hash)
      #expect(table.parameters(at: index) == cell.value["parameters"]?.integer.map(Int.init))
      let means = means(cell.value)
      for epochs in [1, 4, 12, 36, 108] {
        let mean = means.first { $0.epochs == epochs }?.means
        let found = table.evaluation(at: index, epochs: epochs)
        #expect((found == nil) == (mean == nil))
        guard let found, let mean else { continue }
        let numbers = [
          found.validationAccuracy, found.testAccuracy, found.trainAccuracy,
          found.trainingSeconds,
        ]
        #expect(zip(numbers, mean).allSatisfy { isNear("\($0)", $1) })
      }
    }
    #expect(table.index(of: try #require(NASBenchHash(String(repeating: "0", count: 32)))) == nil)
  }

  @Test func manyCellsAreFoundAgain() throws {
    var table = NASBenchTable()
    var news: [Bool] = []
    for number in 0..<5000 {
      let row = try NASBenchRow(json: Rows.row(hash: Rows.hash(number), epochs: 108))
      news += [try table.add(row).isNew, try table.add(row).isNew]
    }
    #expect(news == (0..<10_000).map { $0 % 2 == 0 })
    #expect(table.count == 5000)
    let indices = try (0..<5000).map { number in
      table.index(of: try #require(NASBenchHash(Rows.hash(number))))
    }
    #expect(indices == Array(0..<5000))
  }

  // MARK: Damage

  private func drive(_ rows: [String]) -> ParserDrive {
    ParserDrive.whole(NASBenchLog(), rows.flatMap { Rows.framed(Array($0.utf8)) })
  }

  /// Each with a good row behind it, which is read all the same.
  @Test(arguments: [
    ("{}", "it is no JSON array of a row's five fields"),
    ("[1, 2", "it is no JSON array of a row's five fields"),
    (Rows.row().replacing(", 108", with: ""), "it is no JSON array of a row's five fields"),
    (Rows.row().replacing("]", with: ", 1]"), "it is no JSON array of a row's five fields"),
    (Rows.row(hash: "0123"), "its hash is not 32 hexadecimal digits"),
    (Rows.row(hash: String(repeating: "g", count: 32)), "its hash is not 32 hexadecimal digits"),
    (Rows.row(epochs: 0), "its epochs are not from 1 to 1000000"),
    (Rows.row(epochs: -3), "its epochs are not from 1 to 1000000"),
    (Rows.row(epochs: .max), "its epochs are not from 1 to 1000000"),
    (Rows.row().replacing(" 108", with: " 1.5"), "its epochs are no whole number"),
    (
      Rows.row(adjacency: "01000"),
      "its adjacency is no square of at most 256 digits 0 or 1"
    ),
    (
      Rows.row(adjacency: "012001000"),
      "its adjacency is no square of at most 256 digits 0 or 1"
    ),
    (
      Rows.row(adjacency: String(repeating: "0", count: 289)),
      "its adjacency is no square of at most 256 digits 0 or 1"
    ),
    (Rows.row(adjacency: "010001100"), "its adjacency has an edge that leads back"),
    (
      Rows.row(operations: "input,output"),
      "its operations are not one for each vertex, from input to output"
    ),
    (
      Rows.row(operations: "conv3x3-bn-relu,input,output"),
      "its operations are not one for each vertex, from input to output"
    ),
    (Rows.row(metrics: "AA=A"), "its metrics are no base64"),
    (Rows.row(metrics: "AAAAA"), "its metrics are no base64"),
    (Rows.row(metrics: "AA=="), "its metrics are no ModelMetrics message"),
    (Rows.row(metrics: ""), "its metrics have fewer than three evaluations"),
    (
      Rows.row(metrics: Rows.metrics(evaluations: 2)),
      "its metrics have fewer than three evaluations"
    ),
    (
      Rows.row(metrics: Rows.metrics(accuracy: .nan)), "an accuracy of it is not from 0 to 1"
    ),
    (
      Rows.row(metrics: Rows.metrics(accuracy: 1.001)), "an accuracy of it is not from 0 to 1"
    ),
    (
      Rows.row(metrics: Rows.metrics(seconds: -1)),
      "its training time or its parameters are below 0"
    ),
  ])
  func aDamagedRowIsSkippedAndTold(row: String, reason: String) {
    let drive = drive([row, Rows.row()])
    #expect(drive.skipped == SkippedRecords(count: 1, reason: "the first at byte 0: \(reason)"))
    #expect(drive.events.candidates.map(\.id) == [Rows.hash(1)])
  }

  /// Escapes, blanks, large letters and line breaks in base64 are all the same row.
  @Test(arguments: [
    Rows.row().replacing(", ", with: ","),
    Rows.row().replacing(", ", with: " ,\\n ")
      .replacing("\\n", with: "\n"),
    Rows.row().replacing("input", with: "\\u0069nput"),
    Rows.row(hash: Rows.hash(1).uppercased()),
    Rows.row(metrics: Rows.metrics().replacing("AAAA", with: "AA\\nAA")),
  ])
  func howItIsWrittenDoesNotMatter(row: String) {
    let drive = drive([row])
    #expect(drive.skipped.count == 0)
    #expect(
      drive.events.candidates.elementsEqual(self.drive([Rows.row()]).events.candidates, by: ==))
  }

  @Test func aDamagedChecksumCostsOneRowAndADamagedLengthTheRest() {
    let row = Rows.framed(Array(Rows.row().utf8))
    var bytes = row + row + Rows.framed(Array(Rows.row(hash: Rows.hash(2)).utf8)) + row
    bytes[20] ^= 1
    bytes[3 * row.count] ^= 1
    let drive = ParserDrive.whole(NASBenchLog(), bytes)
    #expect(drive.skipped.count == 1)
    #expect(drive.events.candidates.count == 2)
    var log = NASBenchLog()
    var events: [RunEvent] = []
    _ = bytes.withUnsafeBytes { log.take(LogPiece($0), into: &events) }
    #expect(log.unreadable?.offset == 3 * row.count)
  }

  /// Frames are whole, so that what the checksums protect is reached.
  @Test func survivesEveryFlippedBitOfARow() {
    let row = Array(Rows.row(adjacency: "0100", operations: "input,output").utf8)
    for place in row.indices {
      for bit in 0..<8 {
        var damaged = row
        damaged[place] ^= 1 << UInt8(bit)
        let drive = ParserDrive.whole(NASBenchLog(), Rows.framed(damaged))
        #expect(drive.events.candidates.count + drive.skipped.count == 1)
      }
    }
  }

  @Test func manyBudgetsAreRefused() {
    let rows = (1...20).map { Rows.row(epochs: $0) }
    let drive = drive(rows)
    #expect(drive.skipped.count == 4)
    #expect(drive.events.candidates.first?.fields["epochs"] == "16.0")
  }

  /// A cell that came while there was one budget has its name when others come.
  @Test func aSecondBudgetNamesTheFirst() {
    var drive = ParserDrive(NASBenchLog())
    drive.take(Rows.framed(Array(Rows.row().utf8)))
    #expect(drive.events.candidates.first?.fields["validation_accuracy@108"] == nil)
    drive.take(Rows.framed(Array(Rows.row(hash: Rows.hash(2), epochs: 4).utf8)))
    let cells = drive.events.candidates
    #expect(cells[0].fields["validation_accuracy@108"] == "0.5")
    #expect(cells[0].fields["validation_accuracy@4"] == nil)
    #expect(cells[1].fields["validation_accuracy@4"] == "0.5")
  }

  @Test func aTableThatBreaksOffSaysSo() throws {
    let home = try TemporaryDirectory()
    let bytes = try LocalFileSystem().contents(of: Self.sample, limit: 1 << 20)
    let cut = try home.write(Array(bytes[..<100_000]), to: "cut.tfrecord")
    let table = try NASBenchTable(path: cut)
    #expect(table.count > 100)
    #expect(table.notes.count == 1)
    #expect(table.notes.first?.hasPrefix("cut.tfrecord breaks off within the row at byte ") == true)
    var flipped = bytes
    flipped[30] ^= 1
    let other = try NASBenchTable(path: try home.write(flipped, to: "other.tfrecord"))
    #expect(
      other.notes == [
        "other.tfrecord: 1 rows were skipped, the first at byte 0: a checksum is wrong"
      ])
  }

  @Test func whatIsNoTableIsAnErrorOfOneLine() throws {
    let home = try TemporaryDirectory()
    for (name, bytes) in [("empty", []), ("text", Array("step,loss\n".utf8))] {
      let path = try home.write(bytes, to: name)
      let error = #expect(throws: NASBenchTableError.self) { try NASBenchTable(path: path) }
      #expect(error?.description.contains("\(path) has no rows of NAS-Bench-101") == true)
      #expect(error?.description.contains("\n") == false)
    }
    let error = #expect(throws: NASBenchTableError.self) {
      try NASBenchTable(path: home.path("none"))
    }
    #expect(error?.description == "\(home.path("none")): No such file or directory")
  }
}

extension NASBenchRow {
  fileprivate init(json: String) throws(Malformed) {
    var row: Result<NASBenchRow, Malformed> = .failure(Malformed(reason: ""))
    Array(json.utf8).withUnsafeBytes { bytes in
      row = Result { () throws(Malformed) in try NASBenchRow(bytes) }
    }
    self = try row.get()
  }
}

/// Rows that are made up.
private enum Rows {
  static func hash(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }

  static func row(
    hash: String = Rows.hash(1), epochs: Int64 = 108, adjacency: String = "010001000",
    operations: String = "input,conv3x3-bn-relu,output", metrics: String = Rows.metrics()
  ) -> String {
    "[\"\(hash)\", \(epochs), \"\(adjacency)\", \"\(operations)\", \"\(metrics)\"]"
  }

  static func framed(_ payload: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    TFRecord.append(payload, to: &bytes)
    return bytes
  }

  static func metrics(
    evaluations: Int = 3, accuracy: Double = 0.5, seconds: Double = 10
  ) -> String {
    var message: [UInt8] = []
    for _ in 0..<evaluations {
      let numbers = [108, seconds, accuracy, accuracy, accuracy]
      message += [0x0a, UInt8(numbers.count * 9)]
      for (index, number) in numbers.enumerated() {
        message.append(UInt8((index + 1) << 3 | 1))
        withUnsafeBytes(of: number.bitPattern.littleEndian) { message.append(contentsOf: $0) }
      }
    }
    message += [0x10, 100]
    return base64(message)
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? digits[word >> (18 - 6 * place) & 63] : "=")
      }
    }
    return text
  }
}
