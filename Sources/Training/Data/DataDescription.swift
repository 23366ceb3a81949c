import JSONText

/// Where an experiment's samples come from and how they are prepared.
public struct DataDescription: Sendable {
  let source: any DataSource
  /// The fraction of a file's samples that is kept for validation; nil: the source divides them.
  let validationFraction: Double?
  /// Whether the samples that validate are random ones; else the last of the file.
  let isSplitShuffled: Bool
  /// Decides which samples validate, and which make a subset.
  let seed: UInt64
  /// At most so many samples train.
  let subset: Int?
  let normalization: Normalization
  /// Whether every epoch has an order of its own.
  let isShuffled: Bool
  let augmentation: Augmentation?
  /// Where the data is described, for messages.
  let place: String

  static let subsetMax = 1_000_000_000

  init(_ root: ExperimentObject) throws {
    let object = try root.object("data")
    place = root.text.place(of: "data", object.position)
    source = try Self.source(object)
    switch source.division {
    case .given:
      if object.node?["validationFraction"] != nil {
        throw object.error(
          "validationFraction", "the samples for validation are given already; remove one of both")
      }
      (validationFraction, isSplitShuffled) = (nil, false)
    case .fraction(let isShuffled):
      validationFraction = try object.number(
        "validationFraction", in: 0.001...0.9, default: 0.2)
      isSplitShuffled = try object.flag("splitShuffled", default: isShuffled)
    }
    seed = try object.seed()
    let hasSubset = object.field("subset") != nil
    subset =
      hasSubset ? try object.integer("subset", in: 1...Self.subsetMax, default: nil) : nil
    let chosen = try object.choice(
      "normalization", of: Normalization.allCases.map(\.rawValue),
      default: source.normalizationDefault.rawValue)
    normalization = Normalization(rawValue: chosen) ?? .standard
    isShuffled = try object.flag("shuffle", default: true)
    augmentation = object.field("augmentation") == nil ? nil : try Augmentation(object)
    try object.finish()
    root.record("data", object.resolved)
  }

  private static func source(_ object: ExperimentObject) throws -> any DataSource {
    let all = DataSourceCatalogue.all
    let kind = try object.choice("kind", of: all.map { $0.kind }, default: GlyphsSource.kind)
    guard let type = all.first(where: { $0.kind == kind }) else {
      preconditionFailure("a kind that was offered is in the list")
    }
    return try type.init(object)
  }
}
