import Glibc

/// Texts, each once and by a number, in the order in which they first came. Made for hundreds of
/// thousands: they lie in pages that copies share, and are found by their bytes.
public struct InternedTexts: Sendable {
  /// No text lies on two pages; only the last page grows.
  private(set) var pages: [[UInt8]] = []
  private(set) var places = ChunkedArray<Place>()
  /// Numbers by hash, in open addressing; -1 is free.
  private var slots = [Int32](repeating: -1, count: 64)
  /// Of all texts together.
  private(set) var byteCount = 0

  /// Where a text lies.
  struct Place: Sendable {
    let page: UInt32
    let start, count: UInt16

    /// Behind its last byte.
    var end: Int { Int(start) + Int(count) }
  }

  private static let pageSize = 1 << 16
  /// No text is longer.
  static let textSizeMax = 4096

  init() {}

  public var count: Int { places.count }

  /// The bytes of a text, UTF-8, valid for the call.
  public func withBytes<Result>(
    of number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let place = places[number]
    let (start, count) = (Int(place.start), Int(place.count))
    return pages[Int(place.page)].withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[start..<start + count]))
    }
  }

  /// Invalid UTF-8 becomes U+FFFD.
  public subscript(number: Int) -> String {
    withBytes(of: number) { String(decoding: $0, as: UTF8.self) }
  }

  /// The number of a text; nil when it has not come.
  public func number(of text: String) -> Int? {
    var text = text
    return text.withUTF8 { bytes in
      bytes.count <= Self.textSizeMax ? find(UnsafeRawBufferPointer(bytes)).number : nil
    }
  }

  /// The number of a text; a new one gets the next. What is too long is cut.
  mutating func intern(_ text: UnsafeRawBufferPointer) -> Int {
    let text = Self.cut(text)
    let (known, slot) = find(text)
    if let known { return known }
    // An empty text, too, begins on a page.
    let used = pages.last?.count ?? Self.pageSize
    if used + max(1, text.count) > Self.pageSize { pages.append([]) }
    let page = pages.count - 1
    places.append(
      Place(
        page: UInt32(page), start: UInt16(pages[page].count), count: UInt16(text.count)))
    pages[page].append(contentsOf: text)
    byteCount += text.count
    slots[slot] = Int32(count - 1)
    if count * 2 > slots.count { grow() }
    return count - 1
  }

  mutating func intern(_ text: String) -> Int {
    var text = text
    return text.withUTF8 { intern(UnsafeRawBufferPointer($0)) }
  }

  /// The beginning that fits, without half a character at its end.
  private static func cut(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard text.count > textSizeMax else { return text }
    var end = textSizeMax
    while end > textSizeMax - 4 && text[end] & 0xc0 == 0x80 { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: text[..<end])
  }

  /// A text's number, or the free slot where it belongs.
  private func find(_ text: UnsafeRawBufferPointer) -> (number: Int?, slot: Int) {
    let mask = slots.count - 1
    var slot = Self.hash(text) & mask
    while slots[slot] >= 0 {
      let number = Int(slots[slot])
      let isEqual = withBytes(of: number) { known in
        guard known.count == text.count else { return false }
        guard let one = known.baseAddress, let other = text.baseAddress else { return true }
        return memcmp(one, other, text.count) == 0
      }
      if isEqual { return (number, slot) }
      slot = (slot + 1) & mask
    }
    return (nil, slot)
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    let mask = slots.count - 1
    for number in 0..<count {
      var slot = withBytes(of: number) { Self.hash(UnsafeRawBufferPointer($0)) } & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(number)
    }
  }

  /// Eight bytes a round, each mixed in as FNV-1a does with one.
  private static func hash(_ text: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(text.count)
    func mix(_ word: UInt64) {
      hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 29
    }
    var start = 0
    while start + 8 <= text.count {
      mix(text.loadUnaligned(fromByteOffset: start, as: UInt64.self))
      start += 8
    }
    var rest: UInt64 = 0
    while start < text.count {
      rest = rest << 8 | UInt64(text[start])
      start += 1
    }
    mix(rest)
    return Int(truncatingIfNeeded: hash ^ (hash >> 32))
  }
}
