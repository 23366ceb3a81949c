/// Loops of pruning that works while a network learns: columns of activations that are let through
/// or not, and what they and the rows of weights are worth.
public protocol GateKernels: TensorArithmetic {
  /// output[r, c] = input[r, c] · gates[c]; matrices are [rows, columns]. The output may be the
  /// input.
  static func gate(
    _ input: UnsafePointer<Self>, by gates: UnsafePointer<Self>, rows: Int, columns: Int,
    into output: UnsafeMutablePointer<Self>)

  /// The sum of one · other.
  static func sumOfProducts(
    _ one: UnsafePointer<Self>, _ other: UnsafePointer<Self>, count: Int
  ) -> Double

  /// The sum of one · other, in the numbers themselves.
  static func dotProduct(
    _ one: UnsafePointer<Self>, _ other: UnsafePointer<Self>, count: Int
  ) -> Self

  /// sums[c] += |the sum over the positions p of gradient[p, c] · output[p, c]| of one sample;
  /// matrices are [positions, columns].
  /// - Parameter scratch: [columns], of any content.
  static func addUtilities(
    gradient: UnsafePointer<Self>, output: UnsafePointer<Self>, positions: Int, columns: Int,
    scratch: UnsafeMutablePointer<Self>, to sums: UnsafeMutablePointer<Self>)

  /// sums[r] += the sum over the columns c of |matrix[r, c]|; matrix is [rows, columns]
  static func addRowMagnitudes(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, to sums: UnsafeMutablePointer<Self>)

  /// How far two outputs [rows, columns] lie apart behind a map and a rectifier: the sums of
  /// (f(one) - f(other))² and of f(one)², with f(x) = x · factor[c] + offset[c], then max(f, 0)
  /// when `rectifies`.
  static func squaredDistance(
    _ one: UnsafePointer<Self>, _ other: UnsafePointer<Self>, factor: UnsafePointer<Self>,
    offset: UnsafePointer<Self>, rows: Int, columns: Int, rectifies: Bool
  ) -> (distance: Double, size: Double)

  /// Exchanges pairs of a masked weight with a high score and a kept one with a low score: of all
  /// whose exchange would make the kept scores the highest, a share, the best ones first; of equal
  /// ones those that come first. Weights that are zero do not come back.
  /// - Parameters:
  ///   - mask: 0 and 1; as many are 1 afterwards as before.
  ///   - share: of the pairs, 0 to 1, rounded up.
  ///   - scratch: as many as there are scores, of any content.
  static func exchangeMasked(
    _ mask: UnsafeMutablePointer<Self>, scores: UnsafePointer<Self>,
    weights: UnsafePointer<Self>, count: Int, share: Double, scratch: UnsafeMutablePointer<Self>)

  /// The `rank`-th smallest of some values, from 1, which changes their order.
  static func smallest(
    _ rank: Int, of values: UnsafeMutablePointer<Self>, count: Int
  ) -> Self
}

extension GateKernels {
  public static func gate(
    _ input: UnsafePointer<Self>, by gates: UnsafePointer<Self>, rows: Int, columns: Int,
    into output: UnsafeMutablePointer<Self>
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        output[row * columns + column] = input[row * columns + column] * gates[column]
      }
    }
  }

  public static func sumOfProducts(
    _ one: UnsafePointer<Self>, _ other: UnsafePointer<Self>, count: Int
  ) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += one[index].double * other[index].double }
    return sum
  }

  public static func dotProduct(
    _ one: UnsafePointer<Self>, _ other: UnsafePointer<Self>, count: Int
  ) -> Self {
    var sum: Self = 0
    for index in 0..<count { sum += one[index] * other[index] }
    return sum
  }

  public static func addUtilities(
    gradient: UnsafePointer<Self>, output: UnsafePointer<Self>, positions: Int, columns: Int,
    scratch: UnsafeMutablePointer<Self>, to sums: UnsafeMutablePointer<Self>
  ) {
    scratch.update(repeating: 0, count: columns)
    for position in 0..<positions {
      let first = position * columns
      for column in 0..<columns {
        scratch[column] += gradient[first + column] * output[first + column]
      }
    }
    for column in 0..<columns { sums[column] += scratch[column].magnitude }
  }

  public static func addRowMagnitudes(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, to sums: UnsafeMutablePointer<Self>
  ) {
    for row in 0..<rows {
      var sum: Self = 0
      for column in 0..<columns { sum += matrix[row * columns + column].magnitude }
      sums[row] += sum
    }
  }

  public static func squaredDistance(
    _ one: UnsafePointer<Self>, _ other: UnsafePointer<Self>, factor: UnsafePointer<Self>,
    offset: UnsafePointer<Self>, rows: Int, columns: Int, rectifies: Bool
  ) -> (distance: Double, size: Double) {
    var (distance, size) = (0.0, 0.0)
    for index in 0..<rows * columns {
      let column = index % columns
      var first = (one[index] * factor[column] + offset[column]).double
      var second = (other[index] * factor[column] + offset[column]).double
      if rectifies { (first, second) = (max(first, 0), max(second, 0)) }
      distance += (first - second) * (first - second)
      size += first * first
    }
    return (distance, size)
  }
}

