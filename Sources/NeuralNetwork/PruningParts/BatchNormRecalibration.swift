import Tensors

/// After surgery on weights: takes the running statistics of all batch normalisations anew, as the
/// mean over batches.
public struct BatchNormRecalibration<Scalar: TensorScalar> {
  private let network: Network<Scalar>

  public init(_ network: Network<Scalar>) {
    self.network = network
  }

  public func run(_ samples: PruningSamples<Scalar>) {
    guard !network.statistics.isEmpty else { return }
    var count = 0
    samples.forEach { input, _, pass in
      count += 1
      var training = Pass(
        rows: pass.rows, isTraining: true, updatesStatistics: true, step: 0, lengths: pass.lengths)
      training.statisticsMomentum = 1 / Double(count)
      _ = network.forward(input, training)
    }
  }
}
