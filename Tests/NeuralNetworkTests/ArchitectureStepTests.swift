import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// What a differentiable search learns, and what it leaves alone.
struct ArchitectureStepTests {
  /// Samples with made-up numbers to be met.
  private struct Samples {
    let input, values: Tensor<Double>
    let rows: Int

    init(_ index: UInt32, rows: Int, inputs: Int, outputs: Int) {
      var source = RandomSource.forTest(index)
      self.rows = rows
      input = source.tensor([rows, inputs])
      values = source.tensor([rows, outputs])
    }

    var batch: ArchitectureStep<Double>.Batch {
      .init(
        input: input, targets: .values(values.scalars, perSample: values.count / rows), rows: rows)
    }
  }

  /// 68 weights and 6 of α, all smooth.
  private func network() throws -> Network<Double> {
    let plan = NetworkPlan(
      layers: [
        Linear(outputs: 4), Tanh(),
        Mixed(branches: [[Linear(outputs: 4)], [Zero()], [Tanh()]]),
        Mixed(branches: [
          [], [Sigmoid(), Linear(outputs: 2), Tanh(), Linear(outputs: 4)], [Zero()],
        ]),
        Linear(outputs: 2),
      ], inputShape: [3], targets: .values(perSample: 2), loss: MeanSquaredError())
    let network = try Network<Double>(
      plan, batchSizeMax: 8, pool: WorkerPool(threadCount: 1), seed: 3)
    var source = RandomSource.forTest(4)
    for parameter in network.parameters {
      parameter.value.copy(from: source.tensor(parameter.value.shape))
    }
    return network
  }

  private func strengths(_ network: Network<Double>) -> [Parameter<Double>] {
    network.parameters.filter { !$0.isWeight }
  }

  /// The loss on validation samples behind one update of the weights, as a function of α.
  private func unrolledGradient(
    _ network: Network<Double>, _ training: Samples, _ validation: Samples,
    _ ahead: ArchitectureStep<Double>.WeightStep
  ) -> [Double] {
    let snapshot = Snapshot(of: network)
    let pass = Pass(rows: training.rows, isTraining: true, updatesStatistics: false, step: 0)
    func loss() -> Double {
      _ = network.learn(training.input, training.batch.targets, pass)
      let values = network.parameters.filter(\.isWeight).map { ($0, $0.value.array) }
      for (parameter, value) in values {
        let velocity = ahead.optimizer?.moments(of: parameter).first?.array
        for index in value.indices {
          let slope =
            parameter.gradient[index] + ahead.decay * value[index]
            + ahead.momentum * (velocity?[index] ?? 0)
          parameter.value[index] -= ahead.learningRate * slope
        }
      }
      let result = network.measure(validation.input, validation.batch.targets, pass)
      for (parameter, value) in values {
        for index in value.indices { parameter.value[index] = value[index] }
      }
      return result.mean
    }
    let gradient = strengths(network).flatMap {
      GradientCheck.centralDifferences($0.value.buffer, of: loss)
    }
    snapshot.restore(network)
    return gradient
  }

