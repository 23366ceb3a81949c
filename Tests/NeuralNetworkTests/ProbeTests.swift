import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// A network with a batch to learn, for what looks into networks from outside.
private struct Lesson<Scalar: TensorScalar> {
  let network: Network<Scalar>
  let input: Tensor<Scalar>
  let labels: [Int32]
  static var rows: Int { 5 }

  init(_ layers: [any LayerDescription], inputShape: [Int], classes: Int = 3) throws {
    network = try Network(
      NetworkPlan(
        layers: layers, inputShape: inputShape,
        targets: .classes(count: classes, perSample: 1)),
      batchSizeMax: Self.rows, pool: WorkerPool(threadCount: 1), seed: 5)
    var random = RandomSource.forTest(81)
    input = random.tensor([Self.rows] + inputShape)
    labels = (0..<Self.rows).map { Int32($0 % classes) }
  }

  /// The loss of all rows, with the gradients in the network's parameters.
  @discardableResult
  func learn(_ other: Network<Scalar>? = nil, updatesStatistics: Bool = false) -> LossResult {
    labels.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return LossResult() }
      return (other ?? network).learn(
        input, .classes(base, perSample: 1),
        Pass(
          rows: Self.rows, isTraining: true, updatesStatistics: updatesStatistics, step: 3))
    }
  }

  var gradients: [Double] { network.parameters.flatMap { $0.gradient.doubles } }

  /// Moves all weights along a direction.
  func move(_ direction: [Tensor<Scalar>], by length: Scalar) {
    for (parameter, tensor) in zip(network.parameters, direction) {
      for index in 0..<tensor.count { parameter.value[index] += length * tensor[index] }
    }
  }

  func randomDirection(_ index: UInt32) -> [Tensor<Scalar>] {
    var random = RandomSource.forTest(index)
    return network.parameters.map { random.tensor($0.value.shape) }
  }

  func product(_ direction: [Tensor<Scalar>]) throws -> [Double] {
    let hessian = try HessianVectorProduct(network, batchSizeMax: Self.rows)
    let product = network.parameters.map { Tensor<Scalar>(shape: $0.value.shape) }
    labels.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      _ = hessian.evaluate(
        input, .classes(base, perSample: 1), rows: Self.rows, step: 3, direction: direction,
        into: product)
    }
    return product.flatMap(\.doubles)
  }
}

@Suite struct HessianVectorProductTests {
  private static let smooth: [(String, [any LayerDescription], [Int])] = [
    ("tanh", [Linear(outputs: 7), Tanh(), Linear(outputs: 3)], [4]),
    (
      "normalised", [Linear(outputs: 6), BatchNorm(), SiLU(), LayerNorm(), Linear(outputs: 3)],
      [4]
    ),
    (
      "convolution",
      [
        Convolution(channels: 3, kernel: 3, padding: 1), GELU(), AveragePool(), Flatten(),
        Linear(outputs: 3),
      ], [4, 4, 2]
    ),
    (
      "residual",
      [Residual(branch: [Linear(outputs: 4), Tanh()], shortcut: []), Linear(outputs: 3)], [4]
    ),
    ("rnn", [RNN(RecurrentPlan(units: 4)), Linear(outputs: 3)], [5, 2]),
    ("lstm", [LSTM(RecurrentPlan(units: 3)), Linear(outputs: 3)], [4, 2]),
    ("gru", [GRU(RecurrentPlan(units: 3)), Linear(outputs: 3)], [4, 2]),
  ]

  @Test(arguments: smooth.indices)
  func agreesWithDifferencesOfGradients(index: Int) throws {
    let (name, layers, shape) = Self.smooth[index]
    let lesson = try Lesson<Double>(layers, inputShape: shape)
    let direction = lesson.randomDirection(82)
    let product = try lesson.product(direction)
    let step = 1e-4
    lesson.move(direction, by: step)
    lesson.learn()
    let ahead = lesson.gradients
    lesson.move(direction, by: -2 * step)
    lesson.learn()
    let differences = zip(ahead, lesson.gradients).map { ($0 - $1) / (2 * step) }
    #expect(differences.contains { abs($0) > 1e-3 }, "\(name)")
    #expect(GradientCheck.largestError(product, differences) < 1e-5, "\(name)")
  }

  /// A rectifying network is smooth between its bends, so steps short enough not to meet one give
  /// its Hessian, row by row.
  @Test func agreesWithTheExplicitHessianOfARectifyingNetwork() throws {
    let lesson = try Lesson<Double>(
      [Linear(outputs: 5), ReLU(), Linear(outputs: 3)], inputShape: [3])
    let direction = lesson.randomDirection(83)
    let product = try lesson.product(direction)
    let flat = direction.flatMap(\.doubles)
    let step = 1e-6
    var expected = [Double](repeating: 0, count: flat.count)
    var column = 0
    for parameter in lesson.network.parameters {
      for index in 0..<parameter.value.count {
        let kept = parameter.value[index]
        parameter.value[index] = kept + step
        lesson.learn()
        let ahead = lesson.gradients
        parameter.value[index] = kept - step
        lesson.learn()
        let behind = lesson.gradients
        parameter.value[index] = kept
        for row in expected.indices {
          expected[row] += (ahead[row] - behind[row]) / (2 * step) * flat[column]
        }
        column += 1
      }
    }
    #expect(GradientCheck.largestError(product, expected) < 1e-6)
  }

