/// What an inner vertex of a NAS-Bench-101 cell computes; convolutions come with batch
/// normalisation and ReLU. Raw values are the labels of the published hash.
public enum NASBenchOperation: UInt8, CaseIterable, Sendable {
  case conv3x3
  case conv1x1
  case maxPool3x3

  /// In rows of the published table.
  public var publishedName: String {
    switch self {
    case .conv3x3: "conv3x3-bn-relu"
    case .conv1x1: "conv1x1-bn-relu"
    case .maxPool3x3: "maxpool3x3"
    }
  }

  /// In the layer `cell`.
  public var name: String {
    switch self {
    case .conv3x3: "conv3x3"
    case .conv1x1: "conv1x1"
    case .maxPool3x3: "maxPool3x3"
    }
  }

  /// On a line for people.
  var shortName: String {
    switch self {
    case .conv3x3: "3x3"
    case .conv1x1: "1x1"
    case .maxPool3x3: "pool"
    }
  }

  public init?(publishedName: some StringProtocol) {
    guard let operation = Self.allCases.first(where: { $0.publishedName == publishedName }) else {
      return nil
    }
    self = operation
  }
}
