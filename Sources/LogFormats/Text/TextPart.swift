/// The part of the data that a line or a metric is about.
enum TextPart: UInt8, CaseIterable, Sendable {
  case train, trainInner, val, valid, validation, test, eval

  /// What stands before the tags: what the dashboard knows as parts, and fairseq's own.
  var name: String { self == .trainInner ? "train_inner" : "\(self)" }

  var isTraining: Bool { self == .train || self == .trainInner }

  /// The part that a word names, in small letters.
  static func named(_ word: String) -> TextPart? { words[word] }

  /// The part that a printed word names, whatever its letters.
  static func named(_ text: [UInt8], _ word: Range<Int>) -> TextPart? {
    // "e", "t" and "v" begin them all.
    let first = TextByte.lowercased(text.byte(word.lowerBound))
    guard first == UInt8(ascii: "t") || first == UInt8(ascii: "v") || first == UInt8(ascii: "e"),
      3...12 ~= word.count
    else { return nil }
    return words[String(decoding: text[word].map(TextByte.lowercased), as: UTF8.self)]
  }

  private static let words: [String: TextPart] = [
    "train": .train, "training": .train, "train_inner": .trainInner,
    "val": .val, "validating": .val, "valid": .valid, "validation": .validation,
    "test": .test, "testing": .test, "eval": .eval, "evaluation": .eval, "evaluating": .eval,
  ]
}
