/// The newest texts, oldest first, and the memory that they need.
public struct TextList: RandomAccessCollection, Sendable {
  private var texts: NewestList<Run.Text>
  /// O(1).
  private(set) var byteCount = 0

  /// More of a text is cut off.
  private static let scalarsMax = 4096

  init(countMax: Int) {
    texts = NewestList(countMax: countMax)
  }

  public var startIndex: Int { texts.startIndex }
  public var endIndex: Int { texts.endIndex }
  public subscript(index: Int) -> Run.Text { texts[index] }

  mutating func append(tag: String = "", step: Int64, wallTime: Double, _ text: String) {
    // A scalar has a byte at least.
    let cut =
      text.utf8.count <= Self.scalarsMax
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.scalarsMax)))
    byteCount += cut.utf8.count
    let gone = texts.append(Run.Text(tag: tag, step: step, wallTime: wallTime, text: cut))
    byteCount -= gone?.text.utf8.count ?? 0
  }

  /// Drops what was said at a step and later.
  mutating func supersede(from step: Int64) {
    texts.removeAll { $0.step >= step }
    byteCount = texts.reduce(0) { $0 + $1.text.utf8.count }
  }
}
