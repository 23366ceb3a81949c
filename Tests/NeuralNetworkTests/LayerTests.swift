import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// Every layer of the catalogue keeps these laws.
struct LayerTests {
  private static let rows = 3

  private func input(_ sample: Representative, rows: Int = rows, index: UInt32 = 1) -> [Double] {
    var source = RandomSource.forTest(index)
    let count = rows * sample.shape.reduce(1, *)
    if let words = sample.words {
      return (0..<count).map { _ in Double(source.integer(below: UInt32(words))) }
    }
    return (source.tensor([count]) as Tensor<Double>).doubles
  }

  private func slope(_ count: Int, index: UInt32 = 2) -> [Double] {
    var source = RandomSource.forTest(index)
    return (source.tensor([count]) as Tensor<Double>).doubles
  }

  private func withPass<Result>(
    _ sample: Representative, rows: Int = rows, isTraining: Bool = true, updates: Bool = false,
    _ body: (Pass) throws -> Result
  ) rethrows -> Result {
    let lengths = (0..<max(1, rows)).map { row in
      sample.lengths.map { $0[row % $0.count] } ?? Int32(sample.shape[0])
    }
    return try lengths.withUnsafeBufferPointer { lengths in
      try body(
        Pass(
          rows: rows, isTraining: isTraining, updatesStatistics: updates, step: 5,
          lengths: sample.lengths == nil ? nil : lengths.baseAddress))
    }
  }

  @Test func kindsAreUniqueAndRepresented() {
    let kinds = LayerCatalogue.all.map { $0.kind }
    #expect(Set(kinds).count == kinds.count)
    #expect(Set(kinds).subtracting(Representative.all.map(\.kind)) == [])
    #expect(LayerCatalogue.all.allSatisfy { !$0.summary.isEmpty })
  }

  @Test(arguments: Representative.all)
  func gradientsAgreeWithDifferences(sample: Representative) throws {
    for (rows, isTraining) in [(Self.rows, true), (1, true), (Self.rows, false)] {
      let tested = try TestedLayer<Double>(sample.layer(), sample.shape)
      tested.randomize(3)
      let values = Tensor<Double>(
        shape: [rows] + sample.shape, input(sample, rows: rows))
      withPass(sample, rows: rows, isTraining: isTraining) { pass in
        let weights = slope(rows * tested.outputShape.reduce(1, *))
        // The sum of the outputs, each with a weight of its own, has the weights for its gradient.
        let value = { () -> Double in
          zip(tested.forward(values.doubles, pass), weights).reduce(0) { $0 + $1.0 * $1.1 }
        }
        _ = value()
        let analytic = tested.backward(weights, pass)
        let gradients = tested.gradients
        if sample.words == nil {
          let numeric = GradientCheck.centralDifferences(values.buffer, of: value)
          let error = GradientCheck.largestError(analytic, numeric)
          #expect(error < 1e-7, "input, \(rows) rows, training: \(isTraining)")
        }
        for (parameter, analytic) in zip(tested.layer.parameters, gradients) {
          let numeric = GradientCheck.centralDifferences(parameter.value.buffer, of: value)
          let error = GradientCheck.largestError(analytic, numeric)
          #expect(error < 1e-7, "\(parameter.name), \(rows) rows, training: \(isTraining)")
        }
      }
    }
  }

  /// Dual numbers carry the derivatives of gradients: what Hessian products are made of.
  @Test(arguments: Representative.all)
  func dualNumbersCarryTheDerivativesOfGradients(sample: Representative) throws {
    let tested = try TestedLayer<Double>(sample.layer(), sample.shape)
    let dual = try TestedLayer<Dual<Double>>(sample.layer(), sample.shape)
    tested.randomize(3)
    dual.randomize(3)
    let values = input(sample)
    var source = RandomSource.forTest(9)
    var directions: [[Double]] = []
    for parameter in dual.layer.parameters {
      let direction = (source.tensor(parameter.value.shape) as Tensor<Double>).doubles
      for index in direction.indices { parameter.value[index].tangent = direction[index] }
      directions.append(direction)
    }
    withPass(sample) { pass in
      let weights = slope(Self.rows * tested.outputShape.reduce(1, *))
      let step = 1e-5
      var sides: [[Double]] = []
      for sign in [1.0, -2.0] {
        for (parameter, direction) in zip(tested.layer.parameters, directions) {
          for index in direction.indices {
            parameter.value[index] += sign * step * direction[index]
          }
        }
        _ = tested.forward(values, pass)
        sides.append(tested.backward(weights, pass) + tested.gradients.flatMap { $0 })
      }
      let numeric = zip(sides[0], sides[1]).map { ($0 - $1) / (2 * step) }
      _ = dual.forward(values, pass)
      let analytic =
        dual.inputGradient(weights, pass).map(\.tangent)
        + dual.layer.parameters.flatMap { $0.gradient.array.map(\.tangent) }
      #expect(GradientCheck.largestError(analytic, numeric) < 1e-7)
    }
  }

