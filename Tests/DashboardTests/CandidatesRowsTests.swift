import RunLog
import RunModel
import TestSupport
import Testing

@testable import Dashboard

/// Columns of candidates beside their plain twins: rows that are made one by one.
struct CandidatesRowsTests {
  /// Random candidates, some of whose fields are missing, words or no numbers.
  private func rows(seed: UInt64, count: Int) -> CandidatesRows {
    var random = SeededGenerator(seed: seed)
    let words = [
      "finished", "Running", "conv3x3 conv1x1", "conv3x3 conv1x1 conv3x3", "a", "", "ärger",
    ]
    var block = CandidateBlock()
    var (scores, costs) = ([Double](), [Double]())
    var (states, names) = (PackedTexts(), PackedTexts())
    for index in 0..<count {
      block.ids.append(
        String(UInt64.random(in: 0..<1 << 40, using: &random), radix: 16) + "\(index)")
      let strange: [Double] = [.nan, .infinity, -.infinity, -0.0, 0, CandidateBlock.missing]
      let isStrange = Int.random(in: 0..<4, using: &random) == 0
      scores.append(
        isStrange
          ? strange.randomElement(using: &random) ?? 0
          : Double(Int.random(in: -20...20, using: &random)) / 8)
      costs.append(Double(Int.random(in: 0...9, using: &random)))
      states.append(words.randomElement(using: &random))
      names.append(Int.random(in: 0..<5, using: &random) == 0 ? nil : "name\(index % 90)")
    }
    block.columns = [
      .init(name: "score", values: .numbers(scores)),
      .init(name: "parameters", values: .numbers(costs)),
      .init(name: "state", values: .words(states)), .init(name: "note", values: .words(names)),
    ]
    var desk = Desk()
    desk.find(Desk.path)
    desk.log([.candidates(block)])
    return desk.state.candidatesTable.source(onlyDiffering: false)
  }

  /// The same rows, each made whole.
  private func plain(_ rows: CandidatesRows) -> ListRowArray {
    ListRowArray(rows.columns, (0..<rows.count).map { rows.row($0) })
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func everyColumnSortsAsRowsDo(seed: UInt64) {
    let rows = rows(seed: seed, count: 3 + Int(seed) * 20)
    let plain = plain(rows)
    let numbers = Array(0..<Int32(rows.count))
    for column in rows.columns.indices {
      for isReversed in [false, true] {
        let keys = rows.sortKeys(column, isReversed: isReversed)
        let order = RadixSort.sorted(numbers) { keys[Int($0)].bits }
        let expected = numbers.sorted { one, other in
          let first = plain.rows[Int(one)].values[column]
          let second = plain.rows[Int(other)].values[column]
          if first.comes(before: second, isReversed: isReversed) { return true }
          if second.comes(before: first, isReversed: isReversed) { return false }
          return one < other
        }
        #expect(order == expected, "\(rows.columns[column].name) \(isReversed)")
      }
    }
  }

  @Test(arguments: [
    "score>0.5", "score<=0", "score=nan", "score!=nan", "score=0", "parameters>=3 and score<1",
    "state=finished", "state:conv", "state!=running", "note:name1 or parameters=4", "!score>0",
    "not (state:a or parameters<5)", "score:0.5", "rank<=5", "pareto=front", "name12 or name3",
  ])
  func everyFilterLeavesWhatRowsSay(text: String) throws {
    for seed in 0..<8 as Range<UInt64> {
      let rows = rows(seed: seed, count: 150)
      let filter = try RowFilter(text, columns: ListColumn.names(rows.columns))
      let expected = (0..<rows.count).filter { filter.matches(Twin(row: rows.row($0))) }
      #expect(filter.matching(rows) == expected.map { Int32($0) }, "\(text)")
    }
  }

  /// A row as filters are promised to see it: what is not there matches no comparison.
  private struct Twin: FilterableRow {
    let row: ListRow
    var filterText: String {
      row.values.compactMap { if case .word(let word) = $0 { word } else { nil } }
        .joined(separator: "\n")
    }
    func filterNumber(_ column: String) -> Double? { row.filterNumber(column) }
    func filterWord(_ column: String) -> String? {
      row.value(column) == .none ? nil : row.filterWord(column)
    }
  }

  @Test func textIsFoundInAnyLetters() throws {
    let rows = rows(seed: 3, count: 100)
    for text in ["RUNNING", "running", "ÄRGER", "Conv1x1", "NAME7", "\"conv3x3 conv1x1 c\""] {
      let filter = try RowFilter(text, columns: [])
      let word = text.lowercased().filter { $0 != "\"" }
      let expected = (0..<rows.count).filter { rows.filterText($0).lowercased().contains(word) }
      #expect(!expected.isEmpty && filter.matching(rows) == expected.map { Int32($0) }, "\(text)")
    }
  }

  @Test func rowsAreFoundByTheirIDs() {
    let rows = rows(seed: 5, count: 200)
    let all = ListRows(rows)
    let some = ListRows(rows, order: [7, 3, 199])
    for place in all.indices { #expect(all.place(ofID: all[place].id) == place) }
    #expect(some.map(\.id) == [rows.id(7), rows.id(3), rows.id(199)])
    #expect(some.place(ofID: rows.id(3)) == 1 && some.place(ofID: rows.id(4)) == nil)
    #expect(some.place(ofID: "no such id") == nil)
  }

  /// A picture of very many costs what it shows.
  @Test func manyPointsAreBinned() {
    let points = (0..<20_000).map { (cost: Double($0 % 10), score: Double($0 % 7)) }
    let picture = CandidatesPoints(points, front: [0])
    #expect(picture.places.count == 70)
    #expect(picture.costs == 0...9 && picture.scores == 0...6)
    let extremes = CandidatesPoints(
      [(cost: -1e308, score: .nan), (cost: 1e308, score: 1), (cost: -1e308, score: 2)], front: [])
    #expect(extremes.places.map(\.across) == [1, 0])
  }
}
