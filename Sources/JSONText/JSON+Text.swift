extension JSON {
  /// What is written for NaN and the infinities, which JSON does not have.
  public enum NonFiniteStyle: Sendable {
    /// `null`: every reader takes it.
    case null
    /// `NaN`, `Infinity`, `-Infinity`: nothing is lost; Python and `JSONReader.Options.record`
    /// take it.
    case token
  }

  /// The value as JSON text, without a newline at the end.
  /// - Parameters:
  ///   - pretty: one member or element a line, indented by two spaces; otherwise one line without
  ///     blanks.
  ///   - nonFinite: what is written for NaN and the infinities.
  public func text(pretty: Bool = false, nonFinite: NonFiniteStyle = .null) -> String {
    String(decoding: utf8(pretty: pretty, nonFinite: nonFinite), as: UTF8.self)
  }

  /// The bytes of `text(pretty:nonFinite:)`.
  public func utf8(pretty: Bool = false, nonFinite: NonFiniteStyle = .null) -> [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes, pretty: pretty, nonFinite: nonFinite)
    return bytes
  }

  /// Appends the bytes of `text(pretty:nonFinite:)`.
  public func write(
    to bytes: inout [UInt8], pretty: Bool = false, nonFinite: NonFiniteStyle = .null
  ) {
    var writer = JSONWriter(bytes: bytes, isPretty: pretty, nonFinite: nonFinite)
    bytes = []
    writer.write(self)
    bytes = writer.bytes
  }
}