  @Test(arguments: Representative.all)
  func floatAgreesWithDouble(sample: Representative) throws {
    let precise = try TestedLayer<Double>(sample.layer(), sample.shape)
    let fast = try TestedLayer<Float>(sample.layer(), sample.shape)
    precise.randomize(3)
    fast.randomize(3)
    for isTraining in [true, false] {
      withPass(sample, isTraining: isTraining, updates: isTraining) { pass in
        let values = input(sample)
        let output = precise.forward(values, pass)
        #expect(GradientCheck.largestError(output, fast.forward(values, pass)) < 4e-6)
        let weights = slope(output.count)
        let gradient = precise.backward(weights, pass)
        #expect(GradientCheck.largestError(gradient, fast.backward(weights, pass)) < 2e-5)
        for (one, other) in zip(precise.gradients, fast.gradients) {
          #expect(GradientCheck.largestError(one, other) < 2e-5)
        }
        for (one, other) in zip(precise.layer.statistics, fast.layer.statistics) {
          #expect(GradientCheck.largestError(one.value.doubles, other.value.doubles) < 2e-6)
        }
      }
    }
  }

  @Test(arguments: Representative.all)
  func aBatchThatIsNotFullCountsOnlyItsRows(sample: Representative) throws {
    let tight = try TestedLayer<Float>(sample.layer(), sample.shape)
    let roomy = try TestedLayer<Float>(
      sample.layer(), sample.shape, TestedLayer<Float>.Making(batchSizeMax: 8))
    tight.randomize(3)
    roomy.randomize(3)
    withPass(sample) { pass in
      let values = input(sample)
      let expected = tight.forward(values, pass)
      #expect(roomy.forward(values, pass) == expected)
      #expect(expected.count == Self.rows * tight.outputShape.reduce(1, *))
      let weights = slope(expected.count)
      let gradient = tight.backward(weights, pass)
      // Twice: gradients are overwritten, not summed up.
      _ = roomy.backward(weights, pass)
      _ = roomy.forward(values, pass)
      #expect(roomy.backward(weights, pass) == gradient)
      #expect(roomy.gradients == tight.gradients)
      _ = roomy.forward(values, pass)
      roomy.backward(weights, pass, needsInputGradient: false)
      #expect(roomy.gradients == tight.gradients)
    }
  }

  @Test(arguments: Representative.all)
  func parametersAndStatisticsAreAllThatALayerRemembers(sample: Representative) throws {
    let one = try TestedLayer<Float>(sample.layer(), sample.shape)
    let other = try TestedLayer<Float>(
      sample.layer(), sample.shape, TestedLayer<Float>.Making(seed: 2))
    other.randomize(4)
    let values = input(sample)
    withPass(sample, updates: true) { _ = one.forward(values, $0) }
    for (from, to) in zip(one.layer.parameters, other.layer.parameters) {
      #expect(from.name == to.name && from.value.shape == to.value.shape)
      to.value.copy(from: from.value)
    }
    for (from, to) in zip(one.layer.statistics, other.layer.statistics) {
      #expect(from.name == to.name && from.value.shape == to.value.shape)
      to.value.copy(from: from.value)
    }
    withPass(sample, isTraining: false) { pass in
      #expect(one.forward(values, pass) == other.forward(values, pass))
    }
    let names = one.layer.parameters.map(\.name) + one.layer.statistics.map(\.name)
    let places = one.layer.parameters.map(\.moduleName) + one.layer.statistics.map(\.moduleName)
    #expect(Set(names).count == names.count)
    #expect(Set(places).count == places.count)
    #expect(places.allSatisfy { $0.hasPrefix("0.") })
  }

  /// Samples, or where a layer takes no large ones many, so that work is cut into blocks.
  private func large(
    _ sample: Representative, _ layer: any LayerDescription
  ) -> (sample: Representative, rows: Int) {
    let batches =
      sample.words == nil ? [([20, 21, 18], 9), ([12, 10], 40), ([2100], 6)] : [([2100], 6)]
    let taken = batches.first { shape, _ in
      do throws(ShapeMismatch) {
        _ = try layer.outputShape(for: shape)
        return true
      } catch { return false }
    }
    let (shape, rows) = taken ?? (sample.shape, 17_000)
    let large = Representative(
      kind: sample.kind, settings: sample.settings, shape: shape, words: sample.words,
      lengths: sample.lengths)
    return (large, rows)
  }

