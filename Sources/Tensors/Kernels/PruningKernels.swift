/// Loops that scores of weights and channels are made of.
public protocol PruningKernels: TensorArithmetic {
  static func sumOfMagnitudes(_ values: UnsafePointer<Self>, count: Int) -> Double

  /// 0 for no values; not a number where one of them is not.
  static func largestMagnitude(_ values: UnsafePointer<Self>, count: Int) -> Self

  /// counts[c] += how many of matrix[r, c] are larger than a limit in absolute value; matrix is
  /// [rows, columns]
  static func countLarger(
    _ matrix: UnsafePointer<Self>, than limit: Self, rows: Int, columns: Int,
    addingTo counts: UnsafeMutablePointer<Self>)

  /// sums[c] += the sum over the rows r of one[r, c] · other[r, c]; both are [rows, columns]
  static func addProducts(
    _ one: UnsafePointer<Self>, _ other: UnsafePointer<Self>, rows: Int, columns: Int,
    to sums: UnsafeMutablePointer<Double>)

  /// gathered[i] = values[offsets[i]]
  static func gather(
    _ values: UnsafePointer<Self>, at offsets: UnsafePointer<Int32>, count: Int,
    into gathered: UnsafeMutablePointer<Double>)

  /// wide[i] = values[i]
  static func widen(
    _ values: UnsafePointer<Self>, count: Int, into wide: UnsafeMutablePointer<Double>)

  /// Uniform in 0..<1, with 24 random bits: each a function of the key and its place.
  static func fillUniform(_ values: UnsafeMutablePointer<Self>, count: Int, key: UInt64)

  /// scores[i] = values[i]² divided by the sum of the squares of all that are not smaller in
  /// absolute value, itself included; of equal ones the first counts as the smaller. What is not
  /// finite scores infinity and takes no part.
  static func adaptiveScores(
    _ values: UnsafePointer<Self>, count: Int, into scores: UnsafeMutablePointer<Self>)

  /// Zeroes places of a mask of 1 and 0 until every group lacks `removed`; a last group of r <
  /// group inputs ⌊r · removed / group⌋. The smallest in absolute value go, of equal ones the
  /// first; what is not a number goes last. Values are [rows, inputs, taps]; a group lies along the
  /// inputs.
  /// - Returns: how many places are left.
  static func maskGroups(
    _ values: UnsafePointer<Self>, rows: Int, inputs: Int, taps: Int, group: Int, removed: Int,
    mask: UnsafeMutablePointer<Self>
  ) -> Int
}

extension PruningKernels {
  public static func sumOfMagnitudes(_ values: UnsafePointer<Self>, count: Int) -> Double {
    // Four sums, so that an addition need not wait for the one before it.
    var sums = SIMD4<Double>()
    var index = 0
    while index &+ 4 <= count {
      for lane in 0..<4 { sums[lane] += values[index &+ lane].magnitude.double }
      index &+= 4
    }
    while index < count {
      sums[0] += values[index].magnitude.double
      index &+= 1
    }
    return sums.sum()
  }

  public static func largestMagnitude(_ values: UnsafePointer<Self>, count: Int) -> Self {
    var largest: Self = 0
    for index in 0..<count {
      let magnitude = values[index].magnitude
      if !(magnitude <= largest) { largest = magnitude }
      if largest.isNaN { break }
    }
    return largest
  }

  public static func countLarger(
    _ matrix: UnsafePointer<Self>, than limit: Self, rows: Int, columns: Int,
    addingTo counts: UnsafeMutablePointer<Self>
  ) {
    for row in 0..<rows {
      let values = matrix + row * columns
      for column in 0..<columns {
        counts[column] += values[column].magnitude > limit ? 1 : 0
      }
    }
  }

  public static func addProducts(
    _ one: UnsafePointer<Self>, _ other: UnsafePointer<Self>, rows: Int, columns: Int,
    to sums: UnsafeMutablePointer<Double>
  ) {
    for row in 0..<rows {
      let (left, right) = (one + row * columns, other + row * columns)
      for column in 0..<columns { sums[column] += (left[column] * right[column]).double }
    }
  }

  public static func gather(
    _ values: UnsafePointer<Self>, at offsets: UnsafePointer<Int32>, count: Int,
    into gathered: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<count { gathered[index] = values[Int(offsets[index])].double }
  }

