import Tensors

/// The Hessian of the mean loss over a batch times a direction, exactly: forward and backward on
/// dual numbers (the R-operator; Pearlmutter 1994). Where a rectifier bends, its second derivative
/// is taken as 0, as everywhere else on it.
public final class HessianVectorProduct<Scalar: TensorScalar> {
  private let network: Network<Scalar>
  private let twin: Network<Dual<Scalar>>
  private let input: Tensor<Dual<Scalar>>

  /// - Parameter batchSizeMax: samples of the largest batch; small ones are enough for curvature.
  public init(_ network: Network<Scalar>, batchSizeMax: Int) throws(NetworkError) {
    self.network = network
    twin = try network.twin(of: Dual<Scalar>.self, batchSizeMax: batchSizeMax)
    input = Tensor(shape: [batchSizeMax] + network.plan.inputShape)
  }

  /// - Parameters:
  ///   - input: [rows, …].
  ///   - direction: a tensor of each parameter's shape, in their order.
  ///   - product: takes the product, in the same form.
  /// - Returns: the loss at the network's present weights.
  public func evaluate(
    _ input: Tensor<Scalar>, _ targets: Targets<Scalar>, rows: Int, step: Int,
    direction: [Tensor<Scalar>], into product: [Tensor<Scalar>]
  ) -> LossResult {
    for (to, from) in zip(twin.statistics, network.statistics) { to.value.convert(from.value) }
    for (index, parameter) in network.parameters.enumerated() {
      let dual = twin.parameters[index].value
      for place in 0..<dual.count {
        dual.scalars[place] = Dual(
          parameter.value.scalars[place], tangent: direction[index].scalars[place])
      }
    }
    let size = self.input.count / twin.batchSizeMax
    for place in 0..<rows * size {
      self.input.scalars[place] = Dual(input.scalars[place], tangent: 0)
    }
    let pass = Pass(rows: rows, isTraining: true, updatesStatistics: false, step: step)
    let result = withDualTargets(targets, rows: rows) { twin.learn(self.input, $0, pass) }
    for (index, parameter) in twin.parameters.enumerated() {
      for place in 0..<parameter.gradient.count {
        product[index].scalars[place] = parameter.gradient.scalars[place].tangent
      }
    }
    return result
  }

  private func withDualTargets(
    _ targets: Targets<Scalar>, rows: Int, _ body: (Targets<Dual<Scalar>>) -> LossResult
  ) -> LossResult {
    switch targets {
    case .classes(let labels, let perSample):
      return body(.classes(labels, perSample: perSample))
    case .values(let values, let perSample):
      let duals = (0..<rows * perSample).map { Dual(values[$0], tangent: 0) }
      return duals.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return LossResult() }
        return body(.values(base, perSample: perSample))
      }
    }
  }
}
