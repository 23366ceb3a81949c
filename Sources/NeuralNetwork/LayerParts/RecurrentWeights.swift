import Tensors

/// The weights of one direction of one recurrent layer: PyTorch's parameters, and all of them
/// joined in one matrix, [features + 1 + units, gates · units], that z = [x, 1, h] is multiplied
/// with. The 1 makes the biases a row of it: their sums and gradients come with the products.
final class RecurrentWeights<Scalar: TensorScalar> {
  /// weight_ih [blocks · units, features], weight_hh [blocks · units, units], bias_ih and bias_hh
  /// [blocks · units].
  let parameters: [Parameter<Scalar>]
  /// The extent of z.
  let width: Int
  /// The extent of all gates.
  let columns: Int
  /// Of the joined matrix.
  let gradient: Tensor<Scalar>

  private let features, units: Int
  /// The part of z that each gate reads.
  private let reads: [Range<Int>]
  /// The gates' columns that read the input, and those that read the state.
  private let inputColumns, stateColumns: Range<Int>
  private let pieces: [Piece]
  private let joined: Tensor<Scalar>
  private let packedGates: [Tensor<Scalar>]
  private let packedInput, packedState: Tensor<Scalar>

  /// Some rows of a parameter, and where they stand, transposed, in the joined matrix.
  private struct Piece {
    let parameter: Parameter<Scalar>
    let offset: Int
    /// Scalars of one of the parameter's rows.
    let extent: Int
    let row, column: Int
  }

  /// - Parameter suffix: "_l0", "_l1_reverse": layer and direction in the parameters' names.
  init(
    _ cell: some RecurrentCell, features: Int, plan: RecurrentPlan, suffix: String,
    _ construction: LayerConstruction<Scalar>, _ random: inout RandomSource
  ) {
    let units = plan.units
    self.features = features
    self.units = units
    let width = features + 1 + units
    self.width = width
    columns = cell.gates.count * units
    reads = cell.gates.map { gate in
      // The 1 always belongs to it.
      let first = gate.inputBlock == nil ? features : 0
      return first..<(gate.stateBlock == nil ? features + 1 : width)
    }
    let inputGates = cell.gates.count { $0.inputBlock != nil }
    let stateGates = cell.gates.count { $0.stateBlock != nil }
    inputColumns = 0..<inputGates * units
    stateColumns = columns - stateGates * units..<columns
    let rows = inputGates * units
    parameters = [
      construction.parameter("weight_ih\(suffix)", .weight, shape: [rows, features]),
      construction.parameter("weight_hh\(suffix)", .weight, shape: [rows, units]),
      construction.parameter("bias_ih\(suffix)", .bias, shape: [rows]),
      construction.parameter("bias_hh\(suffix)", .bias, shape: [rows]),
    ]
    // PyTorch's own range is that of the units for all of them.
    let inputs = plan.initializer == .pytorch ? units : features
    plan.initializer.fill(parameters[0].value, inputs: inputs, &random)
    plan.recurrentInitializer.fill(parameters[1].value, units: units, &random)
    for bias in parameters[2...] { plan.initializer.fillBias(bias.value, inputs: units, &random) }
    pieces = Self.pieces(cell.gates, parameters, features: features, units: units)
    joined = Tensor(shape: [width, columns])
    gradient = Tensor(shape: [width, columns])
    packedGates = reads.map {
      Tensor(shape: [Scalar.packedCount(inner: $0.count, columns: units)])
    }
    packedInput = Tensor(
      shape: [Scalar.packedCount(inner: inputColumns.count, columns: features)])
    packedState = Tensor(shape: [Scalar.packedCount(inner: stateColumns.count, columns: units)])
  }

  private static func pieces(
    _ gates: [RecurrentGate], _ parameters: [Parameter<Scalar>], features: Int, units: Int
  ) -> [Piece] {
    var pieces: [Piece] = []
    for (index, gate) in gates.enumerated() {
      let column = index * units
      let add = { (parameter: Int, block: Int, extent: Int, row: Int) in
        pieces.append(
          Piece(
            parameter: parameters[parameter], offset: block * units * extent, extent: extent,
            row: row, column: column))
      }
      if let block = gate.inputBlock {
        add(0, block, features, 0)
        add(2, block, 1, features)
      }
      if let block = gate.stateBlock {
        add(1, block, units, features + 1)
        add(3, block, 1, features)
      }
    }
    return pieces
  }

  /// Joins and packs the parameters as they are now, for the products of one pass.
  func prepare() {
    joined.fill(0)
    let matrix = StridedMatrix(joined.scalars, rowStride: columns)
    for piece in pieces {
      let rows = StridedMatrix(
        piece.parameter.value.scalars + piece.offset, rowStride: piece.extent)
      // Two biases add up in one row.
      Scalar.copy(
        rows.transposed, to: matrix.from(row: piece.row, column: piece.column),
        rows: piece.extent, columns: units, adds: true)
    }
    for (index, read) in reads.enumerated() {
      Scalar.pack(
        matrix.from(row: read.lowerBound, column: index * units), inner: read.count,
        columns: units, into: packedGates[index].scalars)
    }
  }

  /// Packs what the backward products need, behind `prepare`.
  func prepareGradient(needsInputGradient: Bool) {
    let matrix = StridedMatrix(joined.scalars, rowStride: columns)
    Scalar.pack(
      matrix.from(row: features + 1, column: stateColumns.lowerBound).transposed,
      inner: stateColumns.count, columns: units, into: packedState.scalars)
    guard needsInputGradient else { return }
    Scalar.pack(
      matrix.transposed, inner: inputColumns.count, columns: features,
      into: packedInput.scalars)
  }

  /// What goes into the gates: gates = z · joined, for some rows.
  func multiply(_ z: StridedMatrix<Scalar>, into gates: StridedMatrix<Scalar>, rows: Int) {
    for (index, read) in reads.enumerated() {
      Scalar.multiply(
        z.from(column: read.lowerBound), packed: packedGates[index].scalars,
        into: gates.from(column: index * units), rows: rows, inner: read.count, columns: units,
        adds: false)
    }
  }

  /// Adds to the gradient of h what comes through the gates.
  func addStateGradient(
    of gates: StridedMatrix<Scalar>, to state: StridedMatrix<Scalar>, rows: Int
  ) {
    Scalar.multiply(
      gates.from(column: stateColumns.lowerBound), packed: packedState.scalars,
      into: state, rows: rows, inner: stateColumns.count, columns: units, adds: true)
  }

  /// The gradient of x.
  func inputGradient(
    of gates: StridedMatrix<Scalar>, into input: StridedMatrix<Scalar>, rows: Int
  ) {
    Scalar.multiply(
      gates, packed: packedInput.scalars, into: input, rows: rows,
      inner: inputColumns.count, columns: features, adds: false)
  }

  /// Hands the gradient of the joined matrix out to the parameters.
  func distributeGradient() {
    let matrix = StridedMatrix(gradient.scalars, rowStride: columns)
    for piece in pieces {
      let rows = StridedMatrix(
        piece.parameter.gradient.scalars + piece.offset, rowStride: piece.extent)
      Scalar.copy(
        matrix.from(row: piece.row, column: piece.column), to: rows.transposed,
        rows: piece.extent, columns: units, adds: false)
    }
  }
}
