import Tensors
import Testing

@testable import NeuralNetwork

struct MagnitudePruningTests {
  private func masks(
    for parameters: [Parameter<Float>], reaching sparsity: Double
  ) -> [Tensor<Float>] {
    let selection = WeightSelection(
      parameters.map { ($0.name, $0) }, method: MagnitudePruning(), seed: 1)
    let size = parameters.reduce(0) { $0 + $1.value.count }
    let kept = Int(((1 - sparsity) * Double(size)).rounded())
    var decision = PruningDecision<Float>()
    if selection.alive > kept { selection.cut(selection.alive - kept, into: &decision) }
    return parameters.map { parameter in
      if let mask = decision.masks[parameter.name] ?? parameter.mask { return mask }
      let mask = Tensor<Float>(shape: parameter.value.shape)
      mask.fill(1)
      return mask
    }
  }

  /// The plain twin: sorts all living weights by magnitude and place.
  private func sorted(_ parameters: [Parameter<Float>], _ sparsity: Double) -> [[Float]] {
    var result = parameters.map { parameter in
      (0..<parameter.value.count).map { parameter.mask?[$0] ?? 1 }
    }
    let places = parameters.indices.flatMap { parameter in
      (0..<parameters[parameter].value.count).map { (parameter, $0) }
    }
    let living = places.filter { result[$0.0][$0.1] != 0 }
    let ordered = living.sorted { one, other in
      let (first, second) = (
        abs(parameters[one.0].value[one.1]), abs(parameters[other.0].value[other.1])
      )
      return first != second ? first < second : one < other
    }
    let kept = Int(((1 - sparsity) * Double(places.count)).rounded())
    for (parameter, index) in ordered.prefix(max(0, living.count - kept)) {
      result[parameter][index] = 0
    }
    return result
  }

  @Test func agreesWithSorting() {
    for trial in 0..<200 as Range<UInt32> {
      var random = RandomSource.forTest(1000 + trial)
      let sizes = (0..<3).map { _ in 1 + Int(random.integer(below: 60)) }
      let parameters: [Parameter<Float>] = sizes.enumerated().map { index, size in
        random.parameter("\(index)", [size])
      }
      // Few different values, so that there are ties.
      if trial % 2 == 0 {
        for parameter in parameters {
          for index in 0..<parameter.value.count {
            parameter.value[index] = (parameter.value[index] * 3).rounded()
          }
        }
      }
      for _ in 0..<3 {
        let sparsity = random.uniform()
        let expected = sorted(parameters, sparsity)
        let masks = masks(for: parameters, reaching: sparsity)
        #expect(masks.map { $0.array } == expected, "trial \(trial), \(sparsity)")
        for (parameter, mask) in zip(parameters, masks) { parameter.setMask(mask) }
      }
    }
  }

  @Test func ofEqualWeightsTheFirstGo() {
    let parameter = Parameter<Float>(name: "w", moduleName: "w", role: .weight, shape: [6])
    parameter.value.copy(from: Tensor(shape: [6], [1, -1, 0.5, 1, -1, 2]))
    let masks = masks(for: [parameter], reaching: 0.5)
    #expect(masks[0].array == [0, 0, 0, 1, 1, 1])
  }

  @Test func whatIsNoNumberGoesLast() {
    let parameter = Parameter<Float>(name: "w", moduleName: "w", role: .weight, shape: [5])
    parameter.value.copy(from: Tensor(shape: [5], [.nan, 3, .nan, -1, 2]))
    let masks = masks(for: [parameter], reaching: 0.6)
    #expect(masks[0].array == [1, 0, 1, 0, 0])
  }

  /// Sorted, reversed and constant weights are the bad cases of a partition; a quadratic one would
  /// take minutes here.
  @Test(.timeLimit(.minutes(1))) func orderedWeightsAreNoTrouble() {
    let count = 300_000
    let values: [(Int) -> Float] = [
      { Float($0) }, { Float(count - $0) }, { _ in 1 }, { Float(min($0, count - $0)) },
    ]
    for value in values {
      let parameter = Parameter<Float>(name: "w", moduleName: "w", role: .weight, shape: [count])
      for index in 0..<count { parameter.value[index] = value(index) }
      let masks = masks(for: [parameter], reaching: 0.5)
      #expect(masks[0].array.count { $0 == 0 } == count / 2)
    }
  }
}

struct ParameterTests {
  @Test func aMaskZeroesWhatItRemoves() {
    let parameter = Parameter<Float>(name: "w", moduleName: "w", role: .weight, shape: [4])
    parameter.value.copy(from: Tensor(shape: [4], [1, 2, 3, 4]))
    #expect(parameter.prunedCount == 0)
    parameter.setMask(Tensor(shape: [4], [1, 0, 1, 0]))
    #expect(parameter.value.array == [1, 0, 3, 0])
    #expect(parameter.prunedCount == 2)
    parameter.setMask(nil)
    #expect(parameter.value.array == [1, 0, 3, 0])
    #expect(parameter.prunedCount == 0)
  }
}
