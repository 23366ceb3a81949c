/// A metric over steps: every point, and a pyramid of extents above them, so that the smallest and
/// largest of any stretch are found in O(log n) and no spike is ever hidden.
///
/// Steps increase. A point that goes back replaces what it goes back over, as after a restart.
public struct TimeSeries: Sendable {
  public private(set) var steps: [Int64] = []
  /// Seconds since 1970.
  public private(set) var wallTimes: [Double] = []
  public private(set) var values: [Float] = []
  /// Points that were superseded by a restart.
  public private(set) var supersededCount = 0

  /// levels[l][i] covers the points i·16^(l+1) ..< (i+1)·16^(l+1); every point is in all levels.
  private var levels = [[Extent]](repeating: [], count: levelCount)
  private static let fanOut = 16
  private static let levelCount = 5

  public init() {}

  public var count: Int { steps.count }
  public var isEmpty: Bool { steps.isEmpty }
  public var last: Float? { values.last }
  public var lastStep: Int64? { steps.last }

  public mutating func append(step: Int64, wallTime: Double, value: Float) {
    if let lastStep, step <= lastStep { supersede(from: step) }
    let index = steps.count
    steps.append(step)
    wallTimes.append(wallTime)
    values.append(value)
    add(Extent(value), at: index)
  }

  /// Drops the points at `step` and later.
  public mutating func supersede(from step: Int64) {
    let kept = firstIndex(atOrAfter: step)
    guard kept < count else { return }
    supersededCount += count - kept
    steps.removeLast(count - kept)
    wallTimes.removeLast(wallTimes.count - kept)
    values.removeLast(values.count - kept)
    cutLevels(to: kept)
  }

  /// Index of the first point at `step` or later; `count` when there is none. O(log n).
  public func firstIndex(atOrAfter step: Int64) -> Int {
    var (low, high) = (0, steps.count)
    while low < high {
      let middle = (low + high) / 2
      if steps[middle] < step { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The extent of the points in a range of indices. O(log n).
  public func extent(_ range: Range<Int>) -> Extent {
    var result = Extent.empty
    var (low, high) = (max(0, range.lowerBound), min(count, range.upperBound))
    var level = -1
    while low < high {
      while low < high && low % Self.fanOut != 0 {
        result.formUnion(extent(level: level, low))
        low += 1
      }
      while low < high && high % Self.fanOut != 0 {
        high -= 1
        result.formUnion(extent(level: level, high))
      }
      guard low < high else { break }
      if level + 1 >= levels.count {
        for index in low..<high { result.formUnion(extent(level: level, index)) }
        break
      }
      (low, high) = (low / Self.fanOut, high / Self.fanOut)
      level += 1
    }
    return result
  }

  /// The extent of all points.
  public var extent: Extent { extent(0..<count) }

  /// The point nearest to a step; nil for an empty series.
  public func index(nearest step: Int64) -> Int? {
    guard !isEmpty else { return nil }
    let after = firstIndex(atOrAfter: step)
    if after == 0 { return 0 }
    if after == count { return count - 1 }
    let isAfterNearer = steps[after] &- step < step &- steps[after - 1]
    return isAfterNearer ? after : after - 1
  }

  private func extent(level: Int, _ index: Int) -> Extent {
    level < 0 ? Extent(values[index]) : levels[level][index]
  }

  private mutating func add(_ extent: Extent, at index: Int) {
    var place = index
    for level in levels.indices {
      place /= Self.fanOut
      if place < levels[level].count {
        levels[level][place].formUnion(extent)
      } else {
        levels[level].append(extent)
      }
    }
  }

  private mutating func cutLevels(to count: Int) {
    var size = count
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
}
