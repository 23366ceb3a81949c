import Tensors

/// Recurrent layers above one another, each in one or both directions.
final class RecurrentLayer<Scalar: TensorScalar, Cell: RecurrentCell>: Layer {
  let name: String
  let parameters: [Parameter<Scalar>]
  let flopsPerSample: Int

  private let levels: [Level]
  private let steps: Int
  private let workspace: Workspace<Scalar>

  /// The directions of one layer, and what they give, side by side.
  private struct Level {
    let features: Int
    let directions: [RecurrentDirection<Scalar, Cell>]
    let output: Tensor<Scalar>
  }

  init(_ plan: RecurrentPlan, _ cell: Cell, _ construction: LayerConstruction<Scalar>) {
    name = construction.name
    steps = construction.inputShape[0]
    workspace = construction.workspace
    let (steps, width) = (steps, plan.units * plan.directions)
    var random = construction.random
    levels = (0..<plan.layers).map { index in
      let isTop = index == plan.layers - 1
      let features = index == 0 ? construction.inputShape[1] : width
      return Level(
        features: features,
        directions: (0..<plan.directions).map { direction in
          RecurrentDirection(
            cell, plan, features: features, outputs: isTop ? plan.outputs : .sequence,
            isReverse: direction == 1, suffix: "_l\(index)\(direction == 1 ? "_reverse" : "")",
            construction, &random)
        },
        output: isTop
          ? construction.makeOutput()
          : construction.makeMemory([steps, width]))
    }
    let directions = levels.flatMap { $0.directions }
    parameters = directions.flatMap { $0.weights.parameters }
    flopsPerSample = parameters.reduce(0) {
      $0 + ($1.role == .weight ? 2 * steps * $1.value.count : 0)
    }
  }

  func forward(_ input: Tensor<Scalar>, _ pass: Pass) -> Tensor<Scalar> {
    var output = input
    for level in levels {
      for direction in level.directions { direction.forward(output, into: level.output, pass) }
      output = level.output
    }
    return output
  }

  func backward(
    _ outputGradient: Tensor<Scalar>, _ pass: Pass, needsInputGradient: Bool
  ) -> Tensor<Scalar>? {
    var gradient = outputGradient
    for index in levels.indices.reversed() {
      let level = levels[index]
      let isNeeded = needsInputGradient || index > 0
      let inputGradient =
        isNeeded ? workspace.take(pass.rows * steps * level.features) : nil
      // Indices, because `enumerated` allocates memory here.
      for number in level.directions.indices {
        level.directions[number].backward(
          gradient, into: inputGradient, adds: number > 0, pass)
      }
      workspace.give(gradient)
      guard let inputGradient else { return nil }
      gradient = inputGradient
    }
    return gradient
  }
}
