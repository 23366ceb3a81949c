/// Reads one JSON text (RFC 8259) into nodes that know where they stood.
///
/// Any bytes are safe to read: what is not JSON throws, nothing traps, and the depth is limited.
/// Within strings, lone surrogates and invalid UTF-8 become U+FFFD. A leading byte order mark is
/// skipped. Integers that fit an Int64 are `.integer`, all other numbers `.number` ("-0" too, since
/// only a Double has a negative zero).
public struct JSONReader: Sendable {
  /// What is accepted beyond RFC 8259, and what is done where it leaves a choice.
  public struct Options: Sendable {
    /// What happens when an object has a name twice.
    public enum DuplicateNames: Sendable {
      case rejected
      /// The last value counts and stands in the place of the first.
      case lastWins
    }

    /// `// to the end of the line` and `/* between */`.
    public var allowsComments: Bool
    /// `[1, 2,]` and `{"a": 1,}`.
    public var allowsTrailingCommas: Bool
    /// `NaN`, `Infinity` and `-Infinity`, as Python writes them.
    public var allowsNonFinite: Bool
    /// What happens when an object has a name twice.
    public var duplicateNames: DuplicateNames
    /// How many arrays and objects may stand within each other; at most
    /// `JSONReader.depthMaxCeiling`.
    public var depthMax: Int

    public init(
      allowsComments: Bool = false, allowsTrailingCommas: Bool = false,
      allowsNonFinite: Bool = false, duplicateNames: DuplicateNames = .rejected,
      depthMax: Int = 64
    ) {
      self.allowsComments = allowsComments
      self.allowsTrailingCommas = allowsTrailingCommas
      self.allowsNonFinite = allowsNonFinite
      self.duplicateNames = duplicateNames
      self.depthMax = depthMax
    }

    /// RFC 8259 and nothing else; duplicate names are rejected.
    public static let strict = Options()
    /// For files that people write: comments and trailing commas; duplicate names are rejected.
    public static let configuration = Options(allowsComments: true, allowsTrailingCommas: true)
    /// For records that programs log: NaN tokens; of duplicate names the last wins.
    public static let record = Options(allowsNonFinite: true, duplicateNames: .lastWins)
  }

  /// The reader descends by recursion; a larger `depthMax` is taken as this, to spare the stack.
  public static let depthMaxCeiling = 512
  /// The longest number in characters; no program writes longer ones.
  public static let numberLengthMax = 1024
  /// The longest text in bytes: positions are kept in 32 bits.
  public static let textLengthMax = Int(UInt32.max) - 1

  /// What this reader accepts.
  public let options: Options

  public init(options: Options = .strict) {
    self.options = options
  }

  /// Reads a text that is one JSON value, with nothing but blanks around it.
  public func read(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONNode {
    guard let base = bytes.baseAddress, bytes.count <= Self.textLengthMax else {
      throw JSONError(
        position: JSONPosition(line: 1, column: 1, offset: 0),
        reason: bytes.isEmpty
          ? "a value was expected, found the end of the text"
          : "the text is longer than \(Self.textLengthMax) bytes")
    }
    let text = UnsafeBufferPointer(
      start: base.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    var scanner = JSONScanner(text, options: options)
    return try scanner.readText()
  }

  /// Reads a text that is one JSON value, with nothing but blanks around it.
  public func read(_ bytes: [UInt8]) throws(JSONError) -> JSONNode {
    let result = bytes.withUnsafeBytes { raw in
      Result { () throws(JSONError) in try read(raw) }
    }
    return try result.get()
  }

  /// Reads a text that is one JSON value, with nothing but blanks around it.
  public func read(_ text: String) throws(JSONError) -> JSONNode {
    var text = text
    let result = text.withUTF8 { utf8 in
      Result { () throws(JSONError) in try read(UnsafeRawBufferPointer(utf8)) }
    }
    return try result.get()
  }
}
