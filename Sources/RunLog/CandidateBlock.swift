/// What a log tells of many candidates of an architecture search, in columns: a table of hundreds
/// of thousands of them passes through in blocks of these. One candidate alone is a record of the
/// journal, of kind `candidate`.
public struct CandidateBlock: Sendable, Equatable {
  /// What each row is about. A candidate that came before is the same one.
  public var ids: PackedTexts
  public var columns: [Column]
  /// The newest step of what is told.
  public var step: Int64

  /// A field of the candidates, a value for each id. Where one is missing, what was told before
  /// stays.
  public struct Column: Sendable, Equatable {
    /// The field's path, such as `scores/accuracy`.
    public var name: String
    public var values: Values

    public init(name: String, values: Values) {
      self.name = name
      self.values = values
    }
  }

  public enum Values: Sendable, Equatable {
    /// Missing ones are `missing`.
    case numbers([Double])
    case words(PackedTexts)
  }

  /// A number that is not there. Only its bits tell it from other NaNs: see `isMissing`.
  public static let missing = Double(bitPattern: 0x7ff8_6d69_7373_6564)

  public static func isMissing(_ number: Double) -> Bool {
    number.bitPattern == missing.bitPattern
  }

  public init(ids: PackedTexts = PackedTexts(), columns: [Column] = [], step: Int64 = 0) {
    self.ids = ids
    self.columns = columns
    self.step = step
  }
}
