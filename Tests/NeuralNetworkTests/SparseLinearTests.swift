import OperatingSystem
import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// A linear layer with a mask that leaves few weights, against a dense one with zeros in the same
/// places.
struct SparseLinearTests {
  private static let (inputs, outputs) = (75, 90)

  /// Masks out all but a fraction of the weights, and all those of the first output, the last
  /// output and the third input.
  private func mask<Scalar: TensorScalar>(
    _ shape: [Int], density: Double = 0.1
  ) -> Tensor<Scalar> {
    var source = RandomSource.forTest(90)
    let mask = Tensor<Scalar>(shape: shape)
    for place in 0..<mask.count {
      let (output, input) = (place / shape[1], place % shape[1])
      let isEmpty = output == 0 || output == shape[0] - 1 || input == 2
      mask[place] = !isEmpty && source.uniform() < density ? 1 : 0
    }
    return mask
  }

  private struct Pair<Scalar: TensorScalar> {
    let sparse, dense: TestedLayer<Scalar>
    let mask: Tensor<Scalar>
  }

  private func pair<Scalar: TensorScalar>(
    _ shape: [Int] = [inputs], _ layer: Linear = Linear(outputs: outputs), rows: Int,
    rectifies: Bool = false
  ) throws -> Pair<Scalar> {
    let making = TestedLayer<Scalar>.Making(batchSizeMax: rows, rectifies: rectifies)
    let sparse = try TestedLayer<Scalar>(layer, shape, making)
    let dense = try TestedLayer<Scalar>(layer, shape, making)
    sparse.randomize(3)
    let weight = sparse.layer.parameters[0]
    let mask: Tensor<Scalar> = mask(weight.value.shape)
    weight.setMask(mask)
    for (to, from) in zip(dense.layer.parameters, sparse.layer.parameters) {
      to.value.copy(from: from.value)
    }
    return Pair(sparse: sparse, dense: dense, mask: mask)
  }

  private func random(_ count: Int, _ index: UInt32) -> [Double] {
    var source = RandomSource.forTest(index)
    return (source.tensor([count]) as Tensor<Double>).doubles
  }

  /// The dense gradients of living weights, and 0 for the others.
  private func masked<Scalar>(_ gradients: [[Double]], _ mask: Tensor<Scalar>) -> [[Double]] {
    [zip(gradients[0], mask.doubles).map { $1 == 0 ? 0 : $0 }] + gradients.dropFirst()
  }

  private func expectAgreement<Scalar>(
    _ pair: Pair<Scalar>, rows: Int, within limit: Double
  ) {
    let pass = Pass.training(rows: rows, step: 1)
    let values = random(rows * pair.sparse.shape.reduce(1, *), 91)
    let slopes = random(rows * pair.sparse.outputShape.reduce(1, *), 92)
    for needsInputGradient in [true, false, true] {
      let output = pair.sparse.forward(values, pass)
      #expect(GradientCheck.largestError(output, pair.dense.forward(values, pass)) < limit)
      let gradient = pair.sparse.backward(slopes, pass, needsInputGradient: needsInputGradient)
      let expected = pair.dense.backward(slopes, pass, needsInputGradient: needsInputGradient)
      #expect(GradientCheck.largestError(gradient, expected) < limit)
      let gradients = masked(pair.dense.gradients, pair.mask)
      for (one, other) in zip(pair.sparse.gradients, gradients) {
        #expect(GradientCheck.largestError(one, other) < limit)
      }
      let removed = zip(pair.sparse.gradients[0], pair.mask.doubles).filter { $0.1 == 0 }
      #expect(removed.allSatisfy { $0.0 == 0 })
    }
  }

  @Test(arguments: [0, 1, 2, 15, 16, 17, 64, 127, 128, 129, 150])
  func agreesWithDenseProducts(rows: Int) throws {
    for rectifies in [false, true] {
      let fast: Pair<Float> = try pair(rows: max(1, rows), rectifies: rectifies)
      expectAgreement(fast, rows: rows, within: 3e-5)
      let plain: Pair<Double> = try pair(rows: max(1, rows), rectifies: rectifies)
      expectAgreement(plain, rows: rows, within: 1e-13)
    }
    let bare: Pair<Float> = try pair(
      [Self.inputs], Linear(outputs: Self.outputs, bias: false), rows: max(1, rows))
    expectAgreement(bare, rows: rows, within: 3e-5)
    let steps: Pair<Float> = try pair(
      [5, Self.inputs], Linear(outputs: Self.outputs, perStep: true), rows: max(1, rows))
    expectAgreement(steps, rows: rows, within: 3e-5)
  }

