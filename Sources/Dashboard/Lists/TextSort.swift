/// Sorts texts by their bytes, eight at a time.
enum TextSort {
  /// The texts from the first to the last.
  ///
  /// - Parameter bytes: eight bytes of a text from an offset as one number, the first byte the
  ///   highest, zeros behind the end.
  static func sorted(_ texts: [Int32], by bytes: (Int32, Int) -> UInt64) -> [Int32] {
    var sorted = texts
    // What is still to be told apart, and by which bytes.
    var open: [(range: Range<Int>, offset: Int)] = [(0..<texts.count, 0)]
    while let (range, offset) = open.popLast() {
      guard range.count > fewMax else {
        sortFew(&sorted, range, from: offset, by: bytes)
        continue
      }
      let part = RadixSort.sorted(Array(sorted[range])) { bytes($0, offset) }
      sorted.replaceSubrange(range, with: part)
      var start = 0
      while start < part.count {
        let key = bytes(part[start], offset)
        var end = start + 1
        while end < part.count, bytes(part[end], offset) == key { end += 1 }
        let hasMore = key & 0xFF != 0
        if end - start > 1, hasMore {
          open.append((range.lowerBound + start..<range.lowerBound + end, offset + wordBytes))
        }
        start = end
      }
    }
    return sorted
  }

  private static let wordBytes = 8
  private static let fewMax = 32

  /// By insertion, which makes no arrays: most parts are small.
  private static func sortFew(
    _ texts: inout [Int32], _ range: Range<Int>, from offset: Int,
    by bytes: (Int32, Int) -> UInt64
  ) {
    func comes(_ one: Int32, before other: Int32) -> Bool {
      var offset = offset
      while true {
        let (first, second) = (bytes(one, offset), bytes(other, offset))
        if first != second { return first < second }
        if first & 0xFF == 0 { return false }
        offset += wordBytes
      }
    }
    for index in range.dropFirst() {
      let text = texts[index]
      var place = index
      while place > range.lowerBound, comes(text, before: texts[place - 1]) {
        texts[place] = texts[place - 1]
        place -= 1
      }
      texts[place] = text
    }
  }

  /// Bytes of a text from an offset as `sorted` wants them.
  static func bytes(_ text: UnsafeBufferPointer<UInt8>, from offset: Int) -> UInt64 {
    var result: UInt64 = 0
    for index in offset..<offset + wordBytes {
      result = result << 8 | UInt64(index < text.count ? text[index] : 0)
    }
    return result
  }
}
