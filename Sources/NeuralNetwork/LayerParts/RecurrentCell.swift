import Tensors

/// What one kind of recurrent layer computes in a step; `RecurrentDirection` does everything around
/// it.
///
/// Each step multiplies what it reads, z = [x, 1, h], with a matrix that holds the weights and
/// biases of all gates; the cell makes the new state h' of the products, and may keep a memory c
/// beside it.
protocol RecurrentCell: Sendable {
  /// The gates as the cell's kernel has them side by side: those that read no state come first,
  /// those that read no input last.
  var gates: [RecurrentGate] { get }
  /// Whether there is a memory c beside the state.
  var hasMemory: Bool { get }

  func step<Scalar: TensorScalar>(_ step: RecurrentStep<Scalar>)
  func stepGradient<Scalar: TensorScalar>(_ step: RecurrentStep<Scalar>)
}

extension RecurrentCell {
  var hasMemory: Bool { false }
}

/// Which rows of PyTorch's weight_ih and weight_hh a gate is computed with, counted in blocks of as
/// many rows as there are units; nil: it does not read the input, or the state.
struct RecurrentGate: Sendable {
  let inputBlock: Int?
  let stateBlock: Int?

  /// Gates that all read both, in PyTorch's order.
  static func inOrder(_ count: Int) -> [RecurrentGate] {
    (0..<count).map { RecurrentGate(inputBlock: $0, stateBlock: $0) }
  }
}
