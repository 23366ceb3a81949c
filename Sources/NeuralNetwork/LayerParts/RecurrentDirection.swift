import Tensors

/// One recurrent layer reading its sequences in one direction.
///
/// Rows of the batch never meet, so they are cut into blocks, and each block goes through all
/// steps on a thread of its own. The numbers of a block lie together, step after step: [steps, rows
/// of the block, …]. Steps are counted as the direction reads them: a reverse direction's step 0 is
/// a row's last valid one. A row that is past its end has the state 0 and sends no gradient back.
final class RecurrentDirection<Scalar: TensorScalar, Cell: RecurrentCell>: ParallelWork {
  let weights: RecurrentWeights<Scalar>

  private let cell: Cell
  private let truncation: Int
  private let outputs: RecurrentPlan.Outputs
  private let steps, features, units, memoryUnits: Int
  private let isReverse: Bool
  private let pool: WorkerPool
  /// The first column of the output that is this direction's, and the columns that there are.
  private let outputColumn, outputWidth: Int

  /// What each step reads, [x, 1, h].
  private let reads: Tensor<Scalar>
  /// What goes into the gates, then the gates, then their gradients.
  private let gates: Tensor<Scalar>
  /// The cell's memory before each step and behind the last.
  private let memory: Tensor<Scalar>
  /// The state behind the last step, with room for x and 1 as in `reads`.
  private let lastState: Tensor<Scalar>
  /// Of h and c between two steps, and of x.
  private let stateGradient, memoryGradient, readGradient: Tensor<Scalar>

  /// What is done to all blocks at the moment.
  private enum Phase {
    case forward, backward, weights
  }
  private var phase = Phase.forward
  private var pass = Pass.evaluation(rows: 0)
  private var rowsPerBlock = 1
  /// The input and the output, and in the backward pass their gradients.
  private var input, output: UnsafeMutablePointer<Scalar>?
  private var addsInputGradient = false
  /// False once the backward pass has put gradients in the gates' place.
  private var hasGates = false

  /// - Parameters:
  ///   - features: the width of the sequences that this layer reads.
  ///   - outputs: what is written into the output.
  ///   - suffix: "_l0", "_l1_reverse": layer and direction in the parameters' names.
  init(
    _ cell: Cell, _ plan: RecurrentPlan, features: Int, outputs: RecurrentPlan.Outputs,
    isReverse: Bool, suffix: String, _ construction: LayerConstruction<Scalar>,
    _ random: inout RandomSource
  ) {
    self.cell = cell
    self.outputs = outputs
    truncation = plan.truncation
    self.features = features
    self.isReverse = isReverse
    steps = construction.inputShape[0]
    units = plan.units
    memoryUnits = cell.hasMemory ? units : 0
    pool = construction.pool
    outputColumn = isReverse ? units : 0
    outputWidth = units * plan.directions
    weights = RecurrentWeights(
      cell, features: features, plan: plan, suffix: suffix, construction, &random)
    let rows = construction.batchSizeMax
    reads = construction.makeMemory([steps, weights.width])
    gates = construction.makeMemory([steps, weights.columns])
    memory = construction.makeMemory([steps + 1, memoryUnits])
    lastState = Tensor(shape: [rows, weights.width])
    stateGradient = Tensor(shape: [rows, units])
    memoryGradient = Tensor(shape: [rows, memoryUnits])
    readGradient = Tensor(shape: [rows, features])
    for row in 0..<rows * steps { reads[row * weights.width + features] = 1 }
  }

  /// - Parameters:
  ///   - input: [rows, steps, features].
  ///   - output: takes this direction's columns.
  func forward(_ input: Tensor<Scalar>, into output: Tensor<Scalar>, _ pass: Pass) {
    weights.prepare()
    run(.forward, input.scalars, output.scalars, pass)
    hasGates = true
  }

  /// Fills the parameters' gradients, and that of the input, or adds to it, unless it is nil.
  func backward(
    _ outputGradient: Tensor<Scalar>, into inputGradient: Tensor<Scalar>?, adds: Bool, _ pass: Pass
  ) {
    precondition(hasGates, "each backward pass follows a forward pass of its own")
    hasGates = false
    addsInputGradient = adds
    weights.prepareGradient(needsInputGradient: inputGradient != nil)
    run(.backward, inputGradient?.scalars, outputGradient.scalars, pass)
    phase = .weights
    pool.run(self, blocks: (weights.columns + columnsPerBlock - 1) / columnsPerBlock)
    weights.distributeGradient()
  }

