import Tensors
import Testing

@testable import NeuralNetwork

/// The fast loops and their plain twins agree.
struct GateKernelsTests {
  private static let columns = [1, 5, 8, 13, 32]

  private func twins(_ count: Int, _ seed: UInt32) -> (Tensor<Float>, Tensor<Double>) {
    var random = RandomSource.forTest(seed)
    let fast: Tensor<Float> = random.tensor([count])
    let plain = Tensor<Double>(shape: [count])
    plain.convert(fast)
    return (fast, plain)
  }

  private func expectClose(_ fast: Tensor<Float>, _ plain: Tensor<Double>) {
    #expect(zip(fast.array, plain.array).allSatisfy { abs(Double($0) - $1) < 1e-5 * (1 + abs($1)) })
  }

  @Test(arguments: columns) func columnsAreGated(columns: Int) {
    let rows = 6
    let (one, plainOne) = twins(rows * columns, 1)
    let (gates, plainGates) = twins(columns, 2)
    Float.gate(one.scalars, by: gates.scalars, rows: rows, columns: columns, into: one.scalars)
    Double.gate(
      plainOne.scalars, by: plainGates.scalars, rows: rows, columns: columns,
      into: plainOne.scalars)
    expectClose(one, plainOne)
  }

  @Test(arguments: columns) func sumsAgree(columns: Int) {
    let rows = 6
    let (one, plainOne) = twins(rows * columns, 3)
    let (other, plainOther) = twins(rows * columns, 4)
    let (sums, plainSums) = twins(columns, 5)
    let (scratch, plainScratch) = (
      Tensor<Float>(shape: [columns]), Tensor<Double>(shape: [columns])
    )
    Float.addUtilities(
      gradient: one.scalars, output: other.scalars, positions: rows, columns: columns,
      scratch: scratch.scalars, to: sums.scalars)
    Double.addUtilities(
      gradient: plainOne.scalars, output: plainOther.scalars, positions: rows, columns: columns,
      scratch: plainScratch.scalars, to: plainSums.scalars)
    expectClose(sums, plainSums)
    let (rowSums, plainRowSums) = twins(rows, 6)
    Float.addRowMagnitudes(one.scalars, rows: rows, columns: columns, to: rowSums.scalars)
    Double.addRowMagnitudes(
      plainOne.scalars, rows: rows, columns: columns, to: plainRowSums.scalars)
    expectClose(rowSums, plainRowSums)
    let product = Float.sumOfProducts(one.scalars, other.scalars, count: rows * columns)
    let plainProduct = Double.sumOfProducts(
      plainOne.scalars, plainOther.scalars, count: rows * columns)
    #expect(abs(product - plainProduct) < 1e-5)
  }

  @Test(arguments: columns, [false, true])
  func distancesAgree(columns: Int, rectifies: Bool) {
    let rows = 6
    let (one, plainOne) = twins(rows * columns, 7)
    let (other, plainOther) = twins(rows * columns, 8)
    let (factor, plainFactor) = twins(columns, 9)
    let (offset, plainOffset) = twins(columns, 10)
    let fast = Float.squaredDistance(
      one.scalars, other.scalars, factor: factor.scalars, offset: offset.scalars, rows: rows,
      columns: columns, rectifies: rectifies)
    let plain = Double.squaredDistance(
      plainOne.scalars, plainOther.scalars, factor: plainFactor.scalars,
      offset: plainOffset.scalars, rows: rows, columns: columns, rectifies: rectifies)
    #expect(abs(fast.distance - plain.distance) < 1e-5 * (1 + plain.distance))
    #expect(abs(fast.size - plain.size) < 1e-5 * (1 + plain.size))
  }

  /// Few different scores, so that there are ties; some weights are zero.
  @Test(arguments: 0..<60 as Range<UInt32>) func masksAreExchangedAsBySorting(seed: UInt32) {
    var random = RandomSource.forTest(500 + seed)
    let count = 1 + Int(random.integer(below: 40))
    let share = random.uniform()
    let scores = (0..<count).map { _ in Float(random.integer(below: 9)) - 4 }
    let weights = (0..<count).map { _ in Float(random.integer(below: 4)) }
    let mask = (0..<count).map { _ in Float(random.integer(below: 3) == 0 ? 1 : 0) }
    let (fast, plain) = (
      Tensor(shape: [count], mask), Tensor(shape: [count], mask.map(Double.init))
    )
    let scratch = Tensor<Float>(shape: [count])
    let plainScratch = Tensor<Double>(shape: [count])
    let (fastScores, fastWeights) = (
      Tensor(shape: [count], scores), Tensor(shape: [count], weights)
    )
    let (plainScores, plainWeights) = (
      Tensor(shape: [count], scores.map(Double.init)),
      Tensor(shape: [count], weights.map(Double.init))
    )
    Float.exchangeMasked(
      fast.scalars, scores: fastScores.scalars, weights: fastWeights.scalars, count: count,
      share: share, scratch: scratch.scalars)
    Double.exchangeMasked(
      plain.scalars, scores: plainScores.scalars, weights: plainWeights.scalars, count: count,
      share: share, scratch: plainScratch.scalars)
    let expected = sorted(mask, scores, weights, share)
    #expect(fast.array == expected)
    #expect(plain.array.map { Float($0) } == expected)
  }

  private func sorted(
    _ mask: [Float], _ scores: [Float], _ weights: [Float], _ share: Double
  ) -> [Float] {
    let masked = mask.count { $0 == 0 }
    guard masked > 0, masked < mask.count else { return mask }
    let threshold = scores.sorted()[masked - 1]
    let coming = mask.indices.filter { mask[$0] == 0 && scores[$0] > threshold && weights[$0] != 0 }
    let going = mask.indices.filter { mask[$0] != 0 && scores[$0] <= threshold }
    let pairs = min(coming.count, going.count)
    let chosen = Int((share * Double(pairs)).rounded(.up))
    var result = mask
    for index in going.sorted(by: { (scores[$0], $0) < (scores[$1], $1) }).prefix(chosen) {
      result[index] = 0
    }
    for index in coming.sorted(by: { (-scores[$0], $0) < (-scores[$1], $1) }).prefix(chosen) {
      result[index] = 1
    }
    return result
  }
}
