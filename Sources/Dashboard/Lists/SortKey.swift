/// What a value is sorted by, as a number: numbers by size, then what is no number, then words,
/// then nothing, in either direction.
struct SortKey: Hashable, Comparable, Sendable {
  let bits: UInt64

  /// Numbers, infinite ones too, are below all others.
  private static let notANumberBits: UInt64 = 0xFFF1 << 48
  private static let firstWordBits: UInt64 = 0xFFF2 << 48
  private static let wordsMax: UInt64 = 1 << 48

  /// Of a row without a value.
  static let none = SortKey(bits: .max)

  private init(bits: UInt64) {
    self.bits = bits
  }

  init(_ number: Double, isReversed: Bool) {
    guard !number.isNaN else {
      bits = Self.notANumberBits
      return
    }
    let signBit: UInt64 = 1 << 63
    // Zeros of either sign are one.
    let pattern = (number + 0).bitPattern
    let ascending = pattern & signBit == 0 ? pattern | signBit : ~pattern
    bits = isReversed ? ~ascending : ascending
  }

  /// - Parameter wordRank: how many other words come before it.
  init(wordRank: Int, isReversed: Bool) {
    let rank = min(UInt64(wordRank), Self.wordsMax - 1)
    bits = Self.firstWordBits + (isReversed ? Self.wordsMax - 1 - rank : rank)
  }

  static func < (one: SortKey, other: SortKey) -> Bool { one.bits < other.bits }

  /// The keys of values.
  static func keys(_ values: [ListValue], isReversed: Bool) -> [SortKey] {
    var words: Set<String> = []
    for case .word(let word) in values { words.insert(word) }
    var ranks: [String: Int] = [:]
    for (rank, word) in words.sorted().enumerated() { ranks[word] = rank }
    return values.map { value in
      switch value {
      case .number(let number): SortKey(number, isReversed: isReversed)
      case .word(let word): SortKey(wordRank: ranks[word] ?? 0, isReversed: isReversed)
      case .none: .none
      }
    }
  }
}