  /// Columns of the weights' gradient that a block sums up: narrow ones feed more threads, wide
  /// ones read what the steps read less often.
  private var columnsPerBlock: Int { weights.columns < 512 ? 64 : 128 }

  private func run(
    _ phase: Phase, _ input: UnsafeMutablePointer<Scalar>?, _ output: UnsafeMutablePointer<Scalar>,
    _ pass: Pass
  ) {
    self.phase = phase
    self.input = input
    self.output = output
    self.pass = pass
    // A dozen fill the registers of a product; each block reads all weights for its rows.
    let rowsPerBlockMin = 12
    let blocks = max(1, pass.rows / rowsPerBlockMin)
    rowsPerBlock = max(1, (pass.rows + blocks - 1) / blocks)
    pool.run(self, blocks: (pass.rows + rowsPerBlock - 1) / rowsPerBlock)
  }

  func perform(block: Int) {
    switch phase {
    case .forward: goForward(rows(of: block))
    case .backward: goBackward(rows(of: block))
    case .weights: sumWeights(from: block * columnsPerBlock)
    }
  }

  private func goForward(_ rows: Range<Int>) {
    clear(reads(rows, 0).from(column: features + 1), rows: rows.count, columns: units)
    clear(memory(rows, 0), rows: rows.count, columns: memoryUnits)
    for step in 0..<steps {
      readInput(rows, step)
      weights.multiply(reads(rows, step), into: gates(rows, step), rows: rows.count)
      cell.step(kernelStep(rows, step))
      writeOutput(rows, step)
    }
  }

  private func goBackward(_ rows: Range<Int>) {
    let state = stateGradient(rows)
    let memory = StridedMatrix(
      memoryGradient.scalars + rows.lowerBound * memoryUnits, rowStride: memoryUnits)
    var isCut = true
    for step in (0..<steps).reversed() {
      if isCut {
        clear(state, rows: rows.count, columns: units)
        clear(memory, rows: rows.count, columns: memoryUnits)
      }
      readOutputGradient(rows, step)
      cell.stepGradient(kernelStep(rows, step))
      writeInputGradient(rows, step)
      isCut = truncation > 0 && step % truncation == 0
      if !isCut && step > 0 {
        weights.addStateGradient(of: gates(rows, step), to: state, rows: rows.count)
      }
    }
  }

  private func sumWeights(from column: Int) {
    let gates = StridedMatrix(gates.scalars, rowStride: weights.columns)
    let sums = StridedMatrix(weights.gradient.scalars, rowStride: weights.columns)
    Scalar.multiplyTransposed(
      StridedMatrix(reads.scalars, rowStride: weights.width), gates.from(column: column),
      into: sums.from(column: column), rows: weights.width, inner: pass.rows * steps,
      columns: min(columnsPerBlock, weights.columns - column))
  }
}

// Where the numbers of a block are.
extension RecurrentDirection {
  private func rows(of block: Int) -> Range<Int> {
    block * rowsPerBlock..<min(pass.rows, (block + 1) * rowsPerBlock)
  }

  private func reads(_ rows: Range<Int>, _ step: Int) -> StridedMatrix<Scalar> {
    let first = rows.lowerBound * steps + step * rows.count
    return StridedMatrix(reads.scalars + first * weights.width, rowStride: weights.width)
  }

  private func gates(_ rows: Range<Int>, _ step: Int) -> StridedMatrix<Scalar> {
    let first = rows.lowerBound * steps + step * rows.count
    return StridedMatrix(gates.scalars + first * weights.columns, rowStride: weights.columns)
  }

  /// The state before a step.
  private func state(_ rows: Range<Int>, _ step: Int) -> StridedMatrix<Scalar> {
    let matrix =
      step < steps
      ? reads(rows, step)
      : StridedMatrix(
        lastState.scalars + rows.lowerBound * weights.width, rowStride: weights.width)
    return matrix.from(column: features + 1)
  }

  /// The memory before a step.
  private func memory(_ rows: Range<Int>, _ step: Int) -> StridedMatrix<Scalar> {
    let first = rows.lowerBound * (steps + 1) + step * rows.count
    return StridedMatrix(memory.scalars + first * memoryUnits, rowStride: memoryUnits)
  }

