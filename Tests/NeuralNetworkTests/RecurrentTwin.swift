import Glibc
import Tensors

@testable import NeuralNetwork

/// Recurrent layers as PyTorch's documentation writes them, one number after the other: the plain
/// twin of one direction of one layer.
struct RecurrentTwin {
  enum Kind: String, CaseIterable, Sendable {
    case tanh, relu, lstm, gru

    func description(_ plan: RecurrentPlan) -> any LayerDescription {
      switch self {
      case .tanh: RNN(plan)
      case .relu: RNN(plan, rectifies: true)
      case .lstm: LSTM(plan)
      case .gru: GRU(plan)
      }
    }
  }

  /// State and memory.
  struct State {
    var h: [Double]
    var c: [Double]
  }

  let kind: Kind
  let units: Int
  /// weight_ih, weight_hh, bias_ih, bias_hh
  let parameters: [Tensor<Double>]

  var start: State {
    State(
      h: [Double](repeating: 0, count: units), c: [Double](repeating: 0, count: units))
  }

  /// The states behind all steps.
  func states(_ inputs: [[Double]]) -> [State] {
    var state = start
    return inputs.map { input in
      state = next(input, state)
      return state
    }
  }

  func next(_ x: [Double], _ state: State) -> State {
    let product = { (weight: Int, row: Int, vector: [Double]) -> Double in
      let matrix = self.parameters[weight].array
      return vector.indices.reduce(self.parameters[weight + 2].array[row]) {
        $0 + matrix[row * vector.count + $1] * vector[$1]
      }
    }
    let sigmoid = { (value: Double) -> Double in 1 / (1 + exp(-value)) }
    var result = state
    for unit in 0..<units {
      let input = { (block: Int) -> Double in product(0, block * self.units + unit, x) }
      let hidden = { (block: Int) -> Double in product(1, block * self.units + unit, state.h) }
      switch kind {
      case .tanh: result.h[unit] = tanh(input(0) + hidden(0))
      case .relu: result.h[unit] = max(input(0) + hidden(0), 0)
      case .lstm:
        let (i, f) = (sigmoid(input(0) + hidden(0)), sigmoid(input(1) + hidden(1)))
        let (g, o) = (tanh(input(2) + hidden(2)), sigmoid(input(3) + hidden(3)))
        result.c[unit] = f * state.c[unit] + i * g
        result.h[unit] = o * tanh(result.c[unit])
      case .gru:
        let (r, z) = (sigmoid(input(0) + hidden(0)), sigmoid(input(1) + hidden(1)))
        let n = tanh(input(2) + r * hidden(2))
        result.h[unit] = (1 - z) * n + z * state.h[unit]
      }
    }
    return result
  }
}