  public static func widen(
    _ values: UnsafePointer<Self>, count: Int, into wide: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<count { wide[index] = values[index].double }
  }

  public static func fillUniform(
    _ values: UnsafeMutablePointer<Self>, count: Int, key: UInt64
  ) {
    for index in 0..<count {
      // SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
      var bits = key &+ UInt64(truncatingIfNeeded: index) &* 0x9e37_79b9_7f4a_7c15
      bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
      bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
      values[index] = Self(Double(UInt32(truncatingIfNeeded: bits >> 40)) * 0x1p-24)
    }
  }

  public static func adaptiveScores(
    _ values: UnsafePointer<Self>, count: Int, into scores: UnsafeMutablePointer<Self>
  ) {
    let finite = (0..<count).filter { values[$0].isFinite }
    let order = finite.sorted { (values[$0].magnitude, $0) < (values[$1].magnitude, $1) }
    for index in 0..<count { scores[index] = .infinity }
    var rest = 0.0
    for index in order.reversed() {
      let square = values[index].double * values[index].double
      rest += square
      scores[index] = rest > 0 ? Self(square / rest) : 0
    }
  }

  public static func maskGroups(
    _ values: UnsafePointer<Self>, rows: Int, inputs: Int, taps: Int, group: Int, removed: Int,
    mask: UnsafeMutablePointer<Self>
  ) -> Int {
    var left = 0
    for row in 0..<rows {
      for first in stride(from: 0, to: inputs, by: group) {
        let length = min(group, inputs - first)
        let gone = length == group ? removed : length * removed / group
        for tap in 0..<taps {
          let start = (row * inputs + first) * taps + tap
          left += maskGroup(values + start, length, stride: taps, removed: gone, mask: mask + start)
        }
      }
    }
    return left
  }

  @inline(__always)
  private static func maskGroup(
    _ values: UnsafePointer<Self>, _ length: Int, stride: Int, removed: Int,
    mask: UnsafeMutablePointer<Self>
  ) -> Int {
    var left = 0
    for index in 0..<length where mask[index &* stride] != 0 { left &+= 1 }
    while left > length - removed {
      var least = -1
      var size: Self = .infinity
      for index in 0..<length where mask[index &* stride] != 0 {
        let magnitude = values[index &* stride].magnitude
        if least < 0 || magnitude < size || (size.isNaN && !magnitude.isNaN) {
          (least, size) = (index, magnitude)
        }
      }
      guard least >= 0 else { break }
      mask[least &* stride] = 0
      left &-= 1
    }
    return left
  }
}

extension Float {
  /// Sorts by counting: 11 bits of the absolute values at a time.
  public static func adaptiveScores(
    _ values: UnsafePointer<Float>, count: Int, into scores: UnsafeMutablePointer<Float>
  ) {
    precondition(count <= Int(Int32.max), "as many weights as a number of 31 bits can count")
    let (shifts, binCount) = ([0, 11, 22] as [UInt64], 1 << 11)
    // The bits of positive numbers are ordered as the numbers are; the index comes above them.
    var keys = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * max(1, count))
    let memory = keys
    defer { memory.deallocate() }
    var sorted = keys + count
    for index in 0..<count {
      let bits = UInt64(values[index].bitPattern & 0x7fff_ffff)
      keys[index] = UInt64(truncatingIfNeeded: index) << 33 | bits
    }
    let places = UnsafeMutablePointer<Int>.allocate(capacity: binCount)
    defer { places.deallocate() }
    for shift in shifts {
      places.update(repeating: 0, count: binCount)
      for index in 0..<count { places[Int(keys[index] >> shift & 0x7ff)] &+= 1 }
      var start = 0
      for bin in 0..<binCount {
        (places[bin], start) = (start, start &+ places[bin])
      }
      for index in 0..<count {
        let bin = Int(keys[index] >> shift & 0x7ff)
        sorted[places[bin]] = keys[index]
        places[bin] &+= 1
      }
      swap(&keys, &sorted)
    }
    var rest = 0.0
    for place in stride(from: count - 1, through: 0, by: -1) {
      let magnitude = Float(bitPattern: UInt32(truncatingIfNeeded: keys[place]))
      let index = Int(keys[place] >> 33)
      guard magnitude.isFinite else {
        scores[index] = .infinity
        continue
      }
      let square = Double(magnitude) * Double(magnitude)
      rest += square
      scores[index] = rest > 0 ? Float(square / rest) : 0
    }
  }
}
