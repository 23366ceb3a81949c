import Tensors

/// All scalars of some parameters cut into blocks of bounded size, for the threads of a pool.
/// The cut does not depend on the number of threads.
struct ParameterBlocks<Scalar: TensorScalar> {
  struct Block {
    let parameter: Int
    let offset, count: Int
  }

  let blocks: [Block]

  init(_ parameters: [Parameter<Scalar>]) {
    let scalarsPerBlockMax = 1 << 16
    blocks = parameters.indices.flatMap { index in
      let total = parameters[index].value.count
      return stride(from: 0, to: total, by: scalarsPerBlockMax).map { offset in
        Block(
          parameter: index, offset: offset, count: min(scalarsPerBlockMax, total - offset))
      }
    }
  }
}
