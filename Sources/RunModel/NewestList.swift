/// The newest of what comes, oldest first.
public struct NewestList<Element: Sendable>: RandomAccessCollection, Sendable {
  /// How many are kept.
  let countMax: Int
  /// The oldest go many at a time, so that each of them costs next to nothing.
  private var kept: [Element] = []

  init(countMax: Int) {
    self.countMax = countMax
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { Swift.min(kept.count, countMax) }

  public subscript(index: Int) -> Element { kept[kept.count - count + index] }

  /// - Returns: the one that had to go.
  @discardableResult
  mutating func append(_ element: Element) -> Element? {
    let oldest = count == countMax ? first : nil
    kept.append(element)
    if kept.count >= countMax + countMax / 8 + 1 { kept.removeFirst(kept.count - countMax) }
    return oldest
  }

  mutating func removeAll(where isUnwanted: (Element) -> Bool) {
    kept.removeFirst(kept.count - count)
    kept.removeAll(where: isUnwanted)
  }
}
