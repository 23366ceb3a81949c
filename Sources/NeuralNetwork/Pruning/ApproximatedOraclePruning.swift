import Tensors

/// Approximated oracle filter pruning: tries out, while the network learns, what the next layer
/// loses without some channels (Ding, Ding, Guo, Han, Yan, "Approximated oracle filter pruning for
/// destructive CNN width optimization", 2019).
///
/// In each step a random half of a group's candidates is zeroed before the layer that reads them,
/// beside the usual pass, which learns as if nothing were. The damage is ‖y - y'‖² / ‖y‖² of that
/// layer's output behind its normalisation and rectifier, and belongs to every channel of the half.
/// Behind `updatesPerHalf` steps the better half is looked at: where all of its mean damages are
/// below `theta` it is removed, else it becomes the candidates, until a single one is left; then
/// the search begins again with all. Layers begin one after the other, to work at different times.
///
/// Removed channels are zeroed with all that makes them and stay so; they leave the network at the
/// end. Ours: the normalisation of y and y' is the running one; a layer's channels take part when
/// exactly one layer reads them; a removal ends where it meets the target. When the time is over
/// before that, the channels of the least damage last measured go, too; ended early, those that
/// are zero go and no others.
public struct ApproximatedOraclePruning: TrainingPruning {
  public static let kind = "aofp"
  public static let summary = "try out what the next layer loses without random halves of channels"
  public static let paper: String? = "Ding et al. 2019, ICML"
  public static let unit = PruningUnit.channels

  public let choice: ChannelChoice
  /// The mean damage below which channels are removed.
  public let theta: Double
  /// Steps until a half is judged; 0: a hundredth of the time, at least 5.
  public let updatesPerHalf: Int
  /// The part of the time before the search begins.
  public let warmUp: Double

  public init(
    _ choice: ChannelChoice = ChannelChoice(counts: .parameters, perLayer: false),
    theta: Double = 0.01, updatesPerHalf: Int = 0, warmUp: Double = 0.05
  ) {
    var choice = choice
    choice.isNormalized = false
    self.choice = choice
    self.theta = theta
    self.updatesPerHalf = updatesPerHalf
    self.warmUp = warmUp
  }

  public init(_ settings: some Settings) throws {
    self.init(
      try ChannelChoice(settings, counts: .parameters, perLayer: false),
      theta: try settings.number("theta", in: 0...1000, default: 0.01),
      updatesPerHalf: try settings.integer("updatesPerHalf", in: 0...1_000_000, default: 0),
      warmUp: try settings.number("warmUp", in: 0...0.9, default: 0.05))
  }

  public func makeProcess<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) throws(PruningRefusal) -> any PruningProcess<Scalar> {
    let readers = ChannelReaders(task.network, task.graph, groups: task.groups).readers
    guard !readers.isEmpty else {
      throw PruningRefusal("no layer in scope has channels that one other layer alone reads")
    }
    let task = task.with(groups: readers.map(\.group))
    _ = try choice.least(Array(repeating: 0, count: task.graph.channelCount), task)
    return ApproximatedOracleProcess(self, task, stage, readers)
  }
}

final class ApproximatedOracleProcess<Scalar: TensorScalar>: PruningProcess {
  private typealias Reader = ChannelReaders<Scalar>.Reader

  private let method: ApproximatedOraclePruning
  private let task: PruningTask<Scalar>
  private let rows: ChannelRows<Scalar>
  private let readers: [ChannelReaders<Scalar>.Reader]
  private let updatesPerHalf, warmUp: Int

  /// 1 for channels that learn, 0 for those that are removed.
  private let gates: Tensor<Scalar>
  /// 1 for channels that are looked at.
  private let candidates: Tensor<Scalar>
  /// Of the present half: the sum of a channel's damages, and how many they are.
  private let sums, counts: Tensor<Scalar>
  /// The last mean damage; negative where there is none.
  private let damages: Tensor<Scalar>
  /// For each group the steps of its present half.
  private let steps: Tensor<Scalar>

