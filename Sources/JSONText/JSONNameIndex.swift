/// Finds duplicate names while an object is read, without comparing every pair of names.
///
/// Small objects: one bit for a cheap hash of the name says "surely new" most of the time, and a
/// walk over the earlier names decides the rest. Large objects get a dictionary.
struct JSONNameIndex {
  /// From here on names are looked up in a dictionary.
  private static let linearMax = 32

  private var seen: UInt64 = 0
  private var large: [String: Int] = [:]

  /// Notes the name of the next member.
  /// - Parameter count: how many members there are.
  /// - Returns: the member that has this name already.
  @inline(__always)
  mutating func insert(
    _ name: String, at count: Int, in members: [JSONNode.Member]
  ) -> Int? {
    let bit = Self.bit(of: name)
    let isSurelyNew = seen & bit == 0
    seen |= bit
    if isSurelyNew, count < Self.linearMax { return nil }
    return search(name, at: count, in: members)
  }

  private mutating func search(
    _ name: String, at count: Int, in members: [JSONNode.Member]
  ) -> Int? {
    if count < Self.linearMax { return members.firstIndex { $0.name == name } }
    if large.isEmpty {
      for (index, member) in members.enumerated() { large[member.name] = index }
    }
    if let earlier = large[name] { return earlier }
    large[name] = count
    return nil
  }

  /// All bits for names that are not ASCII: Swift compares canonical equivalents as equal, so
  /// their bytes say nothing.
  @inline(__always)
  private static func bit(of name: String) -> UInt64 {
    var hash: UInt64 = 0
    var all: UInt8 = 0
    for byte in name.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15
      all |= byte
    }
    return all >= 0x80 ? .max : 1 << (hash >> 58)
  }
}
