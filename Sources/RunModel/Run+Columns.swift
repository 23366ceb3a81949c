extension Run {
  /// The points of a series that fall into each of `count` equal parts of a stretch of an axis; the
  /// last part includes its end. O(count) where points come evenly, O(count · log n) at worst.
  public func columns(
    of series: TimeSeries, in range: ClosedRange<Double>, count: Int, on axis: TimeAxis
  ) -> [Range<Int>] {
    guard count > 0 else { return [] }
    let first = firstIndex(in: series, atOrAfter: range.lowerBound, on: axis)
    let last = firstIndex(in: series, atOrAfter: range.upperBound.nextUp, on: axis)
    let width = (range.upperBound - range.lowerBound) / Double(count)
    let ends = (1..<max(count, 1)).map { range.lowerBound + width * Double($0) }
    if axis == .step {
      let steps = series.steps
      return Self.cut(first, last, at: ends) { Double(steps[$0]) < $1 }
    }
    return Self.cut(first, last, at: ends) { axisValue(of: series, at: $0, on: axis) < $1 }
  }

  /// Cuts a range of indices where their places pass each end. The last cut's length is the guess
  /// for the next one's.
  private static func cut(
    _ first: Int, _ last: Int, at ends: [Double], isBefore: (Int, Double) -> Bool
  ) -> [Range<Int>] {
    let last = max(first, last)
    var result: [Range<Int>] = []
    result.reserveCapacity(ends.count + 1)
    var start = first
    var length = (last - first) / (ends.count + 1)
    for end in ends {
      let next = search(start, last, guess: start + length) { isBefore($0, end) }
      result.append(start..<next)
      (start, length) = (next, next - start)
    }
    result.append(start..<last)
    return result
  }

  /// The first index from `low` on, up to `high`, that is not before; looked for outwards from a
  /// guess.
  private static func search(
    _ low: Int, _ high: Int, guess: Int, isBefore: (Int) -> Bool
  ) -> Int {
    var (low, high) = (low, high)
    guard low < high else { return low }
    var probe = min(max(guess, low), high - 1)
    var stride = 1
    if isBefore(probe) {
      repeat {
        low = probe + 1
        probe += stride
        stride *= 2
      } while probe < high && isBefore(probe)
      high = min(high, probe)
    } else {
      repeat {
        high = probe
        probe -= stride
        stride *= 2
      } while probe >= low && !isBefore(probe)
      low = max(low, probe + 1)
    }
    while low < high {
      let middle = (low + high) / 2
      if isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
