import CKernels

/// What the cells of recurrent layers compute in one step, apart from products.
///
/// A step begins with what goes into the gates and leaves the gates in its place; the backward step
/// begins with the gates and leaves the gradients of what went in.
public protocol RecurrentKernels: TensorArithmetic {
  /// h' = tanh(a)
  static func tanhStep(_ step: RecurrentStep<Self>)
  static func tanhStepGradient(_ step: RecurrentStep<Self>)

  /// h' = max(a, 0)
  static func rectifierStep(_ step: RecurrentStep<Self>)
  static func rectifierStepGradient(_ step: RecurrentStep<Self>)

  /// Gates i, f, g, o: c' = σ(f)·c + σ(i)·tanh(g), h' = σ(o)·tanh(c')
  static func lstmStep(_ step: RecurrentStep<Self>)
  static func lstmStepGradient(_ step: RecurrentStep<Self>)

  /// Gates n, r, z and m, the state's part of the candidate:
  /// h' = (1 - σ(z))·tanh(n + σ(r)·m) + σ(z)·h
  static func gruStep(_ step: RecurrentStep<Self>)
  static func gruStepGradient(_ step: RecurrentStep<Self>)
}

/// One step of some rows. Gates are [rows, gates of the cell, units] without gaps, memories and
/// gradients [rows, units]; rows of the states are `stateStride` apart.
public struct RecurrentStep<Scalar: TensorArithmetic>: @unchecked Sendable {
  public var rows: Int
  public var units: Int
  public var gates: UnsafeMutablePointer<Scalar>
  /// h and h'.
  public var state, nextState: UnsafeMutablePointer<Scalar>
  public var stateStride: Int
  /// c and c'; only the LSTM has them.
  public var memory, nextMemory: UnsafeMutablePointer<Scalar>
  /// Before the backward step the gradient of h'; behind it what of it reaches h without passing
  /// through the gates.
  public var stateGradient: UnsafeMutablePointer<Scalar>
  /// Before the backward step the gradient of c' from later steps; behind it that of c.
  public var memoryGradient: UnsafeMutablePointer<Scalar>

  public init(
    rows: Int, units: Int, gates: UnsafeMutablePointer<Scalar>,
    state: UnsafeMutablePointer<Scalar>, nextState: UnsafeMutablePointer<Scalar>,
    stateStride: Int, memory: UnsafeMutablePointer<Scalar>,
    nextMemory: UnsafeMutablePointer<Scalar>, stateGradient: UnsafeMutablePointer<Scalar>,
    memoryGradient: UnsafeMutablePointer<Scalar>
  ) {
    self.rows = rows
    self.units = units
    self.gates = gates
    self.state = state
    self.nextState = nextState
    self.stateStride = stateStride
    self.memory = memory
    self.nextMemory = nextMemory
    self.stateGradient = stateGradient
    self.memoryGradient = memoryGradient
  }
}

extension RecurrentStep {
  /// Goes through all units of all rows: the step of each is at its first row and unit.
  /// - Parameter count: gates that the cell has.
  fileprivate func forEachUnit(gates count: Int, _ body: (RecurrentStep) -> Void) {
    for row in 0..<rows {
      for unit in 0..<units {
        let place = row * units + unit
        var step = self
        step.gates += count * row * units + unit
        step.state += row * stateStride + unit
        step.nextState += row * stateStride + unit
        step.memory += place
        step.nextMemory += place
        step.stateGradient += place
        step.memoryGradient += place
        body(step)
      }
    }
  }

  /// A gate of the first row and unit.
  fileprivate subscript(gate: Int) -> Scalar {
    get { gates[gate * units] }
    nonmutating set { gates[gate * units] = newValue }
  }
}

extension RecurrentKernels {
  public static func tanhStep(_ step: RecurrentStep<Self>) {
    step.forEachUnit(gates: 1) { unit in
      unit[0] = hyperbolicTangent(unit[0])
      unit.nextState.pointee = unit[0]
    }
  }

  public static func tanhStepGradient(_ step: RecurrentStep<Self>) {
    step.forEachUnit(gates: 1) { unit in
      unit[0] = unit.stateGradient.pointee * (1 - unit[0] * unit[0])
      unit.stateGradient.pointee = 0
    }
  }

  public static func rectifierStep(_ step: RecurrentStep<Self>) {
    step.forEachUnit(gates: 1) { unit in
      unit[0] = unit[0] <= 0 ? 0 : unit[0]
      unit.nextState.pointee = unit[0]
    }
  }

