import JSONText
import RunLog

/// The candidates of an architecture search, a row each in the order in which they were first told
/// of, and their fields in columns; of each field the newest record that has it counts. Made for
/// hundreds of thousands of rows: a copy shares what is not written to.
public struct CandidateTable: Sendable {
  /// Grows with every change.
  public private(set) var revision = 0
  /// The words of all columns.
  public private(set) var words = InternedTexts()

  private var ids = InternedTexts()
  private var steps = ChunkedArray<Int64>()
  private var names: [String] = []
  private var cells: [CandidateCells] = []
  private var places: [String: Int] = [:]
  /// Paths that have fields below them.
  private var parents: Set<String> = []
  private var cellByteCount = 0

  static let rowsMax = 2_000_000
  static let columnsMax = 200
  static let wordByteCountMax = 256_000_000
  static let cellByteCountMax = 512_000_000
  /// Longer paths of fields are left out.
  static let nameSizeMax = 512
  /// Deeper objects stay whole, as words.
  static let depthMax = 4

  /// A field of the candidates.
  public struct Column: Sendable {
    /// The field's path, such as `scores/accuracy`.
    public let name: String
    fileprivate let cells: CandidateCells
    fileprivate let words: InternedTexts

    /// Whether there is at least one number and no word.
    public var isNumeric: Bool { cells.numberCount > 0 && cells.wordCount == 0 }
    /// Rows that have a value.
    public var valueCount: Int { cells.numberCount + cells.wordCount }

    /// NaN where there is no number.
    public func number(_ row: Int) -> Double { cells.number(row) }

    /// The numbers of the first rows in one piece, NaN where there is none: to sort by.
    public func numbers(count: Int) -> [Double] { cells.firstNumbers(count) }

    /// Words, truths and whatever else is no number, as text; nil where there is none.
    public func word(_ row: Int) -> String? { cells.wordNumber(row).map { words[$0] } }

    /// The numbers of the first rows' words in one piece, -1 where there is none.
    public func wordNumbers(count: Int) -> [Int32] { cells.firstWordNumbers(count) }

    /// The number of a row's word in the table's `words`; nil where there is none.
    public func wordNumber(_ row: Int) -> Int? { cells.wordNumber(row) }

    public func hasValue(_ row: Int) -> Bool {
      !CandidateBlock.isMissing(cells.number(row)) || cells.wordNumber(row) != nil
    }
  }

  public init() {}

  public var count: Int { ids.count }
  public var isEmpty: Bool { count == 0 }

  public func id(_ row: Int) -> String { ids[row] }

  /// How many ids come before each row's, by their bytes.
  public var idRanks: [Int32] { ids.ranks(of: Array(0..<Int32(count))) }

  public func row(ofID id: String) -> Int? { ids.number(of: id) }

  /// Of its newest record.
  public func step(_ row: Int) -> Int64 { steps[row] }

  /// In the order in which they were first told of.
  public var columns: [Column] { names.indices.map { column(at: $0) } }

  public func column(_ name: String) -> Column? { places[name].map { column(at: $0) } }

  private func column(at index: Int) -> Column {
    Column(name: names[index], cells: cells[index], words: words)
  }

