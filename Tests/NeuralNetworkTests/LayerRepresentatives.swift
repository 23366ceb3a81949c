@testable import NeuralNetwork

/// Settings and samples that the laws of layers are tested with.
struct Representative: Sendable, CustomStringConvertible {
  let kind: String
  let settings: [String: GivenSettings.Value]
  /// Of one sample.
  let shape: [Int]
  /// Inputs are words' numbers below this; nil: any numbers.
  var words: Int?
  /// The valid steps of each of three rows; nil: all.
  var lengths: [Int32]?

  var description: String {
    let words = settings.keys.sorted().map { key in
      guard case .numbers(let numbers) = settings[key] else { return key }
      return "\(key) \(numbers)"
    }
    return "\(kind) \(shape) \(words.joined(separator: ", "))"
  }

  func layer() throws -> any LayerDescription {
    guard let type = LayerCatalogue.all.first(where: { $0.kind == kind }) else {
      throw GivenSettings.OutOfRange(name: kind)
    }
    return try type.init(GivenSettings(settings))
  }
}

extension Representative {
  private init(
    _ kind: String, _ shape: [Int], _ settings: [String: GivenSettings.Value] = [:],
    words: Int? = nil, lengths: [Int32]? = nil
  ) {
    self.init(kind: kind, settings: settings, shape: shape, words: words, lengths: lengths)
  }

  /// Of every kind in the catalogue one at least.
  static var all: [Representative] {
    let kinds = Set(LayerCatalogue.all.map { $0.kind })
    return (linear + convolutions + pools + norms + containers + recurrent + activations)
      .filter { kinds.contains($0.kind) }
  }

  private static let linear = [
    Representative("linear", [1]),
    Representative("linear", [2, 3, 2], ["outputs": 33, "bias": false]),
    Representative("linear", [4, 5], ["perStep": true]),
    Representative("embedding", [4], ["vocabulary": 5, "dimension": 3], words: 5),
    Representative("embedding", [2, 1], ["vocabulary": 2, "dimension": 17], words: 2),
    Representative("flatten", [3, 2, 4]),
    Representative("flatten", [17, 1, 17]),
    Representative("flatten", [3, 2]),
    Representative("dropout", [5, 7], ["rate": 0.4]),
    Representative("dropout", [40], ["rate": 0]),
  ]

  private static let convolutions = [
    Representative("convolution", [5, 4], ["channels": 2]),
    Representative("convolution", [1, 1, 1], ["channels": 1, "kernel": 1]),
    Representative("convolution", [5, 4, 3], ["channels": 17, "padding": 1]),
    Representative("convolution", [7, 6, 2], ["channels": 3, "kernel": 2, "stride": 3]),
    Representative(
      "convolution", [6, 7, 4],
      [
        "channels": 2, "kernel": [3, 2], "stride": [2, 1], "padding": [1, 0],
        "dilation": [1, 3], "groups": 2, "bias": false,
      ]),
    Representative("convolution", [4, 3, 5], ["channels": 5, "groups": 5, "padding": 1]),
  ]

  private static let pools = ["maxPool", "averagePool"].flatMap { kind in
    [
      Representative(kind, [4, 5]),
      Representative(kind, [4, 6, 17]),
      Representative(kind, [5, 7, 2], ["kernel": 3, "stride": 2, "padding": 1]),
      Representative(kind, [7, 8, 1], ["kernel": 2, "stride": 3]),
      Representative(kind, [5, 4, 33], ["kernel": 3, "stride": 1]),
      Representative(
        kind, [4, 3, 16], ["kernel": [3, 2], "stride": [2, 1], "padding": [1, 0]]),
    ]
  }

  private static let norms = [
    Representative("globalAveragePool", [3, 5, 17]),
    Representative("globalAveragePool", [1, 1, 1]),
    Representative("globalAveragePool", [4, 3], lengths: [4, 1, 2]),
    Representative("batchNorm", [5]),
    Representative("batchNorm", [3, 4, 17], ["momentum": 0.3, "epsilon": 0.01]),
    Representative("batchNorm", [3, 3, 32]),
    Representative("batchNorm", [5, 3]),
    Representative("layerNorm", [6]),
    Representative("layerNorm", [4, 17], ["epsilon": 0.001]),
    Representative("layerNorm", [2, 1, 32]),
    Representative("groupNorm", [6], ["groups": 2]),
    Representative("groupNorm", [3, 3, 6]),
    Representative("groupNorm", [3, 2, 34], ["groups": 2, "epsilon": 0.001]),
    Representative("groupNorm", [2, 3, 16], ["groups": 1]),
  ]

  private static let containers = [
    Representative("residual", [4], ["branch": .layers([])]),
    Representative(
      "residual", [4],
      ["branch": .layers([Linear(outputs: 3), Tanh(), Linear(outputs: 4)])]),
    Representative(
      "residual", [3, 2, 2],
      [
        "branch": .layers([BatchNorm(), ReLU(), BatchNorm()]),
        "shortcut": .layers([Tanh()]),
      ]),
    Representative(
      "residual", [5],
      [
        "branch": .layers([Residual(branch: [Tanh()]), Sigmoid()]),
        "shortcut": .layers([Linear(outputs: 5)]),
      ]),
    Representative("concatenate", [4], ["branches": .branches([[]])]),
    Representative(
      "concatenate", [3],
      ["branches": .branches([[Linear(outputs: 2)], [], [Tanh(), Linear(outputs: 4)]])]),
    Representative(
      "concatenate", [2, 3, 2],
      ["branches": .branches([[BatchNorm(), ReLU()], [], [GELU()]])]),
  ]

  private static let recurrent = ["rnn", "lstm", "gru"].flatMap { kind in
    [
      Representative(kind, [1, 1], ["units": 1]),
      Representative(kind, [4, 3], ["outputs": "sequence"]),
      Representative(kind, [4, 2], ["units": 4, "layers": 2]),
      Representative(
        kind, [5, 2], ["layers": 2, "bidirectional": true, "outputs": "sequence"],
        lengths: [5, 1, 3]),
    ]
  }

  private static let activations =
    [
      "relu", "leakyReLU", "prelu", "gelu", "silu", "tanh", "sigmoid", "softmax", "clippedReLU",
      "softThreshold",
    ].flatMap { kind in
      [Representative(kind, [1]), Representative(kind, [17]), Representative(kind, [2, 3, 4])]
    } + [
      Representative("leakyReLU", [5], ["slope": 0.3]),
      Representative("prelu", [3, 18], ["perChannel": true, "initial": 0.5]),
      Representative("gelu", [40], ["approximation": "tanh"]),
      Representative("clippedReLU", [40], ["shift": -0.3, "maximum": 0.7]),
      Representative("softThreshold", [40], ["shift": 0.3, "maximum": 0.5]),
    ]
}
