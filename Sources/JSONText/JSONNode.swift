/// A JSON value as read: it knows where it stood.
public struct JSONNode: Sendable {
  /// What was read.
  public let kind: Kind
  /// Where its first byte stood.
  public let position: JSONPosition

  /// The seven kinds of value; the elements and members are nodes again.
  public enum Kind: Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONNode])
    /// The members in the order of the text.
    case object([Member])
  }

  /// A name, where it stood, and its value.
  public struct Member: Sendable {
    public let name: String
    public let namePosition: JSONPosition
    public let node: JSONNode

    public init(name: String, namePosition: JSONPosition, node: JSONNode) {
      self.name = name
      self.namePosition = namePosition
      self.node = node
    }
  }

  public init(kind: Kind, position: JSONPosition) {
    self.kind = kind
    self.position = position
  }

  /// The value of an object's member; nil when there is none or this is no object.
  public subscript(name: String) -> JSONNode? {
    members?.first { $0.name == name }?.node
  }

  /// The text of a string.
  public var string: String? {
    if case .string(let value) = kind { value } else { nil }
  }

  /// The value of an integer or a number.
  public var double: Double? {
    switch kind {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The value of an integer, or of a number that is exactly an integer.
  public var integer: Int64? {
    switch kind {
    case .integer(let value): value
    case .number(let value): Int64(exactly: value)
    default: nil
    }
  }

  /// The value of true or false.
  public var boolean: Bool? {
    if case .boolean(let value) = kind { value } else { nil }
  }

  /// The elements of an array.
  public var array: [JSONNode]? {
    if case .array(let nodes) = kind { nodes } else { nil }
  }

  /// The members of an object, in order.
  public var members: [Member]? {
    if case .object(let members) = kind { members } else { nil }
  }

  /// Whether this is null.
  public var isNull: Bool {
    if case .null = kind { true } else { false }
  }

  /// The kind in words, for messages: "a number".
  public var kindName: String {
    switch kind {
    case .null: "null"
    case .boolean: "true or false"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The same value without positions.
  public var json: JSON {
    switch kind {
    case .null: .null
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .string(let value): .string(value)
    case .array(let nodes): .array(nodes.map(\.json))
    case .object(let members):
      .object(members.map { JSON.Member(name: $0.name, value: $0.node.json) })
    }
  }

  /// A complaint about this value, at its place.
  public func error(_ reason: String) -> JSONError {
    JSONError(position: position, reason: reason)
  }
}