  /// For each channel 0 in the halves that are tried out in this step.
  private let trial: Tensor<Scalar>
  private let inputGates: Tensor<Scalar>
  private var order: [Int32]
  private var ablated: Tensor<Scalar>?
  private var moment: PruningMoment?
  private var isOver = false

  init(
    _ method: ApproximatedOraclePruning, _ task: PruningTask<Scalar>,
    _ stage: PruningStage<Scalar>, _ readers: [ChannelReaders<Scalar>.Reader]
  ) {
    self.method = method
    self.task = task
    self.readers = readers
    rows = ChannelRows(task, stage.optimizer)
    let updatesMin = 5
    updatesPerHalf =
      method.updatesPerHalf > 0 ? method.updatesPerHalf : max(updatesMin, stage.length / 100)
    warmUp = Int(method.warmUp * Double(stage.length))
    let channels = [task.graph.channelCount]
    gates = Tensor(shape: channels)
    candidates = Tensor(shape: channels)
    sums = Tensor(shape: channels)
    counts = Tensor(shape: channels)
    damages = Tensor(shape: channels)
    steps = Tensor(shape: [task.graph.groups.count])
    trial = Tensor(shape: channels)
    inputGates = Tensor(shape: [readers.map(\.inputs.count).max() ?? 1])
    order = Array(repeating: 0, count: task.graph.channelCount)
  }

  var state: [(name: String, tensor: Tensor<Scalar>)] {
    [
      ("gates", gates), ("candidates", candidates), ("sums", sums), ("counts", counts),
      ("damages", damages), ("steps", steps),
    ]
  }
  var intercepts: Bool { true }

  func begin() {
    gates.fill(1)
    damages.fill(-1)
    for reader in readers { restart(reader.group) }
  }

  // MARK: Between the layers

  func willStep(_ moment: PruningMoment) { self.moment = moment }

  func willCompute(_ layer: any Layer<Scalar>, _ input: Tensor<Scalar>, _ pass: Pass) {
    guard let moment, let index = activeReader(layer, moment) else { return }
    let reader = readers[index]
    guard chooseTrial(reader.group, step: moment.step) > 0 else { return }
    for column in reader.inputs.indices {
      let channel = reader.inputs[column]
      inputGates.scalars[column] = channel < 0 ? 1 : trial.scalars[channel]
    }
    let columns = reader.inputs.count
    let perRow = input.count / max(1, input.shape.first ?? 1)
    let workspace = task.network.workspace
    let gated = workspace.take(pass.rows * perRow)
    Scalar.gate(
      input.scalars, by: inputGates.scalars, rows: pass.rows * perRow / columns,
      columns: columns, into: gated.scalars)
    // The usual pass comes behind and computes again, into the same memory.
    let output = layer.forward(gated, pass)
    workspace.give(gated)
    let count = pass.rows * (output.count / max(1, output.shape.first ?? 1))
    let copy = workspace.take(count)
    copy.scalars.update(from: output.scalars, count: count)
    ablated = copy
  }

  func didCompute(_ layer: any Layer<Scalar>, _ output: Tensor<Scalar>, _ pass: Pass) {
    guard let ablated, let moment, let index = activeReader(layer, moment) else { return }
    self.ablated = nil
    let reader = readers[index]
    let count = pass.rows * (output.count / max(1, output.shape.first ?? 1))
    reader.updateMap()
    let (distance, size) = Scalar.squaredDistance(
      output.scalars, ablated.scalars, factor: reader.factor.scalars,
      offset: reader.offset.scalars, rows: count / reader.outputCount,
      columns: reader.outputCount, rectifies: reader.rectifies)
    task.network.workspace.give(ablated)
    let damage = Scalar(distance / (size + .leastNormalMagnitude))
    let channels = task.graph.groups[reader.group].channels
    for place in channels.indices where trial.scalars[channels[place]] == 0 {
      sums.scalars[channels[place]] += damage
      counts.scalars[channels[place]] += 1
    }
  }