  public static func rectifierStepGradient(_ step: RecurrentStep<Self>) {
    step.forEachUnit(gates: 1) { unit in
      unit[0] = unit[0] > 0 ? unit.stateGradient.pointee : 0
      unit.stateGradient.pointee = 0
    }
  }

  public static func lstmStep(_ step: RecurrentStep<Self>) {
    step.forEachUnit(gates: 4) { unit in
      let (i, f, o) = (logistic(unit[0]), logistic(unit[1]), logistic(unit[3]))
      let g = hyperbolicTangent(unit[2])
      let c = f * unit.memory.pointee + i * g
      (unit[0], unit[1], unit[2], unit[3]) = (i, f, g, o)
      unit.nextMemory.pointee = c
      unit.nextState.pointee = o * hyperbolicTangent(c)
    }
  }

  public static func lstmStepGradient(_ step: RecurrentStep<Self>) {
    step.forEachUnit(gates: 4) { unit in
      let (i, f, g, o) = (unit[0], unit[1], unit[2], unit[3])
      let t = hyperbolicTangent(unit.nextMemory.pointee)
      let dh = unit.stateGradient.pointee
      let dc = unit.memoryGradient.pointee + dh * o * (1 - t * t)
      unit[0] = dc * g * i * (1 - i)
      unit[1] = dc * unit.memory.pointee * f * (1 - f)
      unit[2] = dc * i * (1 - g * g)
      unit[3] = dh * t * o * (1 - o)
      unit.memoryGradient.pointee = dc * f
      unit.stateGradient.pointee = 0
    }
  }

  public static func gruStep(_ step: RecurrentStep<Self>) {
    step.forEachUnit(gates: 4) { unit in
      let (r, z) = (logistic(unit[1]), logistic(unit[2]))
      let n = hyperbolicTangent(unit[0] + r * unit[3])
      (unit[0], unit[1], unit[2]) = (n, r, z)
      unit.nextState.pointee = n + z * (unit.state.pointee - n)
    }
  }

  public static func gruStepGradient(_ step: RecurrentStep<Self>) {
    step.forEachUnit(gates: 4) { unit in
      let (n, r, z, m) = (unit[0], unit[1], unit[2], unit[3])
      let dh = unit.stateGradient.pointee
      let slope = dh * (1 - z) * (1 - n * n)
      unit[0] = slope
      unit[1] = slope * m * r * (1 - r)
      unit[2] = dh * (unit.state.pointee - n) * z * (1 - z)
      unit[3] = slope * r
      unit.stateGradient.pointee = dh * z
    }
  }

  /// σ(x) = 1 / (1 + exp(-x))
  private static func logistic(_ value: Self) -> Self { 1 / (1 + exponential(-value)) }
}

extension Float {
  public static func tanhStep(_ step: RecurrentStep<Float>) {
    step.run(nn_recurrent_kernels_best().pointee.rnn_tanh)
  }

  public static func tanhStepGradient(_ step: RecurrentStep<Float>) {
    step.run(nn_recurrent_kernels_best().pointee.rnn_tanh_gradient)
  }

  public static func rectifierStep(_ step: RecurrentStep<Float>) {
    step.run(nn_recurrent_kernels_best().pointee.rnn_relu)
  }

  public static func rectifierStepGradient(_ step: RecurrentStep<Float>) {
    step.run(nn_recurrent_kernels_best().pointee.rnn_relu_gradient)
  }

  public static func lstmStep(_ step: RecurrentStep<Float>) {
    step.run(nn_recurrent_kernels_best().pointee.lstm)
  }

  public static func lstmStepGradient(_ step: RecurrentStep<Float>) {
    step.run(nn_recurrent_kernels_best().pointee.lstm_gradient)
  }

  public static func gruStep(_ step: RecurrentStep<Float>) {
    step.run(nn_recurrent_kernels_best().pointee.gru)
  }

  public static func gruStepGradient(_ step: RecurrentStep<Float>) {
    step.run(nn_recurrent_kernels_best().pointee.gru_gradient)
  }
}

extension RecurrentStep<Float> {
  fileprivate func run(_ kernel: (UnsafePointer<nn_recurrent_step>?) -> Void) {
    var arguments = nn_recurrent_step(
      rows: rows, units: units, state_stride: stateStride, gates: gates, state: state,
      next_state: nextState, memory: memory, next_memory: nextMemory,
      state_gradient: stateGradient, memory_gradient: memoryGradient)
    kernel(&arguments)
  }
}
