/// Finds a text within all texts: whole pages at a time, sixteen bytes a step.
extension InternedTexts {
  /// Of each text whether it has another somewhere: the small letters of ASCII stand for the large
  /// ones, too.
  ///
  /// - Parameter word: UTF-8 in small letters; an empty one is everywhere.
  public func contain(_ word: [UInt8]) -> [Bool] {
    guard word.allSatisfy({ $0 < 0x80 }) else { return containLetters(word) }
    var isFound = Array(repeating: word.isEmpty, count: count)
    guard let pattern = Pattern(word) else { return isFound }
    var number = 0
    for (page, bytes) in pages.enumerated() {
      bytes.withUnsafeBufferPointer { bytes in
        var start = 0
        while let place = pattern.place(in: bytes, from: start) {
          // Numbers ascend with places; the pages before have been looked through.
          while places[number].page < page || places[number].end <= place { number += 1 }
          let end = places[number].end
          let isWithin = place + word.count <= end
          if isWithin { isFound[number] = true }
          start = isWithin ? end : place + 1
        }
      }
    }
    return isFound
  }

  /// For letters that only Unicode knows the small form of: these are in no text of ASCII alone.
  private func containLetters(_ word: [UInt8]) -> [Bool] {
    (0..<count).map { number in
      withBytes(of: number) { bytes in
        guard bytes.reduce(0, |) >= 0x80 else { return false }
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        return text.utf8.count >= word.count && Array(text.utf8).firstRange(of: word) != nil
      }
    }
  }

  /// What is looked for: its first and its last byte stand for it until both are found.
  private struct Pattern {
    private typealias Block = SIMD16<UInt8>

    private let word: [UInt8]
    private let first, last: Block
    /// What makes a letter small, where a small letter is looked for.
    private let firstCase, lastCase: Block

    /// nil: there is nothing to look for.
    init?(_ word: [UInt8]) {
      guard let first = word.first, let last = word.last else { return nil }
      self.word = word
      self.first = Block(repeating: first)
      self.last = Block(repeating: last)
      firstCase = Block(repeating: Self.caseBit(first))
      lastCase = Block(repeating: Self.caseBit(last))
    }

    private static func caseBit(_ byte: UInt8) -> UInt8 { byte >= 0x61 && byte <= 0x7A ? 0x20 : 0 }

    /// Where it begins first, from a start.
    func place(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
      let raw = UnsafeRawBufferPointer(bytes)
      let toLast = word.count - 1
      let end = bytes.count - toLast
      var start = start
      while start + Block.scalarCount <= end {
        let one = raw.loadUnaligned(fromByteOffset: start, as: Block.self)
        let other = raw.loadUnaligned(fromByteOffset: start + toLast, as: Block.self)
        let hits = ((one | firstCase) .== first) .& ((other | lastCase) .== last)
        let bits = unsafeBitCast(hits, to: SIMD2<UInt64>.self)
        if bits[0] | bits[1] != 0 {
          for lane in 0..<Block.scalarCount where hits[lane] && isWord(bytes, at: start + lane) {
            return start + lane
          }
        }
        start += Block.scalarCount
      }
      while start < end {
        if isWord(bytes, at: start) { return start }
        start += 1
      }
      return nil
    }

    private func isWord(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
      word.withUnsafeBufferPointer { word in
        for index in 0..<word.count {
          guard bytes[start + index] | Self.caseBit(word[index]) == word[index] else {
            return false
          }
        }
        return true
      }
    }
  }
}
