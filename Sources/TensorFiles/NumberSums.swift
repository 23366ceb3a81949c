/// Sums over numbers that come in pieces: the first look at a tensor.
struct NumberSums {
  private(set) var zeros = 0
  private(set) var nonFinite = 0
  private(set) var minimum = Float.infinity
  private(set) var maximum = -Float.infinity
  private(set) var sum = 0.0
  private(set) var squares = 0.0

  mutating func add(_ numbers: UnsafeBufferPointer<Float>) {
    NumberBlocks.forEach(in: numbers) {
      addBlock($0)
    } rest: {
      add($0)
    }
  }

  /// False when a number is not finite or a sum became too large.
  private mutating func addBlock(_ numbers: UnsafeRawPointer) -> Bool {
    var low = NumberBlocks.Vector(repeating: .infinity)
    var high = NumberBlocks.Vector(repeating: -.infinity)
    var (total, square) = (NumberBlocks.Vector(), NumberBlocks.Vector())
    var zero = SIMD8<Int32>()
    for offset in NumberBlocks.offsets {
      let some = numbers.loadUnaligned(fromByteOffset: offset, as: NumberBlocks.Vector.self)
      low.replace(with: some, where: some .< low)
      high.replace(with: some, where: some .> high)
      total += some
      square += some * some
      zero &-= unsafeBitCast(some .== NumberBlocks.Vector(), to: SIMD8<Int32>.self)
    }
    let squareSum = NumberBlocks.sum(square)
    guard squareSum.isFinite else { return false }
    zeros &+= Int(zero.wrappedSum())
    minimum = min(minimum, low.min())
    maximum = max(maximum, high.max())
    sum += NumberBlocks.sum(total)
    squares += squareSum
    return true
  }

  private mutating func add(_ number: Float) {
    guard number.isFinite else {
      nonFinite += 1
      return
    }
    if number == 0 { zeros += 1 }
    minimum = min(minimum, number)
    maximum = max(maximum, number)
    sum += Double(number)
    squares += Double(number) * Double(number)
  }
}

/// What can be told only once mean and extent are known: the second look at a tensor.
struct NumberSpread {
  private(set) var nearZeros = 0
  /// Of the distances from the mean.
  private(set) var squares = 0.0
  private(set) var bins: [Int]

  private let mean, limit, minimum: Float
  /// Bins for each unit of the numbers; in Double, in which it is finite for any two Floats.
  private let scale: Double

  init(_ sums: NumberSums, finiteCount: Int, bins binCount: Int) {
    let hasNumbers = finiteCount > 0
    mean = hasNumbers ? Float(sums.sum / Double(finiteCount)) : 0
    let largest = max(abs(sums.minimum), abs(sums.maximum))
    limit = hasNumbers ? Float(Double(largest) * TensorStatistics.nearZeroPart) : 0
    bins = Array(repeating: 0, count: hasNumbers ? binCount : 0)
    minimum = sums.minimum
    let width = Double(sums.maximum) - Double(sums.minimum)
    scale = hasNumbers && width > 0 ? Double(binCount) / width : 0
  }

  mutating func add(_ numbers: UnsafeBufferPointer<Float>) {
    NumberBlocks.forEach(in: numbers) {
      addBlock($0)
    } rest: {
      add($0)
    }
    if !bins.isEmpty { count(numbers) }
  }

  private mutating func addBlock(_ numbers: UnsafeRawPointer) -> Bool {
    let mean = NumberBlocks.Vector(repeating: mean)
    let (low, high) = (
      NumberBlocks.Vector(repeating: -limit), NumberBlocks.Vector(repeating: limit)
    )
    var square = NumberBlocks.Vector()
    var near = SIMD8<Int32>()
    for offset in NumberBlocks.offsets {
      let some = numbers.loadUnaligned(fromByteOffset: offset, as: NumberBlocks.Vector.self)
      let distance = some - mean
      square += distance * distance
      near &-= unsafeBitCast((some .< high) .& (some .> low), to: SIMD8<Int32>.self)
    }
    let squareSum = NumberBlocks.sum(square)
    guard squareSum.isFinite else { return false }
    squares += squareSum
    // Where all are 0 nothing is smaller than the limit, and all are near zero.
    nearZeros &+= limit > 0 ? Int(near.wrappedSum()) : NumberBlocks.size
    return true
  }

  private mutating func add(_ number: Float) {
    guard number.isFinite else { return }
    let distance = Double(number) - Double(mean)
    squares += distance * distance
    if abs(number) < limit || number == 0 { nearZeros += 1 }
  }

  private mutating func count(_ numbers: UnsafeBufferPointer<Float>) {
    let (minimum, scale, last) = (Double(minimum), scale, Double(bins.count - 1))
    bins.withUnsafeMutableBufferPointer { bins in
      for number in numbers where number.isFinite {
        bins[Int(min((Double(number) - minimum) * scale, last))] &+= 1
      }
    }
  }
}

/// Numbers in blocks whose sums a Float can take; the sums of blocks are in Double. Fast, and exact
/// enough.
private enum NumberBlocks {
  typealias Vector = SIMD8<Float>
  static let size = 1024
  /// Of the vectors of a block, in bytes.
  static var offsets: StrideTo<Int> {
    stride(from: 0, to: size * MemoryLayout<Float>.size, by: MemoryLayout<Vector>.size)
  }

  /// Gives whole blocks to `block`, and the numbers of those it refuses, and of the last one that
  /// is not whole, to `rest`.
  @inline(__always)
  static func forEach(
    in numbers: UnsafeBufferPointer<Float>, block: (UnsafeRawPointer) -> Bool,
    rest: (Float) -> Void
  ) {
    guard let first = numbers.baseAddress else { return }
    var index = 0
    while index < numbers.count {
      let end = min(index + size, numbers.count)
      if end - index < size || !block(UnsafeRawPointer(first + index)) {
        for place in index..<end { rest(first[place]) }
      }
      index = end
    }
  }

  static func sum(_ vector: Vector) -> Double {
    var total = 0.0
    for lane in 0..<Vector.scalarCount { total += Double(vector[lane]) }
    return total
  }
}
