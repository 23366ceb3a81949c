import Tensors

/// Removes the channels whose activations are most often zero: the density of a channel is the
/// fraction of its rectified outputs, over samples and pixels, that are not 0 (Foldy-Porto,
/// Venkatesha, Panda, "Activation density driven efficient pruning in training", 2020, section 3).
/// Of several rectifiers that a channel passes, the mean.
///
/// The paper takes the density of a layer as its new width; here the target decides, and the
/// densities of single channels which of them stay. Channels that pass no rectifier: the fraction
/// of what the layers behind read that is larger than a thousandth of the largest in its batch.
public struct ActivationDensityPruning: ChannelPruning {
  public static let kind = "activationDensity"
  public static let summary = "removes channels whose activations are most often zero"
  public static let paper: String? = "Foldy-Porto et al. 2020, arXiv 2002.02949"
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
    let counts = ActivationCounts(task)
    task.network.evaluate(task.samples, watchedBy: counts)
    return counts.densities
  }
}

/// Counts what is not 0 behind rectifiers.
private final class ActivationCounts<Scalar: TensorScalar>: LayerInterceptor {
  /// Behind each rectifier, and in front of each layer that reads channels which pass none.
  private var rectified: [String: [Int]] = [:]
  private var read: [String: [Int]] = [:]
  private var active, total: [Double]

  init(_ task: PruningTask<Scalar>) {
    active = Array(repeating: 0, count: task.graph.channelCount)
    total = active
    let rectifiers = Set(task.network.leaves.filter(\.hasExactZeros).map(\.name))
    var passesOne = Array(repeating: false, count: task.graph.channelCount)
    for leaf in task.graph.leaves where rectifiers.contains(leaf.name) {
      rectified[leaf.name] = leaf.outputs
      for channel in leaf.outputs where channel >= 0 { passesOne[channel] = true }
    }
    for reader in task.readers {
      let channels = reader.channels.map { $0 >= 0 && passesOne[$0] ? -1 : $0 }
      if channels.contains(where: { $0 >= 0 }) { read[reader.layer] = channels }
    }
  }

  /// Of each channel.
  var densities: [Double] { zip(active, total).map { $1 == 0 ? 0 : $0 / $1 } }

  func willCompute(_ layer: any Layer<Scalar>, _ input: Tensor<Scalar>, _ pass: Pass) {
    guard let channels = read[layer.name] else { return }
    let rows = rows(input, pass, columns: channels.count)
    let largest = Scalar.largestMagnitude(input.scalars, count: rows * channels.count)
    count(input, rows, channels, largerThan: largest * Scalar(0.001))
  }

  func didCompute(_ layer: any Layer<Scalar>, _ output: Tensor<Scalar>, _ pass: Pass) {
    guard let channels = rectified[layer.name] else { return }
    let rows = rows(output, pass, columns: channels.count)
    count(output, rows, channels, largerThan: 0)
  }

  private func rows(_ tensor: Tensor<Scalar>, _ pass: Pass, columns: Int) -> Int {
    pass.rows * (tensor.count / max(1, tensor.shape.first ?? 1) / columns)
  }

  private func count(
    _ tensor: Tensor<Scalar>, _ rows: Int, _ channels: [Int], largerThan limit: Scalar
  ) {
    let counts = Tensor<Scalar>(shape: [channels.count])
    Scalar.countLarger(
      tensor.scalars, than: limit, rows: rows, columns: channels.count,
      addingTo: counts.scalars)
    for (column, channel) in channels.enumerated() where channel >= 0 {
      active[channel] += counts[column].double
      total[channel] += Double(rows)
    }
  }
}
