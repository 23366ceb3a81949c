/// The tags of a log in the order in which they came, each found again by its name: the table that
/// the entries of a `ScalarBlock` point into.
struct NumberedTags: Sendable {
  private(set) var names: [String] = []

  private var numbers: [String: Int32] = [:]

  /// More tags than any log means.
  static let countMax = 100_000

  /// The number of a tag; a new one gets the next. nil when there are too many.
  mutating func number(of tag: String) -> Int32? {
    if let known = numbers[tag] { return known }
    guard names.count < Self.countMax else { return nil }
    let number = Int32(names.count)
    names.append(tag)
    numbers[tag] = number
    return number
  }
}
