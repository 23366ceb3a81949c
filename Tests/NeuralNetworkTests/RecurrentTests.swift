import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// The recurrent layers against central differences and their plain twin.
struct RecurrentTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var kind: RecurrentTwin.Kind
    var plan: RecurrentPlan
    var steps, features, rows: Int
    var lengths: [Int32]?

    var testDescription: String {
      "\(kind), \(plan.units) units, \(plan.layers) layers, \(plan.directions) directions, "
        + "\(plan.outputs), \(steps) steps, \(rows) rows, \(lengths.map { "\($0)" } ?? "full")"
    }

    func fixture<Scalar>(threadCount: Int = 1) throws -> RecurrentFixture<Scalar> {
      try RecurrentFixture(
        kind.description(plan), steps: steps, features: features, rows: rows, lengths: lengths,
        threadCount: threadCount)
    }
  }

  static let cases: [Case] = RecurrentTwin.Kind.allCases.flatMap { kind in
    [
      Case(kind: kind, plan: .init(units: 1), steps: 1, features: 1, rows: 1),
      Case(kind: kind, plan: .init(units: 3), steps: 5, features: 2, rows: 3),
      Case(
        kind: kind, plan: .init(units: 5, outputs: .sequence), steps: 4, features: 3, rows: 1),
      Case(
        kind: kind, plan: .init(units: 2, layers: 2, isBidirectional: true), steps: 3, features: 2,
        rows: 2),
      Case(
        kind: kind, plan: .init(units: 3, layers: 2, isBidirectional: true, outputs: .sequence),
        steps: 4, features: 1, rows: 4, lengths: [4, 1, 0, 3]),
      Case(
        kind: kind, plan: .init(units: 2, isBidirectional: true), steps: 5, features: 2, rows: 3,
        lengths: [2, 2, 5]),
    ]
  }

  @Test(arguments: cases)
  func gradientsAgreeWithDifferences(_ example: Case) throws {
    let fixture: RecurrentFixture<Double> = try example.fixture()
    let input = fixture.input()
    let inputGradient = fixture.backward(input)
    let analytic = fixture.layer.parameters.map { $0.gradient.array }
    let numeric = GradientCheck.centralDifferences(input.buffer) { fixture.weightedSum(input) }
    #expect(GradientCheck.largestError(inputGradient, numeric) < 1e-8, "input")
    for (parameter, gradient) in zip(fixture.layer.parameters, analytic) {
      let numeric = GradientCheck.centralDifferences(parameter.value.buffer) {
        fixture.weightedSum(input)
      }
      #expect(GradientCheck.largestError(gradient, numeric) < 1e-8, "\(parameter.name)")
    }
  }

  @Test(arguments: cases)
  func floatAgreesWithDouble(_ example: Case) throws {
    let precise: RecurrentFixture<Double> = try example.fixture()
    let fast: RecurrentFixture<Float> = try example.fixture()
    for (from, to) in zip(precise.layer.parameters, fast.layer.parameters) {
      for index in 0..<to.value.count {
        to.value[index] = Float(from.value[index])
        from.value[index] = Double(to.value[index])
      }
    }
    let output = fast.forward(fast.input()).map { Double($0) }
    #expect(GradientCheck.largestError(output, precise.forward(precise.input())) < 2e-6)
    let gradient = fast.backward(fast.input()).map { Double($0) }
    #expect(GradientCheck.largestError(gradient, precise.backward(precise.input())) < 5e-6)
    let gradients = fast.parameterGradients.map { Double($0) }
    #expect(GradientCheck.largestError(gradients, precise.parameterGradients) < 5e-6)
  }

  /// The last and all states of each direction, forwards and backwards, at every row's length.
  @Test(arguments: RecurrentTwin.Kind.allCases, RecurrentPlan.Outputs.allCases)
  func outputsAreThoseOfTheFormulas(
    _ kind: RecurrentTwin.Kind, _ outputs: RecurrentPlan.Outputs
  ) throws {
    let (steps, features, units) = (4, 2, 3)
    let lengths: [Int32] = [4, 2, 0, 1]
    let plan = RecurrentPlan(units: units, isBidirectional: true, outputs: outputs)
    let fixture = try RecurrentFixture<Double>(
      kind.description(plan), steps: steps, features: features, rows: 4, lengths: lengths)
    let input = fixture.input()
    let output = fixture.forward(input)
    var expected = [Double](repeating: 0, count: output.count)
    let width = 2 * units
    for (row, length) in lengths.map({ Int($0) }).enumerated() {
      let samples = (0..<length).map { step in
        (0..<features).map { input[(row * steps + step) * features + $0] }
      }
      for direction in 0...1 {
        let twin = RecurrentTwin(
          kind: kind, units: units,
          parameters: fixture.layer.parameters[direction * 4..<direction * 4 + 4].map { $0.value })
        let states = twin.states(direction == 0 ? samples : samples.reversed())
        for (step, state) in states.enumerated() {
          let time = direction == 0 ? step : length - 1 - step
          let isGiven = outputs == .sequence || step == length - 1
          let place = outputs == .sequence ? row * steps + time : row
          for unit in 0..<units where isGiven {
            expected[place * width + direction * units + unit] = state.h[unit]
          }
        }
      }
    }
    #expect(GradientCheck.largestError(output, expected) < 1e-13)
  }

  /// What does not flow over the border of a segment is what would change if the state that enters
  /// the segment did: so differences are taken with those states held fast.
  @Test(arguments: RecurrentTwin.Kind.allCases, [1, 2, 3, 5])
  func truncatedGradientsStayInTheirSegment(_ kind: RecurrentTwin.Kind, _ truncation: Int) throws {
    let (steps, features, units) = (5, 2, 2)
    let plan = RecurrentPlan(units: units, outputs: .sequence, truncation: truncation)
    let fixture = try RecurrentFixture<Double>(
      kind.description(plan), steps: steps, features: features, rows: 1)
    let input = fixture.input()
    let slope = fixture.outputGradient
    let inputGradient = fixture.backward(input)
    let analytic = fixture.layer.parameters.map { $0.gradient.array }
    let twin = RecurrentTwin(
      kind: kind, units: units, parameters: fixture.layer.parameters.map { $0.value })
    let samples = {
      (0..<steps).map { step in (0..<features).map { input[step * features + $0] } }
    }
    let untouched = twin.states(samples())
    let value = { () -> Double in
      var (state, sum) = (twin.start, 0.0)
      for (step, sample) in samples().enumerated() {
        if step > 0 && step % truncation == 0 { state = untouched[step - 1] }
        state = twin.next(sample, state)
        for unit in 0..<units { sum += state.h[unit] * slope[step * units + unit] }
      }
      return sum
    }
    let numeric = GradientCheck.centralDifferences(input.buffer, of: value)
    #expect(GradientCheck.largestError(inputGradient, numeric) < 1e-8, "input")
    for (parameter, gradient) in zip(fixture.layer.parameters, analytic) {
      let numeric = GradientCheck.centralDifferences(parameter.value.buffer, of: value)
      #expect(GradientCheck.largestError(gradient, numeric) < 1e-8, "\(parameter.name)")
    }
  }

  /// 100 rows are eight blocks, and the last one is smaller.
  @Test(arguments: RecurrentTwin.Kind.allCases)
  func bitsDoNotDependOnTheNumberOfThreads(_ kind: RecurrentTwin.Kind) throws {
    let plan = RecurrentPlan(units: 37, layers: 2, isBidirectional: true)
    var results: [[UInt32]] = []
    for threadCount in 1...3 {
      let fixture = try RecurrentFixture<Float>(
        kind.description(plan), steps: 7, features: 3, rows: 100, threadCount: threadCount)
      let input = fixture.input()
      let gradient = fixture.backward(input)
      results.append(
        (fixture.forward(input) + gradient + fixture.parameterGradients).map { $0.bitPattern })
    }
    // Apart, since `#expect` would look for the differences between so many numbers.
    let areSame = results[0] == results[1] && results[0] == results[2]
    #expect(areSame)
  }

  /// What stands behind the end of a sequence changes nothing, not even as NaN.
  @Test(arguments: RecurrentTwin.Kind.allCases)
  func nothingBehindTheEndCounts(_ kind: RecurrentTwin.Kind) throws {
    let plan = RecurrentPlan(units: 3, layers: 2, isBidirectional: true, outputs: .sequence)
    let lengths: [Int32] = [3, -1, 9]
    let fixture = try RecurrentFixture<Float>(
      kind.description(plan), steps: 4, features: 2, rows: 3, lengths: lengths)
    let clean = fixture.input()
    let dirty = fixture.input()
    for index in [6, 7] + Array(8..<16) { dirty[index] = .nan }
    #expect(fixture.forward(clean) == fixture.forward(dirty))
    var slope = fixture.outputGradient
    let gradient = fixture.backward(clean, outputGradient: slope)
    let gradients = fixture.parameterGradients
    for index in 18..<48 { slope[index] = .nan }
    #expect(fixture.backward(dirty, outputGradient: slope) == gradient)
    #expect(fixture.parameterGradients == gradients)
    #expect(gradient[6..<16].allSatisfy { $0 == 0 })
  }

  @Test(arguments: RecurrentTwin.Kind.allCases)
  func notANumberStaysOne(_ kind: RecurrentTwin.Kind) throws {
    let fixture = try RecurrentFixture<Float>(
      kind.description(.init(units: 20)), steps: 3, features: 2, rows: 2)
    let input = fixture.input()
    input[1] = .nan
    let output = fixture.forward(input)
    #expect(output.prefix(20).allSatisfy { $0.isNaN })
    #expect(output.suffix(20).allSatisfy { $0.isFinite })
    _ = fixture.backward(input)
    #expect(fixture.parameterGradients.contains { $0.isNaN })
  }

  @Test(arguments: RecurrentTwin.Kind.allCases)
  func anEmptyBatchHasNoGradient(_ kind: RecurrentTwin.Kind) throws {
    let fixture = try RecurrentFixture<Float>(
      kind.description(.init(units: 3)), steps: 3, features: 2, rows: 0, batchSizeMax: 4)
    for parameter in fixture.layer.parameters { parameter.gradient.fill(7) }
    #expect(fixture.backward(fixture.input()).isEmpty)
    #expect(fixture.parameterGradients.allSatisfy { $0 == 0 })
  }

  /// The same layer serves batches of any size, one after the other.
  @Test func aBatchThatIsNotFullCountsOnlyItsRows() throws {
    let plan = RecurrentPlan(units: 4, outputs: .sequence)
    let tight = try RecurrentFixture<Double>(LSTM(plan), steps: 3, features: 2, rows: 2)
    let roomy = try RecurrentFixture<Double>(
      LSTM(plan), steps: 3, features: 2, rows: 2, batchSizeMax: 60)
    let pass = Pass.training(rows: 60, step: 0)
    _ = roomy.layer.forward(RecurrentFixture<Double>.random([60, 3, 2], 5), pass)
    let input = tight.input()
    #expect(tight.forward(input) == roomy.forward(input))
    #expect(tight.backward(input) == roomy.backward(input))
    #expect(tight.parameterGradients == roomy.parameterGradients)
  }
}
