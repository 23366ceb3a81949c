import Dashboard
import TestSupport
import Testing

/// A row with some columns.
private struct Row: FilterableRow {
  var filterText = "fast-2 Conv2d finished train/Loss"
  var numbers: [String: Double] = [
    "accuracy": 0.93, "parameters": 2.5e5, "duration": 9000, "val/loss": .nan, "step": 100_000_001,
    "rate": Double(Float(0.1)), "size": 3 * 1_048_576,
  ]
  var words = ["state": "Finished", "name": "fast-2", "time": "12:30"]

  func filterNumber(_ column: String) -> Double? { numbers[column] }
  func filterWord(_ column: String) -> String? { words[column] }

  static let columns = [
    "accuracy", "parameters", "duration", "val/loss", "step", "rate", "size", "state", "name",
    "time", "learning rate", "Learning_decay",
  ]
}

struct RowFilterTests {
  private func matches(_ text: String) throws -> Bool {
    try RowFilter(text, columns: Row.columns).matches(Row())
  }

  private func error(_ text: String, columns: [String] = Row.columns) -> RowFilterError? {
    #expect(throws: RowFilterError.self) { try RowFilter(text, columns: columns) }
  }

  @Test(arguments: [
    "", "  ", "FAST", "conv finished", "\"conv2d fin\"", "!slow", "! slow", "\"\"", "train/loss",
    "fast and conv", "fast && conv", "slow or fast", "slow || fast", "not slow", "NOT slow",
    "not (slow or loud)", "slow or fast and conv", "(slow or fast) conv", "!!fast",
    "not not not slow", "((fast))", "slow||fast", "2d|Conv or fast",
  ])
  func words(text: String) throws {
    #expect(try matches(text))
    #expect(try RowFilter(text, columns: []).matches(Row()))
  }

  @Test(arguments: [
    "slow", "fast slow", "\"conv2d  fin\"", "!fast", "fast and slow", "not fast", "slow or loud",
    "not (slow or fast)", "slow and slow or loud", "slow fast or loud", "\"and\"", "!\"conv\"",
  ])
  func wordsThatMiss(text: String) throws {
    #expect(try !matches(text))
  }

  @Test(arguments: [
    "accuracy>0.9", "accuracy > 0.9", "acc>=93%", "accuracy=0.93", "accuracy==0.93",
    "accuracy!=0.9", "ACCURACY<1", "parameters<=250k", "parameters<1e6", "parameters>1E+5",
    "parameters<1M", "duration>2h", "duration<3h", "duration=2h30m", "duration=150m",
    "step>100000000", "step!=100M", "rate=0.1", "rate>=0.1", "rate<=0.1", "size=3MiB", "size<4GB",
    "loss=nan", "val/loss=NaN", "loss!=1 or loss=nan", "accuracy!=nan", "step<inf", "step>-inf",
    "state=finished", "state:fin", "name!=slow", "name=\"FAST-2\"", "time=12:30", "state:\"ish\"",
    "\"accuracy\">.9", "accuracy>0.9 and parameters<1e6", "!accuracy<0.9", "step:100000001",
  ])
  func comparisons(text: String) throws {
    #expect(try matches(text))
  }

  @Test(arguments: [
    "accuracy>0.93", "accuracy<0.9", "accuracy!=0.93", "step=100M", "step<=100M", "rate>0.1",
    "rate<0.1", "loss>0", "loss<=0", "loss=0", "loss!=0", "loss!=nan", "loss<inf", "accuracy=nan",
    "state=fin", "state!=finished", "state:xyz", "state>1", "\"learning rate\">0",
    "\"learning rate\"=nan", "\"learning rate\"!=1", "Learning_decay=x", "accuracy=abc",
  ])
  func comparisonsThatMiss(text: String) throws {
    #expect(try !matches(text))
  }

  /// What looks like a column but is text.
  @Test(arguments: ["12:30", "WARN: it", "a::b", "see http://x.y/z", ":x"])
  func colonsInTexts(text: String) throws {
    let row = Row(filterText: "12:30 WARN: it is a::b, see http://x.y/z :x")
    #expect(try RowFilter(text, columns: Row.columns).matches(row))
    #expect(try !RowFilter(text + "!", columns: Row.columns).matches(row))
  }

