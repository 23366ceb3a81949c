/// Small experiments that together use all that a resumed run has to know: running statistics,
/// noise, augmentation, averages, moments of several optimizers, clipping, sequences, what a search
/// mixes.
enum TrainedKind: String, CaseIterable, Sendable {
  case residual, lstm, gru, groupNorm, firstOrder, secondOrder

  /// 8 updates an epoch, 24 in all, as `TestRun.experiment`.
  var experiment: String {
    """
    {
      "name": "\(rawValue)", "data": { \(data), "trainingCount": 160, "validationCount": 40 },
      "model": { "layers": [\(layers)] }, \(method),
      "batchSize": 20, "epochs": 3, "threads": 1, "checkpoint": { "everySeconds": 1000000 }
    }
    """
  }

  /// Whether it learns what its layers mix, beside the weights.
  var learnsArchitecture: Bool { self == .firstOrder || self == .secondOrder }

  /// What gives several threads something to do.
  var threadedOverrides: [String] {
    switch self {
    case .residual, .groupNorm, .firstOrder, .secondOrder: ["batchSize=64"]
    case .lstm, .gru: ["batchSize=64", "model.layers.0.units=64"]
    }
  }

  private var data: String {
    switch self {
    case .residual:
      #""kind": "glyphs", "augmentation": { "shift": 2, "flip": true, "cutout": 5 }"#
    case .lstm: #""kind": "adding", "steps": 12"#
    case .gru: #""kind": "copyMemory", "delay": 4, "length": 2, "symbols": 4"#
    case .groupNorm, .firstOrder, .secondOrder: #""kind": "glyphs""#
    }
  }

  private var layers: String {
    switch self {
    case .residual:
      """
      { "kind": "convolution", "channels": 4, "stride": 2, "padding": 1, "bias": false },
      "batchNorm", "relu",
      { "kind": "residual", "branch": [
        { "kind": "convolution", "channels": 8, "stride": 2, "padding": 1, "bias": false },
        "batchNorm", "relu",
        { "kind": "convolution", "channels": 8, "padding": 1, "bias": false }, "batchNorm"
      ], "shortcut": [
        { "kind": "convolution", "channels": 8, "kernel": 1, "stride": 2, "bias": false },
        "batchNorm"
      ] }, "relu",
      { "kind": "dropout", "rate": 0.25 }, "globalAveragePool",
      { "kind": "linear", "outputs": 10 }
      """
    case .lstm: #"{ "kind": "lstm", "units": 7 }, { "kind": "linear", "outputs": 1 }"#
    case .gru:
      """
      { "kind": "gru", "units": 6, "layers": 2, "bidirectional": true, "outputs": "sequence" },
      { "kind": "linear", "outputs": 5, "perStep": true }
      """
    case .groupNorm:
      """
      { "kind": "convolution", "channels": 4, "kernel": 4, "stride": 4 },
      { "kind": "groupNorm", "groups": 2 }, "silu", "flatten", { "kind": "linear", "outputs": 10 }
      """
    case .firstOrder, .secondOrder:
      """
      { "kind": "convolution", "channels": 3, "kernel": 4, "stride": 4 },
      { "kind": "dartsCell", "channels": 3, "nodes": 2 }, "globalAveragePool",
      { "kind": "linear", "outputs": 10 }
      """
    }
  }

  private var method: String {
    switch self {
    case .residual:
      """
      "optimizer": { "kind": "adam", "learningRate": 0.01 },
      "gradientClipping": { "kind": "norm", "maximum": 0.5 }, "weightAverage": { "decay": 0.9 }
      """
    case .lstm:
      """
      "optimizer": {
        "kind": "rmsprop", "learningRate": 0.003, "momentum": 0.5, "centered": true
      }, "gradientClipping": { "kind": "norm", "maximum": 0.2 }
      """
    case .gru:
      """
      "optimizer": { "kind": "adamw", "learningRate": 0.01 },
      "gradientClipping": { "kind": "value", "maximum": 0.005 },
      "learningRateSchedule": { "kind": "cosine" }
      """
    case .groupNorm:
      """
      "optimizer": { "kind": "lion", "learningRate": 0.001, "weightDecay": 0.1 },
      "weightAverage": { "decay": 0.8 }
      """
    case .firstOrder:
      """
      "optimizer": { "kind": "adam", "learningRate": 0.01 },
      "architectureSearch": { "learningRate": 0.05 }
      """
    case .secondOrder:
      """
      "optimizer": { "kind": "sgd", "learningRate": 0.05 },
      "architectureSearch": { "order": 2, "learningRate": 0.05 }
      """
    }
  }
}
