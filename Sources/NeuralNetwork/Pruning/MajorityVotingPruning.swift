import Tensors

/// Removes the channels that get the fewest votes: each sample votes for the channels of a layer
/// that it excites most (Alqahtani, Xie, Essa, Jones, "Neuron-based network pruning based on
/// majority voting", 2020).
///
/// The paper's abstract does not say how a vote is cast. Ours: a sample votes for a channel when
/// its activation (the mean over pixels, as the layers behind read it) is above 0 and among the
/// fraction q that is largest of its group. Of channels with as many votes those with the smaller
/// norm of weights go first.
public struct MajorityVotingPruning: ChannelPruning {
  public static let kind = "majorityVoting"
  public static let summary = "removes channels that few samples count among the most active"
  public static let paper: String? = "Alqahtani et al. 2020, Neuron-based network pruning, ICPR"
  public static let looksAtSamples = true

  public let choice: ChannelChoice
  /// The part of a group's channels that a sample votes for.
  public let q: Double

  public init(_ choice: ChannelChoice = ChannelChoice(), q: Double = 0.1) {
    self.choice = choice
    self.q = q
  }

  public init(_ settings: some Settings) throws {
    choice = try ChannelChoice(settings)
    q = try settings.number("q", in: 0.001...1, default: 0.1)
  }

  public func scores<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> [Double] {
    try task.needSamples(for: Self.kind)
    var votes = Array(repeating: 0.0, count: task.graph.channelCount)
    task.network.evaluate(
      task.samples,
      watchedBy: ReaderInputs(task.readers) { reader, batch in
        vote(reader, batch, task.graph, &votes)
      })
    let norms = task.meanOverRows { Scalar.sumOfSquares($0, count: $1).squareRoot() }
    for group in task.graph.groups {
      let largest = group.channels.reduce(0) { max($0, norms[$1]) }
      guard largest > 0, largest.isFinite else { continue }
      for channel in group.channels { votes[channel] += norms[channel] / largest / 2 }
    }
    return votes
  }

  /// Adds the votes of a batch's samples, by what one layer reads.
  private func vote<Scalar: TensorScalar>(
    _ reader: ChannelReader<Scalar>, _ batch: ReaderInputs<Scalar>.Batch, _ graph: ChannelGraph,
    _ votes: inout [Double]
  ) {
    let present = Set(reader.channels.lazy.filter { $0 >= 0 }.map { graph.groupOfChannel[$0] })
    let groups = present.sorted().map { graph.groups[$0].channels }
    let sums = Tensor<Scalar>(shape: [batch.columns])
    defer { withExtendedLifetime(sums) {} }
    var columns = Array(repeating: 0.0, count: batch.columns)
    var activations = Array(repeating: 0.0, count: graph.channelCount)
    for sample in 0..<batch.samples {
      Scalar.sumRows(
        batch.values + sample * batch.positions * batch.columns, rows: batch.valid(of: sample),
        columns: batch.columns, into: sums.scalars)
      Scalar.widen(sums.scalars, count: batch.columns, into: &columns)
      for channels in groups { for channel in channels { activations[channel] = 0 } }
      for (column, channel) in reader.channels.enumerated() where channel >= 0 {
        activations[channel] += columns[column]
      }
      for channels in groups {
        let chosen = max(1, Int((q * Double(channels.count)).rounded(.up)))
        let sorted = channels.map { activations[$0] }.sorted(by: >)
        let least = sorted[min(chosen, sorted.count) - 1]
        for channel in channels where activations[channel] >= least && activations[channel] > 0 {
          votes[channel] += 1
        }
      }
    }
  }
}
