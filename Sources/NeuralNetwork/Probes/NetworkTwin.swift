import Tensors

extension Network {
  /// A second network of the same layers, noise and statistics with memory of its own, on another
  /// kind of number: whatever is evaluated with it, this one stays as it is.
  ///
  /// Methods that need gradients at other weights set the twin's parameters and let it learn; a
  /// pass whose `updatesStatistics` is false leaves no trace in it either.
  /// - Parameter batchSizeMax: nil: this network's.
  public func twin<Other: TensorScalar>(
    of type: Other.Type, batchSizeMax: Int? = nil
  ) throws(NetworkError) -> Network<Other> {
    let twin = try Network<Other>(
      plan, batchSizeMax: batchSizeMax ?? self.batchSizeMax, pool: pool, seed: seed)
    twin.takeWeights(of: self)
    return twin
  }

  /// Takes over the weights and statistics of a network of the same plan.
  public func takeWeights<Other>(of other: Network<Other>) {
    for (to, from) in zip(parameters, other.parameters) { to.value.convert(from.value) }
    for (to, from) in zip(statistics, other.statistics) { to.value.convert(from.value) }
  }
}

extension Tensor {
  /// Takes over the numbers of a tensor of another kind and the same count.
  func convert<Other>(_ other: Tensor<Other>) {
    precondition(other.count == count, "tensors of one size")
    for index in 0..<count { scalars[index] = Scalar(other.scalars[index].double) }
  }
}
