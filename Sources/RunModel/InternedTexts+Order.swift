/// The order of texts by their bytes.
extension InternedTexts {
  /// How many of some texts come before each text: by its number, 0 for those that are not among
  /// them.
  ///
  /// - Parameter numbers: of texts; some may come more than once.
  public func ranks(of numbers: [Int32]) -> [Int32] {
    var isAsked = Array(repeating: false, count: count)
    for number in numbers { isAsked[Int(number)] = true }
    var texts: [Int32] = []
    for number in 0..<count where isAsked[number] { texts.append(Int32(number)) }
    var ranks = Array(repeating: Int32(0), count: count)
    for (place, text) in sorted(texts).enumerated() { ranks[Int(text)] = Int32(place) }
    return ranks
  }

  /// Different texts from the first to the last.
  private func sorted(_ texts: [Int32]) -> [Int32] {
    var words: [UInt64] = []
    words.reserveCapacity(texts.reduce(0) { $0 + Int(places[Int($1)].count) / Word.bytes + 1 })
    var starts: [Int32] = []
    starts.reserveCapacity(texts.count)
    for text in texts {
      starts.append(Int32(words.count))
      let place = places[Int(text)]
      pages[Int(place.page)].withUnsafeBytes {
        Word.append(UnsafeRawBufferPointer(rebasing: $0[Int(place.start)..<place.end]), to: &words)
      }
    }
    let order = words.withUnsafeBufferPointer { words in
      starts.withUnsafeBufferPointer { Order(words: words, starts: $0).sorted() }
    }
    return order.map { texts[Int($0)] }
  }

  /// Eight bytes of a text as one number, the first the highest, zeros behind the end; the last
  /// word of a text has at least one.
  private enum Word {
    static let bytes = 8

    static func append(_ text: UnsafeRawBufferPointer, to words: inout [UInt64]) {
      var start = 0
      while start + bytes <= text.count {
        words.append(UInt64(bigEndian: text.loadUnaligned(fromByteOffset: start, as: UInt64.self)))
        start += bytes
      }
      var rest: UInt64 = 0
      for index in start..<start + bytes {
        rest = rest << 8 | UInt64(index < text.count ? text[index] : 0)
      }
      words.append(rest)
    }

    static func isLast(_ word: UInt64) -> Bool { word & 0xFF == 0 }
  }

  /// Sorts texts word by word: those that begin the same by what follows.
  private struct Order {
    let words: UnsafeBufferPointer<UInt64>
    /// Where the words of each text begin.
    let starts: UnsafeBufferPointer<Int32>

    private static let fewMax = 64

    func sorted() -> [Int32] {
      var texts = Array(0..<Int32(starts.count))
      // What is still to be told apart, and by which word.
      var open: [(range: Range<Int>, depth: Int)] = [(0..<texts.count, 0)]
      while let (range, depth) = open.popLast() {
        guard range.count > Self.fewMax else {
          texts[range].sort { comes($0, before: $1, depth: depth) }
          continue
        }
        let part = RadixSort.sorted(Array(texts[range])) { word($0, depth) }
        texts.replaceSubrange(range, with: part)
        var start = 0
        while start < part.count {
          let key = word(part[start], depth)
          var end = start + 1
          while end < part.count, word(part[end], depth) == key { end += 1 }
          if end - start > 1, !Word.isLast(key) {
            open.append((range.lowerBound + start..<range.lowerBound + end, depth + 1))
          }
          start = end
        }
      }
      return texts
    }

    private func word(_ text: Int32, _ depth: Int) -> UInt64 {
      words[Int(starts[Int(text)]) + depth]
    }

    private func comes(_ one: Int32, before other: Int32, depth: Int) -> Bool {
      var depth = depth
      while true {
        let (first, second) = (word(one, depth), word(other, depth))
        if first != second { return first < second }
        if Word.isLast(first) { return one < other }
        depth += 1
      }
    }
  }
}
