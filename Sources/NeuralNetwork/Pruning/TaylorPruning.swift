import Tensors

/// Removes the channels without which the loss changes least, to first order: |Σ w · ∂L/∂w| over
/// all weights w that read the channel, which is |Σ a · ∂L/∂a| over its activations a (Molchanov,
/// Tyree, Karras, Aila, Kautz, "Pruning convolutional neural networks for resource efficient
/// inference", 2017, section 2.2; Molchanov et al., "Importance estimation for neural network
/// pruning", 2019).
///
/// The readers' weights are taken, not the channel's own: in front of a batch normalisation the sum
/// over those is 0 whatever the channel is worth. The mean over batches of the samples; ours is
/// that the absolute value is of a batch, between that of a sample, and that of all, which vanishes
/// where training ends.
public struct TaylorPruning: ChannelPruning {
  public static let kind = "taylor"
  public static let summary = "removes channels without which the loss changes least (first order)"
  public static let paper: String? = "Molchanov et al. 2017, arXiv 1611.06440"
  public static let looksAtSamples = true

  public let choice: ChannelChoice

  public init(_ choice: ChannelChoice = ChannelChoice()) {
    self.choice = choice
  }

  public init(_ settings: some Settings) throws {
    choice = try ChannelChoice(settings)
  }

  public func scores<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> [Double] {
    try task.needSamples(for: Self.kind)
    let readers = task.readers
    let total = Double(task.samples.count)
    var scores = Array(repeating: 0.0, count: task.graph.channelCount)
    // What training has taken does not grow when somebody looks.
    let evaluations = task.network.gradientEvaluations
    defer { task.network.gradientEvaluations = evaluations }
    task.samples.forEach { input, targets, pass in
      let learning = Pass(
        rows: pass.rows, isTraining: true, updatesStatistics: false, step: 0,
        lengths: pass.lengths)
      _ = task.network.learn(input, targets, learning)
      var changes = Array(repeating: 0.0, count: scores.count)
      for reader in readers { Self.addChanges(reader, to: &changes) }
      for (channel, change) in changes.enumerated() {
        scores[channel] += change.magnitude * Double(pass.rows) / total
      }
    }
    return scores
  }

  /// Adds Σ w · ∂L/∂w of each channel that a layer reads.
  private static func addChanges<Scalar: TensorScalar>(
    _ reader: ChannelReader<Scalar>, to changes: inout [Double]
  ) {
    let (weight, taps) = (reader.weight, reader.taps)
    let columns = reader.channels.count * taps
    var sums = Array(repeating: 0.0, count: columns)
    Scalar.addProducts(
      weight.value.scalars, weight.gradient.scalars, rows: weight.value.count / max(1, columns),
      columns: columns, to: &sums)
    for (index, channel) in reader.channels.enumerated() where channel >= 0 {
      for tap in 0..<taps { changes[channel] += sums[index * taps + tap] }
    }
  }
}
