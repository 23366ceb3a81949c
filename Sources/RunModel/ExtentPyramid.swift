/// Values in the order in which they came, with a pyramid of extents above them, so that the
/// smallest and largest of any stretch are found in O(log n) and no spike is ever hidden.
public struct ExtentPyramid: Sendable {
  public private(set) var values = ChunkedArray<Float>()

  /// levels[l][i] covers the values i·16^(l+1) ..< (i+1)·16^(l+1). A group that is not whole yet
  /// has none, so that fifteen values of sixteen touch no level; it is read from the level below.
  private var levels: [ChunkedArray<Extent>] = []
  private static let fanOut = 16

  public init() {}

  init(_ values: some Sequence<Float>) {
    for value in values { append(value) }
  }

  public var count: Int { values.count }

  /// Memory that the values and the pyramid need, without the room that is kept to grow. O(log n).
  public var byteCount: Int {
    var groups = 0
    var size = count
    while size >= Self.fanOut {
      size /= Self.fanOut
      groups += size
    }
    return count * MemoryLayout<Float>.stride + groups * MemoryLayout<Extent>.stride
  }

  public mutating func append(_ value: Float) {
    values.append(value)
    if values.count % Self.fanOut == 0 { joinGroups() }
  }

  /// The newest group is whole: its extent goes above it, and so on up.
  private mutating func joinGroups() {
    var level = -1
    var size = values.count
    while size > 0 && size % Self.fanOut == 0 {
      var extent = Extent.empty
      join(size - Self.fanOut..<size, of: level, to: &extent)
      level += 1
      if level == levels.count { levels.append(ChunkedArray()) }
      levels[level].append(extent)
      size /= Self.fanOut
    }
  }

  /// Drops all but the first `count` values.
  public mutating func cut(to count: Int) {
    guard count < values.count else { return }
    var size = max(0, count)
    values.cut(to: size)
    for level in levels.indices {
      size /= Self.fanOut
      levels[level].cut(to: size)
    }
  }

  /// The extent of the values in a range of indices. O(log n).
  public func extent(_ range: Range<Int>) -> Extent {
    var result = Extent.empty
    var (low, high) = (max(0, range.lowerBound), min(count, range.upperBound))
    var level = -1
    while low < high {
      // Up to where the level above begins to hold whole groups, and from where it ends to.
      let first = min(high, (low + Self.fanOut - 1) / Self.fanOut * Self.fanOut)
      let last = max(first, high / Self.fanOut * Self.fanOut)
      join(low..<first, of: level, to: &result)
      join(last..<high, of: level, to: &result)
      (low, high) = (first / Self.fanOut, last / Self.fanOut)
      level += 1
    }
    return result
  }

  private func join(_ range: Range<Int>, of level: Int, to extent: inout Extent) {
    if level < 0 {
      values.forEachPiece(of: range) { for value in $0 { extent.formUnion(Extent(value)) } }
    } else {
      levels[level].forEachPiece(of: range) { for one in $0 { extent.formUnion(one) } }
    }
  }

  /// The extent of all values.
  public var extent: Extent { extent(0..<count) }

  /// The first index of the smallest finite value, or of the largest; nil without any. O(log n).
  func firstIndex(ofSmallest isSmallest: Bool) -> Int? {
    var best = Best(isSmallest: isSmallest)
    // From the first values to the last: the whole groups at the top, then what is left over below.
    var level = levels.count - 1
    var low = 0
    while level >= -1 {
      let size = level < 0 ? count : levels[level].count
      look(at: low..<size, of: level, for: &best)
      low = size * Self.fanOut
      level -= 1
    }
    // Down from there to a value.
    while let index = best.index, best.level >= 0 {
      let level = best.level - 1
      best = Best(isSmallest: isSmallest)
      look(at: index * Self.fanOut..<(index + 1) * Self.fanOut, of: level, for: &best)
    }
    return best.index
  }

  /// The least that was seen, and where first.
  private struct Best {
    let isSmallest: Bool
    var least = Float.infinity
    var level = -1
    var index: Int?
  }

  private func look(at range: Range<Int>, of level: Int, for best: inout Best) {
    for index in range {
      let extent = level < 0 ? Extent(values[index]) : levels[level][index]
      let key = best.isSmallest ? extent.minimum : -extent.maximum
      if key < best.least { (best.least, best.level, best.index) = (key, level, index) }
    }
  }
}
