import Tensors
import Testing

@testable import NeuralNetwork

struct RandomPruningTests {
  private func scores(_ name: String, _ count: Int, seed: UInt64) -> [Float] {
    let values = Tensor<Float>(shape: [count])
    var scores = Array(repeating: Float(0), count: count)
    RandomPruning().score(
      WeightView(name: name, values: UnsafePointer(values.scalars), shape: [count], seed: seed),
      into: &scores)
    return scores
  }

  @Test func scoresDependOnSeedNameAndPlaceAlone() {
    let scores = scores("a", 1000, seed: 1)
    #expect(self.scores("a", 10, seed: 1) == Array(scores.prefix(10)))
    #expect(self.scores("b", 10, seed: 1) != Array(scores.prefix(10)))
    #expect(self.scores("a", 10, seed: 2) != Array(scores.prefix(10)))
    #expect(scores.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = scores.reduce(0, +) / 1000
    // Three standard deviations.
    #expect(abs(mean - 0.5) < 3 * 0.2887 / 31.6)
  }
}

struct LayerAdaptivePruningTests {
  /// The scores by counting digits are those of a sort.
  @Test func floatsAgreeWithDoubles() {
    var random = RandomSource.forTest(51)
    for trial in 0..<40 {
      let count = Int(random.integer(below: 300))
      let values = (0..<count).map { _ -> Float in
        let value = Float(random.uniform(in: -1...1))
        return trial % 3 == 0 ? (value * 4).rounded() : trial % 3 == 1 ? value * 1e-30 : value
      }
      var (fast, plain) = (values, values.map { Double($0) })
      Float.adaptiveScores(values, count: count, into: &fast)
      Double.adaptiveScores(values.map { Double($0) }, count: count, into: &plain)
      for (one, other) in zip(fast, plain) {
        #expect(abs(Double(one) - other) <= 1e-6 * other, "trial \(trial)")
      }
    }
  }

  @Test func badNumbersStayOut() {
    let values: [Float] = [3, .nan, 4, .infinity, 0]
    var scores = values
    Float.adaptiveScores(values, count: 5, into: &scores)
    #expect(scores == [9 / 25, .infinity, 1, .infinity, 0])
  }

  /// A tensor of small weights keeps its largest, whatever the others have.
  @Test func noLayerIsEmptied() throws {
    let fixture = try PrunedNetwork.all()[0]
    for index in 0..<fixture.network.weights[1].parameter.value.count {
      fixture.network.weights[1].parameter.value[index] *= 1e-4
    }
    fixture.apply(try LayerAdaptivePruning().decide(fixture.task(0.95)))
    let alive = fixture.network.weights.map { $1.value.count - $1.prunedCount }
    #expect(alive.allSatisfy { $0 > 0 })
    let magnitude = try PrunedNetwork.all()[0]
    for index in 0..<magnitude.network.weights[1].parameter.value.count {
      magnitude.network.weights[1].parameter.value[index] *= 1e-4
    }
    #expect(throws: PruningRefusal.emptied("linear2")) {
      try MagnitudePruning().decide(magnitude.task(0.95))
    }
  }
}

struct NMPruningTests {
  @Test func targetsAreWholeWeightsOfAGroup() throws {
    #expect(try NMPruning().removedCount(target: 0.75) == 3)
    #expect(try NMPruning(m: 3).removedCount(target: 0.333) == 1)
    for target in [0.6, 0.1, 0.9, 0.9999] {
      #expect(throws: PruningRefusal.self, "\(target)") {
        try NMPruning().removedCount(target: target)
      }
    }
    let refusal = PruningRefusal(
      "of every 4 weights whole ones go: sparsity can be 0.25, 0.5, 0.75")
    #expect(throws: refusal) { try NMPruning().removedCount(target: 0.6) }
  }

  /// Weights that are gone count, so that no group loses more than it has to.
  @Test func whatIsGoneCounts() {
    let values: [Float] = [1, 2, 3, 4, 5, .nan, 7, 6]
    var mask: [Float] = [1, 1, 0, 1, 1, 1, 1, 1]
    let left = Float.maskGroups(
      values, rows: 1, inputs: 8, taps: 1, group: 4, removed: 2, mask: &mask)
    #expect(mask == [0, 1, 0, 1, 0, 1, 1, 0])
    #expect(left == 4)
    mask = [0, 0, 0, 1, 1, 1, 1, 1]
    _ = Float.maskGroups(values, rows: 1, inputs: 8, taps: 1, group: 4, removed: 1, mask: &mask)
    #expect(mask == [0, 0, 0, 1, 0, 1, 1, 1])
  }
}

/// The fast loops agree with their plain twins.
struct PruningKernelTests {
  @Test func floatsAgreeWithDoubles() {
    var random = RandomSource.forTest(52)
    for (rows, columns) in [(1, 1), (3, 5), (7, 16), (2, 33)] {
      let one: Tensor<Float> = random.tensor([rows, columns])
      let other: Tensor<Float> = random.tensor([rows, columns])
      let wide = one.doubles
      #expect(
        abs(Float.sumOfMagnitudes(one.scalars, count: one.count) - wide.reduce(0) { $0 + abs($1) })
          < 1e-9)
      #expect(
        Float.largestMagnitude(one.scalars, count: one.count) == one.array.map(abs).max())
      var sums = Array(repeating: 1.0, count: columns)
      Float.addProducts(one.scalars, other.scalars, rows: rows, columns: columns, to: &sums)
      var counts = Array(repeating: Float(1), count: columns)
      Float.countLarger(
        one.scalars, than: 0.5, rows: rows, columns: columns, addingTo: &counts)
      for column in 0..<columns {
        let places = (0..<rows).map { $0 * columns + column }
        let expected = places.reduce(1.0) { $0 + wide[$1] * other.doubles[$1] }
        #expect(abs(sums[column] - expected) < 1e-6)
        #expect(counts[column] == 1 + Float(places.count { abs(one[$0]) > 0.5 }))
      }
    }
    let bad: [Float] = [1, .nan, 3]
    #expect(Float.largestMagnitude(bad, count: 3).isNaN)
  }

  @Test func theLeastAreThoseOfASort() {
    func masks<Scalar: TensorScalar>(_ rank: Int, _ scores: [[Scalar]]) -> [[Scalar]] {
      let tensors = scores.map { Tensor(shape: [$0.count], $0) }
      let masks = scores.map { Tensor<Scalar>(shape: [$0.count]) }
      return withExtendedLifetime((tensors, masks)) {
        _ = Scalar.maskLeast(
          rank, of: tensors.map { UnsafeBufferPointer($0.buffer) }, into: masks.map(\.scalars))
        return masks.map { $0.array }
      }
    }
    var random = RandomSource.forTest(53)
    for _ in 0..<50 {
      let scores = (0..<3).map { _ in
        (0..<random.integer(below: 30)).map { _ -> Float in
          random.integer(below: 9) == 0 ? .nan : Float(random.integer(below: 12)) / 4
        }
      }
      let total = scores.reduce(0) { $0 + $1.count }
      for rank in [0, 1, total / 3, total] {
        let fast = masks(rank, scores)
        #expect(
          fast.map { $0.map { Double($0) } } == masks(rank, scores.map { $0.map { Double($0) } }))
        #expect(fast.joined().count { $0 == 0 } == rank)
      }
    }
  }
}
