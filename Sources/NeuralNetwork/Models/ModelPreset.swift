/// A model that experiments name instead of listing its layers.
public struct ModelPreset: Sendable {
  public let name: String
  public let summary: String
  public let paper: String?
  private let make: @Sendable (TargetShape) -> [any LayerDescription]

  /// - Parameter make: the layers, which end in what the targets need.
  init(
    _ name: String, summary: String, paper: String? = nil,
    make: @escaping @Sendable (TargetShape) -> [any LayerDescription]
  ) {
    self.name = name
    self.summary = summary
    self.paper = paper
    self.make = make
  }

  public func layers(for targets: TargetShape) -> [any LayerDescription] { make(targets) }
}

/// All models that have a name. The first is what an experiment gets that names none.
public enum ModelCatalogue {
  public static let all: [ModelPreset] = [
    .lenet300, .lenet5, .convolutions32And64, .vggSmall, .resnet20, .resnet32, .resnet56,
    .plainNet, .rnn, .lstm, .gru,
  ]
}
