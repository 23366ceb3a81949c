import JSONText
import Testing

@Suite struct JSONReaderTests {
  static let everything = JSONReader.Options(
    allowsComments: true, allowsTrailingCommas: true, allowsNonFinite: true,
    duplicateNames: .lastWins)

  /// A text, what it means, and what it takes to read it.
  struct Good: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let text: String
    let value: JSON
    var options = JSONReader.Options.strict

    init(
      _ name: String, _ text: String, _ value: JSON,
      _ options: JSONReader.Options = .strict
    ) {
      testDescription = name
      self.text = text
      self.value = value
      self.options = options
    }
  }

  static let good = [
    Good("null", "null", nil),
    Good("true", "true", true),
    Good("false", " false\n", false),
    Good("zero", "0", 0),
    Good("negative integer", "-17", -17),
    Good("largest integer", "9223372036854775807", .integer(.max)),
    Good("smallest integer", "-9223372036854775808", .integer(.min)),
    Good("one above the largest integer", "9223372036854775808", .number(0x1p63)),
    Good("one below the smallest integer", "-9223372036854775809", .number(-0x1p63)),
    Good("twenty digits", "18446744073709551616", .number(0x1p64)),
    Good("fraction", "0.1", 0.1),
    Good("integral fraction is a number", "1.0", .number(1)),
    Good("integral exponent is a number", "1e0", .number(1)),
    Good("exponent with plus", "1E+2", .number(100)),
    Good("exponent with minus", "25e-1", 2.5),
    Good("seventeen digits", "0.30000000000000004", 0.30000000000000004),
    Good("smallest double", "5e-324", .number(.leastNonzeroMagnitude)),
    Good("underflow is zero", "1e-400", .number(0)),
    Good("endless negative exponent is zero", "1e-99999999999999999999", .number(0)),
    Good("zero with a giant exponent", "0e99999999999999999999", .number(0)),
    Good("largest double", "1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    Good("half way rounds to even", "9007199254740993", .integer(9_007_199_254_740_993)),
    Good("half way fraction rounds to even", "9007199254740993.0", .number(0x1p53)),
    Good("empty string", "\"\"", ""),
    Good("string", "\"train/loss\"", "train/loss"),
    Good("escapes", #""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
    Good("\\u escapes", #""\u0041\u00e9\u20AC""#, "Aé€"),
    Good("escaped NUL", #""a\u0000b""#, "a\0b"),
    Good("surrogate pair", #""\ud83d\ude00""#, "😀"),
    Good("lone high surrogate", #""\ud83dx""#, "\u{FFFD}x"),
    Good("lone low surrogate", #""\ude00x""#, "\u{FFFD}x"),
    Good("high surrogate before a plain escape", #""\ud83d\u0041""#, "\u{FFFD}A"),
    Good("two high surrogates and a low", #""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
    Good("raw UTF-8", "\"é€😀\"", "é€😀"),
    Good("raw UTF-8 after an escape", #""\té€😀""#, "\té€😀"),
    Good("DEL", "\"\u{7F}\"", "\u{7F}"),
    Good("empty array", "[ ]", []),
    Good("array", "[1, [2.5,\"x\"],\tnull]", [1, [2.5, "x"], nil]),
    Good("empty object", "{ }", [:]),
    Good("object in order", #"{"b":1,"a":{"c":[]}}"#, ["b": 1, "a": ["c": []]]),
    Good("carriage returns", "{\r\n\"a\":1\r\n}\r\n", ["a": 1]),
    Good("byte order mark", "\u{FEFF}[1]", [1]),
    Good("line comment", "// x\n1 // y", 1, .configuration),
    Good("block comment", "/* x */[/**/1/* * / */,2]/***/", [1, 2], .configuration),
    Good("slashes in a string are no comment", "\"a//b/*c\"", "a//b/*c", .configuration),
    Good("trailing comma in an array", "[1,]", [1], .configuration),
    Good("trailing comma in an object", "{\"a\":1, /**/ }", ["a": 1], .configuration),
    Good("Infinity", "[Infinity,-Infinity]", [.number(.infinity), .number(-.infinity)], .record),
    Good(
      "of duplicate names the last wins, in the first's place", #"{"a":1,"b":2,"a":3}"#,
      ["a": 3, "b": 2], .record),
  ]

  @Test(arguments: good)
  func reads(_ example: Good) throws {
    let node = try JSONReader(options: example.options).read(example.text)
    #expect(node.json == example.value)
  }

  /// The extensions change nothing for what is strict JSON.
  @Test(arguments: good)
  func readsTheSameWithEveryExtension(_ example: Good) throws {
    #expect(try JSONReader(options: Self.everything).read(example.text).json == example.value)
  }

  @Test func readsNotANumber() throws {
    let node = try JSONReader(options: .record).read("{\"loss\":NaN}")
    #expect(node["loss"]?.double?.isNaN == true)
  }

  @Test func keepsTheSignOfZero() throws {
    for text in ["-0", "-0.0", "-0e3"] {
      let zero = try JSONReader().read(text)
      #expect(zero.double?.sign == .minus, "\(text)")
      #expect(zero.integer == 0)
    }
  }

  @Test func invalidUTF8InAStringBecomesTheReplacementCharacter() throws {
    for bad: [UInt8] in [[0xFF], [0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF8], [0xC0, 0xAF]] {
      let text = try JSONReader().read([0x22, 0x61] + bad + [0x62, 0x22]).string ?? ""
      #expect(text.hasPrefix("a\u{FFFD}") && text.hasSuffix("b"), "\(bad)")
      let escaped = try JSONReader().read([0x22, 0x5C, 0x6E] + bad + [0x62, 0x22]).string ?? ""
      #expect(escaped.hasPrefix("\n\u{FFFD}") && escaped.hasSuffix("b"), "\(bad)")
    }
  }

  @Test(arguments: [1, 2, 31, 32, 33, 34, 100, 200])
  func findsDuplicatesInObjectsOfAnySize(_ count: Int) throws {
    let names = (0..<count).map { "\"name\($0)\":\($0)" }
    let text = "{" + names.joined(separator: ",")
    #expect(try JSONReader().read(text + "}").members?.count == count)
    for duplicate in 0..<count {
      let twice = text + ",\"name\(duplicate)\":-1}"
      #expect(throws: JSONError.self) { try JSONReader().read(twice) }
      let node = try JSONReader(options: .record).read(twice)
      #expect(node.members?.count == count)
      #expect(node["name\(duplicate)"]?.integer == -1)
    }
  }

  @Test func namesThatSwiftComparesAsEqualAreDuplicates() {
    #expect(throws: JSONError.self) { try JSONReader().read("{\"é\":1,\"e\u{301}\":2}") }
    #expect(throws: JSONError.self) { try JSONReader().read("{\"K\":1,\"\u{212A}\":2}") }
    #expect(throws: JSONError.self) { try JSONReader().read("{\"\u{212A}\":1,\"K\":2}") }
    #expect(throws: JSONError.self) { try JSONReader().read(#"{"a":1,"\u0061":2}"#) }
  }

  @Test func accessorsAnswerOnlyForTheirKind() throws {
    let node = try JSONReader().read(#"{"s":"x","n":1.5,"i":3,"w":4.0,"b":true,"a":[1],"z":null}"#)
    #expect(node["s"]?.string == "x" && node["n"]?.string == nil)
    #expect(node["n"]?.double == 1.5 && node["i"]?.double == 3 && node["s"]?.double == nil)
    #expect(node["i"]?.integer == 3 && node["w"]?.integer == 4 && node["n"]?.integer == nil)
    #expect(node["b"]?.boolean == true && node["i"]?.boolean == nil)
    #expect(node["a"]?.array?.count == 1 && node["s"]?.array == nil)
    #expect(node["z"]?.isNull == true && node["a"]?.isNull == false)
    #expect(node["missing"] == nil && node["a"]?["x"] == nil)
    #expect(
      node.members?.map(\.node.kindName) == [
        "a string", "a number", "a number", "a number", "true or false", "an array", "null",
      ])
    let json = node.json
    #expect(json["s"]?.string == "x" && json["n"]?.double == 1.5 && json["w"]?.integer == 4)
    #expect(json["b"]?.boolean == true && json["a"]?.array == [1] && json.members?.count == 7)
    #expect(try JSONReader().read("1e300").integer == nil)
  }

  @Test func limitsTheDepth() throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let text = { (depth: Int) in
        String(repeating: open, count: depth) + "0" + String(repeating: close, count: depth)
      }
      #expect(throws: Never.self) { try JSONReader().read(text(64)) }
      let error = #expect(throws: JSONError.self) { try JSONReader().read(text(65)) }
      #expect(error?.reason == "nested deeper than 64 levels")
      #expect(throws: JSONError.self) { try JSONReader().read(text(100_000)) }
      #expect(throws: JSONError.self) {
        try JSONReader().read(String(repeating: open, count: 100_000))
      }
      let endless = JSONReader(options: .init(depthMax: .max))
      #expect(throws: Never.self) { try endless.read(text(JSONReader.depthMaxCeiling)) }
      #expect(throws: JSONError.self) { try endless.read(text(JSONReader.depthMaxCeiling + 1)) }
      #expect(throws: JSONError.self) { try endless.read(text(100_000)) }
    }
    let flat = JSONReader(options: .init(depthMax: 0))
    #expect(throws: Never.self) { try flat.read("1") }
    #expect(throws: JSONError.self) { try flat.read("[]") }
  }
}
