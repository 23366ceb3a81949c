import Testing

@testable import Tensors

struct RandomSourceTests {
  /// Random123's kat_vectors for philox4x32 with 10 rounds: the counter's words in order, the
  /// key's, the result's.
  @Test(
    arguments: [
      (
        SIMD4(repeating: 0), [0, 0], SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
      ),
      (
        SIMD4(repeating: .max), [.max, .max],
        SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
      ),
      (
        SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), [0xa409_3822, 0x299f_31d0],
        SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
      ),
    ] as [(SIMD4<UInt32>, [UInt32], SIMD4<UInt32>)])
  func knownBlocks(counter: SIMD4<UInt32>, key: [UInt32], result: SIMD4<UInt32>) {
    #expect(RandomSource.philox(counter: counter, key: (key[0], key[1])) == result)
  }

  /// The counter is the words (n, n >> 32, purpose, index), the key the seed's two halves; a block
  /// gives its four words in order.
  @Test func numbersFollowFromSeedPurposeAndIndex() {
    var source = RandomSource(seed: 0x1234_5678_9abc_def0, purpose: .glyphs, index: 9)
    for number in 0..<3 as Range<UInt32> {
      let block = RandomSource.philox(
        counter: SIMD4(number, 0, RandomSource.Purpose.glyphs.rawValue, 9),
        key: (0x9abc_def0, 0x1234_5678))
      for word in 0..<4 { #expect(source.next() == block[word]) }
    }
  }

  @Test func streamsDiffer() {
    func first(_ seed: UInt64, _ purpose: RandomSource.Purpose, _ index: UInt32) -> UInt32 {
      var source = RandomSource(seed: seed, purpose: purpose, index: index)
      return source.next()
    }
    let numbers = [
      first(1, .shuffling, 0), first(1, .shuffling, 1), first(1, .noise, 0),
      first(2, .shuffling, 0), first(1 << 32 | 1, .shuffling, 0),
    ]
    #expect(Set(numbers).count == numbers.count)
    #expect(first(1, .shuffling, 0) == numbers[0])
  }

  @Test func uniformFillsItsRange() {
    var source = RandomSource(seed: 1, purpose: .noise)
    let numbers = (0..<100_000).map { _ in source.uniform() }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = numbers.reduce(0, +) / 1e5
    let square = numbers.reduce(0) { $0 + $1 * $1 } / 1e5
    #expect(abs(mean - 0.5) < 0.005)
    #expect(abs(square - 1.0 / 3) < 0.005)
    var tenths = [Int](repeating: 0, count: 10)
    for number in numbers { tenths[Int(number * 10)] += 1 }
    #expect(tenths.allSatisfy { abs($0 - 10_000) < 500 })
    let scaled = (0..<1000).map { _ in source.uniform(in: -3 ... -1) }
    #expect(scaled.allSatisfy { $0 >= -3 && $0 <= -1 })
    #expect(abs(scaled.reduce(0, +) / 1000 + 2) < 0.1)
  }

  @Test(arguments: [1, 2, 3, 7, 100, 3_000_000_000, .max] as [UInt32])
  func integersFillTheirRangeEvenly(bound: UInt32) {
    var source = RandomSource(seed: 2, purpose: .noise, index: bound)
    let bins = min(Int(bound), 6)
    var counts = [Int](repeating: 0, count: bins)
    for _ in 0..<60_000 {
      let number = source.integer(below: bound)
      #expect(number < bound)
      counts[Int(UInt64(number) * UInt64(bins) / UInt64(bound))] += 1
    }
    for (bin, count) in counts.enumerated() {
      // How many of the range's numbers fall into the bin.
      let lower = (UInt64(bin) * UInt64(bound) + UInt64(bins) - 1) / UInt64(bins)
      let upper = (UInt64(bin + 1) * UInt64(bound) + UInt64(bins) - 1) / UInt64(bins)
      let expected = 60_000 * Double(upper - lower) / Double(bound)
      #expect(abs(Double(count) - expected) < 5 * expected.squareRoot() + 1, "bin \(bin)")
    }
  }

  /// Of 2³² numbers, 3·2³⁰ results: taken without rejection, every third would come twice as often.
  @Test func integersAreWithoutBias() {
    var source = RandomSource(seed: 5, purpose: .noise)
    let thirds = (0..<30_000).count { _ in source.integer(below: 3 << 30) % 3 == 0 }
    #expect(abs(thirds - 10_000) < 500)
  }

  @Test(arguments: [0, 1, 2, 10, 1000])
  func shufflingPermutes(count: Int) {
    let sorted = (0..<count).map { Int32($0) }
    var (first, second, other) = (sorted, sorted, sorted)
    var source = RandomSource(seed: 3, purpose: .shuffling)
    source.shuffle(&first)
    var again = RandomSource(seed: 3, purpose: .shuffling)
    again.shuffle(&second)
    again.shuffle(&other)
    #expect(first == second)
    #expect(first.sorted() == sorted)
    if count >= 10 {
      #expect(first != sorted)
      #expect(first != other)
    }
  }

  @Test func everyPermutationIsEquallyLikely() {
    var source = RandomSource(seed: 4, purpose: .shuffling)
    var counts: [[Int32]: Int] = [:]
    for _ in 0..<24_000 {
      var items: [Int32] = [0, 1, 2, 3]
      source.shuffle(&items)
      counts[items, default: 0] += 1
    }
    #expect(counts.count == 24)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 160 })
  }
}
