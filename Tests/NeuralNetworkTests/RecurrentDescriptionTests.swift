import Tensors
import Testing

@testable import NeuralNetwork

/// Shapes, names and first weights of recurrent layers.
struct RecurrentDescriptionTests {
  @Test func parametersAreNamedAsInPyTorch() throws {
    let plan = RecurrentPlan(units: 3, layers: 2, isBidirectional: true)
    let fixture = try RecurrentFixture<Float>(GRU(plan), steps: 4, features: 5, rows: 1)
    let names = ["l0", "l0_reverse", "l1", "l1_reverse"].flatMap { suffix in
      ["weight_ih_", "weight_hh_", "bias_ih_", "bias_hh_"].map { "gru1." + $0 + suffix }
    }
    #expect(fixture.layer.parameters.map { $0.name } == names)
    #expect(fixture.layer.parameters[0].moduleName == "0.weight_ih_l0")
    let shapes = fixture.layer.parameters.map { $0.value.shape }
    #expect(shapes[0..<4] == [[9, 5], [9, 3], [9], [9]])
    #expect(shapes[8..<12] == [[9, 6], [9, 3], [9], [9]])
    #expect(fixture.layer.parameters.map { $0.isPrunable }.prefix(4) == [true, true, false, false])
    // Two directions of 4 steps, each reading 5 and then 6 features and 3 states for 9 rows.
    #expect(fixture.layer.flopsPerSample == 2 * 4 * 2 * (9 * (5 + 3) + 9 * (6 + 3)))
  }

  @Test func shapesFollowTheOutputsAskedFor() throws {
    let last = RecurrentPlan(units: 3, isBidirectional: true)
    #expect(try LSTM(last).outputShape(for: [7, 2]) == [6])
    let sequence = RecurrentPlan(units: 3, outputs: .sequence)
    #expect(try RNN(sequence).outputShape(for: [7, 2]) == [7, 3])
    for shape in [[], [7], [0, 2], [7, 2, 1]] {
      #expect(throws: ShapeMismatch.self) { try GRU(last).outputShape(for: shape) }
    }
    #expect(throws: ShapeMismatch.self) {
      try LSTM(.init(units: 65_536)).outputShape(for: [1, 1])
    }
    #expect(throws: ShapeMismatch.self) {
      try LSTM(.init(units: 1)).outputShape(for: [1, .max])
    }
  }

  @Test func weightsBeginAsInPyTorch() throws {
    let fixture = try RecurrentFixture<Double>(
      LSTM(.init(units: 64)), steps: 1, features: 50, rows: 1)
    for parameter in fixture.layer.parameters {
      let values = parameter.value.array
      let bound = 1.0 / 8
      #expect(values.allSatisfy { abs($0) <= bound }, "\(parameter.name)")
      let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      #expect(abs(variance / (bound * bound / 3) - 1) < 0.15, "\(parameter.name)")
    }
    let numbers = fixture.layer.parameters.flatMap { $0.value.array }
    #expect(Set(numbers).count > numbers.count * 99 / 100)
  }

  @Test func rotationsKeepLengths() throws {
    let units = 5
    let plan = RecurrentPlan(units: units, recurrentInitializer: .orthogonal)
    let fixture = try RecurrentFixture<Double>(GRU(plan), steps: 1, features: 2, rows: 1)
    let weight = fixture.layer.parameters[1].value.array
    for gate in 0..<3 {
      for (one, other) in (0..<units * units).map({ ($0 / units, $0 % units) }) {
        let product = (0..<units).reduce(0) {
          $0 + weight[(gate * units + one) * units + $1]
            * weight[(gate * units + other) * units + $1]
        }
        #expect(abs(product - (one == other ? 1 : 0)) < 1e-14)
      }
    }
    #expect(weight[0] != weight[units * units])
  }

  @Test func otherWeightsBeginAsAskedFor() throws {
    let plan = RecurrentPlan(units: 50, initializer: .normal(deviation: 3))
    let fixture = try RecurrentFixture<Double>(GRU(plan), steps: 1, features: 40, rows: 1)
    let values = fixture.layer.parameters.map { $0.value.array }
    let variance = values[0].reduce(0) { $0 + $1 * $1 } / Double(values[0].count)
    #expect(abs(variance - 9) < 1)
    #expect(values[1].allSatisfy { abs($0) < 0.15 })
    #expect((values[2] + values[3]).allSatisfy { $0 == 0 })
  }

  @Test func identityKeepsTheState() throws {
    let plan = RecurrentPlan(units: 3, recurrentInitializer: .identity)
    let fixture = try RecurrentFixture<Double>(
      RNN(plan, rectifies: true), steps: 1, features: 2, rows: 1)
    #expect(fixture.layer.parameters[1].value.array == [1, 0, 0, 0, 1, 0, 0, 0, 1])
  }
}
