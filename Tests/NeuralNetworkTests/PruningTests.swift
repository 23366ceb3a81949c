import Tensors
import Testing

@testable import NeuralNetwork

/// Every pruning method of the catalogue keeps these laws.
struct PruningTests {
  private static let sparsities = [0.0, 0.1, 0.5, 0.8, 0.973, 1]

  private func parameters(_ index: UInt32) -> [Parameter<Float>] {
    var random = RandomSource.forTest(index)
    return [
      random.parameter("a", [17, 23]), random.parameter("b", [1]), random.parameter("c", [101]),
    ]
  }

  private func apply(_ masks: [Tensor<Float>], to parameters: [Parameter<Float>]) {
    for (parameter, mask) in zip(parameters, masks) { parameter.setMask(mask) }
  }

  private func zeros(_ masks: [Tensor<Float>]) -> Int {
    masks.reduce(0) { $0 + $1.array.count { $0 == 0 } }
  }

  @Test(arguments: PruningCatalogue.all, sparsities)
  func masksReachTheSparsity(type: any PruningMethod.Type, sparsity: Double) {
    let parameters = parameters(41)
    let masks = type.init().masks(for: parameters, reaching: sparsity)
    #expect(masks.map(\.shape) == parameters.map(\.value.shape))
    #expect(masks.allSatisfy { $0.array.allSatisfy { $0 == 0 || $0 == 1 } })
    let total = 17 * 23 + 1 + 101
    #expect(zeros(masks) == total - Int(((1 - sparsity) * Double(total)).rounded()))
  }

  @Test(arguments: PruningCatalogue.all)
  func whatWasZeroStaysZero(type: any PruningMethod.Type) {
    let parameters = parameters(42)
    let method = type.init()
    var earlier: [Tensor<Float>] = []
    // The last one asks for less than there is already.
    for sparsity in [0.3, 0.5, 0.9, 0.2] {
      let masks = method.masks(for: parameters, reaching: sparsity)
      for (old, new) in zip(earlier, masks) {
        #expect((0..<old.count).allSatisfy { old[$0] != 0 || new[$0] == 0 })
      }
      apply(masks, to: parameters)
      earlier = masks
    }
    #expect(zeros(earlier) == 493 - 49)
  }

  @Test(arguments: PruningCatalogue.all)
  func isDeterministicAndChangesNoWeight(type: any PruningMethod.Type) {
    let parameters = parameters(43)
    let before = parameters.map(\.value.bits)
    let first = type.init().masks(for: parameters, reaching: 0.6)
    let second = type.init().masks(for: parameters, reaching: 0.6)
    #expect(first.map(\.bits) == second.map(\.bits))
    #expect(parameters.map(\.value.bits) == before)
  }

  @Test(arguments: PruningCatalogue.all)
  func badNumbersDoNotHarm(type: any PruningMethod.Type) {
    for bad in [Float.nan, .infinity, -.infinity, 0] {
      for share in 1...4 {
        let parameters = parameters(44)
        for parameter in parameters {
          for index in 0..<parameter.value.count where index % 4 < share {
            parameter.value[index] = bad
          }
        }
        let masks = type.init().masks(for: parameters, reaching: 0.7)
        #expect(zeros(masks) == 493 - 148, "\(bad) in \(share) of 4")
      }
    }
  }

  @Test func namesFindTheirMethods() {
    for type in PruningCatalogue.all {
      #expect(PruningCatalogue.method(named: type.kind).map { Swift.type(of: $0) } == type)
    }
    #expect(PruningCatalogue.method(named: "no such thing") == nil)
  }
}

struct MagnitudePruningTests {
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
        let masks = MagnitudePruning().masks(for: parameters, reaching: sparsity)
        #expect(masks.map { $0.array } == expected, "trial \(trial), \(sparsity)")
        for (parameter, mask) in zip(parameters, masks) { parameter.setMask(mask) }
      }
    }
  }

  @Test func ofEqualWeightsTheFirstGo() {
    let parameter = Parameter<Float>(name: "w", moduleName: "w", role: .weight, shape: [6])
    parameter.value.copy(from: Tensor(shape: [6], [1, -1, 0.5, 1, -1, 2]))
    let masks = MagnitudePruning().masks(for: [parameter], reaching: 0.5)
    #expect(masks[0].array == [0, 0, 0, 1, 1, 1])
  }

  @Test func whatIsNoNumberGoesLast() {
    let parameter = Parameter<Float>(name: "w", moduleName: "w", role: .weight, shape: [5])
    parameter.value.copy(from: Tensor(shape: [5], [.nan, 3, .nan, -1, 2]))
    let masks = MagnitudePruning().masks(for: [parameter], reaching: 0.6)
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
      let masks = MagnitudePruning().masks(for: [parameter], reaching: 0.5)
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