  @Test(arguments: Representative.all)
  func theNumberOfThreadsChangesNothing(sample: Representative) throws {
    let description = try sample.layer()
    let (sample, rows) = large(sample, description)
    var results: [[[Double]]] = []
    for threadCount in 1...3 {
      let tested = try TestedLayer<Float>(
        description, sample.shape,
        TestedLayer<Float>.Making(batchSizeMax: rows, threadCount: threadCount))
      withPass(sample, rows: rows) { pass in
        let output = tested.forward(input(sample, rows: rows), pass)
        let gradient = tested.backward(slope(output.count), pass)
        results.append([output, gradient] + tested.gradients)
      }
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
    #expect(results[0].allSatisfy { $0.allSatisfy(\.isFinite) })
  }

  /// The derivative in one direction: no block of the work is lost or counted twice. A few numbers
  /// pass a bend on the way, so it is not exact.
  @Test(arguments: Representative.all)
  func blocksMakeUpTheWhole(sample: Representative) throws {
    let description = try sample.layer()
    let (sample, rows) = large(sample, description)
    let tested = try TestedLayer<Double>(
      description, sample.shape, TestedLayer<Double>.Making(batchSizeMax: rows))
    let values = Tensor<Double>(
      shape: [rows] + sample.shape, input(sample, rows: rows))
    withPass(sample, rows: rows) { pass in
      let weights = slope(tested.forward(values.doubles, pass).count)
      let gradient = tested.backward(weights, pass)
      var checked = zip(tested.layer.parameters.map(\.value), tested.gradients).map { ($0, $1) }
      if sample.words == nil { checked.append((values, gradient)) }
      for (scalars, gradient) in checked {
        let direction = slope(scalars.count, index: 8)
        let original = scalars.doubles
        let sides = [1e-6, -1e-6].map { step in
          for index in 0..<scalars.count {
            scalars[index] = original[index] + step * direction[index]
          }
          return zip(tested.forward(values.doubles, pass), weights)
            .reduce(0) { $0 + $1.0 * $1.1 }
        }
        for index in 0..<scalars.count { scalars[index] = original[index] }
        let terms = zip(gradient, direction).map { $0 * $1 }
        let scale = terms.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let error = abs((sides[0] - sides[1]) / 2e-6 - terms.reduce(0, +))
        #expect(error <= 0.01 * scale + 1e-6)
      }
    }
  }

  @Test(arguments: Representative.all)
  func anEmptyBatchIsNoTrap(sample: Representative) throws {
    let tested = try TestedLayer<Float>(sample.layer(), sample.shape)
    for isTraining in [true, false] {
      withPass(sample, rows: 0, isTraining: isTraining, updates: isTraining) { pass in
        #expect(tested.forward([], pass) == [])
        #expect(tested.backward([], pass) == [])
        #expect(tested.gradients.allSatisfy { $0.allSatisfy { $0 == 0 } })
        #expect(tested.layer.statistics.allSatisfy { $0.value.doubles.allSatisfy(\.isFinite) })
      }
    }
  }

  @Test(arguments: Representative.all)
  func whatIsNotANumberShows(sample: Representative) throws {
    let tested = try TestedLayer<Float>(sample.layer(), sample.shape)
    tested.randomize(3)
    for bad in [Double.nan, .infinity, -.infinity, 1e30, -1] {
      withPass(sample) { pass in
        let count = Self.rows * sample.shape.reduce(1, *)
        let output = tested.forward([Double](repeating: bad, count: count), pass)
        if bad.isNaN { #expect(output.contains { $0.isNaN }) }
        tested.backward(slope(output.count), pass)
      }
    }
  }

  @Test(arguments: Representative.all)
  func computingInPlaceChangesNothing(sample: Representative) throws {
    let apart = try TestedLayer<Float>(sample.layer(), sample.shape)
    let inPlace = try TestedLayer<Float>(
      sample.layer(), sample.shape, TestedLayer<Float>.Making(isInPlace: true))
    apart.randomize(3)
    inPlace.randomize(3)
    withPass(sample) { pass in
      let output = apart.forward(input(sample), pass)
      #expect(inPlace.forward(input(sample), pass) == output)
      let weights = slope(output.count)
      #expect(inPlace.backward(weights, pass) == apart.backward(weights, pass))
      #expect(inPlace.gradients == apart.gradients)
    }
  }

  @Test(arguments: Representative.all)
  func aFusedRectifierIsARectifier(sample: Representative) throws {
    let description = try sample.layer()
    guard description.canRectify else { return }
    let plain = try TestedLayer<Float>(description, sample.shape)
    let fused = try TestedLayer<Float>(
      description, sample.shape, TestedLayer<Float>.Making(rectifies: true))
    plain.randomize(3)
    fused.randomize(3)
    for isTraining in [true, false] {
      withPass(sample, isTraining: isTraining) { pass in
        let output = plain.forward(input(sample), pass)
        #expect(fused.forward(input(sample), pass) == output.map { max(0, $0) })
        let weights = slope(output.count)
        let rectified = zip(output, weights).map { $0 > 0 ? $1 : 0 }
        #expect(fused.backward(weights, pass) == plain.backward(rectified, pass))
        #expect(fused.gradients == plain.gradients)
      }
    }
  }
}
