import JSONText
import OperatingSystem
import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// What NumPy and PyTorch find from the definitions, recorded by `Truth/make_pruning_truth.py`.
struct PruningTruthTests {
  private static let file: JSON = {
    do {
      let path = Repository.path("Tests/NeuralNetworkTests/Truth/pruning.json")
      let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 20)
      return try JSONReader().read(bytes).json
    } catch {
      Issue.record("pruning.json: \(error)")
      return nil
    }
  }()

  private func numbers(_ path: String...) throws -> [Double] {
    var node = Self.file
    for name in path { node = try #require(node[name], "\(path)") }
    return node.numbers
  }

  private func floats(_ path: String...) throws -> [Float] {
    var node = Self.file
    for name in path { node = try #require(node[name], "\(path)") }
    return node.numbers.map { Float($0) }
  }

  /// The perceptron of the record, with its samples.
  private func task(target: Double) throws -> PruningTask<Float> {
    let plan = NetworkPlan(
      layers: [Linear(outputs: 8), ReLU(), Linear(outputs: 5), ReLU(), Linear(outputs: 3)],
      inputShape: [6], targets: .classes(count: 3, perSample: 1))
    let network = try Network<Float>(
      plan, batchSizeMax: 16, pool: WorkerPool(threadCount: 1), seed: 1)
    for parameter in network.parameters {
      let values = try floats("parameters", parameter.name)
      parameter.value.copy(from: Tensor(shape: parameter.value.shape, values))
    }
    let inputs = try floats("inputs")
    let labels = try numbers("labels").map { Int32($0) }
    let samples = PruningSamples<Float>()
    for first in stride(from: 0, to: 40, by: 10) {
      let input = Tensor(shape: [10, 6], Array(inputs[first * 6..<(first + 10) * 6]))
      labels[first..<first + 10].withUnsafeBufferPointer { labels in
        guard let start = labels.baseAddress else { return }
        samples.append(input, .classes(start, perSample: 1), rows: 10, lengths: nil)
      }
    }
    let graph = try ChannelGraph(plan)
    return PruningTask(
      network, graph, origin: PruningOrigin(network, graph), target: target, samples: samples,
      seed: 1)
  }

  private static let scored: [any ChannelPruning] = [
    L1Pruning(), L2Pruning(), GeometricMedianPruning(), TaylorPruning(),
    MajorityVotingPruning(q: 0.3), ActivationDensityPruning(),
  ]

  @Test(arguments: scored.indices)
  func scoresAreThoseOfTheDefinition(index: Int) throws {
    let method = Self.scored[index]
    let scores = try method.scores(task(target: 0.5))
    let expected = try numbers("scores", type(of: method).kind)
    #expect(scores.count == 13)
    for (score, expected) in zip(scores, expected) {
      #expect(abs(score - expected) < 2e-5 * max(1, abs(expected)), "\(type(of: method).kind)")
    }
  }

  @Test func adaptiveScoresAreThoseOfTheDefinition() throws {
    let weights = try floats("weights", "vector")
    let expected = try floats("weights", "adaptiveScores")
    var scores = weights
    Float.adaptiveScores(weights, count: weights.count, into: &scores)
    for (score, expected) in zip(scores, expected) {
      #expect(abs(score - expected) <= 1e-6 * expected)
    }
    #expect(scores.max() == 1)
  }

  @Test(arguments: [1, 2, 3])
  func groupsLoseTheirSmallest(removed: Int) throws {
    let weights = try floats("weights", "kernel")
    let shape = try numbers("weights", "kernelShape").map { Int($0) }
    let expected = try floats("weights", "masks", "\(removed)")
    var mask = Array(repeating: Float(7), count: weights.count)
    let left = weights.withUnsafeBufferPointer { weights -> Int in
      guard let start = weights.baseAddress else { return 0 }
      return NMPruning().mask(
        WeightView(name: "w", values: start, shape: shape, seed: 0), removing: removed,
        into: &mask)
    }
    #expect(mask == expected)
    #expect(left == expected.count { $0 == 1 })
  }

  /// The removal by rank-one changes of an inverse is that by least squares for each unit.
  @Test(arguments: [0, 1])
  func dependentChannelsAreThoseOfLeastSquares(index: Int) throws {
    let record = try #require(Self.file["linearDependence"]?.array)[index]
    let damping = try #require(record["damping"]?.double)
    let expected = try #require(record["removed"]).numbers.map { Int($0) }
    let decision = try LinearDependencePruning(damping: damping).decide(task(target: 0.5))
    #expect(decision.removed == expected)
    for (name, costs) in try #require(record["thresholds"]).namedNumbers {
      let threshold = try #require(decision.thresholds[name])
      #expect(costs.allSatisfy { abs(threshold - $0) < 1e-4 * $0 }, "\(name)")
    }
    let values = try #require(record["values"]).namedNumbers
    #expect(Set(decision.values.keys) == Set(values.keys))
    for (name, expected) in values {
      let repaired = try #require(decision.values[name]).array
      for (value, expected) in zip(repaired, expected) {
        #expect(abs(Double(value) - expected) < 1e-4 * max(1, abs(expected)), "\(name)")
      }
    }
    let bare = try LinearDependencePruning(repairs: false, damping: damping)
      .decide(task(target: 0.5))
    #expect(bare.values.isEmpty)
    #expect(bare.removed.prefix(4) == decision.removed.prefix(4))
  }
}
