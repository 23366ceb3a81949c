import TestSupport
import Testing

@testable import RunModel

/// Texts that are searched and sorted all at once, beside one at a time.
struct InternedTextsTests {
  private static let parts = [
    "conv3x3", " ", "CONV1x1", "aaaaaaaa", "b", "é", "Ä", "[", "{", "@", "`", "0123456789abcdef",
  ]

  /// On several pages, an empty one among them.
  private func texts(seed: UInt64) -> InternedTexts {
    var random = SeededGenerator(seed: seed)
    var texts = InternedTexts()
    for index in 0..<1500 {
      let count = index % 300 == 7 ? 200 : Int.random(in: 0...9, using: &random)
      let text = (0..<count).map { _ in Self.parts.randomElement(using: &random) ?? "" }
      _ = texts.intern(text.joined())
    }
    return texts
  }

  private func small(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func aTextIsFoundWhereverItStands(seed: UInt64) {
    let texts = texts(seed: seed)
    let words = [
      "conv", "3x3", "v1x1", "b", "bb", "[", "{", "@", "`", "a", "aaaaaaaaa", "9abcdef0123", "x3b",
      "1conv", " ", "", "none", "conv1x1conv3x3",
    ]
    for word in words {
      let plain = (0..<texts.count).map { number in
        let bytes = Array(texts[number].utf8).map(small)
        return word.isEmpty || bytes.firstRange(of: Array(word.utf8)) != nil
      }
      #expect(texts.contain(Array(word.utf8)) == plain, "\(word)")
    }
    for word in ["é", "ä", "éb", "äconv1"] {
      let plain = (0..<texts.count).map { texts[$0].lowercased().contains(word) }
      #expect(plain.contains(true) && texts.contain(Array(word.utf8)) == plain, "\(word)")
    }
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func ranksAreThoseOfTheBytes(seed: UInt64) {
    let texts = texts(seed: seed)
    var random = SeededGenerator(seed: seed + 100)
    for share in [1, 3, 100] {
      let some = (0..<texts.count).filter { _ in Int.random(in: 0..<share, using: &random) == 0 }
      let plain = some.sorted { texts[$0].utf8.lexicographicallyPrecedes(texts[$1].utf8) }
      let ranks = texts.ranks(of: some.map { Int32($0) } + some.prefix(3).map { Int32($0) })
      #expect(plain.map { Int(ranks[$0]) } == Array(plain.indices))
    }
  }

  /// A zero within a text neither ends it nor leads beyond it.
  @Test func zerosAndNothingAreTexts() {
    var texts = InternedTexts()
    let all = ["", "\0", "1234567\0", "1234567\08", "1234567", "12345678", "\0\0\0\0\0\0\0\0"]
    for text in all { _ = texts.intern(text) }
    let ranks = texts.ranks(of: Array(0..<Int32(all.count)))
    #expect(Set(ranks).count == all.count)
    #expect(ranks[5] == Int32(all.count - 1))
    #expect(texts.contain(Array("\0".utf8)) == all.map { $0.contains("\0") })
    #expect(InternedTexts().ranks(of: []) == [] && InternedTexts().contain([0x61]) == [])
  }
}
