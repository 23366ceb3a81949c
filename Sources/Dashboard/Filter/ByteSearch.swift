/// Finds a text within a text, byte by byte.
enum ByteSearch {
  /// Whether `bytes` have `word` somewhere; an empty word is everywhere.
  static func finds(_ word: [UInt8], in bytes: [UInt8]) -> Bool {
    guard let first = word.first else { return true }
    guard bytes.count >= word.count else { return false }
    for start in 0...(bytes.count - word.count) where bytes[start] == first {
      if bytes[start..<(start + word.count)].elementsEqual(word) { return true }
    }
    return false
  }

  /// Whether `bytes`, their letters made small, have `word`, which is small already.
  static func finds(_ word: [UInt8], ignoringCaseIn bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = word.first else { return true }
    guard bytes.count >= word.count else { return false }
    guard first < 0x80, word.allSatisfy({ $0 < 0x80 }) else {
      return finds(word, in: Array(String(decoding: bytes, as: UTF8.self).lowercased().utf8))
    }
    let isLetter = first >= 0x61 && first <= 0x7A
    let capital = isLetter ? first & ~caseBit : first
    return word.withUnsafeBufferPointer { word in
      for start in 0...(bytes.count - word.count) {
        let byte = bytes[start]
        guard byte == first || byte == capital else { continue }
        var index = 1
        while index < word.count, small(bytes[start + index]) == word[index] { index += 1 }
        if index == word.count { return true }
      }
      return false
    }
  }

  /// What tells small letters from capitals.
  private static let caseBit: UInt8 = 0x20

  private static func small(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | caseBit : byte
  }
}
