import JSONText
import TestSupport
import Testing

/// No bytes make the reader trap, and what it accepts it can write and read again.
@Suite struct JSONSurvivalTests {
  static let samples = [
    #"{"step":100,"loss":2.302585124969482,"tags":["a","b\n\u00e9\ud83d\ude00"],"x":null}"#,
    "\u{FEFF}// comment é\n{\"a\": [1, -2.5e-3, 1e308, NaN, -Infinity,], /* ü */ \"b\": {},}\r\n",
    #"[[[]],{"é€😀":"\"\\\/\b\f\n\r\t","é€😀":true,"t":false},0.30000000000000004,-0]"#,
    "\"\\ud83d \u{2028}\u{7F}\"",
    "123456789012345678901234567890.5E-10",
  ].map { Array($0.utf8) }

  static let readers = [
    JSONReader(options: .strict), JSONReader(options: .configuration),
    JSONReader(options: .record), JSONReader(options: JSONReaderTests.everything),
  ]

  /// Reads with every reader; returns how many accept.
  @discardableResult
  private func survive(_ bytes: [UInt8]) throws -> Int {
    var accepted = 0
    for reader in Self.readers {
      // An exact copy on the heap, so that a read beyond the end is one beyond its allocation.
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      defer { copy.deallocate() }
      copy.copyBytes(from: bytes)
      do {
        let node = try reader.read(UnsafeRawBufferPointer(copy))
        accepted += 1
        let text = node.json.text(nonFinite: .token)
        let again = try JSONReader(options: .record).read(text).json
        #expect(again.text(nonFinite: .token) == text)
      } catch let error {
        #expect(error.position.offset <= bytes.count && error.position.column >= 1)
        #expect(error.reason.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
      }
    }
    return accepted
  }

  @Test(arguments: samples)
  func samplesAreAcceptedBySomeReader(_ sample: [UInt8]) throws {
    #expect(try survive(sample) > 0)
  }

  @Test(arguments: samples)
  func truncationAtEveryByte(_ sample: [UInt8]) throws {
    for length in 0..<sample.count { try survive(Array(sample[..<length])) }
  }

  /// What stands in memory after the text changes nothing, even what would continue it.
  @Test(arguments: samples)
  func nothingBeyondTheEndIsLookedAt(_ sample: [UInt8]) throws {
    func outcome(_ reader: JSONReader, _ bytes: UnsafeRawBufferPointer) -> String {
      do {
        return try reader.read(bytes).json.text()
      } catch { return "\(error)" }
    }
    for length in 0..<sample.count {
      let alone = Array(sample[..<length])
      for following in [sample[length...], [0x22, 0x7D, 0x5D], [0x30, 0x30], [0x2F]] {
        let continued = alone + following
        for reader in Self.readers {
          let expected = alone.withUnsafeBytes { outcome(reader, $0) }
          let found = continued.withUnsafeBytes { bytes in
            outcome(reader, UnsafeRawBufferPointer(rebasing: bytes[..<length]))
          }
          #expect(found == expected, "\(length)")
        }
      }
    }
  }

  /// A broken-off object or array is never taken as whole.
  @Test func truncatedContainersAreRejected() throws {
    for sample in Self.samples.prefix(3) {
      let end = sample.lastIndex { $0 == UInt8(ascii: "}") || $0 == UInt8(ascii: "]") } ?? 0
      for length in 0...end {
        #expect(try survive(Array(sample[..<length])) == 0, "\(length)")
      }
    }
  }

  @Test(arguments: samples)
  func singleByteMutations(_ sample: [UInt8]) throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      var bytes = sample
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes[place] = .random(in: 0...255, using: &generator)
      case 1: bytes.remove(at: place)
      default: bytes.insert(.random(in: 0...255, using: &generator), at: place)
      }
      try survive(bytes)
    }
  }

  @Test func randomBytes() throws {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<3000 {
      let length = Int.random(in: 0..<40, using: &generator)
      try survive((0..<length).map { _ in .random(in: 0...255, using: &generator) })
    }
  }

  /// Random bytes seldom get past the first token; random tokens do.
  @Test func randomTokens() throws {
    let tokens = [
      "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":", "1", "-", "0", ".5", "e9", "true",
      "null", "NaN", "Infinity", "\\", "\\u", "d83d", "//", "/*", "*/", "\n", " ", "\t", "é",
    ].map { Array($0.utf8) }
    var generator = SeededGenerator(seed: 13)
    var accepted = 0
    for _ in 0..<5000 {
      let length = Int.random(in: 1..<10, using: &generator)
      let text = (0..<length).flatMap { _ in tokens.randomElement(using: &generator) ?? [] }
      accepted += try survive(text)
    }
    #expect(accepted > 100)
  }

  @Test func longTokens() throws {
    let length = 200_000
    for text in [
      "\"" + String(repeating: "a", count: length) + "\"",
      String(repeating: "\n", count: length) + "1",
      "[" + String(repeating: "1,", count: length) + "1]",
      "0." + String(repeating: "0", count: length),
    ] {
      #expect(throws: Never.self) { try JSONReader().read(text) }
    }
    for text in [
      "\"" + String(repeating: "a", count: length), String(repeating: "9", count: length),
      "0." + String(repeating: "1", count: length), String(repeating: ",", count: length),
      "1e" + String(repeating: "9", count: length), String(repeating: "[{\"\":", count: length),
    ] {
      #expect(throws: JSONError.self) { try JSONReader().read(text) }
    }
  }
}
