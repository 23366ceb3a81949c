import JSONText

/// The words for the table of a layer whose architecture is learned: a row for each edge, a column
/// for each operation.
public struct MixtureWords: Sendable, Equatable {
  /// Such as "0→2".
  public let edges: [String]
  public let operations: [String]
  /// Of each edge the operation that would be chosen now, "none" where it would go.
  public let chosen: [String]

  private static let wordsMax = 256

  /// Reads a record of the journal; nil where it is none.
  init?(_ fields: JSON) {
    func words(_ name: String) -> [String]? {
      guard let list = fields[name]?.array, list.count <= Self.wordsMax else { return nil }
      let words = list.compactMap(\.string)
      return words.count == list.count ? words : nil
    }
    guard let edges = words("edges"), let operations = words("operations"),
      let chosen = words("chosen")
    else { return nil }
    self.edges = edges
    self.operations = operations
    self.chosen = chosen
  }
}

extension Run {
  private static let mixturesMax = 4096

  /// Takes up what would become of a layer; the newest holds.
  mutating func noteMixture(_ fields: JSON) {
    guard let layer = fields["layer"]?.string, let words = MixtureWords(fields),
      mixtures[layer] != nil || mixtures.count < Self.mixturesMax
    else { return }
    mixtures[layer] = words
  }
}
