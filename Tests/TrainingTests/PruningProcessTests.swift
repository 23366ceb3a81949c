import JSONText
import NeuralNetwork
import RunLog
import Tensors
import Testing

@testable import Training

/// A method that works while a network learns, on a small network.
struct PrunedKind: CustomTestStringConvertible, Sendable {
  enum Model: String, CaseIterable { case mlp, cnn, residual }

  var method: String
  var model: Model
  var settings: JSON = .object([])
  /// Channels that a target of one half takes; nil: weights.
  var removedCount: Int?

  var testDescription: String { "\(method) on \(model.rawValue)" }
  var request: ControlCommand.PruneRequest {
    .init(method: method, sparsity: 0.5, settings: settings, isPreview: false)
  }

  /// 8 updates an epoch.
  var experiment: String {
    switch model {
    case .mlp:
      Self.experiment(
        #"{"kind":"linear","outputs":12},"relu",{"kind":"linear","outputs":8},"relu""#)
    case .cnn:
      Self.experiment(
        """
        {"kind":"convolution","channels":6,"stride":2,"padding":1,"bias":false},"batchNorm","relu",
        {"kind":"convolution","channels":8,"stride":2},"batchNorm","relu","globalAveragePool"
        """)
    case .residual: TrainedKind.residual.experiment
    }
  }

  private static func experiment(_ layers: String) -> String {
    """
    {
      "name": "small",
      "data": { "kind": "glyphs", "trainingCount": 160, "validationCount": 40 },
      "model": { "layers": [ \(layers), { "kind": "linear", "outputs": 10 } ] },
      "optimizer": { "kind": "sgd", "learningRate": 0.05 },
      "batchSize": 20, "epochs": 6, "threads": 1, "checkpoint": { "everySeconds": 1000000 }
    }
    """
  }

  static let all: [PrunedKind] = Model.allCases.flatMap { model -> [PrunedKind] in
    let half = model == .cnn ? 7 : 10
    var kinds = [
      PrunedKind(
        method: "aofp", model: model, settings: ["counts": "channels"],
        // The stem of the residual network has two readers.
        removedCount: model == .residual ? 8 : half),
      PrunedKind(method: "softFilter", model: model, removedCount: half),
      PrunedKind(
        method: "softFilter", model: model, settings: ["asymptotic": true, "softness": 0.5],
        removedCount: half),
      PrunedKind(method: "channelPropagation", model: model, removedCount: half),
      PrunedKind(method: "progressiveGradient", model: model, removedCount: half),
      PrunedKind(
        method: "halfSpace", model: model, settings: ["periods": 3], removedCount: half),
      PrunedKind(method: "jackpots", model: model),
    ]
    if model != .mlp {
      kinds.append(PrunedKind(method: "slimming", model: model, removedCount: half))
    }
    return kinds
  }
}

struct PruningProcessTests {
  /// Three epochs.
  private static let length = 24

  private func begun(_ kind: PrunedKind) throws -> PruningProcessRun {
    let run = try PruningProcessRun(kind.experiment)
    try run.learn(3)
    try run.begin(kind.request, length: Self.length)
    return run
  }

  private func channels(_ run: PruningProcessRun) -> Int { run.session.learner.graph.channelCount }

  @Test(arguments: PrunedKind.all)
  func meetsItsTargetAtTheEnd(kind: PrunedKind) throws {
    let run = try begun(kind)
    let before = channels(run)
    try run.learn(Self.length)
    #expect(run.session.process == nil && run.session.state.pruning == nil)
    #expect(before - channels(run) == kind.removedCount ?? 0)
    if kind.removedCount == nil {
      let total = run.session.prunableLayers.reduce(0) { $0 + $1.parameter.value.count }
      let gone = run.session.prunableLayers.reduce(0) { $0 + $1.parameter.prunedCount }
      #expect(gone == total - Int((0.5 * Double(total)).rounded()))
    }
    try run.learn(4)
    #expect(run.session.isFinite)
  }

  @Test(arguments: PrunedKind.all)
  func resumesBitForBit(kind: PrunedKind) throws {
    for pause in [1, 8, 13, 17, 23] {
      let run = try begun(kind)
      try run.learn(pause)
      let other = try PruningProcessRun(kind.experiment)
      try other.session.takeOver(run.session)
      try run.learn(Self.length - pause + 2)
      try other.learn(Self.length - pause + 2)
      let difference = Fingerprint(other.session).difference(from: Fingerprint(run.session))
      #expect(difference.isEmpty, "paused behind \(pause): \(difference)")
    }
  }

  @Test(arguments: PrunedKind.all)
  func endsEarlyAlikeWhenResumed(kind: PrunedKind) throws {
    let run = try begun(kind)
    try run.learn(17)
    let other = try PruningProcessRun(kind.experiment)
    try other.session.takeOver(run.session)
    try run.finish()
    try other.finish()
    let difference = Fingerprint(other.session).difference(from: Fingerprint(run.session))
    #expect(difference.isEmpty, "\(difference)")
  }

  @Test(arguments: PrunedKind.all)
  func statesFollowTheChannels(kind: PrunedKind) throws {
    let run = try begun(kind)
    try run.learn(9)
    let process = try #require(run.session.process)
    let count = channels(run)
    let groups = run.session.learner.graph.groups.count
    let fixed = Set(run.session.network.parameters.map(\.value.shape) + [[1], [groups]])
    for part in process.state {
      #expect(part.tensor.shape == [count] || fixed.contains(part.tensor.shape), "\(part.name)")
    }
  }

