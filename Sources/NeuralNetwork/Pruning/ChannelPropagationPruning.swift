import Tensors

/// Lets only the most useful channels through in every step, and learns which they are (Shen, Li,
/// Zhao, Zhang, Zhou, "Dynamic channel propagation", 2020).
///
/// A channel's utility grows in each step by v = mean over the batch of |Σ gradient · activation|
/// over its pixels, divided by the largest of its group. Utilities of channels that are let through
/// are multiplied by λ before. Channels that are not let through get nothing, but lose nothing
/// either, so that they come back when others fall below them. All utilities are compared with each
/// other. Activations are those before the nonlinearity; behind a rectifier the products are the
/// same, and other nonlinearities that compute in place are looked at behind them.
///
/// Ours: λ is 1 in the last quarter of the time, so that the choice settles; the paper raises it
/// where the learning rate falls. In the first `warmUp` of the time all channels are let through.
/// At the end those go that are not let through; ended early, too, as many as there are then.
public struct ChannelPropagationPruning: TrainingPruning {
  public static let kind = "channelPropagation"
  public static let summary = "let the most useful channels through each step, then remove the rest"
  public static let paper: String? = "Shen et al. 2020, arXiv 2007.01486"
  public static let unit = PruningUnit.channels

  public let keepMin: Int
  /// λ
  public let decay: Double
  /// The part of the time in which all channels are let through.
  public let warmUp: Double

  public init(keepMin: Int = 1, decay: Double = 0.6, warmUp: Double = 0.1) {
    self.keepMin = keepMin
    self.decay = decay
    self.warmUp = warmUp
  }

  public init(_ settings: some Settings) throws {
    keepMin = try settings.integer("keepMin", in: 1...1_000_000, default: 1)
    decay = try settings.number("decay", in: 0...1, default: 0.6)
    warmUp = try settings.number("warmUp", in: 0...0.9, default: 0.1)
  }

  /// All utilities in one order, as they are.
  var choice: ChannelChoice {
    var choice = ChannelChoice(perLayer: false, keepMin: keepMin)
    choice.isNormalized = false
    return choice
  }

  public func makeProcess<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) throws(PruningRefusal) -> any PruningProcess<Scalar> {
    let removed = try choice.least(Array(repeating: 0, count: task.graph.channelCount), task)
    return ChannelPropagationProcess(self, task, removedCount: removed.count)
  }
}

final class ChannelPropagationProcess<Scalar: TensorScalar>: PruningProcess {
  private let method: ChannelPropagationPruning
  private let task: PruningTask<Scalar>
  /// Channels that are not let through.
  private let removedCount: Int
  /// The channels in scope, by group.
  private let groups: [[Int]]
  private let gates: ChannelGates<Scalar>
  private let utilities: Tensor<Scalar>
  /// For each channel what the present step adds.
  private let gains: Tensor<Scalar>
  private let columnSums, scratch: Tensor<Scalar>
  private var order: [Scalar]
  private var isTraining = false
  private var isOver = false

  init(
    _ method: ChannelPropagationPruning, _ task: PruningTask<Scalar>, removedCount: Int
  ) {
    self.method = method
    self.task = task
    self.removedCount = removedCount
    groups = task.groups.map { task.graph.groups[$0].channels }
    gates = ChannelGates(task.network, task.graph, task.channelsInScope)
    utilities = Tensor(shape: [task.graph.channelCount])
    gains = Tensor(shape: [task.graph.channelCount])
    let columnsMax = task.graph.leaves.map(\.outputs.count).max() ?? 1
    columnSums = Tensor(shape: [columnsMax])
    scratch = Tensor(shape: [columnsMax])
    order = Array(repeating: 0, count: groups.reduce(0) { $0 + $1.count })
  }

  var state: [(name: String, tensor: Tensor<Scalar>)] {
    [("utilities", utilities), ("gates", gates.gates)]
  }
  var intercepts: Bool { true }

  // MARK: Between the layers

  func willStep(_ moment: PruningMoment) {
    gates.spread()
    gains.fill(0)
    isTraining = true
  }

