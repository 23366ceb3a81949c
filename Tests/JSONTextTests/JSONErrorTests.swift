import JSONText
import Testing

/// What is not JSON, and the exact complaint about it.
@Suite struct JSONErrorTests {
  struct Bad: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let complaint: String
    let options: JSONReader.Options

    init(
      _ name: String, _ text: String, _ complaint: String,
      _ options: JSONReader.Options = .strict
    ) {
      self.init(name, bytes: Array(text.utf8), complaint, options)
    }

    init(
      _ name: String, bytes: [UInt8], _ complaint: String,
      _ options: JSONReader.Options = .strict
    ) {
      testDescription = name
      self.bytes = bytes
      self.complaint = complaint
      self.options = options
    }
  }

  static let structure = [
    Bad("nothing", "", "line 1, column 1: a value was expected, found the end of the text"),
    Bad("blanks", " \n ", "line 2, column 2: a value was expected, found the end of the text"),
    Bad(
      "byte order mark alone", "\u{FEFF}",
      "line 1, column 1: a value was expected, found the end of the text"),
    Bad("word", "[1, yes]", "line 1, column 5: a value was expected, found 'yes'"),
    Bad("capitals", "True", "line 1, column 1: a value was expected, found 'True'"),
    Bad("longer word", "nullable", "line 1, column 1: a value was expected, found 'nullable'"),
    Bad("broken word", "tru", "line 1, column 1: a value was expected, found 'tru'"),
    Bad("single quotes", "'a'", "line 1, column 1: a value was expected, found '''"),
    Bad("non-ASCII", "[é]", "line 1, column 2: a value was expected, found 'é'"),
    Bad("escape character", "\u{1B}[0m", "line 1, column 1: a value was expected, found U+001B"),
    Bad("NUL", "1\0", "line 1, column 2: the end of the text was expected, found U+0000"),
    Bad(
      "invalid UTF-8", bytes: [0x5B, 0xFF],
      "line 1, column 2: a value was expected, found the byte 0xFF"),
    Bad(
      "right to left override", "\u{202E}",
      "line 1, column 1: a value was expected, found U+202E"),
    Bad("trailing junk", "{} x", "line 1, column 4: the end of the text was expected, found 'x'"),
    Bad(
      "two objects on one line", "{\"a\":1}{\"a\":2}",
      "line 1, column 8: the end of the text was expected, found '{'"),
    Bad("missing comma", "{\"a\":1 x", "line 1, column 8: a ',' or '}' was expected, found 'x'"),
    Bad(
      "missing comma in array", "[1 2]", "line 1, column 4: a ',' or ']' was expected, found '2'"),
    Bad("wrong bracket", "[1}", "line 1, column 3: a ',' or ']' was expected, found '}'"),
    Bad(
      "open array", "[1,\n 2",
      "line 2, column 3: a ',' or ']' was expected, found the end of the text"),
    Bad("open object", "{\"a\"", "line 1, column 5: a ':' was expected, found the end of the text"),
    Bad("missing colon", "{\"a\" 1}", "line 1, column 6: a ':' was expected, found '1'"),
    Bad("missing value", "{\"a\":}", "line 1, column 6: a value was expected, found '}'"),
    Bad(
      "name without quotes", "{a:1}",
      "line 1, column 2: a name in quotes was expected, found 'a'"),
    Bad("trailing comma in array", "[1,]", "line 1, column 4: a value was expected, found ']'"),
    Bad(
      "trailing comma in object", "{\"a\":1,}",
      "line 1, column 8: a name in quotes was expected, found '}'"),
    Bad("comma alone", "[,]", "line 1, column 2: a value was expected, found ','", .configuration),
    Bad(
      "two commas", "[1,,]", "line 1, column 4: a value was expected, found ','",
      .configuration),
    Bad("duplicate name", "{\"a\":1,\n \"a\":2}", "line 2, column 2: the name 'a' appears twice"),
    Bad(
      "duplicate name with an escape character", #"{"\u001b":1,"\u001b":2}"#,
      "line 1, column 13: the name '\u{FFFD}' appears twice"),
    Bad(
      "comment", "[1] // x",
      "line 1, column 5: the end of the text was expected, found '/'"),
    Bad(
      "slash", "[/ 1]", "line 1, column 2: a value or a comment was expected, found '/'",
      .configuration),
    Bad(
      "open comment", "[1,\n  /* x *", "line 2, column 3: a comment is never closed",
      .configuration),
  ]

  static let tokens = [
    Bad("NaN", "[NaN]", "line 1, column 2: a value was expected, found 'NaN'"),
    Bad("Infinity", "Infinity", "line 1, column 1: a value was expected, found 'Infinity'"),
    Bad("-Infinity", "-Infinity", "line 1, column 2: a digit was expected, found 'Infinity'"),
    Bad("-NaN", "-NaN", "line 1, column 2: a digit was expected, found 'NaN'", .record),
    Bad(
      "Infinitys", "-Infinitys", "line 1, column 2: a digit was expected, found 'Infinitys'",
      .record),
    Bad("leading zero", "[01]", "line 1, column 2: a number must not begin with a 0"),
    Bad("plus", "+1", "line 1, column 1: a value was expected, found '+'"),
    Bad("two minuses", "--5", "line 1, column 2: a digit was expected, found '-'"),
    Bad("point first", ".5", "line 1, column 1: a value was expected, found '.'"),
    Bad("point last", "1.", "line 1, column 3: a digit was expected, found the end of the text"),
    Bad(
      "empty exponent", "1e+", "line 1, column 4: a digit was expected, found the end of the text"),
    Bad(
      "hexadecimal", "0x1p3",
      "line 1, column 2: the end of the text was expected, found 'x1p3'"),
    Bad("too large", "[1, 1e999]", "line 1, column 5: a number out of range"),
    Bad("too small", "-1e999", "line 1, column 1: a number out of range"),
    Bad("endless exponent", "1e99999999999999999999", "line 1, column 1: a number out of range"),
    Bad(
      "endless number", String(repeating: "1", count: 1025),
      "line 1, column 1: a number of more than 1024 characters"),
    Bad("open string", "{\"é\": \"abc", "line 1, column 7: a string is never closed"),
    Bad("open string after an escape", #"["\n"#, "line 1, column 2: a string is never closed"),
    Bad(
      "newline in a string", "\"ab\ncd\"",
      "line 1, column 4: a string ends at the end of its line: a '\"' was expected"),
    Bad(
      "tab in a string", "\"é\t\"",
      "line 1, column 3: the control character U+0009 must be written as \\u0009 in a string"),
    Bad(
      "control character after an escape", "\"\\n\u{1}\"",
      "line 1, column 4: the control character U+0001 must be written as \\u0001 in a string"),
    Bad(
      "unknown escape", #""a\x41""#,
      #"line 1, column 3: one of \" \\ \/ \b \f \n \r \t \u was expected, found '\' and 'x41'"#),
    Bad(
      "escape at the end", #""a\"#,
      "line 1, column 3: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u was expected, "
        + "found '\\' and the end of the text"),
    Bad(
      "short \\u", #""\u12""#,
      "line 1, column 2: four hexadecimal digits were expected after \\u"),
    Bad(
      "\\u with a sign", #""\u+123""#,
      "line 1, column 2: four hexadecimal digits were expected after \\u"),
    Bad(
      "bad second \\u", #""\ud83d\u12""#,
      "line 1, column 8: four hexadecimal digits were expected after \\u"),
  ]

  @Test(arguments: structure + tokens)
  func rejects(_ example: Bad) {
    let error = #expect(throws: JSONError.self) {
      try JSONReader(options: example.options).read(example.bytes)
    }
    #expect(error?.description == example.complaint)
  }

  @Test func anEmptyBufferIsNoValue() {
    #expect(throws: JSONError.self) {
      try JSONReader().read(UnsafeRawBufferPointer(start: nil, count: 0))
    }
    #expect(throws: JSONError.self) { try JSONReader().read([UInt8]()) }
  }

  /// Refused by its length alone: there are not that many bytes to look at.
  @Test func aTextBeyondTheReachOfPositionsIsRefused() {
    let blank: [UInt8] = [0x20]
    let error = blank.withUnsafeBytes { bytes in
      #expect(throws: JSONError.self) {
        try JSONReader().read(UnsafeRawBufferPointer(start: bytes.baseAddress, count: 1 << 32))
      }
    }
    #expect(error?.reason == "the text is longer than 4294967294 bytes")
  }

  @Test func longNamesAreShortened() {
    let name = String(repeating: "x", count: 10_000)
    let error = #expect(throws: JSONError.self) {
      try JSONReader().read("{\"\(name)\":1,\"\(name)\":2}")
    }
    #expect(error?.reason == "the name '\(name.prefix(60))…' appears twice")
  }
}
