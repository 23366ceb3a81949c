import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// Every optimizer of the catalogue keeps these laws.
struct OptimizerTests {
  /// A small classification problem: the class is the largest of the first four inputs.
  private func fit(_ description: any OptimizerDescription, threads: Int) throws -> Fit {
    let network = try Network<Float>(
      Network<Float>.Plan(
        layers: [Linear(outputs: 40), ReLU(), Linear(outputs: 4)], inputShape: [6],
        classCount: 4),
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
      for _ in 0..<steps {
        let logits = network.forward(input, rows: 64)
        loss = network.loss.evaluate(logits, labels: labels, rows: 64).lossSum / 64
        network.backward(rows: 64)
        optimizer.step(learningRate: learningRate)
      }
      return loss
    }

    var bits: [[UInt32]] { network.parameters.map(\.value.bits) }
  }

  @Test(arguments: OptimizerCatalogue.all)
  func lowersTheLoss(type: any OptimizerDescription.Type) throws {
    let description = try type.init(GivenSettings())
    let fit = try fit(description, threads: 1)
    let first = fit.train(steps: 1, learningRate: description.learningRate)
    let last = fit.train(steps: 100, learningRate: description.learningRate)
    #expect(last < 0.9 * first)
    #expect(fit.optimizer.stepCount == 101)
  }

  @Test(arguments: OptimizerCatalogue.all)
  func isDeterministicWhateverTheThreads(type: any OptimizerDescription.Type) throws {
    let description = try type.init(GivenSettings())
    let fits = try [1, 1, 2, 3].map { try fit(description, threads: $0) }
    for fit in fits { fit.train(steps: 20, learningRate: description.learningRate) }
    for fit in fits.dropFirst() { #expect(fit.bits == fits[0].bits) }
  }

  /// Parameters of several blocks, so that there is something to divide.
  @Test(arguments: OptimizerCatalogue.all)
  func blocksDoNotDependOnThreads(type: any OptimizerDescription.Type) throws {
    let description = try type.init(GivenSettings())
    let results = [1, 2, 3].map { threads -> [[UInt32]] in
      var random = RandomSource.forTest(32)
      let parameters: [Parameter<Float>] = [
        random.parameter("a", [300, 701]), random.parameter("b", [3]),
      ]
      let before = parameters.map(\.value.bits)
      let optimizer = description.makeOptimizer(
        parameters, pool: WorkerPool(threadCount: threads))
      for _ in 0..<3 {
        for parameter in parameters {
          parameter.gradient.copy(from: random.tensor(parameter.value.shape))
        }
        optimizer.step(learningRate: 0.01)
      }
      let after = parameters.map(\.value.bits)
      for (old, new) in zip(before, after) {
        #expect(zip(old, new).allSatisfy { $0 != $1 }, "every weight takes part")
      }
      return after
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test(arguments: OptimizerCatalogue.all)
  func maskedWeightsStayZero(type: any OptimizerDescription.Type) throws {
    let description = try type.init(GivenSettings(numbers: ["weightDecay": 0.1]))
    let fit = try fit(description, threads: 2)
    // Momentum first, so that there is some to revive what the mask removes.
    fit.train(steps: 5, learningRate: 0.01)
    let parameters = fit.network.prunableParameters
    let masks = MagnitudePruning().masks(for: parameters, reaching: 0.8)
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

  /// What a checkpoint saves is enough to go on with the same bits.
  @Test(arguments: OptimizerCatalogue.all)
  func stateIsComplete(type: any OptimizerDescription.Type) throws {
    let description = try type.init(GivenSettings())
    let whole = try fit(description, threads: 1)
    whole.train(steps: 7, learningRate: 0.01)
    let resumed = try fit(description, threads: 1)
    for (from, to) in zip(whole.network.parameters, resumed.network.parameters) {
      to.value.copy(from: from.value)
    }
    let names = whole.optimizer.state.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names == resumed.optimizer.state.map(\.name))
    for (from, to) in zip(whole.optimizer.state, resumed.optimizer.state) {
      to.tensor.copy(from: from.tensor)
    }
    resumed.optimizer.stepCount = whole.optimizer.stepCount
    whole.train(steps: 5, learningRate: 0.01)
    resumed.train(steps: 5, learningRate: 0.01)
    #expect(whole.bits == resumed.bits)
  }

  @Test func kindsAreUnique() {
    let kinds = OptimizerCatalogue.all.map { $0.kind }
    #expect(Set(kinds).count == kinds.count)
  }
}

/// Three steps from given weights with given gradients; the expected weights are those of
/// torch.optim 2.15 in double precision.
struct OptimizerValueTests {
  private static let weights = [0.5, -1.25, 2, -0.125, 0, 3]
  private static let gradients = [
    [0.1, -0.2, 0.3, -0.4, 0.5, 0], [0.05, 0.1, -0.3, -0.1, 0.25, 1],
    [-0.1, 0.2, 0.6, 0.4, -0.5, -2],
  ]

  /// The weights after each step.
  private func steps<Scalar: TensorScalar>(
    _ description: some OptimizerDescription, _ type: Scalar.Type
  ) -> [[Double]] {
    let shape = [Self.weights.count]
    let parameter = Parameter<Scalar>(name: "w", shape: shape, isPrunable: true)
    parameter.value.copy(from: Tensor(shape: shape, Self.weights.map { Scalar($0) }))
    let optimizer = description.makeOptimizer([parameter], pool: WorkerPool(threadCount: 1))
    return Self.gradients.map { gradient in
      parameter.gradient.copy(from: Tensor(shape: shape, gradient.map { Scalar($0) }))
      optimizer.step(learningRate: description.learningRate)
      return parameter.value.doubles
    }
  }

  private func check(_ description: some OptimizerDescription, _ expected: [[Double]]) {
    for (step, values) in steps(description, Double.self).enumerated() {
      #expect(GradientCheck.largestError(values, expected[step]) < 1e-11, "step \(step)")
    }
    for (step, values) in steps(description, Float.self).enumerated() {
      #expect(GradientCheck.largestError(values, expected[step]) < 3e-7, "step \(step)")
    }
  }

  @Test func momentumAndWeightDecay() {
    check(
      SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01),
      [
        [0.4895, -1.22875, 1.968, -0.084875, -0.05, 2.997],
        [0.4745605, -1.21839625, 1.967232, -0.038677625, -0.11995, 2.891303],
        [
          0.4706403895, -1.22785947875, 1.904573568, -0.037061309875, -0.13278505, 2.993284397,
        ],
      ])
  }

  @Test func adamWithDecoupledDecay() {
    check(
      AdamW(learningRate: 0.01, weightDecay: 0.1),
      [
        [0.489500001, -1.2387500005, 1.98800000033, -0.11487500025, -0.0099999998, 2.997],
        [
          0.47968870579, -1.23484788027, 1.9865383161, -0.106454150198, -0.0193117959525,
          2.98656163187,
        ],
        [
          0.478101186499, -1.23634000014, 1.97956935647, -0.106191933746, -0.0204003148441,
          2.98671793191,
        ],
      ])
  }
}
