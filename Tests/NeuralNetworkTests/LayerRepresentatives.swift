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
    return
      (linear + convolutions + pools + norms + containers + cells + mixtures + recurrent
      + activations)
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
    Representative("batchNorm", [2, 3, 4], ["affine": false]),
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

  private static let cells = [
    // One projection; one operation; the input added to the output.
    cell([3, 2, 2], "0100", [], 3),
    cell([3, 2], "010001000", ["conv3x3"], 2),
    cell([3, 3, 2], "011001000", ["maxPool3x3"], 3),
    // Both operations lead to the output, the first also to the second, which is narrower by one.
    cell([3, 2, 2], "0110" + "0011" + "0001" + "0000", ["conv3x3", "conv1x1"], 3),
    // The third reads the two before it, of which one is wider by one, and the input leads to all.
    cell(
      [3, 3, 2], "01111" + "00011" + "00010" + "00001" + "00000",
      ["conv1x1", "maxPool3x3", "conv3x3"], 5),
    cell(
      [3, 3, 2], "01101" + "00010" + "00011" + "00001" + "00000",
      ["conv1x1", "conv3x3", "maxPool3x3"], 5),
    // The Inception-like cell.
    cell(
      [2, 2, 1], inceptionLike, ["conv1x1", "conv3x3", "conv3x3", "conv3x3", "maxPool3x3"], 5),
  ]

  private static let inceptionLike =
    "0111010" + "0000001" + "0000001" + "0000100" + "0000001" + "0000001" + "0000000"

  private static func cell(
    _ shape: [Int], _ adjacency: String, _ operations: [String], _ channels: Int
  ) -> Representative {
    Representative(
      "cell", shape,
      [
        "adjacency": .word(adjacency), "operations": .words(operations),
        "channels": .numbers([Double(channels)]),
      ])
  }

  private static let mixtures = [
    Representative("zero", [4]),
    Representative("zero", [2, 3, 2]),
    Representative("mixed", [4], ["branches": .branches([[], [Tanh()], [Zero()]])]),
    Representative(
      "mixed", [3],
      ["branches": .branches([[Linear(outputs: 2)], [Tanh(), Linear(outputs: 2)]])]),
    Representative(
      "mixed", [3, 2, 2],
      ["branches": .branches([[Convolution(channels: 2, padding: 1), BatchNorm()], [GELU()]])]),
    Representative("dartsCell", [3, 3, 2], ["channels": 2, "nodes": 1]),
    Representative(
      "dartsCell", [3, 2, 2],
      ["channels": 3, "nodes": 2, "operations": .words(["none", "skip", "dilatedConv3x3"])]),
    // Chosen: the second node has no edge.
    Representative(
      "dartsCell", [3, 2, 2],
      [
        "channels": 2, "nodes": 3,
        "edges": .words(
          ["averagePool3x3", "none", "none", "skip", "separableConv3x3", "maxPool3x3"]),
      ]),
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
