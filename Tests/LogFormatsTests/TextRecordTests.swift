import JSONText
import OperatingSystem
import TestSupport
import Testing

@testable import LogFormats

/// JSON objects and Python dicts in lines.
struct TextRecordTests {
  private func read(_ text: String) -> [String]? {
    TextRecord(Array(text.utf8), at: 0)?.members.map {
      String(decoding: $0.name, as: UTF8.self) + " \($0.value)" + ($0.integer == nil ? "" : " i")
    }
  }

  @Test(arguments: [
    ("{'loss': '0.5', 'epoch': '1'} rest", ["loss 0.5", "epoch 1.0 i"]),
    (
      "{\"a\": NaN, 'b': -inf, \"c\": -Infinity, 'd': nan}", ["a nan", "b -inf", "c -inf", "d nan"]
    ),
    ("{'a': True, 'b': None, 'c': 'word', 'd': (1, 2), 'e': [3], 'f': 4}", ["f 4.0 i"]),
    ("{'a': {'b': {'c': 1.5}}, 'd': 2}", ["a/b/c 1.5", "d 2.0 i"]),
    ("{'a': tensor(0.5, device='cuda:0'), 'b': np.float64(0.25)}", ["a 0.5", "b 0.25"]),
    ("{'a': [{'b': 1}], 'c': 2,}", ["c 2.0 i"]), ("{1: 0.5}", ["1 0.5"]), ("{}", []),
    ("{'it\\'s': 1, \"a b\": 2}", ["it\\'s 1.0 i", "a b 2.0 i"]),
    ("{'a': 1e999, 'b': '0x1p3', 'c': '1,234'}", ["a inf"]),
  ])
  func numbersAreFound(text: String, members: [String]) {
    #expect(read(text) == members)
  }

  @Test(arguments: [
    "", "{", "{'a'", "{'a':", "{'a': 1", "{'a': 'b}", "{a: 1}", "{'a' 1}", "{'a': [1, 2}",
    "{'a': f(1}",
    "{'a': 1 'b': 2}", "{0.5}",
    String(repeating: "{'a':", count: 100) + "1" + String(repeating: "}", count: 100),
    "{'a': " + String(repeating: "[", count: 60_000),
  ])
  func whatIsNoRecordIsNone(text: String) {
    #expect(read(text) == nil)
  }

  /// The reader of whole JSON documents is its twin.
  @Test func itReadsWhatTheJSONReaderReads() throws {
    let bytes = try LocalFileSystem().contents(
      of: Repository.path("sample-runs/jsonl/metrics.jsonl"), limit: 1 << 20)
    for line in bytes.split(separator: 10) {
      var wanted: [String] = []
      LoggedValue.forEachNumber(
        in: try JSONReader(options: .record).read(Array(line)), named: "", separator: "/"
      ) { name, value in wanted.append("\(name) \(value)") }
      let found = TextRecord(Array(line), at: 0)?.members.map {
        "\(String(decoding: $0.name, as: UTF8.self)) \($0.value)"
      }
      #expect(found == wanted)
    }
  }
}
