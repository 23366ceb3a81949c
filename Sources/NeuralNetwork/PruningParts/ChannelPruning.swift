import Tensors

/// A method that gives every channel a score and removes the least.
public protocol ChannelPruning: OneShotPruning {
  var choice: ChannelChoice { get }

  /// How much each channel of the graph is worth: the least go first. Those of groups out of scope
  /// do not matter.
  func scores<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> [Double]
}

extension ChannelPruning {
  public static var unit: PruningUnit { .channels }

  public func decide<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> PruningDecision<Scalar> {
    try decide(scores(task), task)
  }

  func decide<Scalar: TensorScalar>(
    _ scores: [Double], _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> PruningDecision<Scalar> {
    var decision = PruningDecision<Scalar>()
    decision.removed = try choice.least(scores, task)
    for channel in decision.removed {
      let name = task.graph.groups[task.graph.groupOfChannel[channel]].name
      decision.thresholds[name] = max(
        decision.thresholds[name] ?? -.infinity, scores[channel])
    }
    return decision
  }
}

/// Which channels go when all have a score: what methods that remove channels share.
public struct ChannelChoice: Sendable, Equatable {
  /// What the target is a fraction of.
  public enum Count: String, Sendable, CaseIterable {
    case channels, parameters
  }

  public var counts: Count
  /// The same fraction of every group, else one order of all, of scores divided by their group's
  /// mean.
  public var isPerLayer: Bool
  /// False where scores of different groups mean the same: an order of all compares them as they
  /// are.
  var isNormalized = true
  /// Channels that stay in every group at least.
  public var keepMin: Int
  /// Widths are rounded up to a multiple.
  public var multipleOf: Int

  public init(
    counts: Count = .channels, perLayer: Bool = true, keepMin: Int = 1, multipleOf: Int = 1
  ) {
    self.counts = counts
    isPerLayer = perLayer
    self.keepMin = keepMin
    self.multipleOf = multipleOf
  }

  /// Reads `counts`, `perLayer`, `keepMin` and `multipleOf`.
  public init(
    _ settings: some Settings, counts fallback: Count = .channels, perLayer: Bool = true
  ) throws {
    let word = try settings.choice(
      "counts", of: Count.allCases.map(\.rawValue), default: fallback.rawValue)
    counts = Count(rawValue: word) ?? fallback
    isPerLayer = try settings.flag("perLayer", default: perLayer)
    keepMin = try settings.integer("keepMin", in: 1...1_000_000, default: 1)
    multipleOf = try settings.integer("multipleOf", in: 1...1024, default: 1)
  }

