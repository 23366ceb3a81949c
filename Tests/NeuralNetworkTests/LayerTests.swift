import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// Every layer of the catalogue keeps these laws.
struct LayerTests {
  private static let sampleShapes = [[1], [5], [2, 3], [3, 4, 5]]
  private static let rows = 3

  private func construction(_ shape: [Int], batchSizeMax: Int = rows) -> LayerConstruction {
    LayerConstruction(
      name: "layer", inputShape: shape, batchSizeMax: batchSizeMax,
      pool: WorkerPool(threadCount: 1),
      random: RandomSource(seed: 1, purpose: .initialization))
  }

  /// The shapes that a layer takes; one at least, or nothing would be tested.
  private func shapes(for description: any LayerDescription) throws -> [[Int]] {
    let taken = Self.sampleShapes.filter { shape in
      do throws(ShapeMismatch) {
        _ = try description.outputShape(for: shape)
        return true
      } catch { return false }
    }
    try #require(!taken.isEmpty)
    return taken
  }

  private func random(_ shape: [Int], _ index: UInt32) -> Tensor<Double> {
    var source = RandomSource.forTest(index)
    return source.tensor(shape)
  }

  @Test(arguments: LayerCatalogue.all)
  func gradientsAgreeWithDifferences(type: any LayerDescription.Type) throws {
    let description = try type.init(GivenSettings())
    for shape in try shapes(for: description) {
      let layer = description.makeLayer(Double.self, construction(shape))
      let input = random([Self.rows] + shape, 1)
      let output = layer.forward(input, rows: Self.rows)
      let weights = random(output.shape, 2)
      // The sum of the outputs, each with a weight of its own, has the weights for its gradient.
      let value = { () -> Double in
        zip(layer.forward(input, rows: Self.rows).doubles, weights.doubles)
          .reduce(0) { $0 + $1.0 * $1.1 }
      }
      _ = value()
      let gradient = layer.backward(weights, rows: Self.rows, needsInputGradient: true)
      let analytic = Array(gradient.doubles.prefix(input.count))
      let numeric = GradientCheck.centralDifferences(input.buffer, of: value)
      #expect(GradientCheck.largestError(analytic, numeric) < 1e-8, "input of \(shape)")
      for parameter in layer.parameters {
        let analytic = parameter.gradient.doubles
        let numeric = GradientCheck.centralDifferences(parameter.value.buffer, of: value)
        #expect(
          GradientCheck.largestError(analytic, numeric) < 1e-8, "\(parameter.name) of \(shape)")
      }
    }
  }

  @Test(arguments: LayerCatalogue.all)
  func floatAgreesWithDouble(type: any LayerDescription.Type) throws {
    let description = try type.init(GivenSettings(numbers: ["outputs": 33]))
    for shape in try shapes(for: description) {
      let precise = description.makeLayer(Double.self, construction(shape))
      let fast = description.makeLayer(Float.self, construction(shape))
      for (from, to) in zip(precise.parameters, fast.parameters) {
        from.value.copy(from: random(from.value.shape, 3))
        for index in 0..<to.value.count { to.value[index] = Float(from.value[index]) }
      }
      let input = random([Self.rows] + shape, 1)
      let output = precise.forward(input, rows: Self.rows)
      let single = Tensor<Float>(shape: input.shape, input.doubles.map { Float($0) })
      let fastOutput = fast.forward(single, rows: Self.rows)
      #expect(GradientCheck.largestError(output.doubles, fastOutput.doubles) < 2e-6)
      let slope = random(output.shape, 2)
      let fastSlope = Tensor<Float>(shape: slope.shape, slope.doubles.map { Float($0) })
      let gradient = precise.backward(slope, rows: Self.rows, needsInputGradient: true)
      let fastGradient = fast.backward(fastSlope, rows: Self.rows, needsInputGradient: true)
      #expect(GradientCheck.largestError(gradient.doubles, fastGradient.doubles) < 2e-6)
      for (one, other) in zip(precise.parameters, fast.parameters) {
        let error = GradientCheck.largestError(one.gradient.doubles, other.gradient.doubles)
        #expect(error < 2e-6, "\(one.name)")
      }
    }
  }

  @Test(arguments: LayerCatalogue.all)
  func aBatchThatIsNotFullCountsOnlyItsRows(type: any LayerDescription.Type) throws {
    let description = try type.init(GivenSettings())
    for shape in try shapes(for: description) {
      let size = shape.reduce(1, *)
      let tight = description.makeLayer(Double.self, construction(shape))
      let roomy = description.makeLayer(Double.self, construction(shape, batchSizeMax: 8))
      let input = random([8] + shape, 4)
      let small = Tensor(
        shape: [Self.rows] + shape, Array(input.doubles.prefix(Self.rows * size)))
      let expected = tight.forward(small, rows: Self.rows)
      let outputs = expected.count
      let output = roomy.forward(input, rows: Self.rows)
      let outputShape = try description.outputShape(for: shape)
      #expect(output.shape == [8] + outputShape)
      #expect(Array(output.doubles.prefix(outputs)) == expected.doubles)
      let slope = random(output.shape, 5)
      let smallSlope = Tensor(shape: expected.shape, Array(slope.doubles.prefix(outputs)))
      _ = tight.backward(smallSlope, rows: Self.rows, needsInputGradient: true)
      // Twice: gradients are overwritten, not summed up.
      for _ in 0..<2 { _ = roomy.backward(slope, rows: Self.rows, needsInputGradient: false) }
      for (one, other) in zip(tight.parameters, roomy.parameters) {
        #expect(one.gradient.doubles == other.gradient.doubles, "\(one.name)")
      }
    }
  }

  @Test func kindsAreUnique() {
    let kinds = LayerCatalogue.all.map { $0.kind }
    #expect(Set(kinds).count == kinds.count)
  }

  @Test func linearByHand() {
    let layer = Linear(outputs: 2).makeLayer(Float.self, construction([3]))
    layer.parameters[0].value.copy(from: Tensor(shape: [2, 3], [1, 2, 3, -1, 0, 0.5]))
    layer.parameters[1].value.copy(from: Tensor(shape: [2], [10, 20]))
    let output = layer.forward(Tensor(shape: [3, 3], [1, 1, 1, 2, 0, -2, 0, 0, 0]), rows: 3)
    #expect(output.array == [16, 19.5, 6, 17, 10, 20])
    #expect(layer.parameters.map(\.name) == ["layer.weight", "layer.bias"])
    #expect(layer.parameters.map(\.isPrunable) == [true, false])
    #expect(layer.flopsPerSample == 12)
  }

  @Test func linearWeightsBeginAsHeSays() {
    let layer = Linear(outputs: 400).makeLayer(Double.self, construction([50]))
    let weights = layer.parameters[0].value.doubles
    let mean = weights.reduce(0, +) / Double(weights.count)
    let variance = weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)
    #expect(abs(mean) < 0.005)
    #expect(abs(variance - 2.0 / 50) < 0.002)
    #expect(layer.parameters[1].value.doubles.allSatisfy { $0 == 0 })
    let again = Linear(outputs: 400).makeLayer(Double.self, construction([50]))
    #expect(again.parameters[0].value.doubles == weights)
  }

  @Test func linearRefusesMoreWeightsThanFit() {
    #expect(throws: ShapeMismatch.self) {
      try Linear(outputs: 1_000_000).outputShape(for: [1_000_000])
    }
  }

  @Test func rectifierNotesActiveUnits() throws {
    let layer = ReLU().makeLayer(Float.self, construction([3]))
    let observer = try #require(layer as? any ActivityObserving)
    let input = Tensor<Float>(shape: [3, 3], [1, -1, -1, -1, -1, 0, 0, 0, 5])
    _ = layer.forward(input, rows: 2)
    #expect(observer.unitWasActive == [false, false, false])
    observer.observesActivity = true
    _ = layer.forward(input, rows: 2)
    #expect(observer.unitWasActive == [true, false, false])
    observer.forgetActivity()
    #expect(observer.unitWasActive == [false, false, false])
  }
}