  @Test(arguments: [
    ("acuracy>0.9", 0, "no column \"acuracy\"; did you mean accuracy?"),
    ("fast s>1", 5, "\"s\" may be step, size or state"),
    ("learn=1", 0, "\"learn\" may be learning rate or Learning_decay"),
    ("accuracy>", 9, "a value is missing after >"),
    ("accuracy>high", 9, "> needs a number, found \"high\""),
    ("accuracy>\"1\"", 9, "> needs a number, found \"1\""),
    ("accuracy<nan", 9, "nan can only be compared by = and !="),
    ("step<rate<1", 5, "< needs a number, found \"rate<1\""),
    (" >1", 1, "a column is missing before >"),
    ("a or", 4, "something is missing at the end"),
    ("or a", 0, "something is missing before this"),
    ("a and or b", 6, "something is missing before this"),
    ("(a", 0, "this ( has no )"),
    ("a)", 1, "there is no ( before this )"),
    ("()", 1, "something is missing before this )"),
    ("a \"b", 2, "this \" has no second one"),
    ("/ab", 0, "this / has no second one; quotes make it plain text"),
    ("/home/me", 6, "only i may follow a /pattern/; quotes make it plain text"),
    ("a /b(/", 4, "this ( has no )"),
  ])
  func mistakes(text: String, offset: Int, message: String) {
    #expect(error(text) == RowFilterError(offset: offset, message: message))
  }

  @Test func unknownColumns() {
    #expect(
      error("\u{1B}q>1", columns: ["aaaa", "bbbb"])?.message
        == "no column \"\\x1bq\"; there are aaaa and bbbb")
    #expect(
      error("a>1", columns: [])?.message
        == "no column \"a\"; nothing here can be compared; quotes make it plain text")
    let many = (10..<40).map { "column\($0)" }
    #expect(error("zzz>1", columns: many)?.message.hasSuffix("column15 and 24 more") == true)
  }

  @Test func limits() throws {
    #expect(error(String(repeating: "a", count: RowFilter.lengthMax + 1)) != nil)
    _ = try RowFilter(String(repeating: "a", count: RowFilter.lengthMax), columns: [])
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
    }
    #expect(error(nested(RowFilter.depthMax + 1))?.offset == RowFilter.depthMax)
    #expect(try matches(nested(RowFilter.depthMax)))
    #expect(try matches(String(repeating: "!", count: RowFilter.lengthMax - 1) + "q"))
  }

  @Test func emptinessAndEquality() throws {
    #expect(try RowFilter(" \t", columns: []).isEmpty)
    #expect(try !RowFilter("a", columns: []).isEmpty)
    #expect(try RowFilter("a b", columns: []).text == "a b")
    #expect(try RowFilter("a", columns: []) == RowFilter("a", columns: ["x"]))
    #expect(try RowFilter("a", columns: []) != RowFilter("b", columns: []))
  }

  /// Pieces of filters in any order: none traps, none takes long, and errors are within the text.
  @Test(arguments: 0..<8)
  func randomTexts(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pieces = [
      "accuracy", "st", "val/loss", "time", "fast", "and", "or", "not", "(", ")", "!", "!=", ">",
      "<=", "==", "=", ":", "\"", "/", "\\", "[", "]", "{2}", "{", "*", "+", "?", "|", "||", "&&",
      "&", "^", "$", ".", "a", "-", "nan", "1e5", "2h", "9", "%", "k", "é", "日", "\u{301}", "\r\n",
      "\0", " ",
      " ", " ", "/a(b|c)*[^d]/i",
    ]
    var accepted = 0
    for _ in 0..<2000 {
      let count = Int.random(in: 0...12, using: &random)
      let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      do {
        let filter = try RowFilter(text, columns: Row.columns)
        _ = filter.matches(Row())
        #expect(filter.text == text)
        accepted += 1
      } catch {
        #expect((0...text.count).contains(error.offset), "\(text)")
        #expect(!error.message.isEmpty)
      }
    }
    #expect(accepted > 200)
  }
}
