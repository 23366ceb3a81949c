import Tensors

/// Gated recurrent unit (Cho et al., "Learning phrase representations using RNN encoder-decoder",
/// 2014) in PyTorch's form, where the reset gate acts behind the product:
///
/// r, z = σ(W_ih·x + b_ih + W_hh·h + b_hh), n = tanh(W_in·x + b_in + r·(W_hn·h + b_hn)),
/// h' = (1 - z)·n + z·h.
public struct GRU: RecurrentDescription {
  public static let kind = "gru"
  public static let summary = "recurrent: gates decide what the state forgets and takes in"
  public static let paper: String? =
    "Cho et al., Learning phrase representations using RNN encoder-decoder, 2014"

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
    RecurrentLayer(plan, GRUCell(), construction)
  }
}

struct GRUCell: RecurrentCell {
  /// The candidate's input part, r, z, and the candidate's state part; PyTorch's order is r, z, n.
  let gates = [
    RecurrentGate(inputBlock: 2, stateBlock: nil),
    RecurrentGate(inputBlock: 0, stateBlock: 0),
    RecurrentGate(inputBlock: 1, stateBlock: 1),
    RecurrentGate(inputBlock: nil, stateBlock: 2),
  ]

  func step<Scalar: TensorScalar>(_ step: RecurrentStep<Scalar>) { Scalar.gruStep(step) }

  func stepGradient<Scalar: TensorScalar>(_ step: RecurrentStep<Scalar>) {
    Scalar.gruStepGradient(step)
  }
}
