import Tensors

/// h' = tanh(W_ih·x + b_ih + W_hh·h + b_hh), or max(…, 0) in place of tanh (Elman, "Finding
/// structure in time", 1990).
public struct RNN: RecurrentDescription {
  public static let kind = "rnn"
  public static let summary = "recurrent: state = tanh, or ReLU, of weighted input and state"
  public static let paper: String? = "Elman, Finding structure in time, 1990"

  public let plan: RecurrentPlan
  public let rectifies: Bool

  public init(_ plan: RecurrentPlan, rectifies: Bool = false) {
    self.plan = plan
    self.rectifies = rectifies
  }

  public init(_ settings: some Settings) throws {
    plan = try RecurrentPlan(settings)
    rectifies =
      try settings.choice("nonlinearity", of: ["tanh", "relu"], default: "tanh") == "relu"
  }

  var cell: RNNCell { RNNCell(rectifies: rectifies) }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    RecurrentLayer(plan, cell, construction)
  }
}

struct RNNCell: RecurrentCell {
  let rectifies: Bool
  let gates = RecurrentGate.inOrder(1)

  func step<Scalar: TensorScalar>(_ step: RecurrentStep<Scalar>) {
    if rectifies { Scalar.rectifierStep(step) } else { Scalar.tanhStep(step) }
  }

  func stepGradient<Scalar: TensorScalar>(_ step: RecurrentStep<Scalar>) {
    if rectifies { Scalar.rectifierStepGradient(step) } else { Scalar.tanhStepGradient(step) }
  }
}