  @Test func floatAgreesWithDouble() throws {
    let layers: [any LayerDescription] = [Linear(outputs: 7), Tanh(), Linear(outputs: 3)]
    let precise = try Lesson<Double>(layers, inputShape: [4])
    let single = try Lesson<Float>(layers, inputShape: [4])
    let expected = try precise.product(precise.randomDirection(84))
    let found = try single.product(single.randomDirection(84))
    #expect(GradientCheck.largestError(found, expected) < 1e-5)
  }
}

@Suite struct ProbeTests {
  private static let layers: [any LayerDescription] = [
    Linear(outputs: 6), BatchNorm(), ReLU(), Dropout(rate: 0.5), Linear(outputs: 3),
  ]

  @Test func aTwinLeavesNoTrace() throws {
    let lesson = try Lesson<Float>(Self.layers, inputShape: [4])
    lesson.learn(updatesStatistics: true)
    let network = lesson.network
    func state() -> [[UInt32]] {
      network.parameters.flatMap { [$0.value.bits, $0.gradient.bits] }
        + network.statistics.map(\.value.bits)
    }
    let before = state()
    let twin = try network.twin(of: Float.self)
    for parameter in twin.parameters { parameter.value.fill(0.25) }
    lesson.learn(twin, updatesStatistics: true)
    #expect(twin.statistics.map(\.value.bits) != network.statistics.map(\.value.bits))
    #expect(state() == before)
    #expect(network.gradientEvaluations == 1 && twin.gradientEvaluations == 1)
  }

  @Test func aTwinComputesTheSame() throws {
    let lesson = try Lesson<Float>(Self.layers, inputShape: [4])
    let first = lesson.learn()
    let twin = try lesson.network.twin(of: Float.self)
    let second = lesson.learn(twin)
    #expect(first == second)
    #expect(
      twin.parameters.map(\.gradient.bits) == lesson.network.parameters.map(\.gradient.bits))
  }

  @Test func aSnapshotBringsBackWeightsAndOptimizer() throws {
    let lesson = try Lesson<Float>(Self.layers, inputShape: [4])
    let optimizer = AdamW().makeOptimizer(
      lesson.network.parameters, pool: WorkerPool(threadCount: 1))
    func train(_ steps: Int) -> [[UInt32]] {
      for _ in 0..<steps {
        lesson.learn(updatesStatistics: true)
        optimizer.step(learningRate: 0.01)
      }
      return lesson.network.parameters.map(\.value.bits)
        + lesson.network.statistics.map(\.value.bits)
    }
    _ = train(3)
    let snapshot = Snapshot(of: lesson.network, optimizer)
    let once = train(4)
    snapshot.restore(lesson.network, optimizer)
    #expect(optimizer.stepCount == 3)
    #expect(train(4) == once)
  }

  /// The norm of each row's gradient, from a batch of that row alone.
  @Test(arguments: [true, false])
  func sampleNormsAreThoseOfSingleSamples(isCheap: Bool) throws {
    let layers: [any LayerDescription] =
      isCheap
      ? [Linear(outputs: 6), ReLU(), Linear(outputs: 5, bias: false), Tanh(), Linear(outputs: 3)]
      : [Convolution(channels: 2, kernel: 3), ReLU(), Flatten(), Linear(outputs: 3)]
    let lesson = try Lesson<Double>(layers, inputShape: isCheap ? [4] : [5, 5])
    let norms = try SampleGradientNorms(lesson.network, batchSizeMax: Lesson<Double>.rows)
    let found = lesson.labels.withUnsafeBufferPointer { buffer -> [Double] in
      guard let base = buffer.baseAddress else { return [] }
      return norms.evaluate(
        lesson.input, .classes(base, perSample: 1), rows: Lesson<Double>.rows)
    }
    let size = lesson.input.count / Lesson<Double>.rows
    let expected = lesson.labels.indices.map { row -> Double in
      let sample = Tensor<Double>(
        shape: [1] + lesson.network.plan.inputShape,
        Array(lesson.input.doubles[row * size..<(row + 1) * size]))
      let label = [lesson.labels[row]]
      label.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        _ = lesson.network.learn(
          sample, .classes(base, perSample: 1), .evaluation(rows: 1))
      }
      return lesson.gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    #expect(GradientCheck.largestError(found, expected) < 1e-12)
  }

  @Test func observersSeeEveryLayer() throws {
    let lesson = try Lesson<Float>(
      [Residual(branch: [Linear(outputs: 4), Tanh()], shortcut: []), Linear(outputs: 3)],
      inputShape: [4])
    var activations: [String] = []
    var gradients: [String] = []
    lesson.network.observers.activation = { layer, _, pass in
      activations.append(layer.name)
      #expect(pass.rows == 5)
    }
    lesson.network.observers.gradient = { layer, gradient, _ in
      gradients.append(layer.name)
      #expect(gradient.count >= 15)
    }
    lesson.learn()
    #expect(activations == ["linear1", "tanh1", "residual1", "linear2"])
    #expect(gradients == ["linear2", "residual1", "tanh1", "linear1"])
  }
}
