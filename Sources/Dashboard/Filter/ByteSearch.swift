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
}
