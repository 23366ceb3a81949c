import Tensors

/// Memory that passes from layer to layer during a step: gradients of activations and scratch.
/// What is given back is taken again, so after the first step nothing is allocated.
///
/// For one thread: layers take what their parallel blocks need before they start them.
public final class Workspace<Scalar: TensorScalar> {
  /// Scalars in all tensors that there are.
  public private(set) var capacity = 0
  private var free: [Tensor<Scalar>] = []

  public init() {
    let tensorsUsual = 64
    free.reserveCapacity(tensorsUsual)
  }

  /// A tensor of at least `count` scalars, of any content and shape.
  public func take(_ count: Int) -> Tensor<Scalar> {
    var best: Int?
    for index in free.indices where free[index].count >= count {
      if let found = best, free[found].count <= free[index].count { continue }
      best = index
    }
    if let best {
      // By hand: `swapAt` takes memory for it.
      let taken = free[best]
      let last = free.removeLast()
      if taken !== last { free[best] = last }
      return taken
    }
    capacity += count
    return Tensor(shape: [count])
  }

  /// Ends the use of a tensor that was taken.
  public func give(_ tensor: Tensor<Scalar>) {
    free.append(tensor)
  }
}
