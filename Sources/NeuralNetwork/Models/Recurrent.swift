extension ModelPreset {
  static let rnn = recurrent("rnn", summary: "recurrent layer of 128 tanh units") {
    RNN(RecurrentPlan(units: 128, outputs: $0))
  }
  static let lstm = recurrent(
    "lstm", summary: "long short-term memory of 128 units",
    paper: "Hochreiter and Schmidhuber 1997, Long short-term memory"
  ) { LSTM(RecurrentPlan(units: 128, outputs: $0)) }
  static let gru = recurrent(
    "gru", summary: "gated recurrent layer of 128 units", paper: "Cho et al. 2014, arXiv 1406.1078"
  ) { GRU(RecurrentPlan(units: 128, outputs: $0)) }

  /// Reads sequences, [steps, features], and tells one thing at their end or one at each step, as
  /// the targets are.
  private static func recurrent(
    _ name: String, summary: String, paper: String? = nil,
    _ layer: @escaping @Sendable (RecurrentPlan.Outputs) -> any LayerDescription
  ) -> ModelPreset {
    ModelPreset(name, summary: summary, paper: paper) { targets in
      let isPerStep = targets.outputShape.count > 1
      return [
        layer(isPerStep ? .sequence : .last),
        Linear(outputs: targets.outputs, perStep: isPerStep),
      ]
    }
  }
}
