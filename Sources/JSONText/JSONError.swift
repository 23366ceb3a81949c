/// Why a text is not the JSON that was asked for, and where.
///
/// The reader throws it for texts that are not JSON; those who take a `JSONNode` apart throw it for
/// values that make no sense to them (`JSONNode.error(_:)`).
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where the trouble begins.
  public let position: JSONPosition
  /// One line without a full stop, safe to show on a terminal:
  /// "a ',' or '}' was expected, found 'x'".
  public let reason: String

  /// A complaint about a place.
  public init(position: JSONPosition, reason: String) {
    self.position = position
    self.reason = reason
  }

  /// "line 3, column 7: a ',' or '}' was expected, found 'x'".
  public var description: String {
    "line \(position.line), column \(position.column): \(reason)"
  }
}
