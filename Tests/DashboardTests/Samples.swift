import JSONText
import RunLog
import RunModel
import TestSupport

/// Events of made-up runs, the same on every machine.
enum Samples {
  static let manifest = RunManifest(
    name: "digits", created: 1_700_000_000, version: "1", arguments: ["run"], seed: 1, threads: 1,
    host: "box", experiment: ["model": "mlp"],
    declares: [
      "pause", "resume", "stop", "checkpoint", "set_learning_rate", "prune", "undo", "branch",
    ].map { .init(command: $0) })

  static func scalar(_ tag: String, _ step: Int64, _ value: Float) -> RunEvent {
    .scalar(ScalarPoint(tag: tag, step: step, wallTime: Double(step) / 8, value: value))
  }

  static func journal(_ step: Int64, _ entry: JournalRecord.Entry) -> RunEvent {
    .journal(JournalRecord(wallTime: Double(step) / 8, step: step, entry))
  }

  static func phase(_ name: JournalRecord.Phase.Name, reason: String? = nil) -> RunEvent {
    journal(0, .phase(.init(name, reason: reason, finalStep: 600, stepsPerEpoch: 100)))
  }

  static func answer(
    _ id: String, _ request: ControlCommand.Request, at step: Int64 = 42,
    status: JournalRecord.Answer.Status = .applied, reason: String? = nil, old: Double? = nil,
    new: Double? = nil, layers: [JournalRecord.LayerChange] = []
  ) -> RunEvent {
    journal(
      step,
      .answer(
        .init(
          id: id, status: status, request: request.json, reason: reason,
          old: old.map { .number($0) }, new: new.map { .number($0) }, layers: layers)))
  }

  /// A search of ours with candidates in every state: chains of layers, and one cell with three
  /// branches.
  static let search: [RunEvent] = {
    var manifest = Samples.manifest
    manifest.declares = ["pause", "resume", "stop", "candidate"].map { .init(command: $0) }
    let states = [
      "finished", "finished", "running", "paused", "waiting", "failed", "killed", "skipped",
    ]
    var events: [RunEvent] = [
      .manifest(manifest), .liveness(.alive),
      journal(0, .phase(.init(.training, finalStep: 60))),
    ]
    for (index, state) in states.enumerated() {
      var record: JSON = [
        "id": .string("\(index)"), "state": .string(state), "score_name": "val/accuracy",
        "architecture": .string("linear \(300 - 20 * index) relu → linear 100 relu → linear 10"),
        "parameters": .integer(Int64(266_610 - 15_000 * index)),
        "flops": .integer(Int64(532_000 - 30_000 * index)),
        "latency_ms": .number(0.5 - 0.03 * Double(index)), "epochs_target": 4,
      ]
      if index < 4 {
        record["score"] = .number([0.9612, 0.9654, 0.9431, 0.902][index])
        record["epochs"] = .integer([4, 4, 2, 1][index])
        record["measured_latency_ms"] = .number(0.55 - 0.03 * Double(index))
      }
      if state == "failed" { record["reason"] = "the loss is not a finite number" }
      if index == 0 {
        record["architecture"] = "cell of 7 vertices and 9 edges"
        record["adjacency"] = .string(
          "0110101" + "0000001" + "0001000" + "0000001" + "0000010" + "0000001" + "0000000")
        record["operations"] =
          "input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output"
      }
      events.append(journal(Int64(index), .other(kind: "candidate", record)))
    }
    return events + [scalar("search/best_score", 3, 0.9654)]
  }()

  static let layers = [
    JournalRecord.LayerChange(
      name: "layer1", before: 0, after: 0.812, parameters: 18_880, flops: 37_760),
    JournalRecord.LayerChange(
      name: "layer2", before: 0.25, after: 0.79, parameters: 2_688, flops: 5_376),
    JournalRecord.LayerChange(
      name: "output", before: 0, after: 0.4, parameters: 768, flops: 1_536),
  ]

  static let channels = [
    JournalRecord.LayerChange(
      name: "layer1", before: 0, after: 0.477, parameters: 123_088, flops: 246_176,
      channelsBefore: 300, channelsAfter: 157, threshold: 0.0312),
    JournalRecord.LayerChange(
      name: "layer2", before: 0, after: 0.686, parameters: 9_420, flops: 18_840,
      channelsBefore: 100, channelsAfter: 60, threshold: 0.0745),
    JournalRecord.LayerChange(
      name: "output", before: 0, after: 0.4, parameters: 600, flops: 1_200, channelsBefore: 10,
      channelsAfter: 10),
  ]