extension GateKernels {
  public static func exchangeMasked(
    _ mask: UnsafeMutablePointer<Self>, scores: UnsafePointer<Self>,
    weights: UnsafePointer<Self>, count: Int, share: Double, scratch: UnsafeMutablePointer<Self>
  ) {
    let arrays = MaskExchange(
      mask: mask, scores: scores, weights: weights, count: count, scratch: scratch)
    arrays.run(share: share)
  }

  public static func smallest(
    _ rank: Int, of values: UnsafeMutablePointer<Self>, count: Int
  ) -> Self {
    select(rank, of: values, count: count)
  }

  /// Partition around a median of three; O(n) on average.
  @inline(__always)
  fileprivate static func select(
    _ rank: Int, of values: UnsafeMutablePointer<Self>, count: Int
  ) -> Self {
    var (low, high) = (0, count &- 1)
    let target = min(max(rank &- 1, 0), high)
    while low < high {
      let (first, middle, last) = (values[low], values[(low &+ high) / 2], values[high])
      let pivot = max(min(first, middle), min(max(first, middle), last))
      var (left, right) = (low, high)
      while left <= right {
        while values[left] < pivot { left &+= 1 }
        while values[right] > pivot { right &-= 1 }
        if left <= right {
          (values[left], values[right]) = (values[right], values[left])
          left &+= 1
          right &-= 1
        }
      }
      if target <= right {
        high = right
      } else if target >= left {
        low = left
      } else {
        break
      }
    }
    return values[target]
  }
}

/// What `exchangeMasked` works on; see there.
private struct MaskExchange<Scalar: GateKernels> {
  let mask: UnsafeMutablePointer<Scalar>
  let scores, weights: UnsafePointer<Scalar>
  let count: Int
  let scratch: UnsafeMutablePointer<Scalar>

  @inline(__always)
  func run(share: Double) {
    var maskedCount = 0
    for index in 0..<count where mask[index] == 0 { maskedCount &+= 1 }
    guard maskedCount > 0, maskedCount < count else { return }
    scratch.update(from: scores, count: count)
    let threshold = Scalar.smallest(maskedCount, of: scratch, count: count)
    let (coming, going) = gather(threshold)
    let pairs = min(coming, going)
    let chosen = min(pairs, Int((share * Double(pairs)).rounded(.up)))
    guard chosen > 0 else { return }
    let others = scratch + (count &- going)
    let last = Scalar.smallest(chosen, of: others, count: going)
    let first = Scalar.smallest(coming &- chosen &+ 1, of: scratch, count: coming)
    // Of those that equal the border the first ones fill what is left.
    var (goingTies, comingTies) = (chosen, chosen)
    for index in 0..<going where others[index] < last { goingTies &-= 1 }
    for index in 0..<coming where scratch[index] > first { comingTies &-= 1 }
    for index in 0..<count {
      let score = scores[index]
      if mask[index] != 0 {
        guard score <= last else { continue }
        if score == last { goingTies &-= 1 }
        if score < last || goingTies >= 0 { mask[index] = 0 }
      } else if score >= first, weights[index] != 0 {
        if score == first { comingTies &-= 1 }
        if score > first || comingTies >= 0 { mask[index] = 1 }
      }
    }
  }

  /// Copies the scores of weights that may come to the beginning of the scratch, of those that may
  /// go to its end; returns how many.
  @inline(__always)
  private func gather(_ threshold: Scalar) -> (coming: Int, going: Int) {
    var (coming, going) = (0, 0)
    for index in 0..<count {
      let score = scores[index]
      if mask[index] != 0 {
        guard score <= threshold else { continue }
        going &+= 1
        scratch[count &- going] = score
      } else if score > threshold, weights[index] != 0 {
        scratch[coming] = score
        coming &+= 1
      }
    }
    return (coming, going)
  }
}

