import JSONText
import TestSupport
import Testing

@Suite struct JSONWriterTests {
  static let sample: JSON = [
    "name": "lenet", "rates": [0.1, 3.0, -2], "empty": [], "none": [:],
    "nested": ["a": nil, "b": true, "c": [["x": 1]]],
  ]

  @Test func writesOneLine() {
    #expect(
      Self.sample.text()
        == #"{"name":"lenet","rates":[0.1,3,-2],"empty":[],"none":{},"#
        + #""nested":{"a":null,"b":true,"c":[{"x":1}]}}"#)
  }

  @Test func writesIndented() {
    let expected = """
      {
        "name": "lenet",
        "rates": [
          0.1,
          3,
          -2
        ],
        "empty": [],
        "none": {},
        "nested": {
          "a": null,
          "b": true,
          "c": [
            {
              "x": 1
            }
          ]
        }
      }
      """
    #expect(Self.sample.text(pretty: true) == expected)
  }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "-0"), (1.0, "1"), (-17.0, "-17"), (0.1, "0.1"), (1e-7, "1e-07"),
    (999_999_999_999_999, "999999999999999"), (2.302585124969482, "2.302585124969482"),
    (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
    (1e20, "1e+20"),
  ])
  func writesDoublesShortest(_ value: Double, _ text: String) throws {
    #expect(JSON.number(value).text() == text)
    let again = try JSONReader().read(text).double
    #expect(again?.bitPattern == value.bitPattern)
  }

  @Test func randomDoublesReadBackTheSame() throws {
    var generator = SeededGenerator(seed: 17)
    for _ in 0..<20_000 {
      var value = Double(bitPattern: generator.next())
      if generator.next() % 4 == 0 { value = (value.significand * 0x1p40).rounded() }
      guard value.isFinite else { continue }
      let again = try JSONReader().read(JSON.number(value).utf8()).double
      #expect(again?.bitPattern == value.bitPattern)
    }
  }

  @Test func writesIntegersWhole() {
    #expect(JSON.integer(.min).text() == "-9223372036854775808")
    #expect(JSON.integer(.max).text() == "9223372036854775807")
  }

  @Test func writesNonFiniteAsAsked() {
    let values: JSON = [.number(.nan), .number(.infinity), .number(-.infinity)]
    #expect(values.text() == "[null,null,null]")
    #expect(values.text(nonFinite: .token) == "[NaN,Infinity,-Infinity]")
    #expect(throws: Never.self) {
      try JSONReader(options: .record).read(values.text(nonFinite: .token))
    }
  }

  @Test func escapesStrings() {
    #expect(JSON.string("a\"b\\c/d").text() == #""a\"b\\c/d""#)
    #expect(JSON.string("\n\r\t\u{8}\u{C}").text() == #""\n\r\t\b\f""#)
    #expect(JSON.string("\0\u{1B}\u{1F}").text() == #""\u0000\u001b\u001f""#)
    #expect(JSON.string("x\u{2028}y\u{2029}").text() == #""x\u2028y\u2029""#)
    #expect(JSON.string("é€😀\u{7F}\u{2027}\u{202A}").text() == "\"é€😀\u{7F}\u{2027}\u{202A}\"")
    #expect(JSON.object([.init(name: "a\nb", value: 1)]).text() == #"{"a\nb":1}"#)
  }

  @Test func everyScalarReadsBackTheSame() throws {
    var text = ""
    for code in UInt32(0)..<0x3000 {
      if let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
    }
    text += "\u{D7FF}\u{E000}\u{FEFF}\u{FFFD}\u{FFFF}\u{10FFFF}"
    let again = try JSONReader().read(JSON.string(text).text()).string ?? ""
    #expect(again.unicodeScalars.elementsEqual(text.unicodeScalars))
    #expect(JSON.string(text).utf8().allSatisfy { $0 >= 0x20 })
  }

  @Test func appendsToWhatIsThere() {
    var bytes = Array("x".utf8)
    JSON.array([1]).write(to: &bytes)
    #expect(bytes == Array("x[1]".utf8))
  }

  @Test func readsBackWhatItWrote() throws {
    let again = try JSONReader().read(Self.sample.text(pretty: true))
    #expect(again.json.text() == Self.sample.text())
  }
}