  private func distance(_ one: [Double], _ other: [Double]) -> Double {
    let difference = zip(one, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (difference / other.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  @Test func firstOrderIsTheGradientOnValidationSamples() throws {
    let network = try network()
    let (training, validation) = (
      Samples(1, rows: 8, inputs: 3, outputs: 2), Samples(2, rows: 8, inputs: 3, outputs: 2)
    )
    let ahead = ArchitectureStep<Double>.WeightStep(learningRate: 0)
    let expected = unrolledGradient(network, training, validation, ahead)
    let step = ArchitectureStep(network, order: .first)
    _ = step.derive(
      training: training.batch, validation: validation.batch, ahead: ahead, step: 0)
    let found = strengths(network).flatMap { $0.gradient.array }
    #expect(found.count == 6 && distance(found, expected) < 1e-7)
  }

  @Test func secondOrderIsTheUnrolledDerivative() throws {
    let network = try network()
    #expect(network.parameters.filter(\.isWeight).reduce(0) { $0 + $1.value.count } == 68)
    let (training, validation) = (
      Samples(1, rows: 8, inputs: 3, outputs: 2), Samples(2, rows: 8, inputs: 3, outputs: 2)
    )
    let sgd = SGD(learningRate: 0.05, momentum: 0.9)
    let optimizer = sgd.makeOptimizer(network.parameters, pool: network.pool)
    _ = network.learn(training.input, training.batch.targets, .training(rows: 8, step: 0))
    optimizer.step(learningRate: 0.05)
    let ahead = ArchitectureStep<Double>.WeightStep(
      learningRate: 0.1, momentum: 0.9, decay: 0.01, optimizer: optimizer)
    let expected = unrolledGradient(network, training, validation, ahead)
    let before = network.parameters.map(\.value.array)
    func gradient(_ order: ArchitectureStep<Double>.Order) -> [Double] {
      _ = ArchitectureStep(network, order: order).derive(
        training: training.batch, validation: validation.batch, ahead: ahead, step: 0)
      return strengths(network).flatMap { $0.gradient.array }
    }
    #expect(distance(gradient(.second), expected) < 0.02)
    #expect(distance(gradient(.first), expected) > 0.05, "the two orders differ here")
    #expect(network.parameters.map(\.value.array) == before)
  }

  @Test func onlyTheArchitectureStepChangesAlpha() throws {
    let network = try network()
    let samples = Samples(1, rows: 8, inputs: 3, outputs: 2)
    func values(_ weights: Bool) -> [[Double]] {
      network.parameters.filter { $0.isWeight == weights }.map(\.value.array)
    }
    let pool = network.pool
    let optimizer = Adam(weightDecay: 0.1).makeOptimizer(network.parameters, pool: pool)
    let average = WeightAverage(decay: 0.9, network.parameters, pool: pool)
    #expect((optimizer.state + average.state).allSatisfy { !$0.name.hasSuffix("alpha") })
    #expect(strengths(network).allSatisfy { !$0.isPrunable && optimizer.moments(of: $0).isEmpty })
    #expect(network.weights.allSatisfy { !$0.name.hasPrefix("mixed") })
    let (weights, alpha) = (values(true), values(false))
    _ = network.learn(samples.input, samples.batch.targets, .training(rows: 8, step: 0))
    let norm = GradientNorm(network.parameters, pool: pool)
    let before = norm.measure()
    let slopes = strengths(network).map(\.gradient.array)
    GradientClipper(.init(.norm, maximum: before / 2), network.parameters, pool: pool)
      .clip(norm: before)
    #expect(strengths(network).map(\.gradient.array) == slopes)
    for strength in strengths(network) { strength.gradient.fill(1e9) }
    #expect(norm.measure() < before)
    optimizer.step(learningRate: 0.1)
    #expect(values(false) == alpha && values(true) != weights)
    let learned = values(true)
    let step = ArchitectureStep(network, order: .second)
    step.update(
      training: samples.batch, validation: samples.batch, ahead: .init(learningRate: 0.1), step: 1)
    #expect(values(false) != alpha && values(true) == learned)
    #expect(step.stepCount == 1 && step.state.allSatisfy { $0.name.hasSuffix("alpha") })
  }

  /// One edge whose teacher is one of the operations: the search finds which. Adam moves α by its
  /// rate at most, so 300 updates at the paper's 0.0003 would decide nothing.
  @Test(arguments: ArchitectureStep<Float>.Order.allCases)
  func theTeachersOperationIsFound(order: ArchitectureStep<Float>.Order) throws {
    let pool = WorkerPool(threadCount: 1)
    let (side, channels, rows) = (6, 3, 16)
    let (alphaRate, rate) = (0.05, 0.02)
    let shape = [side, side, channels]
    let size = shape.reduce(1, *)
    func plan(_ layers: [any LayerDescription]) -> NetworkPlan {
      NetworkPlan(
        layers: layers + [Flatten()], inputShape: shape, targets: .values(perSample: size),
        loss: MeanSquaredError())
    }
    let right: [any LayerDescription] = [
      ReLU(), Convolution(channels: channels, padding: 1, bias: false),
    ]
    let teacher = try Network<Float>(plan(right), batchSizeMax: rows, pool: pool, seed: 11)
    let student = try Network<Float>(
      plan([
        Mixed(branches: [
          [Zero()], [], [MaxPool(kernel: 3, stride: 1, padding: 1)],
          [AveragePool(kernel: 3, stride: 1, padding: 1)], right,
        ])
      ]), batchSizeMax: rows, pool: pool, seed: 5)
    let (training, validation) = (
      Tensor<Float>(shape: [rows] + shape), Tensor<Float>(shape: [rows] + shape)
    )
    let (told, asked) = (Tensor<Float>(shape: [rows, size]), Tensor<Float>(shape: [rows, size]))
    let step = ArchitectureStep(student, order: order, learningRate: alphaRate)
    let optimizer = SGD(learningRate: rate, momentum: 0.9).makeOptimizer(
      student.parameters, pool: pool)
    var source = RandomSource.forTest(7)
    for update in 0..<300 {
      for (input, targets) in [(training, told), (validation, asked)] {
        source.fillNormal(input, deviation: 1)
        let output = teacher.forward(input, .evaluation(rows: rows))
        targets.scalars.update(from: output.scalars, count: rows * size)
      }
      let batch = ArchitectureStep<Float>.Batch(
        input: training, targets: .values(told.scalars, perSample: size), rows: rows)
      step.update(
        training: batch,
        validation: .init(
          input: validation, targets: .values(asked.scalars, perSample: size), rows: rows),
        ahead: .init(learningRate: rate, momentum: 0.9, optimizer: optimizer), step: update)
      _ = student.learn(training, batch.targets, .training(rows: rows, step: update))
      optimizer.step(learningRate: rate)
    }
    let table = try #require(student.mixtures.first)
    #expect(
      table.operations
        == ["zero", "skip", "maxPool", "averagePool", "relu-convolution"])
    #expect(table.layer == "mixed1" && table.edges == ["0→1"])
    #expect(table.shares[0][4] > 0.6, "\(table.shares)")
    #expect(table.shares[0][0] < 0.1, "\(table.shares)")
    let chosen = student.discretizedPlan.layers.map { type(of: $0).kind }
    #expect(chosen == ["relu", "convolution", "flatten"])
  }
}