extension Float {
  public static func exchangeMasked(
    _ mask: UnsafeMutablePointer<Float>, scores: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, count: Int, share: Double, scratch: UnsafeMutablePointer<Float>
  ) {
    let arrays = MaskExchange<Float>(
      mask: mask, scores: scores, weights: weights, count: count, scratch: scratch)
    arrays.run(share: share)
  }

  public static func smallest(
    _ rank: Int, of values: UnsafeMutablePointer<Float>, count: Int
  ) -> Float {
    select(rank, of: values, count: count)
  }
}

extension Float {
  private typealias Lanes = SIMD8<Float>
  private static let width = Lanes.scalarCount

  @inline(__always)
  private static func lanes(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  public static func gate(
    _ input: UnsafePointer<Float>, by gates: UnsafePointer<Float>, rows: Int, columns: Int,
    into output: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      let (source, target) = (input + row &* columns, output + row &* columns)
      for column in 0..<columns { target[column] = source[column] * gates[column] }
    }
  }

  public static func sumOfProducts(
    _ one: UnsafePointer<Float>, _ other: UnsafePointer<Float>, count: Int
  ) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += Double(one[index]) * Double(other[index]) }
    return sum
  }

  public static func dotProduct(
    _ one: UnsafePointer<Float>, _ other: UnsafePointer<Float>, count: Int
  ) -> Float {
    Float(sumOfProducts(one, other, count: count))
  }

  public static func addUtilities(
    gradient: UnsafePointer<Float>, output: UnsafePointer<Float>, positions: Int, columns: Int,
    scratch: UnsafeMutablePointer<Float>, to sums: UnsafeMutablePointer<Float>
  ) {
    scratch.update(repeating: 0, count: columns)
    for position in 0..<positions {
      let first = position &* columns
      let (slopes, values) = (gradient + first, output + first)
      for column in 0..<columns { scratch[column] += slopes[column] * values[column] }
    }
    for column in 0..<columns { sums[column] += scratch[column].magnitude }
  }

  public static func addRowMagnitudes(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, to sums: UnsafeMutablePointer<Float>
  ) {
    let mask = SIMD8<UInt32>(repeating: 0x7fff_ffff)
    for row in 0..<rows {
      let first = matrix + row &* columns
      var (sum, column) = (Lanes(repeating: 0), 0)
      while column &+ width <= columns {
        let bits = unsafeBitCast(lanes(first + column), to: SIMD8<UInt32>.self) & mask
        sum += unsafeBitCast(bits, to: Lanes.self)
        column &+= width
      }
      var rest: Float = 0
      while column < columns {
        rest += first[column].magnitude
        column &+= 1
      }
      sums[row] += sum.sum() + rest
    }
  }

  public static func squaredDistance(
    _ one: UnsafePointer<Float>, _ other: UnsafePointer<Float>, factor: UnsafePointer<Float>,
    offset: UnsafePointer<Float>, rows: Int, columns: Int, rectifies: Bool
  ) -> (distance: Double, size: Double) {
    var (distance, size) = (0.0, 0.0)
    // Below every output: a maximum with it changes nothing.
    let floor = rectifies ? Float(0) : -Float.infinity
    let floors = Lanes(repeating: floor)
    for row in 0..<rows {
      let (ones, others) = (one + row &* columns, other + row &* columns)
      var (distances, sizes, column) = (Lanes(repeating: 0), Lanes(repeating: 0), 0)
      while column &+ width <= columns {
        let (scale, shift) = (lanes(factor + column), lanes(offset + column))
        let first = lanes(ones + column) * scale + shift
        let second = lanes(others + column) * scale + shift
        let (kept, left) = (
          first.replacing(with: floors, where: first .< floors),
          second.replacing(with: floors, where: second .< floors)
        )
        distances += (kept - left) * (kept - left)
        sizes += kept * kept
        column &+= width
      }
      var (rowDistance, rowSize) = (distances.sum(), sizes.sum())
      while column < columns {
        let first = max(ones[column] * factor[column] + offset[column], floor)
        let second = max(others[column] * factor[column] + offset[column], floor)
        rowDistance += (first - second) * (first - second)
        rowSize += first * first
        column &+= 1
      }
      distance += Double(rowDistance)
      size += Double(rowSize)
    }
    return (distance, size)
  }
}