  @Test(arguments: PrunedKind.all, [0, 11])
  func canBeEndedEarly(kind: PrunedKind, updates: Int) throws {
    let run = try begun(kind)
    let before = channels(run)
    try run.learn(updates)
    try run.finish()
    #expect(run.session.process == nil)
    #expect(channels(run) >= before - (kind.removedCount ?? 0))
    // Nothing was done yet; slimming cuts at once.
    #expect(updates > 0 || kind.method == "slimming" || channels(run) == before)
    try run.learn(3)
    #expect(run.session.isFinite)
  }

  @Test(arguments: PrunedKind.all.filter { $0.model == .mlp })
  func layersOutOfScopeStay(kind: PrunedKind) throws {
    let run = try PruningProcessRun(kind.experiment)
    var request = kind.request
    request.layers = ["linear2"]
    try run.begin(request, length: Self.length)
    try run.learn(Self.length)
    #expect(
      run.session.learner.graph.groups.map(\.channels.count) == [
        12, kind.method == "jackpots" ? 8 : 4,
      ])
    #expect(
      run.session.prunableLayers.map { $0.parameter.mask == nil } == [
        true, kind.method != "jackpots", true,
      ])
  }

  @Test(arguments: PrunedKind.all.filter { $0.model == .mlp && $0.removedCount != nil })
  func everyLayerKeepsSome(kind: PrunedKind) throws {
    let run = try PruningProcessRun(kind.experiment)
    var request = kind.request
    request.sparsity = 0.7
    request.settings["keepMin"] = 3
    try run.begin(request, length: Self.length)
    try run.learn(Self.length)
    let widths = run.session.learner.graph.groups.map(\.channels.count)
    #expect(widths.allSatisfy { $0 >= 3 } && widths.reduce(0, +) <= 7, "\(widths)")
  }

  /// Where nothing is recalibrated, the cut of what the work took to zero changes no output.
  @Test(arguments: PrunedKind.all.filter { $0.model == .mlp && $0.settings["softness"] == nil })
  func theLastCutChangesNothing(kind: PrunedKind) throws {
    let run = try begun(kind)
    // Behind an epoch, before the next update.
    try run.learn(16)
    let before = run.outputs()
    try run.finish()
    let after = run.outputs()
    #expect(!run.cuts.isEmpty || kind.method == "aofp" || kind.method == "progressiveGradient")
    let largest = before.map(\.magnitude).max() ?? 0
    #expect(zip(before, after).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, largest) })
  }

  /// One channel less would be too few.
  @Test func aTargetOfParametersIsMetToOneChannel() throws {
    let run = try begun(PrunedKind(method: "aofp", model: .mlp))
    let before = run.parameterCount
    try run.learn(Self.length)
    let inputs = run.session.network.plan.inputShape.reduce(1, *)
    #expect(run.parameterCount * 2 <= before)
    #expect((run.parameterCount + inputs + 1 + 12) * 2 > before)
  }

  @Test func jackpotsLeaveTheWeightsAsTheyAre() throws {
    let run = try PruningProcessRun(PrunedKind(method: "jackpots", model: .mlp).experiment)
    try run.learn(5)
    let before = run.session.network.parameters.map { ($0, $0.value.array) }
    try run.begin(PrunedKind(method: "jackpots", model: .mlp).request, length: 24)
    try run.learn(24)
    for (parameter, values) in before {
      let mask = parameter.mask?.array ?? values.map { _ in 1 }
      #expect(
        parameter.value.array.map(\.bitPattern) == zip(values, mask).map { ($0 * $1).bitPattern })
    }
  }

  @Test func whatCannotBePrunedIsRefused() throws {
    let slimming = PrunedKind(method: "slimming", model: .mlp)
    let run = try PruningProcessRun(slimming.experiment)
    #expect(throws: PruningRefusal.self) { try run.begin(slimming.request, length: 24) }
    #expect(run.session.state.pruning == nil)
  }
}

extension PruningProcessRun {
  /// Of the first batch of validation samples.
  fileprivate func outputs() -> [Float] {
    guard let batch = session.loader.validationBatch(0) else { return [] }
    let output = session.network.forward(batch.input, .evaluation(rows: batch.rows))
    return Array(output.array.prefix(batch.rows * 10))
  }
}

extension TrainingSession {
  /// Goes on from where another session of the same experiment stands, by what a checkpoint holds.
  fileprivate func takeOver(_ other: TrainingSession) throws {
    let stage = try stage(for: other.state, widths: other.learner.widths)
    for (from, to) in zip(other.stage.tensors, stage.tensors) {
      #expect(from.name == to.name)
      to.tensor.copy(from: from.tensor)
    }
    for (from, to) in zip(other.network.parameters, stage.learner.network.parameters) {
      guard let mask = from.mask else { continue }
      let copy = Tensor<Float>(shape: mask.shape)
      copy.copy(from: mask)
      to.setMask(copy)
    }
    stage.learner.optimizer.stepCount = other.optimizer.stepCount
    if let average = other.average { stage.learner.average?.stepCount = average.stepCount }
    state = other.state
    enter(stage)
  }
}
