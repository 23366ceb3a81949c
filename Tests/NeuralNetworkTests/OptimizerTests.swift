import JSONText
import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// Every optimizer of the catalogue keeps these laws; its numbers are held to PyTorch's in
/// PyTorchTruthTests.
struct OptimizerTests {
  /// A small classification problem: the class is the largest of the first four inputs.
  private func fit(_ description: any OptimizerDescription, threads: Int) throws -> Fit {
    let network = try Network<Float>(
      NetworkPlan(
        layers: [Linear(outputs: 40), ReLU(), Linear(outputs: 4)], inputShape: [6],
        targets: .classes(count: 4, perSample: 1)),
      batchSizeMax: 64, pool: WorkerPool(threadCount: threads), seed: 3)
    let optimizer = description.makeOptimizer(
      network.parameters, pool: WorkerPool(threadCount: threads))
    var random = RandomSource.forTest(31)
    let input: Tensor<Float> = random.tensor([64, 6])
    let labels = (0..<64).map { row -> Int32 in
      let inputs = (0..<4).map { input[row * 6 + $0] }
      return Int32(inputs.indices.max { inputs[$0] < inputs[$1] } ?? 0)
    }
    return Fit(network: network, optimizer: optimizer, input: input, labels: labels)
  }

  private struct Fit {
    let network: Network<Float>
    let optimizer: any Optimizer<Float>
    let input: Tensor<Float>
    let labels: [Int32]

    /// Makes updates and returns the loss before the last one.
    @discardableResult
    func train(steps: Int, learningRate: Double) -> Double {
      var loss = 0.0
      labels.withUnsafeBufferPointer { labels in
        guard let labels = labels.baseAddress else { return }
        for step in 1...steps {
          let result = network.learn(
            input, .classes(labels, perSample: 1), .training(rows: 64, step: step))
          loss = result.mean
          optimizer.step(learningRate: learningRate)
        }
      }
      return loss
    }

    var bits: [[UInt32]] { network.parameters.map(\.value.bits) }
  }

  @Test(arguments: OptimizerCatalogue.all)
  func lowersTheLoss(type: any OptimizerDescription.Type) throws {
    let description = try type.init(JSONSettings())
    let fit = try fit(description, threads: 1)
    let first = fit.train(steps: 1, learningRate: description.learningRate)
    let last = fit.train(steps: 400, learningRate: description.learningRate)
    #expect(last < 0.9 * first)
    #expect(fit.optimizer.stepCount == 401)
  }