  private func stateGradient(_ rows: Range<Int>) -> StridedMatrix<Scalar> {
    StridedMatrix(stateGradient.scalars + rows.lowerBound * units, rowStride: units)
  }

  private func kernelStep(_ rows: Range<Int>, _ step: Int) -> RecurrentStep<Scalar> {
    RecurrentStep(
      rows: rows.count, units: units, gates: gates(rows, step).scalars,
      state: state(rows, step).scalars, nextState: state(rows, step + 1).scalars,
      stateStride: weights.width, memory: memory(rows, step).scalars,
      nextMemory: memory(rows, step + 1).scalars, stateGradient: stateGradient(rows).scalars,
      memoryGradient: memoryGradient.scalars + rows.lowerBound * memoryUnits)
  }

  private func clear(_ matrix: StridedMatrix<Scalar>, rows: Int, columns: Int) {
    for row in 0..<rows {
      Scalar.clear(matrix.from(row: row).scalars, count: columns)
    }
  }
}

// What goes in and out; rows of different lengths go their own ways.
extension RecurrentDirection {
  /// Where in the sequences, as they are given, a step of some rows is. Behind the end of a
  /// sequence steps are where they would be without reversal.
  private func time(_ run: RowRun, _ step: Int) -> Int {
    isReverse && step < run.length ? run.length - 1 - step : step
  }

  /// x of the rows at a step, in the input or its gradient.
  private func input(_ run: RowRun, _ step: Int) -> StridedMatrix<Scalar>? {
    guard let input else { return nil }
    return StridedMatrix(
      input + (run.first * steps + time(run, step)) * features, rowStride: steps * features)
  }

  /// h' of the rows, in the output or its gradient; nil: the state behind this step is not given.
  private func output(_ run: RowRun, _ step: Int) -> StridedMatrix<Scalar>? {
    guard let output else { return nil }
    switch outputs {
    case .last:
      guard step == max(1, run.length) - 1 else { return nil }
      return StridedMatrix(
        output + run.first * outputWidth + outputColumn, rowStride: outputWidth)
    case .sequence:
      return StridedMatrix(
        output + (run.first * steps + time(run, step)) * outputWidth + outputColumn,
        rowStride: steps * outputWidth)
    }
  }

  private func readInput(_ rows: Range<Int>, _ step: Int) {
    for run in RowRuns(of: rows, steps: steps, lengths: pass.lengths) {
      let x = reads(rows, step).from(row: run.first - rows.lowerBound)
      if step < run.length, let input = input(run, step) {
        Scalar.copy(input, to: x, rows: run.count, columns: features, adds: false)
      } else {
        clear(x, rows: run.count, columns: features)
      }
    }
  }

  private func writeOutput(_ rows: Range<Int>, _ step: Int) {
    for run in RowRuns(of: rows, steps: steps, lengths: pass.lengths) {
      let first = run.first - rows.lowerBound
      let state = state(rows, step + 1).from(row: first)
      if step >= run.length {
        clear(state, rows: run.count, columns: units)
        clear(memory(rows, step + 1).from(row: first), rows: run.count, columns: memoryUnits)
      }
      if let output = output(run, step) {
        Scalar.copy(state, to: output, rows: run.count, columns: units, adds: false)
      }
    }
  }

  private func readOutputGradient(_ rows: Range<Int>, _ step: Int) {
    for run in RowRuns(of: rows, steps: steps, lengths: pass.lengths) where step < run.length {
      guard let gradient = output(run, step) else { continue }
      Scalar.copy(
        gradient, to: stateGradient(rows).from(row: run.first - rows.lowerBound),
        rows: run.count, columns: units, adds: true)
    }
  }

  private func writeInputGradient(_ rows: Range<Int>, _ step: Int) {
    guard input != nil else { return }
    let gradient = StridedMatrix(
      readGradient.scalars + rows.lowerBound * features, rowStride: features)
    weights.inputGradient(of: gates(rows, step), into: gradient, rows: rows.count)
    for run in RowRuns(of: rows, steps: steps, lengths: pass.lengths) {
      guard let input = input(run, step) else { continue }
      Scalar.copy(
        gradient.from(row: run.first - rows.lowerBound), to: input, rows: run.count,
        columns: features, adds: addsInputGradient)
    }
  }
}
