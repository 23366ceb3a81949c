/// A counter-based random source: Philox4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw, "Parallel
/// random numbers: as easy as 1, 2, 3", SC 2011).
///
/// The n-th number is a pure function of (seed, stream, n): nothing has to be saved to resume a
/// run, and two streams never disturb each other.
public struct RandomSource: Sendable {
  /// What a sequence of numbers is for. Each purpose has numbers of its own.
  public enum Purpose: UInt32, Sendable {
    case initialization = 1
    case shuffling = 2
    case glyphs = 3
    case noise = 4
    case augmentation = 5
    case madeSamples = 6
    case madeOrder = 7
    case dataDivision = 8
    case search = 9
    case pruning = 10
  }

  private let key: (UInt32, UInt32)
  private let stream: (UInt32, UInt32)
  private var counter: UInt64 = 0
  private var block = SIMD4<UInt32>()
  private var blockUsed = 4

  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - purpose: what the numbers are for.
  ///   - index: which sequence of that purpose (an epoch, an image, a parameter).
  public init(seed: UInt64, purpose: Purpose, index: UInt32 = 0) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    stream = (purpose.rawValue, index)
  }

  /// Uniform over all 32-bit integers.
  public mutating func next() -> UInt32 {
    if blockUsed == 4 {
      block = Self.philox(
        counter: SIMD4(
          UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
          stream.0, stream.1),
        key: key)
      counter &+= 1
      blockUsed = 0
    }
    defer { blockUsed += 1 }
    return block[blockUsed]
  }

  /// Uniform in 0..<1, with 32 random bits.
  public mutating func uniform() -> Double {
    Double(next()) * 0x1p-32
  }

  /// Uniform in the range.
  public mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// Uniform over 0..<bound, without bias (Lemire, "Fast random integer generation in an
  /// interval", 2019).
  public mutating func integer(below bound: UInt32) -> UInt32 {
    precondition(bound > 0, "an empty range has no random member")
    var product = UInt64(next()) * UInt64(bound)
    if UInt32(truncatingIfNeeded: product) < bound {
      let threshold = (0 &- bound) % bound
      while UInt32(truncatingIfNeeded: product) < threshold {
        product = UInt64(next()) * UInt64(bound)
      }
    }
    return UInt32(product >> 32)
  }

  /// Fisher-Yates.
  public mutating func shuffle(_ indices: inout [Int32]) {
    var remaining = indices.count
    while remaining > 1 {
      let chosen = Int(integer(below: UInt32(remaining)))
      remaining -= 1
      indices.swapAt(remaining, chosen)
    }
  }

  /// The Philox4x32-10 block function.
  static func philox(counter: SIMD4<UInt32>, key: (UInt32, UInt32)) -> SIMD4<UInt32> {
    var c = counter
    var (k0, k1) = key
    for _ in 0..<10 {
      let low = UInt64(c[0]) &* 0xD251_1F53
      let high = UInt64(c[2]) &* 0xCD9E_8D57
      c = SIMD4(
        UInt32(truncatingIfNeeded: high >> 32) ^ c[1] ^ k0, UInt32(truncatingIfNeeded: high),
        UInt32(truncatingIfNeeded: low >> 32) ^ c[3] ^ k1, UInt32(truncatingIfNeeded: low))
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return c
  }
}