  @Test(arguments: OptimizerCatalogue.all)
  func isDeterministicWhateverTheThreads(type: any OptimizerDescription.Type) throws {
    let description = try type.init(JSONSettings())
    let fits = try [1, 1, 2, 3].map { try fit(description, threads: $0) }
    for fit in fits { fit.train(steps: 20, learningRate: description.learningRate) }
    for fit in fits.dropFirst() { #expect(fit.bits == fits[0].bits) }
  }

  /// Parameters of several blocks, so that there is something to divide.
  @Test(arguments: OptimizerCatalogue.all)
  func blocksDoNotDependOnThreads(type: any OptimizerDescription.Type) throws {
    let description = try type.init(JSONSettings())
    let results = [1, 2, 3].map { threads -> [[UInt32]] in
      var random = RandomSource.forTest(32)
      let parameters: [Parameter<Float>] = [
        random.parameter("a", [300, 701]), random.parameter("b", [3]),
        random.parameter("c", [65, 3000]), random.parameter("d", [1]),
      ]
      let before = parameters.map(\.value.bits)
      let optimizer = description.makeOptimizer(
        parameters, pool: WorkerPool(threadCount: threads))
      for step in 1...3 {
        for parameter in parameters {
          parameter.gradient.copy(from: random.tensor(parameter.value.shape))
        }
        optimizer.step(learningRate: 0.01)
        guard step == 1 else { continue }
        for (old, parameter) in zip(before, parameters) {
          let allMoved = zip(old, parameter.value.bits).allSatisfy { $0 != $1 }
          #expect(allMoved, "every weight takes part")
        }
      }
      return parameters.map(\.value.bits)
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test(arguments: OptimizerCatalogue.all)
  func maskedWeightsStayZero(type: any OptimizerDescription.Type) throws {
    let description = try type.init(JSONSettings(["weightDecay": 0.1]))
    let fit = try fit(description, threads: 2)
    // Momentum first, so that there is some to revive what the mask removes.
    fit.train(steps: 5, learningRate: 0.01)
    let parameters = fit.network.prunableParameters
    let graph = try ChannelGraph(fit.network.plan)
    let decision = try MagnitudePruning().decide(
      PruningTask(
        fit.network, graph, origin: PruningOrigin(fit.network, graph), target: 0.8, seed: 1))
    let masks = try parameters.map { try #require(decision.masks[$0.name]) }
    for (parameter, mask) in zip(parameters, masks) { parameter.setMask(mask) }
    fit.optimizer.applyMasks()
    let before = fit.bits
    fit.train(steps: 20, learningRate: 0.01)
    #expect(fit.bits != before)
    for (parameter, mask) in zip(parameters, masks) {
      let revived = (0..<mask.count).filter { mask[$0] == 0 && parameter.value[$0] != 0 }
      #expect(revived.isEmpty, "\(parameter.name)")
      #expect(parameter.prunedCount > 0)
    }
  }

  /// What a checkpoint saves is enough to go on with the same bits, also for the settings that
  /// remember more.
  @Test(arguments: OptimizerCatalogue.all)
  func stateIsComplete(type: any OptimizerDescription.Type) throws {
    let settings = JSONSettings(["momentum": 0.5, "centered": true, "nesterov": true])
    for description in [try type.init(JSONSettings()), try type.init(settings)] {
      let whole = try fit(description, threads: 1)
      whole.train(steps: 7, learningRate: 0.01)
      let resumed = try fit(description, threads: 1)
      for (from, to) in zip(whole.network.parameters, resumed.network.parameters) {
        to.value.copy(from: from.value)
      }
      let names = whole.optimizer.state.map(\.name)
      #expect(Set(names).count == names.count)
      #expect(names.count >= whole.network.parameters.count)
      #expect(names == resumed.optimizer.state.map(\.name))
      for (from, to) in zip(whole.optimizer.state, resumed.optimizer.state) {
        to.tensor.copy(from: from.tensor)
      }
      resumed.optimizer.stepCount = whole.optimizer.stepCount
      whole.train(steps: 5, learningRate: 0.01)
      resumed.train(steps: 5, learningRate: 0.01)
      #expect(whole.bits == resumed.bits)
    }
  }

  /// A gradient that is no number shows in its weight, and in no other.
  @Test(arguments: OptimizerCatalogue.all)
  func aGradientThatIsNoNumberShows(type: any OptimizerDescription.Type) throws {
    let description = try type.init(JSONSettings())
    var random = RandomSource.forTest(33)
    let parameter: Parameter<Float> = random.parameter("a", [37])
    parameter.gradient.fill(0.5)
    parameter.gradient[20] = .nan
    let optimizer = description.makeOptimizer([parameter], pool: WorkerPool(threadCount: 1))
    optimizer.step(learningRate: 0.1)
    #expect((0..<37).filter { !parameter.value[$0].isFinite } == [20])
  }

  @Test(arguments: OptimizerCatalogue.all)
  func nothingToDoIsNoTrouble(type: any OptimizerDescription.Type) throws {
    let description = try type.init(JSONSettings())
    let none = description.makeOptimizer([] as [Parameter<Float>], pool: WorkerPool(threadCount: 2))
    none.step(learningRate: 0.1)
    #expect(none.state.isEmpty)
    let empty = Parameter<Float>(name: "a", moduleName: "a", role: .weight, shape: [0, 3])
    description.makeOptimizer([empty], pool: WorkerPool(threadCount: 1)).step(learningRate: 0.1)
  }

  @Test(arguments: OptimizerCatalogue.all)
  func settingsOutOfRangeAreRefused(type: any OptimizerDescription.Type) {
    for (name, value) in [("learningRate", -1), ("weightDecay", 1.5), ("weightDecay", -0.1)] {
      #expect(throws: JSONSettings.Mistake.self, "\(name)") {
        try type.init(JSONSettings([name: .number(value)]))
      }
    }
  }

  @Test func kindsAreUnique() {
    let kinds = OptimizerCatalogue.all.map { $0.kind }
    #expect(Set(kinds).count == kinds.count)
  }
}