  /// Declares methods of each kind.
  static let pruningManifest: RunManifest = {
    var manifest = Samples.manifest
    manifest.layers = [
      .init(name: "layer1", shape: [300, 784]), .init(name: "layer2", shape: [100, 300]),
      .init(name: "output", shape: [10, 100]),
    ]
    manifest.declares.removeAll { $0.command == "prune" }
    manifest.declares.append(
      .init(
        command: "prune",
        details: [
          "methods": [
            ["name": "magnitude", "summary": "the weights with the smallest magnitudes go"],
            [
              "name": "l2", "summary": "the channels whose weights have the smallest L2 norms go",
              "unit": "channels",
              "settings": [["name": "minKeep", "allowed": "an integer from 1", "default": 4]],
            ],
            [
              "name": "aofp",
              "summary": "the filters without which the next layer changes least go",
              "unit": "channels", "acts": "training",
            ],
            [
              "name": "iterative", "summary": "rounds of training, pruning and rewinding",
              "acts": "rounds",
            ],
          ], "scopes": ["global", "layer", "layers"],
        ]))
    manifest.declares.append(.init(command: "finish_pruning"))
    return manifest
  }()

  /// Iterative pruning in its third round.
  static let rounds: [RunEvent] = {
    var events = [
      journal(
        360,
        .pruning(
          .init(method: "iterative", target: 0.95, scope: "global", isOver: false, finalStep: 600)))
    ]
    for number in 0...2 as ClosedRange<Int64> {
      let step = 370 + 20 * number
      let sparsity = [0.8, 0.84, 0.872, 0.9][Int(number)]
      events.append(
        journal(
          step,
          .round(
            .init(
              method: "iterative", number: number, last: 7, sparsity: sparsity, loss: 0.31,
              accuracy: 0.965 - 0.002 * Double(number), epochs: 2))))
      events.append(
        journal(
          step,
          .prune(
            .init(
              method: "iterative", scope: "global", before: sparsity, after: sparsity + 0.03,
              size: .init(
                parameters: 20_000 - 3_000 * number, flops: 40_000 - 6_000 * number,
                bytes: 96_000 - 12_000 * number)))))
    }
    return events
  }()

  static let prune = ControlCommand.Request.prune(
    .init(method: "magnitude", sparsity: 0.8, isPreview: false))

  /// The first 420 of 600 steps: a loss that falls with one spike, a gradient that was once not a
  /// number, a changed learning rate, a prune, checkpoints.
  static let training: [RunEvent] = {
    var random = SeededGenerator(seed: 2026)
    var events: [RunEvent] = [.manifest(manifest), .liveness(.alive), phase(.training)]
    for step in 1...420 as ClosedRange<Int64> {
      let progress = Float(step) / 60
      let noise = Float.random(in: -0.1...0.1, using: &random)
      let loss = step == 300 ? 4 : 2.3 / (1 + progress) + noise / (1 + progress)
      events.append(scalar("train/loss", step, loss))
      events.append(scalar("optimizer/learning_rate", step, step < 250 ? 0.1 : 0.05))
      events.append(
        scalar("optimizer/gradient_norm", step, step == 130 ? .nan : 3 / (1 + progress) - noise))
      guard step % 20 == 0 else { continue }
      events.append(scalar("val/loss", step, 2.4 / (1 + progress)))
      events.append(scalar("val/accuracy", step, 1 - 0.9 / (1 + progress)))
      events.append(scalar("sparsity/total", step, step < 350 ? 0 : 0.8))
      events.append(scalar("sparsity/layer1", step, step < 350 ? 0 : 0.812))
      events.append(scalar("throughput/samples_per_second", step, 51_200 + 1000 * noise))
    }
    return events + marks
  }()

  /// Forty steps of a run that falls faster the larger its rate.
  static func short(rate: Float) -> [RunEvent] {
    [.liveness(.alive), phase(.training)]
      + (1...40 as ClosedRange<Int64>).flatMap { step in
        [
          scalar("train/loss", step, 2 / (1 + rate * Float(step) / 20)),
          scalar("val/loss", step, 2.1 / (1 + rate * Float(step) / 20)),
          scalar("val/accuracy", step, 1 - 0.9 / (1 + rate * Float(step) / 20)),
        ]
      } + [journal(40, .phase(.init(.finished, finalStep: 40)))]
  }

  private static let marks: [RunEvent] = [
    journal(130, .alert("gradient norm is not a number")),
    answer("00000000000000aa", .setLearningRate(.scale(0.5)), at: 250, old: 0.1, new: 0.05),
    answer("00000000000000bb", prune, at: 350, old: 0, new: 0.8, layers: layers),
    journal(
      350,
      .prune(
        .init(
          method: "magnitude", scope: "global", before: 0, after: 0.8,
          sizeBefore: .init(parameters: 111_680, flops: 223_360, bytes: 446_720),
          size: .init(parameters: 22_336, flops: 44_672, bytes: 103_304)))),
    journal(100, .checkpoint(name: "step-000000100-00")),
    journal(400, .checkpoint(name: "step-000000400-00")),
  ]

  /// Whatever a file or directory name can hold that could steer a terminal or mislead an eye.
  static let hostile = shortHostile + String(repeating: "long", count: 2500)

  static let shortHostile =
    "\u{1B}]0;owned\u{7}\u{1B}[2J\u{1B}[31mred\u{202E}txt.exe\u{200B}\u{FEFF}\u{0}\r\n\t\u{9B}1m"
    + "\u{2066}e\u{301}\u{301}\u{301}\u{301}\u{3164}\u{E000}日本語"
}
