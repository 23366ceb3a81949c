import Tensors

/// Long short-term memory (Hochreiter, Schmidhuber 1997) with forget gates (Gers, Schmidhuber,
/// Cummins, "Learning to forget", 2000). With a = W_ih·x + b_ih + W_hh·h + b_hh for each of i, f, g
/// and o:
///
/// c' = σ(f)·c + σ(i)·tanh(g), h' = σ(o)·tanh(c').
public struct LSTM: RecurrentDescription {
  public static let kind = "lstm"
  public static let summary = "recurrent: gates decide what a memory keeps, takes in and shows"
  public static let paper: String? =
    "Hochreiter and Schmidhuber, Long short-term memory, 1997; Gers et al. 2000"

  public let plan: RecurrentPlan

  public init(_ plan: RecurrentPlan) {
    self.plan = plan
  }

  public init(_ settings: some Settings) throws {
    plan = try RecurrentPlan(settings)
  }

  public func makeLayer<Scalar: TensorScalar>(
    _ construction: LayerConstruction<Scalar>
  ) -> any Layer<Scalar> {
    RecurrentLayer(plan, LSTMCell(), construction)
  }
}

struct LSTMCell: RecurrentCell {
  let gates = RecurrentGate.inOrder(4)
  let hasMemory = true

  func step<Scalar: TensorScalar>(_ step: RecurrentStep<Scalar>) { Scalar.lstmStep(step) }

  func stepGradient<Scalar: TensorScalar>(_ step: RecurrentStep<Scalar>) {
    Scalar.lstmStepGradient(step)
  }
}