  private func activeReader(_ layer: any Layer<Scalar>, _ moment: PruningMoment) -> Int? {
    for index in readers.indices where readers[index].layer === layer {
      let delay = index * updatesPerHalf / readers.count
      return moment.index >= warmUp + delay ? index : nil
    }
    return nil
  }

  /// Chooses half of a group's candidates by chance; returns how many.
  private func chooseTrial(_ group: Int, step: Int) -> Int {
    let channels = task.graph.groups[group].channels
    var count = 0
    for place in channels.indices {
      trial.scalars[channels[place]] = 1
      guard candidates.scalars[channels[place]] != 0 else { continue }
      order[count] = Int32(truncatingIfNeeded: channels[place])
      count += 1
    }
    var random = RandomSource(
      seed: task.seed &+ UInt64(step) &* 0x9E37_79B9_7F4A_7C15, purpose: .pruning,
      index: UInt32(truncatingIfNeeded: group))
    for place in 0..<count / 2 {
      let other = place + Int(random.integer(below: UInt32(count - place)))
      let chosen = order[other]
      order[other] = order[place]
      order[place] = chosen
      trial.scalars[Int(chosen)] = 0
    }
    return count / 2
  }

  // MARK: Behind the step

  func didDerive(_ moment: PruningMoment) { rows.hold(gates) }

  func didStep(
    _ moment: PruningMoment, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningAction<Scalar> {
    self.moment = nil
    isOver = moment.isLast
    for index in readers.indices {
      let group = readers[index].group
      guard activeReader(readers[index].layer, moment) != nil else { continue }
      steps.scalars[group] += 1
      guard steps.scalars[group] >= Scalar(updatesPerHalf) else { continue }
      if judge(group) { return .finish }
    }
    return .nothing
  }

  /// Ends a half; true when the target is met.
  private func judge(_ group: Int) -> Bool {
    let channels = task.graph.groups[group].channels
    let looked = channels.filter { candidates[$0] != 0 }
    for channel in looked where counts[channel] > 0 {
      damages[channel] = sums[channel] / counts[channel]
    }
    func mean(_ channel: Int) -> Scalar {
      counts[channel] > 0 && !damages[channel].isNaN ? damages[channel] : .infinity
    }
    let half = looked.sorted { (mean($0), $0) < (mean($1), $1) }.prefix(looked.count / 2)
    guard let worst = half.last else { return false }
    if mean(worst).double < method.theta {
      let isMet = remove(half)
      restart(group)
      return isMet
    }
    guard half.count > 1 else {
      restart(group)
      return false
    }
    clear(channels)
    for channel in half { candidates[channel] = 1 }
    steps[group] = 0
    return false
  }

  /// Zeroes channels, from the first one, until the target is met; true when it is.
  private func remove(_ channels: ArraySlice<Int>) -> Bool {
    var scores = gates.array.map { $0 == 0 ? -Double.infinity : .infinity }
    for (place, channel) in channels.enumerated() { scores[channel] = Double(place) }
    let needed = method.choice.leastIfAny(scores, task)
    let chosen = Set(needed).intersection(channels)
    for channel in chosen { gates[channel] = 0 }
    rows.clear { chosen.contains($1) }
    return needed.allSatisfy { gates[$0] == 0 }
  }

  private func restart(_ group: Int) {
    let channels = task.graph.groups[group].channels
    clear(channels)
    for channel in channels { candidates[channel] = gates[channel] }
    steps[group] = 0
  }

  private func clear(_ channels: [Int]) {
    for channel in channels {
      candidates[channel] = 0
      sums[channel] = 0
      counts[channel] = 0
    }
  }

  func finish(_ samples: () -> PruningSamples<Scalar>) -> PruningDecision<Scalar> {
    var decision = PruningDecision<Scalar>()
    let removed = gates.array.indices.filter { gates[$0] == 0 }
    let scores = gates.array.indices.map { channel -> Double in
      if gates[channel] == 0 { return -.infinity }
      return damages[channel] < 0 ? .infinity : damages[channel].double
    }
    decision.removed = isOver ? method.choice.leastIfAny(scores, task) : removed
    return decision
  }
}