  func didCompute(_ layer: any Layer<Scalar>, _ output: Tensor<Scalar>, _ pass: Pass) {
    guard let place = gates.place(of: layer) else { return }
    if !isTraining { gates.spread() }
    gates.apply(place, to: output, pass)
    place.output = output
  }

  func willDerive(_ layer: any Layer<Scalar>, _ gradient: Tensor<Scalar>, _ pass: Pass) {
    guard let place = gates.place(of: layer) else { return }
    gates.apply(place, to: gradient, pass)
    guard isTraining, place.isLast, let output = place.output else { return }
    let columns = place.columns
    Scalar.clear(columnSums.scalars, count: columns)
    for row in 0..<pass.rows {
      let first = row * place.positions * columns
      Scalar.addUtilities(
        gradient: gradient.scalars + first, output: output.scalars + first,
        positions: place.positions, columns: columns, scratch: scratch.scalars,
        to: columnSums.scalars)
    }
    for column in 0..<columns where place.channels[column] >= 0 {
      gains.scalars[place.channels[column]] += columnSums.scalars[column]
    }
  }

  // MARK: Behind the step

  func didStep(
    _ moment: PruningMoment, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningAction<Scalar> {
    isTraining = false
    isOver = moment.isLast
    let isSettling = Double(moment.index) >= 0.75 * Double(moment.length)
    addGains(decay: isSettling ? 1 : Scalar(method.decay))
    if Double(moment.index + 1) >= method.warmUp * Double(moment.length) { chooseGates() }
    gates.spread()
    return .nothing
  }

  private func addGains(decay: Scalar) {
    for place in groups.indices {
      let channels = groups[place]
      var most: Scalar = 0
      for index in channels.indices { most = max(most, gains.scalars[channels[index]]) }
      for index in channels.indices {
        let channel = channels[index]
        if gates.gates.scalars[channel] != 0 { utilities.scalars[channel] *= decay }
        if most > 0 { utilities.scalars[channel] += gains.scalars[channel] / most }
      }
    }
  }

  /// Closes the gates of the least utilities; of equal ones those that come first are closed.
  private func chooseGates() {
    var count = 0
    for place in groups.indices {
      let channels = groups[place]
      for index in channels.indices {
        order[count] = utilities.scalars[channels[index]]
        count += 1
      }
    }
    guard let threshold = Rank.smallest(removedCount, of: &order) else { return }
    var ties = removedCount
    for index in order.indices where order[index] < threshold { ties -= 1 }
    for place in groups.indices {
      let channels = groups[place]
      var openCount = 0
      for index in channels.indices {
        let utility = utilities.scalars[channels[index]]
        var isOpen = utility > threshold
        if utility == threshold {
          ties -= 1
          isOpen = ties < 0
        }
        gates.gates.scalars[channels[index]] = isOpen ? 1 : 0
        if isOpen { openCount += 1 }
      }
      while openCount < min(method.keepMin, channels.count) {
        openBest(of: channels)
        openCount += 1
      }
    }
  }

  private func openBest(of channels: [Int]) {
    var best: Int?
    for index in channels.indices where gates.gates.scalars[channels[index]] == 0 {
      let channel = channels[index]
      if let found = best, utilities.scalars[found] >= utilities.scalars[channel] { continue }
      best = channel
    }
    if let best { gates.gates.scalars[best] = 1 }
  }

  func finish(_ samples: () -> PruningSamples<Scalar>) -> PruningDecision<Scalar> {
    let closed = groups.joined().filter { gates.gates[$0] == 0 }
    var decision = PruningDecision<Scalar>()
    // Where a group kept more than its utilities were worth, others go in their place.
    let scores = utilities.array.indices.map {
      gates.gates[$0] == 0 ? -.infinity : utilities[$0].double
    }
    decision.removed = isOver ? method.choice.leastIfAny(scores, task) : closed
    decision.values = ChannelRows(task).cleared(decision.removed)
    return decision
  }
}
