import Tensors

/// Applies a rule to all weights, in blocks that the threads of a pool share.
final class WeightwiseOptimizer<Scalar: TensorScalar>: Optimizer, ParallelWork {
  var stepCount = 0
  let state: [(name: String, tensor: Tensor<Scalar>)]

  private let rule: any OptimizerDescription
  private let pool: WorkerPool
  private let parameters: [Parameter<Scalar>]
  /// Three for each parameter, nil where the rule has none.
  private let moments: [Tensor<Scalar>?]
  private let decays: [Double]
  private let blocks: ParameterBlocks
  private var learningRate = 0.0

  init(_ rule: any OptimizerDescription, _ parameters: [Parameter<Scalar>], pool: WorkerPool) {
    self.rule = rule
    self.pool = pool
    self.parameters = parameters
    let names = rule.momentNames
    precondition(names.count <= 3, "a rule has at most three moments")
    moments = parameters.flatMap { parameter in
      (0..<3).map { place in
        names.count > place && names[place] != nil ? Tensor(shape: parameter.value.shape) : nil
      }
    }
    let moments = moments
    state = names.indices.flatMap { place in
      parameters.indices.compactMap { index in
        guard let name = names[place], let tensor = moments[3 * index + place] else { return nil }
        return ("\(name).\(parameters[index].name)", tensor)
      }
    }
    decays = parameters.map { rule.weightDecay.rate(for: $0) }
    blocks = ParameterBlocks(parameters)
  }

  func step(learningRate: Double) {
    stepCount += 1
    self.learningRate = learningRate
    pool.run(self, blocks: blocks.count)
  }

  func perform(block: Int) {
    for piece in blocks.pieces(of: block) {
      let parameter = parameters[piece.parameter]
      parameter.maskGradients(from: piece.offset, count: piece.count)
      let arrays = StepArrays<Scalar>(
        weights: parameter.value.scalars + piece.offset,
        gradients: parameter.gradient.scalars + piece.offset,
        moments: (moment(0, piece), moment(1, piece), moment(2, piece)))
      rule.update(
        arrays, count: piece.count,
        WeightUpdate(
          step: stepCount, learningRate: learningRate, decay: decays[piece.parameter]))
    }
  }

  private func moment(
    _ place: Int, _ piece: ParameterBlocks.Piece
  ) -> UnsafeMutablePointer<Scalar>? {
    moments[3 * piece.parameter + place].map { $0.scalars + piece.offset }
  }

  func moments(of parameter: Parameter<Scalar>) -> [Tensor<Scalar>] {
    guard let index = parameters.firstIndex(where: { $0 === parameter }) else { return [] }
    return moments[3 * index..<3 * index + 3].compactMap { $0 }
  }

  func applyMasks() {
    for (index, parameter) in parameters.enumerated() {
      guard let mask = parameter.mask else { continue }
      for case let moment? in moments[3 * index..<3 * index + 3] {
        Scalar.multiply(moment.scalars, by: mask.scalars, count: moment.count)
      }
    }
  }
}

extension Parameter {
  /// Zeroes the gradients of weights that the mask removes, so that what is zero stays zero.
  func maskGradients(from offset: Int, count: Int) {
    guard let mask else { return }
    Scalar.multiply(gradient.scalars + offset, by: mask.scalars + offset, count: count)
  }
}
