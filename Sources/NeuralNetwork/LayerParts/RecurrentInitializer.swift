import Tensors

/// How the weights from state to state begin.
public enum RecurrentInitializer: String, Sendable, CaseIterable {
  /// Uniform between ±1/√units, as PyTorch's are.
  case uniform
  /// Rotations, which neither shrink nor stretch a state (Saxe, McClelland, Ganguli, "Exact
  /// solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014).
  case orthogonal
  /// The state stays what it is (Le, Jaitly, Hinton, "A simple way to initialize recurrent networks
  /// of rectified linear units", 2015).
  case identity

  /// Fills weight_hh, [gates · units, units], gate by gate.
  func fill<Scalar>(_ weight: Tensor<Scalar>, units: Int, _ random: inout RandomSource) {
    if self == .uniform { return Initializer.pytorch.fill(weight, inputs: units, &random) }
    let gate = Tensor<Scalar>(shape: [units, units])
    for block in 0..<weight.count / gate.count {
      if self == .orthogonal {
        Initializer.orthogonal.fill(gate, &random)
      } else {
        for index in 0..<units { gate[index * units + index] = 1 }
      }
      for index in 0..<gate.count { weight[block * gate.count + index] = gate[index] }
    }
  }
}
