import Glibc

/// The tags of a log, each by a number, found by their bytes without making a String of them.
struct TagTable: Sendable {
  /// The texts; invalid UTF-8 became U+FFFD.
  private(set) var names: [String] = []

  private var bytes: [UInt8] = []
  private var starts: [Int] = [0]
  /// Numbers by hash, in open addressing; -1 is free.
  private var slots = [Int32](repeating: -1, count: 64)
  /// The tag that followed each tag last: logs repeat themselves.
  private var followers: [Int32] = []
  private var last: Int32 = -1

  /// Longer tags are cut: no screen shows them, and no log means them.
  static let tagSizeMax = 1024

  /// The number of a tag; a new one gets the next.
  mutating func number(of tag: UnsafeRawBufferPointer) -> Int32 {
    if last >= 0 {
      let guess = followers[Int(last)]
      if guess >= 0 && isEqual(guess, tag) {
        last = guess
        return guess
      }
    }
    let cut = UnsafeRawBufferPointer(rebasing: tag.prefix(Self.tagSizeMax))
    let number = found(cut) ?? add(cut)
    if last >= 0 { followers[Int(last)] = number }
    last = number
    return number
  }

  private func isEqual(_ number: Int32, _ tag: UnsafeRawBufferPointer) -> Bool {
    let (start, end) = (starts[Int(number)], starts[Int(number) + 1])
    guard end - start == tag.count else { return false }
    guard let tag = tag.baseAddress else { return true }
    return bytes.withUnsafeBytes { all in
      all.baseAddress.map { memcmp($0 + start, tag, end - start) == 0 } ?? true
    }
  }

  private func found(_ tag: UnsafeRawBufferPointer) -> Int32? {
    var slot = Self.hash(tag) & (slots.count - 1)
    while slots[slot] >= 0 {
      if isEqual(slots[slot], tag) { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private mutating func add(_ tag: UnsafeRawBufferPointer) -> Int32 {
    let number = Int32(names.count)
    names.append(String(decoding: tag, as: UTF8.self))
    bytes.append(contentsOf: tag)
    starts.append(bytes.count)
    followers.append(-1)
    if names.count * 2 > slots.count { grow() }
    occupy(Self.hash(tag), number)
    return number
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for known in 0..<names.count - 1 {
      let hash = bytes.withUnsafeBytes {
        Self.hash(UnsafeRawBufferPointer(rebasing: $0[starts[known]..<starts[known + 1]]))
      }
      occupy(hash, Int32(known))
    }
  }

  private mutating func occupy(_ hash: Int, _ number: Int32) {
    var slot = hash & (slots.count - 1)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = number
  }

  /// FNV-1a, 64 bits.
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ (hash >> 32))
  }
}
