import RunLog

/// The values of one field, a row a candidate.
struct CandidateCells: Sendable {
  private var numbers = Pages(none: CandidateBlock.missing)
  /// The numbers of words.
  private var words = Pages(none: Int32(-1))
  private(set) var numberCount = 0
  private(set) var wordCount = 0

  /// Values in pages, of which copies share all that is not written to; a page without values
  /// takes no room.
  private struct Pages<Value: Sendable>: Sendable {
    let none: Value
    private var pages: [[Value]] = []
    private(set) var byteCount = 0

    private static var rowsPerPage: Int { 1024 }

    init(none: Value) {
      self.none = none
    }

    subscript(row: Int) -> Value {
      get {
        let page = row / Self.rowsPerPage
        guard page < pages.count, !pages[page].isEmpty else { return none }
        return pages[page][row % Self.rowsPerPage]
      }
      set {
        let page = row / Self.rowsPerPage
        while pages.count <= page { pages.append([]) }
        if pages[page].isEmpty {
          pages[page] = Array(repeating: none, count: Self.rowsPerPage)
          byteCount += Self.rowsPerPage * MemoryLayout<Value>.stride
        }
        pages[page][row % Self.rowsPerPage] = newValue
      }
    }

    /// The values of the first rows.
    func first(_ count: Int) -> [Value] {
      var values: [Value] = []
      values.reserveCapacity(count)
      for page in pages where values.count < count {
        let rows = min(Self.rowsPerPage, count - values.count)
        if page.isEmpty {
          values.append(contentsOf: repeatElement(none, count: rows))
        } else {
          values.append(contentsOf: page[..<rows])
        }
      }
      values.append(contentsOf: repeatElement(none, count: max(0, count - values.count)))
      return values
    }
  }

  var byteCount: Int { numbers.byteCount + words.byteCount }

  /// `CandidateBlock.missing` where there is none.
  func number(_ row: Int) -> Double { numbers[row] }

  /// nil where there is none.
  func wordNumber(_ row: Int) -> Int? {
    let number = words[row]
    return number < 0 ? nil : Int(number)
  }

  /// The numbers of the first rows, `CandidateBlock.missing` where there is none.
  func firstNumbers(_ count: Int) -> [Double] { numbers.first(count) }

  /// The numbers of the words of the first rows, -1 where there is none.
  func firstWordNumbers(_ count: Int) -> [Int32] { words.first(count) }

  mutating func set(_ number: Double, row: Int) {
    removeWord(row)
    if CandidateBlock.isMissing(numbers[row]) { numberCount += 1 }
    // Every NaN of a log is the same one: not the one that means that there is none.
    numbers[row] = number.isNaN ? .nan : number
  }

  mutating func set(word: Int, row: Int) {
    removeNumber(row)
    if words[row] < 0 { wordCount += 1 }
    words[row] = Int32(word)
  }

  mutating func remove(_ row: Int) {
    removeNumber(row)
    removeWord(row)
  }

  private mutating func removeNumber(_ row: Int) {
    guard numberCount > 0, !CandidateBlock.isMissing(numbers[row]) else { return }
    numbers[row] = numbers.none
    numberCount -= 1
  }

  private mutating func removeWord(_ row: Int) {
    guard wordCount > 0, words[row] >= 0 else { return }
    words[row] = words.none
    wordCount -= 1
  }
}