  /// The id and the words of a row, UTF-8, a line each and valid for the call: what a filter for
  /// text looks through.
  public func withText<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    var size = ids.withBytes(of: row) { $0.count }
    for cells in cells where cells.wordCount > 0 {
      guard let number = cells.wordNumber(row) else { continue }
      size += 1 + words.withBytes(of: number) { $0.count }
    }
    return withUnsafeTemporaryAllocation(byteCount: max(1, size), alignment: 1) { room in
      var end = 0
      func add(_ text: UnsafeBufferPointer<UInt8>) {
        UnsafeMutableRawBufferPointer(rebasing: room[end...])
          .copyMemory(from: UnsafeRawBufferPointer(text))
        end += text.count
      }
      ids.withBytes(of: row, add)
      for cells in cells where cells.wordCount > 0 {
        guard let number = cells.wordNumber(row) else { continue }
        room[end] = UInt8(ascii: "\n")
        end += 1
        words.withBytes(of: number, add)
      }
      return room.withMemoryRebound(to: UInt8.self) {
        body(UnsafeBufferPointer(rebasing: $0[..<end]))
      }
    }
  }

  /// Of each row whether its id or one of its words has a text somewhere: the small letters of
  /// ASCII stand for the large ones, too.
  ///
  /// - Parameter text: UTF-8 in small letters.
  public func rowsContaining(_ text: [UInt8]) -> [Bool] {
    var isFound = ids.contain(text)
    let columns = cells.filter { $0.wordCount > 0 }
    guard !columns.isEmpty else { return isFound }
    let isIn = words.contain(text)
    for cells in columns {
      for (row, word) in cells.firstWordNumbers(count).enumerated() where word >= 0 {
        if isIn[Int(word)] { isFound[row] = true }
      }
    }
    return isFound
  }

  // MARK: Records

  /// Takes up a record of kind `candidate`, of which only the `id` has to be there. Fields of
  /// fields go by their paths; a null takes away what stood there.
  /// - Returns: what was left out.
  mutating func apply(_ record: JSON, step: Int64) -> [LogTrouble] {
    guard var id = Self.id(record) else { return [] }
    var leftOut = LeftOut()
    if let row = id.withUTF8({ row(ofID: UnsafeRawBufferPointer($0), &leftOut) }) {
      steps[row] = step
      for member in record.members ?? [] where member.name != "id" {
        put(member.value, at: member.name, depth: 1, row, &leftOut)
      }
      revision += 1
    }
    return leftOut.troubles
  }

  /// Takes up what is told of many.
  /// - Returns: what was left out.
  mutating func apply(_ block: CandidateBlock) -> [LogTrouble] {
    var leftOut = LeftOut()
    let rows = (0..<block.ids.count).map { index in
      block.ids.withBytes(of: index) { id in
        if let id, !id.isEmpty { row(ofID: id, &leftOut) } else { Int?.none }
      }
    }
    for row in rows { if let row { steps[row] = block.step } }
    for column in block.columns { put(column, rows, &leftOut) }
    revision += 1
    return leftOut.troubles
  }

  private mutating func put(
    _ column: CandidateBlock.Column, _ rows: [Int?], _ leftOut: inout LeftOut
  ) {
    guard column.name != "id", let index = index(of: column.name, &leftOut) else { return }
    switch column.values {
    case .numbers(let numbers):
      for (row, number) in zip(rows, numbers) where !CandidateBlock.isMissing(number) {
        if let row { set(number, index, row, &leftOut) }
      }
    case .words(let texts):
      for (row, text) in zip(rows, 0..<texts.count) {
        guard let row else { continue }
        texts.withBytes(of: text) { bytes in
          if let bytes { set(bytes, index, row, &leftOut) }
        }
      }
    }
  }

  private static func id(_ record: JSON) -> String? {
    switch record["id"] {
    case .string(let text): text.isEmpty ? nil : text
    case .integer(let number): "\(number)"
    default: nil
    }
  }

  private mutating func row(
    ofID id: UnsafeRawBufferPointer, _ leftOut: inout LeftOut
  ) -> Int? {
    // A cut id could be another candidate's.
    guard id.count <= InternedTexts.textSizeMax else {
      leftOut.hasLongIDs = true
      return nil
    }
    guard count < Self.rowsMax else {
      let known = ids.number(of: String(decoding: id, as: UTF8.self))
      leftOut.hasRows = leftOut.hasRows || known == nil
      return known
    }
    let row = ids.intern(id)
    if row == steps.count { steps.append(0) }
    return row
  }

  // MARK: Fields

  private mutating func put(
    _ value: JSON, at path: String, depth: Int, _ row: Int, _ leftOut: inout LeftOut
  ) {
    switch value {
    case .null:
      remove(path, row)
      removeBelow(path, row)
    case .object(let members) where depth < Self.depthMax && path != "architecture":
      remove(path, row)
      for member in members {
        put(member.value, at: path + "/" + member.name, depth: depth + 1, row, &leftOut)
      }
    default:
      removeBelow(path, row)
      guard let index = index(of: path, &leftOut) else { return }
      if let number = value.double { return set(number, index, row, &leftOut) }
      var text = value.string ?? value.text(nonFinite: .token)
      text.withUTF8 { set(UnsafeRawBufferPointer($0), index, row, &leftOut) }
    }
  }

  /// The place of a column, which is made if there is room.
  private mutating func index(of name: String, _ leftOut: inout LeftOut) -> Int? {
    if let place = places[name] { return place }
    guard names.count < Self.columnsMax, name.utf8.count <= Self.nameSizeMax else {
      leftOut.hasColumns = true
      return nil
    }
    places[name] = names.count
    names.append(name)
    cells.append(CandidateCells())
    for index in name.indices where name[index] == "/" { parents.insert(String(name[..<index])) }
    return names.count - 1
  }

  private mutating func set(_ number: Double, _ index: Int, _ row: Int, _ leftOut: inout LeftOut) {
    guard hasRoom(&leftOut) else { return }
    cellByteCount -= cells[index].byteCount
    cells[index].set(number, row: row)
    cellByteCount += cells[index].byteCount
  }

  private mutating func set(
    _ word: UnsafeRawBufferPointer, _ index: Int, _ row: Int, _ leftOut: inout LeftOut
  ) {
    guard hasRoom(&leftOut) else { return }
    guard words.byteCount < Self.wordByteCountMax else {
      leftOut.hasWords = true
      return
    }
    cellByteCount -= cells[index].byteCount
    cells[index].set(word: words.intern(word), row: row)
    cellByteCount += cells[index].byteCount
  }

  private func hasRoom(_ leftOut: inout LeftOut) -> Bool {
    leftOut.hasCells = leftOut.hasCells || cellByteCount >= Self.cellByteCountMax
    return cellByteCount < Self.cellByteCountMax
  }

  private mutating func remove(_ path: String, _ row: Int) {
    if let index = places[path] { cells[index].remove(row) }
  }

  private mutating func removeBelow(_ path: String, _ row: Int) {
    guard parents.contains(path) else { return }
    for index in names.indices where names[index].hasPrefix(path + "/") { cells[index].remove(row) }
  }

  /// What there was no room for.
  private struct LeftOut {
    var hasRows = false, hasColumns = false, hasCells = false, hasWords = false
    var hasLongIDs = false

    var troubles: [LogTrouble] {
      var troubles: [LogTrouble] = []
      if hasRows { troubles.append(.tooMany(what: "candidates", max: rowsMax)) }
      if hasColumns { troubles.append(.tooMany(what: "fields of candidates", max: columnsMax)) }
      let megabyte = 1_000_000
      if hasCells {
        troubles.append(
          .tooMany(what: "megabytes of candidates", max: cellByteCountMax / megabyte))
      }
      if hasWords {
        troubles.append(
          .tooMany(what: "megabytes of candidates' words", max: wordByteCountMax / megabyte))
      }
      if hasLongIDs {
        troubles.append(
          .tooMany(what: "bytes of a candidate's id", max: InternedTexts.textSizeMax))
      }
      return troubles
    }
  }
}
