/// Many short texts, UTF-8, one behind the other in one piece of memory; some may be missing.
public struct PackedTexts: Sendable, Equatable {
  private var bytes: [UInt8] = []
  /// Where each text ends; of a missing one the complement of that.
  private var ends: [Int] = []

  public init() {}

  /// - Parameter texts: nil: a text that is missing.
  public init(_ texts: some Sequence<String?>) {
    for text in texts { append(text) }
  }

  public var count: Int { ends.count }

  public mutating func append(_ text: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
  }

  public mutating func append(_ text: String?) {
    guard var text else { return appendMissing() }
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  public mutating func appendMissing() {
    ends.append(~bytes.count)
  }

  /// The bytes of a text, valid for the call; nil where it is missing.
  public func withBytes<Result>(
    of index: Int, _ body: (UnsafeRawBufferPointer?) -> Result
  ) -> Result {
    guard ends[index] >= 0 else { return body(nil) }
    let start = index == 0 ? 0 : ends[index - 1] < 0 ? ~ends[index - 1] : ends[index - 1]
    return bytes.withUnsafeBytes {
      body(UnsafeRawBufferPointer(rebasing: $0[start..<ends[index]]))
    }
  }

  /// Invalid UTF-8 becomes U+FFFD; nil where the text is missing.
  public subscript(index: Int) -> String? {
    withBytes(of: index) { bytes in bytes.map { String(decoding: $0, as: UTF8.self) } }
  }
}