  /// Of a batch that is not full only its rows count.
  @Test func smallerBatches() throws {
    let pair: Pair<Float> = try pair(rows: 200)
    for rows in [200, 3, 130, 0, 129] { expectAgreement(pair, rows: rows, within: 3e-5) }
  }

  @Test func gradientsAgreeWithDifferences() throws {
    let rows = 11
    let tested: TestedLayer<Double> = try pair(rows: rows, rectifies: true).sparse
    let pass = Pass.training(rows: rows, step: 1)
    let input = Tensor<Double>(
      shape: [rows, Self.inputs], random(rows * Self.inputs, 93))
    let weights = random(rows * Self.outputs, 94)
    let value = { () -> Double in
      zip(tested.forward(input.doubles, pass), weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    _ = value()
    let analytic = tested.backward(weights, pass)
    let gradients = tested.gradients
    let numeric = GradientCheck.centralDifferences(input.buffer, of: value)
    #expect(GradientCheck.largestError(analytic, numeric) < 1e-7)
    for (parameter, analytic) in zip(tested.layer.parameters, gradients) {
      let numeric = GradientCheck.centralDifferences(parameter.value.buffer, of: value)
      #expect(GradientCheck.largestError(analytic, numeric) < 1e-7)
    }
  }

  @Test func dualNumbersCarryTheirTangents() throws {
    let rows = 6
    let pair: Pair<Dual<Double>> = try pair(rows: rows, rectifies: true)
    for tested in [pair.sparse, pair.dense] {
      let weight = tested.layer.parameters[0].value
      for (place, tangent) in random(weight.count, 95).enumerated()
      where pair.mask[place] != 0 {
        weight[place].tangent = tangent
      }
    }
    let pass = Pass.training(rows: rows, step: 1)
    let (values, slopes) = (random(rows * Self.inputs, 96), random(rows * Self.outputs, 97))
    var results: [[Double]] = []
    for tested in [pair.sparse, pair.dense] {
      _ = tested.forward(values, pass)
      let gradient = tested.inputGradient(slopes, pass).map(\.tangent)
      let weights = tested.layer.parameters[0].gradient
      results.append(
        gradient
          + (0..<weights.count).map { pair.mask[$0] == 0 ? 0 : weights[$0].tangent })
    }
    #expect(results[0].contains { $0 != 0 })
    #expect(GradientCheck.largestError(results[0], results[1]) < 1e-13)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let (inputs, outputs, rows) = (800, 700, 150)
    let pass = Pass.training(rows: rows, step: 1)
    var results: [[[Double]]] = []
    for threadCount in 1...3 {
      let tested = try TestedLayer<Float>(
        Linear(outputs: outputs), [inputs],
        TestedLayer<Float>.Making(batchSizeMax: rows, threadCount: threadCount, rectifies: true))
      tested.layer.parameters[0].setMask(mask([outputs, inputs]))
      let output = tested.forward(random(rows * inputs, 98), pass)
      let gradient = tested.backward(random(output.count, 99), pass)
      results.append([output, gradient] + tested.gradients)
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
    #expect(results[0].allSatisfy { $0.contains { $0 != 0 } })
  }

  /// Sums in another order have other last bits: whether they are the dense ones shows who summed.
  private func isDense(_ pair: Pair<Float>, rows: Int) -> Bool {
    let pass = Pass.training(rows: rows, step: 1)
    let values = random(rows * Self.inputs, 91)
    let slopes = random(rows * Self.outputs, 92)
    let outputs = [pair.sparse, pair.dense].map { $0.forward(values, pass) }
    let gradients = [pair.sparse, pair.dense].map { [$0.backward(slopes, pass)] + $0.gradients }
    return outputs[0] == outputs[1] && gradients[0] == gradients[1]
  }

  @Test func followsTheMask() throws {
    let rows = 40
    let pair: Pair<Float> = try pair(rows: rows)
    let weight = pair.sparse.layer.parameters[0]
    #expect(!isDense(pair, rows: rows))
    weight.setMask(nil)
    #expect(isDense(pair, rows: rows))
    weight.setMask(pair.mask)
    expectAgreement(pair, rows: rows, within: 3e-5)
    #expect(!isDense(pair, rows: rows))
    // A mask of another network's weights, of which more live.
    let dense: Tensor<Float> = mask(weight.value.shape, density: 0.4)
    for place in 0..<dense.count { dense[place] = max(dense[place], pair.mask[place]) }
    weight.setMask(dense)
    #expect(isDense(pair, rows: rows))
    weight.setMask(Tensor(shape: weight.value.shape))
    let pass = Pass.training(rows: rows, step: 1)
    let output = pair.sparse.forward(random(rows * Self.inputs, 91), pass)
    let bias = pair.sparse.layer.parameters[1].value.doubles
    #expect(output == (0..<rows).flatMap { _ in bias })
    let gradient = pair.sparse.backward(random(output.count, 92), pass)
    #expect(gradient.allSatisfy { $0 == 0 })
    #expect(pair.sparse.gradients[0].allSatisfy { $0 == 0 })
  }

  @Test func fullGradientsAreGivenWhenNeeded() throws {
    let rows = 40
    let pair: Pair<Float> = try pair(rows: rows)
    let weight = pair.sparse.layer.parameters[0]
    expectAgreement(pair, rows: rows, within: 3e-5)
    weight.needsFullGradient = true
    #expect(isDense(pair, rows: rows))
    #expect(zip(pair.sparse.gradients[0], pair.mask.doubles).contains { $0 != 0 && $1 == 0 })
    weight.needsFullGradient = false
    expectAgreement(pair, rows: rows, within: 3e-5)
    #expect(!isDense(pair, rows: rows))
    // Between the passes of a step.
    let pass = Pass.training(rows: rows, step: 1)
    let slopes = random(rows * Self.outputs, 92)
    let values = random(rows * Self.inputs, 91)
    _ = pair.sparse.forward(values, pass)
    weight.needsFullGradient = true
    pair.sparse.backward(slopes, pass)
    _ = pair.dense.forward(values, pass)
    pair.dense.backward(slopes, pass)
    #expect(pair.sparse.gradients == pair.dense.gradients)
    weight.needsFullGradient = false
    expectAgreement(pair, rows: rows, within: 3e-5)
    #expect(!isDense(pair, rows: rows))
  }

  @Test func onlyLargeAndSparseOnesPay() {
    typealias Layer = SparseLinear<Float>
    #expect(Layer.pays(kept: 250_000, of: 1_000_000))
    #expect(!Layer.pays(kept: 250_001, of: 1_000_000))
    #expect(!Layer.pays(kept: 0, of: 1000))
    #expect(Layer.pays(kept: 0, of: 4096))
  }

  /// What is measured of single samples takes no notice of the mask, on either path.
  @Test func samplesAreMeasuredAlike() throws {
    let rows = 20
    let pair: Pair<Float> = try pair(rows: rows, rectifies: true)
    let pass = Pass.evaluation(rows: rows)
    let squares = try [pair.sparse, pair.dense].map { tested in
      let layer = try #require(tested.layer as? any SampleGradientMeasuring<Float>)
      let memory = UnsafeMutablePointer<Double>.allocate(capacity: rows)
      defer { memory.deallocate() }
      memory.initialize(repeating: 0, count: rows)
      _ = tested.forward(random(rows * Self.inputs, 91), pass)
      layer.sampleSquares = memory
      tested.backward(random(rows * Self.outputs, 92), pass)
      layer.sampleSquares = nil
      return (0..<rows).map { memory[$0] }
    }
    #expect(GradientCheck.largestError(squares[0], squares[1]) < 1e-5)
    #expect(squares[0].allSatisfy { $0 > 0 })
  }

  /// In a process of its own, since other tests use the heap at the same time.
  @Test func aStepAllocatesNothing() async {
    await #expect(processExitsWith: .success) {
      let plan = NetworkPlan(
        layers: [Linear(outputs: 300), ReLU(), Linear(outputs: 200), ReLU(), Linear(outputs: 10)],
        inputShape: [400], targets: .classes(count: 10, perSample: 1))
      let rows = 130
      let pool = WorkerPool(threadCount: 2)
      let network = try Network<Float>(plan, batchSizeMax: rows, pool: pool, seed: 1)
      for parameter in network.prunableParameters {
        let mask = Tensor<Float>(shape: parameter.value.shape)
        for place in 0..<mask.count { mask[place] = place % 7 == 1 ? 1 : 0 }
        parameter.setMask(mask)
      }
      let optimizer: any Optimizer<Float> = SGD(learningRate: 0.01, momentum: 0.9)
        .makeOptimizer(network.parameters, pool: pool)
      let input = Tensor<Float>(shape: [rows, 400])
      input.fill(0.5)
      let labels = [Int32](repeating: 3, count: rows)
      labels.withUnsafeBufferPointer { labels in
        guard let first = labels.baseAddress else { return }
        var step = 0
        func advance(_ steps: Int) {
          for _ in 0..<steps {
            let rows = step % 3 == 2 ? 50 : rows
            _ = network.learn(
              input, .classes(first, perSample: 1), .training(rows: rows, step: step))
            optimizer.step(learningRate: 0.01)
            step += 1
          }
        }
        advance(20)
        let before = ProcessUsage.heapBytes
        advance(100)
        let after = ProcessUsage.heapBytes
        #expect(after == before)
      }
    }
  }
}