  /// The channels that go for the task's target to be met.
  public func least<Scalar>(
    _ scores: [Double], _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> [Int] {
    let groups = task.groups
    guard !groups.isEmpty else {
      throw PruningRefusal("no layer in scope has channels that can be removed")
    }
    let candidates = groups.map { ordered($0, scores, task) }
    let removed: [Int]
    switch counts {
    case .channels:
      removed =
        isPerLayer
        ? candidates.flatMap { $0.prefix(excess($0.count, of: $0.group, task)) }
        : try firstInOrder(merged(candidates), task)
    case .parameters: removed = try untilSmall(merged(candidates), task)
    }
    let result = rounded(removed, scores, task)
    guard !result.isEmpty else {
      if keepMin > 1 || multipleOf > 1 {
        throw PruningRefusal(
          "nothing can go: keepMin \(keepMin) and multipleOf \(multipleOf) keep every channel")
      }
      throw .reached(sparsity(of: task), target: task.target)
    }
    return result
  }

  // MARK: Order

  /// The channels of a group from the one that goes first, with their place in an order of all.
  private struct Candidates {
    let group: Int
    /// All of the group.
    let count: Int
    var order: [(channel: Int, key: Double)]

    func prefix(_ count: Int) -> [Int] { order.prefix(max(0, count)).map(\.channel) }
  }

  private func ordered<Scalar>(
    _ group: Int, _ scores: [Double], _ task: PruningTask<Scalar>
  ) -> Candidates {
    let channels = task.graph.groups[group].channels
    func score(_ channel: Int) -> Double {
      scores[channel].isNaN ? .infinity : scores[channel]
    }
    let sorted = channels.sorted { (score($0), $0) < (score($1), $1) }
    let finite = channels.map(score).filter(\.isFinite)
    let mean = finite.reduce(0, +) / Double(max(1, finite.count))
    let order = sorted.enumerated().map { place, channel in
      let key =
        isPerLayer
        ? Double(place) / Double(channels.count)
        : isNormalized ? score(channel) / max(mean, .leastNormalMagnitude) : score(channel)
      return (channel: channel, key: key)
    }
    return Candidates(
      group: group, count: channels.count,
      order: Array(order.prefix(max(0, channels.count - keepMin))))
  }

  private func merged(_ candidates: [Candidates]) -> [Int] {
    candidates.flatMap(\.order).sorted { ($0.key, $0.channel) < ($1.key, $1.channel) }
      .map(\.channel)
  }

  // MARK: How many

  private func originCount<Scalar>(_ group: Int, _ task: PruningTask<Scalar>) -> Int {
    let group = task.graph.groups[group]
    return task.origin.channelCounts[group.name] ?? group.channels.count
  }

  /// Channels of a group that are more than the target leaves.
  private func excess<Scalar>(
    _ count: Int, of group: Int, _ task: PruningTask<Scalar>
  ) -> Int {
    count - Int(((1 - task.target) * Double(originCount(group, task))).rounded())
  }

  private func firstInOrder<Scalar>(
    _ order: [Int], _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> [Int] {
    let present = task.groups.reduce(0) { $0 + task.graph.groups[$1].channels.count }
    let origin = task.groups.reduce(0) { $0 + originCount($1, task) }
    let kept = Int(((1 - task.target) * Double(origin)).rounded())
    guard present - kept <= order.count else { throw Self.tooFew }
    return Array(order.prefix(max(0, present - kept)))
  }

  /// The fewest of an order that leave at most the target's parameters.
  private func untilSmall<Scalar>(
    _ order: [Int], _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> [Int] {
    let kept = (1 - task.target) * Double(task.origin.parameterCount)
    func isSmall(_ count: Int) -> Bool {
      let cut = ChannelCut(task.graph, removing: order.prefix(count))
      return Double(cut.parameterCount(of: task.network)) <= kept
    }
    guard isSmall(order.count) else { throw Self.tooFew }
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if isSmall(middle) { high = middle } else { low = middle + 1 }
    }
    return Array(order.prefix(low))
  }

  private static var tooFew: PruningRefusal {
    PruningRefusal(
      "so few channels cannot remain: a layer would be left with less than keepMin")
  }

  /// Gives back the best of what goes until every width is a multiple.
  private func rounded<Scalar>(
    _ removed: [Int], _ scores: [Double], _ task: PruningTask<Scalar>
  ) -> [Int] {
    guard multipleOf > 1 else { return removed }
    let byGroup = Dictionary(grouping: removed) { task.graph.groupOfChannel[$0] }
    return byGroup.keys.sorted().flatMap { group -> [Int] in
      let gone = (byGroup[group] ?? []).sorted { (scores[$0], $0) < (scores[$1], $1) }
      let count = task.graph.groups[group].channels.count
      let kept = (count - gone.count + multipleOf - 1) / multipleOf * multipleOf
      return Array(gone.prefix(max(0, count - kept)))
    }
  }

  /// The fraction that is gone already, of what the target counts.
  func sparsity<Scalar>(of task: PruningTask<Scalar>) -> Double {
    switch counts {
    case .channels:
      let origin = task.groups.reduce(0) { $0 + originCount($1, task) }
      let present = task.groups.reduce(0) { $0 + task.graph.groups[$1].channels.count }
      return 1 - Double(present) / Double(max(1, origin))
    case .parameters:
      let present = task.network.parameters.reduce(0) { $0 + $1.value.count }
      return 1 - Double(present) / Double(max(1, task.origin.parameterCount))
    }
  }
}

extension ChannelCut {
  /// Numbers in the parameters that remain of a network.
  public func parameterCount<Scalar>(of network: Network<Scalar>) -> Int {
    network.parameters.reduce(0) { $0 + remainingCount($1.name, $1.value.shape) }
  }

  private func remainingCount(_ name: String, _ shape: [Int]) -> Int {
    guard let axes = graph.axes[name] else { return shape.reduce(1, *) }
    return shape.indices.reduce(1) { product, axis in
      let channels = axis < axes.count ? axes[axis] : nil
      return product * (channels.map { $0.count { stays($0) } } ?? shape[axis])
    }
  }
}
