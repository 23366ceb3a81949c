/// How much of something is kept: the newest of each tag, of so many tags and bytes.
struct TagRoom: Sendable {
  private(set) var byteCount = 0
  private var tagCount = 0

  static let tagsMax = 20_000
  static let byteCountMax = 256_000_000

  var isOutOfTags: Bool { tagCount >= Self.tagsMax }

  /// Takes room for something in the place of what stood under its tag, of which nil had nothing;
  /// false when there is no more room.
  mutating func take(_ bytes: Int, inPlaceOf old: Int?) -> Bool {
    let sum = byteCount - (old ?? 0) + bytes
    guard sum <= Self.byteCountMax, old != nil || !isOutOfTags else { return false }
    byteCount = sum
    if old == nil { tagCount += 1 }
    return true
  }
}
