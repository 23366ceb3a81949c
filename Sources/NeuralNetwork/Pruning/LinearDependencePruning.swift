import Tensors

/// Removes the channels that the others of their layer can stand for, and lets them: where an
/// activation is nearly a linear combination of others on the data, its outgoing weights are shared
/// out among those, so that the layers behind read nearly the same (Shah, Olivier, Raj, "Exploiting
/// non-linear redundancy for neural model compression", 2020; see `LinearDependence` for the
/// algebra, which is ours, since only the paper's abstract was at hand).
///
/// Layers are decided from the input side on, each on what it gets behind the repairs before it; in
/// networks so large that this takes too long, all on what they get now. A convolution shares out
/// whole kernels, by up to 20,000 pixels chosen by chance: exact but for the padding. Behind a
/// Flatten the pixels of a channel share one coefficient. `damping` is the part of the mean square
/// of a layer's activations that is added to the diagonal of their products: more of it trusts the
/// samples less.
public struct LinearDependencePruning: OneShotPruning {
  public static let kind = "linearDependence"
  public static let summary = "removes channels that others can stand for, and repairs the weights"
  public static let paper: String? = "Shah et al. 2020, arXiv 2005.14070"
  public static let unit = PruningUnit.channels
  public static let looksAtSamples = true

  public let choice: ChannelChoice
  /// False: the channels go without the repair, so that its worth can be seen.
  public let repairs: Bool
  public let damping: Double

  /// Channels of a group: the work grows with the third power.
  private static let channelsMax = 2048
  /// Multiplications and additions that looking at activations may take.
  private static let flopsMax = 200_000_000_000

  public init(
    _ choice: ChannelChoice = ChannelChoice(), repairs: Bool = true, damping: Double = 0.001
  ) {
    self.choice = choice
    self.repairs = repairs
    self.damping = damping
  }

  public init(_ settings: some Settings) throws {
    choice = try ChannelChoice(settings)
    repairs = try settings.flag("repair", default: true)
    damping = try settings.number("damping", in: 1e-9...1, default: 0.001)
  }

  public func decide<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> PruningDecision<Scalar> {
    try task.needSamples(for: Self.kind)
    try checkWidths(task)
    let network = try Self.copy(of: task)
    let flops = max(1, network.flopsPerSample)
    let samples = task.samples.prefix(max(1, Self.flopsMax / flops))
    let isQuick = flops * samples.count <= Self.flopsMax / max(1, task.groups.count)
    let present =
      isQuick && choice.isPerLayer ? nil : moments(task, samples, task.network, task.groups)
    let counts = try removedCounts(task, present)
    var decision = PruningDecision<Scalar>()
    let parameters = Dictionary(
      network.parameters.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    let masks = task.network.parameters.reduce(into: [String: Tensor<Scalar>]()) {
      $0[$1.name] = $1.mask
    }
    for group in counts.keys.sorted() {
      let channels = task.graph.groups[group].channels
      let now = isQuick ? moments(task, samples, network, [group]) : present ?? [:]
      var repair = try DependenceRepair(
        now[group] ?? [], units: channels.count, damping: damping)
      let removed = repair.remove(counts[group] ?? 0)
      repair.apply(to: parameters, masks: masks, shares: repairs)
      decision.removed += removed.map { channels[$0.unit] }
      decision.thresholds[task.graph.groups[group].name] = removed.map(\.cost).max()
      guard repairs else { continue }
      for part in now[group] ?? [] {
        for name in [part.reader.weight.name, part.reader.bias?.name] {
          if let name, let parameter = parameters[name] { decision.values[name] = parameter.value }
        }
      }
    }
    return decision
  }

  private func checkWidths<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) {
    let groups = task.groups.map { task.graph.groups[$0] }
    guard let wide = groups.first(where: { $0.channels.count > Self.channelsMax }) else { return }
    throw PruningRefusal(
      "\(wide.name) has \(wide.channels.count) channels; \(Self.kind) solves equations for at most "
        + "\(Self.channelsMax)")
  }

  /// A network to repair, so that the task's stays as it is.
  private static func copy<Scalar: TensorScalar>(
    of task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> Network<Scalar> {
    do throws(NetworkError) { return try task.network.twin(of: Scalar.self) } catch {
      throw PruningRefusal(error.description)
    }
  }

  /// How many channels go from each group.
  private func removedCounts<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ moments: [Int: [ActivationMoments<Scalar>]]?
  ) throws(PruningRefusal) -> [Int: Int] {
    var scores = Array(repeating: 0.0, count: task.graph.channelCount)
    if !choice.isPerLayer {
      for group in task.groups {
        let channels = task.graph.groups[group].channels
        var repair = try DependenceRepair(
          moments?[group] ?? [], units: channels.count, damping: damping)
        var most = 0.0
        for (unit, cost) in repair.remove(channels.count) {
          // One that goes later does not cost less.
          most = max(most, cost)
          scores[channels[unit]] = most
        }
      }
    }
    let removed = try choice.least(scores, task)
    return Dictionary(grouping: removed) { task.graph.groupOfChannel[$0] }.mapValues(\.count)
  }

  /// What the readers of some groups get in a network with the task's shapes.
  private func moments<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ samples: PruningSamples<Scalar>, _ network: Network<Scalar>,
    _ groups: [Int]
  ) -> [Int: [ActivationMoments<Scalar>]] {
    let repaired = PruningTask(
      network, task.graph, origin: task.origin, target: task.target, layers: task.layers,
      samples: samples, seed: task.seed)
    let readers = repaired.readers.filter { reader in
      reader.channels.contains { $0 >= 0 && groups.contains(task.graph.groupOfChannel[$0]) }
    }
    var moments: [Int: [ActivationMoments<Scalar>]] = [:]
    var ofReader: [String: [ActivationMoments<Scalar>]] = [:]
    network.evaluate(
      samples,
      watchedBy: ReaderInputs(readers) { reader, batch in
        if ofReader[reader.layer] == nil {
          var parts: [ActivationMoments<Scalar>] = []
          for group in groups {
            guard
              let part = ActivationMoments(
                reader, task.graph.groups[group].channels, samples: samples.count,
                positions: batch.positions, seed: task.seed)
            else { continue }
            parts.append(part)
            moments[group, default: []].append(part)
          }
          ofReader[reader.layer] = parts
        }
        for part in ofReader[reader.layer] ?? [] { part.add(batch) }
      })
    return moments
  }
}
