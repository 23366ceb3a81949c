/// Sorts row numbers by keys in a time that grows with their number alone.
public enum RadixSort {
  /// The rows from the smallest key to the largest; equal ones stay in their order.
  ///
  /// - Parameter key: of each row, by its number.
  public static func sorted(_ rows: [Int32], by key: (Int32) -> UInt64) -> [Int32] {
    let fewMax = 64
    var pairs = rows.map { Pair(key: key($0), row: $0) }
    guard pairs.count > fewMax else {
      let order = pairs.indices.sorted { (pairs[$0].key, $0) < (pairs[$1].key, $1) }
      return order.map { rows[$0] }
    }
    var other = pairs
    let digitBits = 8
    for shift in stride(from: 0, to: UInt64.bitWidth, by: digitBits) {
      if pass(pairs, into: &other, shift: UInt64(shift)) { swap(&pairs, &other) }
    }
    return pairs.map(\.row)
  }

  private struct Pair {
    var key: UInt64
    var row: Int32
  }

  /// Orders by one digit; false when all have the same.
  private static func pass(_ pairs: [Pair], into other: inout [Pair], shift: UInt64) -> Bool {
    let digits = 256
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: digits) { starts in
      starts.initialize(repeating: 0)
      return pairs.withUnsafeBufferPointer { pairs in
        for pair in pairs { starts[Int(truncatingIfNeeded: (pair.key >> shift) & 0xFF)] += 1 }
        var start = 0
        for digit in 0..<digits {
          let count = starts[digit]
          if count == pairs.count { return false }
          starts[digit] = start
          start += count
        }
        other.withUnsafeMutableBufferPointer { other in
          for pair in pairs {
            let digit = Int(truncatingIfNeeded: (pair.key >> shift) & 0xFF)
            other[starts[digit]] = pair
            starts[digit] += 1
          }
        }
        return true
      }
    }
  }
}
