import Tensors

/// All scalars of some parameters cut into blocks of bounded size, for the threads of a pool.
/// The cut does not depend on the number of threads.
struct ParameterBlocks<Scalar: TensorScalar> {
  private struct Block {
    let parameter: Int
    let offset, count: Int
  }

  private let parameters: [Parameter<Scalar>]
  private let blocks: [Block]

  var count: Int { blocks.count }

  init(_ parameters: [Parameter<Scalar>]) {
    let scalarsPerBlockMax = 1 << 16
    self.parameters = parameters
    blocks = parameters.indices.flatMap { index in
      let total = parameters[index].value.count
      return stride(from: 0, to: total, by: scalarsPerBlockMax).map { offset in
        Block(
          parameter: index, offset: offset, count: min(scalarsPerBlockMax, total - offset))
      }
    }
  }

  /// The arrays that a step goes through in a block: weights, gradients, and the scalars of some
  /// moments of the parameters' shapes. Gradients of masked weights are zeroed first, so that what
  /// is zero stays zero.
  func arrays(
    of block: Int, moments: [Tensor<Scalar>]
  ) -> (arrays: StepArrays<Scalar>, parameter: Int, offset: Int, count: Int) {
    let block = blocks[block]
    let parameter = parameters[block.parameter]
    if let mask = parameter.mask {
      Scalar.multiply(
        parameter.gradient.scalars + block.offset, by: mask.scalars + block.offset,
        count: block.count)
    }
    let arrays = StepArrays<Scalar>(
      weights: parameter.value.scalars, gradients: parameter.gradient.scalars,
      moments: moments[block.parameter].scalars)
    return (arrays.advanced(by: block.offset), block.parameter, block.offset, block.count)
  }
}
