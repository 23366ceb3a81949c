import Tensors

/// A layer that can tell how much each sample of a batch adds to its gradients without computing
/// the gradients of single samples.
protocol SampleGradientMeasuring<Scalar>: AnyObject {
  associatedtype Scalar: TensorScalar

  /// False where a sample has several rows of its own, whose gradients mix.
  var canMeasureSamples: Bool { get }
  /// While set, `backward` adds for each row the squared norm of its part of the gradients.
  var sampleSquares: UnsafeMutablePointer<Double>? { get set }
}

/// The norm of the loss's gradient for each sample of a batch, over all parameters.
///
/// Where all weights are in linear layers it costs one pass: the gradient of a row is an outer
/// product, whose norm is the product of two norms (Goodfellow, "Efficient per-example gradient
/// computations", 2015). Otherwise samples go one by one. Normalisation uses the running
/// statistics, since a sample alone has no batch.
public final class SampleGradientNorms<Scalar: TensorScalar> {
  private let network: Network<Scalar>
  private let twin: Network<Scalar>
  private let measuring: [any SampleGradientMeasuring<Scalar>]?
  private let single: Tensor<Scalar>

  public init(_ network: Network<Scalar>, batchSizeMax: Int) throws(NetworkError) {
    self.network = network
    let weighted = network.leaves.filter { !$0.parameters.isEmpty }
    let isCheap = weighted.allSatisfy {
      ($0 as? any SampleGradientMeasuring<Scalar>)?.canMeasureSamples ?? false
    }
    twin = try network.twin(of: Scalar.self, batchSizeMax: isCheap ? batchSizeMax : 1)
    measuring =
      isCheap ? twin.leaves.compactMap { $0 as? any SampleGradientMeasuring<Scalar> } : nil
    single = Tensor(shape: [1] + network.plan.inputShape)
  }

  /// - Returns: the norm of each row's gradient, as if the row were the whole batch.
  public func evaluate(
    _ input: Tensor<Scalar>, _ targets: Targets<Scalar>, rows: Int
  ) -> [Double] {
    twin.takeWeights(of: network)
    guard let measuring else {
      return (0..<rows).map { norm(ofRow: $0, input, targets) }
    }
    var squares = [Double](repeating: 0, count: rows)
    squares.withUnsafeMutableBufferPointer { buffer in
      for layer in measuring { layer.sampleSquares = buffer.baseAddress }
      _ = twin.learn(input, targets, .evaluation(rows: rows))
      for layer in measuring { layer.sampleSquares = nil }
    }
    // The gradients are those of the mean over the batch.
    return squares.map { $0.squareRoot() * Double(rows) }
  }

  private func norm(
    ofRow row: Int, _ input: Tensor<Scalar>, _ targets: Targets<Scalar>
  ) -> Double {
    single.scalars.update(from: input.scalars + row * single.count, count: single.count)
    let target: Targets<Scalar> =
      switch targets {
      case .classes(let labels, let perSample):
        .classes(labels + row * perSample, perSample: perSample)
      case .values(let values, let perSample):
        .values(values + row * perSample, perSample: perSample)
      }
    _ = twin.learn(single, target, .evaluation(rows: 1))
    return twin.parameters.reduce(0) {
      $0 + Scalar.sumOfSquares($1.gradient.scalars, count: $1.gradient.count)
    }.squareRoot()
  }
}
