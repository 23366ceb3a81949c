/// Values in the order in which they came, with a pyramid of extents above them, so that the
/// smallest and largest of any stretch are found in O(log n) and no spike is ever hidden.
public struct ExtentPyramid: Sendable {
  public private(set) var values: [Float] = []

  /// levels[l][i] covers the values i·16^(l+1) ..< (i+1)·16^(l+1); every value is in all levels.
  private var levels = [[Extent]](repeating: [], count: levelCount)
  private static let fanOut = 16
  private static let levelCount = 5

  public init() {}

  public init(_ values: [Float]) {
    reserve(values.count)
    for value in values { append(value) }
  }

  public var count: Int { values.count }

  /// Memory that the values and the pyramid need, without the room that arrays keep to grow. O(1).
  public var byteCount: Int {
    levels.reduce(values.count * MemoryLayout<Float>.stride) {
      $0 + $1.count * MemoryLayout<Extent>.stride
    }
  }

  public mutating func append(_ value: Float) {
    let extent = Extent(value)
    var place = values.count
    values.append(value)
    for level in levels.indices {
      place /= Self.fanOut
      if place < levels[level].count {
        levels[level][place].formUnion(extent)
      } else {
        levels[level].append(extent)
      }
    }
  }

  /// Drops all but the first `count` values.
  public mutating func cut(to count: Int) {
    guard count < values.count else { return }
    var size = max(0, count)
    values.removeLast(values.count - size)
    for level in levels.indices {
      let whole = size / Self.fanOut
      let kept = (size + Self.fanOut - 1) / Self.fanOut
      levels[level].removeLast(levels[level].count - kept)
      if kept > whole {
        var extent = Extent.empty
        for below in whole * Self.fanOut..<size {
          extent.formUnion(self.extent(level: level - 1, below))
        }
        levels[level][whole] = extent
      }
      size = kept
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
      if level + 1 >= levels.count {
        join(low..<high, of: level, to: &result)
        break
      }
      join(low..<first, of: level, to: &result)
      join(last..<high, of: level, to: &result)
      (low, high) = (first / Self.fanOut, last / Self.fanOut)
      level += 1
    }
    return result
  }

  private func join(_ range: Range<Int>, of level: Int, to extent: inout Extent) {
    if level < 0 {
      values.withUnsafeBufferPointer { values in
        for index in range { extent.formUnion(Extent(values[index])) }
      }
    } else {
      levels[level].withUnsafeBufferPointer { extents in
        for index in range { extent.formUnion(extents[index]) }
      }
    }
  }

  /// The extent of all values.
  public var extent: Extent { extent(0..<count) }

  /// The first index of the smallest finite value, or of the largest; nil without any. O(log n).
  func firstIndex(ofSmallest isSmallest: Bool) -> Int? {
    func key(_ extent: Extent) -> Float { isSmallest ? extent.minimum : -extent.maximum }
    var range = 0..<(levels.last?.count ?? 0)
    var found: Int?
    for level in (-1..<levels.count).reversed() {
      found = nil
      var least = Float.infinity
      for index in range where key(extent(level: level, index)) < least {
        least = key(extent(level: level, index))
        found = index
      }
      guard let found, level >= 0 else { break }
      let below = level == 0 ? count : levels[level - 1].count
      range = found * Self.fanOut..<min(below, (found + 1) * Self.fanOut)
    }
    return found
  }

  private mutating func reserve(_ count: Int) {
    values.reserveCapacity(count)
    var size = count
    for level in levels.indices {
      size = (size + Self.fanOut - 1) / Self.fanOut
      levels[level].reserveCapacity(size)
    }
  }

  private func extent(level: Int, _ index: Int) -> Extent {
    level < 0 ? Extent(values[index]) : levels[level][index]
  }
}
