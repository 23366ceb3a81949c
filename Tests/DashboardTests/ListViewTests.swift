import RunLog
import TerminalUI
import Testing

@testable import Dashboard

/// What all lists do, tried out on that of the runs.
struct ListViewTests {
  /// Runs a, b, c … with these losses; nil: none was logged. Their list is shown.
  private func desk(_ losses: [Float?], rows: Int = 24, columns: Int = 140) -> Desk {
    var desk = Desk(rows: rows, columns: columns)
    for (letter, loss) in zip("abcdefghijklmnopqrstuvwxyz", losses) {
      desk.find("runs/\(letter)", name: "\(letter)")
      if let loss { desk.log([Samples.scalar("train/loss", 8, loss)], path: "runs/\(letter)") }
    }
    desk.press(.character("4"))
    desk.state.hasMouse = true
    return desk
  }

  private func order(_ desk: Desk) -> String {
    desk.state.listModel(of: RunsView()).rows.map { "\($0.id.dropFirst(5))" }.joined()
  }

  private func chosen(_ desk: Desk) -> String {
    let model = desk.state.listModel(of: RunsView())
    let index = RunsView().chosenIndex(model, desk.state)
    return index.map { "\(model.rows[$0].id.dropFirst(5))" } ?? ""
  }

  /// The name behind the pointer on the screen.
  private func pointed(_ desk: Desk) -> String {
    let line = desk.screen.first { $0.hasPrefix("▸") } ?? ""
    return line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
  }

  private func list(_ desk: Desk) -> ListState { desk.state.list("runs") }

  private func layout(_ desk: Desk) -> ListLayout {
    ListLayout(
      Frame(desk.state).view, share: list(desk).detailShare, hasDetail: true,
      rowCount: desk.state.listModel(of: RunsView()).rows.count)
  }

  // MARK: Moving

  @Test func keysMoveAndStayWithin() {
    // Thirteen rows leave nine for runs.
    var desk = desk(Array(repeating: 1, count: 26), rows: 13)
    let moves: [(Key, String)] = [
      (.up, "a"), (.down, "b"), (.character("j"), "c"), (.character("k"), "b"),
      (.pageDown, "k"), (.pageDown, "t"), (.pageDown, "z"), (.down, "z"), (.pageUp, "q"),
      (.character("n"), "r"), (.character("N"), "q"), (.home, "a"), (.pageUp, "a"),
      (.character("G"), "z"), (.up, "y"), (.character("g"), "a"), (.end, "z"),
    ]
    for (key, name) in moves {
      desk.press(key)
      #expect(chosen(desk) == name, "\(key)")
      #expect(pointed(desk) == name, "\(key)")
    }
    #expect(desk.screen.last?.contains("26 rows") == true)
  }

  @Test func anEmptyListTakesAllKeys() {
    var desk = desk([1, 2])
    desk.state.setFilter("nothing")
    for key in [Key.up, .down, .pageDown, .end, .enter, .character(" "), .character(".")] {
      #expect(desk.press(key) == [])
    }
    desk.mouse(.wheelDown, 8, 8)
    desk.mouse(.press, 8, 8)
    #expect(desk.screen.contains { $0.contains("no row matches nothing") })
    #expect(desk.screen.last?.contains("0 of 2 rows match") == true)
  }

  /// What is chosen stays chosen while others come and go; its neighbour takes its place.
  @Test func rowsComeAndGo() {
    var desk = desk([1, 1, 1, 1])
    desk.press(.down, .down)
    #expect(chosen(desk) == "c")
    desk.find("runs/A", name: "A")
    #expect(order(desk) == "Aabcd" && chosen(desk) == "c")
    desk.send(.runGone(path: "runs/A"))
    desk.send(.runGone(path: "runs/b"))
    #expect(order(desk) == "acd" && chosen(desk) == "c")
    desk.press(.up, .down)
    desk.send(.runGone(path: "runs/c"))
    #expect(chosen(desk) == "d")
    desk.press(.down)
    desk.send(.runGone(path: "runs/d"))
    #expect(chosen(desk) == "a")
  }

  @Test func aFilterDoesNotForgetWhatWasChosen() {
    var desk = desk([1, 2, 3, 4])
    desk.press(.down, .down, .down)
    desk.state.setFilter("last<3")
    #expect(order(desk) == "ab" && chosen(desk) == "b")
    desk.state.setFilter("")
    #expect(chosen(desk) == "d")
  }

  // MARK: Order

  @Test func keysSortByTheColumnBeside() {
    var desk = desk([1, 2])
    let names = RunsView().columns(desk.state).map { Optional($0.name) }
    func press(_ key: Character) -> String? {
      desk.press(.character(key))
      return list(desk).sortColumn
    }
    #expect((names + [nil]).map { _ in press(".") } == names + [nil])
    #expect((names + [nil]).map { _ in press(",") } == names.reversed() + [nil])
  }

  @Test func whatIsNoNumberComesLastEitherWay() {
    var desk = desk([2, nil, .nan, 1, -.infinity])
    desk.state.lists["runs", default: ListState()].sortColumn = "last"
    #expect(order(desk) == "edacb")
    desk.press(.character("I"))
    #expect(list(desk).isReversed)
    #expect(order(desk) == "adecb")
  }

  @Test func equalsStayInTheirOrder() {
    var desk = desk([1, 1, 0, 1])
    desk.state.lists["runs", default: ListState()].sortColumn = "last"
    #expect(order(desk) == "cabd")
    desk.press(.character("I"))
    #expect(order(desk) == "abdc")
    desk.state.lists["runs"]?.sortColumn = nil
    #expect(order(desk) == "dcba")
  }

  @Test func values() {
    let ascending: [ListValue] = [.number(-1), .number(2), .number(.nan), .word("a"), .none]
    for (index, value) in ascending.enumerated() {
      #expect(!value.comes(before: value, isReversed: false))
      for later in ascending[(index + 1)...] {
        #expect(value.comes(before: later, isReversed: false), "\(value) \(later)")
        #expect(!later.comes(before: value, isReversed: false), "\(later) \(value)")
      }
    }
    #expect(ListValue.word("b").comes(before: .word("a"), isReversed: true))
    #expect(ListValue(nil) == .none)
  }

  @Test func aClickOnAHeadingSortsAndReverses() throws {
    var desk = desk([2, 1, 3])
    let (row, table) = (Frame(desk.state).view.row, layout(desk).table)
    let columns = RunsView().columns(desk.state)
    let shown = TextTable(columns: columns.map(\.column), rows: []).layout(width: table.columns)
    #expect(shown.count > 4)
    var start = table.column + 3
    for (index, width) in shown {
      for place in [start, start + width - 1] {
        desk.state.lists = [:]
        desk.click((row, place))
        #expect(list(desk).sortColumn == columns[index].name)
      }
      start += width + 2
    }
    desk.state.lists = [:]
    let best = try #require(desk.place(of: "best loss", from: row))
    desk.click(best)
    #expect(order(desk) == "bac" && !list(desk).isReversed)
    desk.click(best)
    #expect(order(desk) == "cab" && list(desk).isReversed)
    // Another column begins at its smallest again.
    desk.click(try #require(desk.place(of: "state", from: row)))
    #expect(order(desk) == "abc" && !list(desk).isReversed)
  }

  // MARK: Filter

  @Test func comparisonsFilter() {
    var desk = desk([2, nil, .nan, 1])
    for (filter, left) in [
      ("best<1.5", "d"), ("best>=1 and run!=d", "a"), ("last=nan", "c"), ("not best>0", "bc"),
      ("run:b", "b"), ("", "abcd"),
    ] {
      desk.state.setFilter(filter)
      #expect(order(desk) == left, "\(filter)")
    }
    // A wrong one hides nothing.
    desk.state.setFilter("best<")
    #expect(order(desk) == "abcd" && desk.state.filterProblem != nil)
  }

  // MARK: Marks, details

  @Test func spaceMarksAndGoesOn() {
    var desk = desk([1, 2, 3])
    desk.press(.character(" "), .character(" "))
    #expect(desk.state.marked == ["runs/a", "runs/b"] && chosen(desk) == "c")
    desk.press(.character(" "), .character(" "))
    #expect(desk.state.marked == ["runs/a", "runs/b"] && chosen(desk) == "c")
    desk.state.setFilter("run:b")
    #expect(desk.state.marked == ["runs/a", "runs/b"])
    desk.press(.character(" "))
    #expect(desk.state.marked == ["runs/a"])
  }

  @Test func keysGoToTheDetailsWhenTheyHaveTheFocus() throws {
    var desk = desk([1, 2, 3])
    desk.press(.tab)
    #expect(list(desk).isDetailFocused)
    desk.press(.down)
    #expect(chosen(desk) == "a")
    desk.state.setFilter("last>0")
    desk.press(.escape)
    #expect(!list(desk).isDetailFocused && desk.state.filterText == "last>0")
    desk.press(.escape)
    #expect(desk.state.filterText.isEmpty)
    desk.press(.down)
    #expect(chosen(desk) == "b")
    let detail = try #require(layout(desk).detail)
    desk.click((detail.row + 3, detail.column + 5))
    #expect(list(desk).isDetailFocused && list(desk).detailShare == nil)
    desk.click((layout(desk).table.row + 1, 5))
    #expect(!list(desk).isDetailFocused && chosen(desk) == "a")
    desk.press(.backTab)
    #expect(list(desk).isDetailFocused)
  }

  @Test func theFirstLayoutComesBack() {
    var desk = desk([1, 2])
    desk.press(.character("."), .character("I"), .down, .character("0"))
    #expect(list(desk) == ListState())
  }

  // MARK: Mouse

  @Test func aClickChoosesWhatIsUnderIt() {
    var desk = desk(Array(repeating: 1, count: 26), rows: 13)
    desk.press(.pageDown, .pageDown)
    let top = layout(desk).table.row + 1
    let screen = desk.screen
    for row in (top..<top + 9).reversed() {
      desk.click((row, 9))
      #expect(screen[row].split(separator: " ").contains { $0 == chosen(desk) }, "\(row)")
    }
    #expect(list(desk).firstRow > 0)
    desk = self.desk([1, 2])
    desk.press(.down)
    desk.click((15, 9))
    #expect(chosen(desk) == "b")
  }

  @Test func theWheelMovesThreeRows() {
    var desk = desk(Array(repeating: 1, count: 26), rows: 13)
    desk.mouse(.wheelDown, 5, 5)
    #expect(chosen(desk) == "d" && pointed(desk) == "d")
    desk.mouse(.wheelDown, 5, 5)
    desk.mouse(.wheelUp, 5, 5)
    #expect(chosen(desk) == "d")
    for _ in 0..<20 { desk.mouse(.wheelDown, 5, 5) }
    #expect(chosen(desk) == "z" && pointed(desk) == "z")
    for _ in 0..<20 { desk.mouse(.wheelUp, 5, 5) }
    #expect(chosen(desk) == "a")
  }

  /// Beside each other in a wide window, above each other in a high one.
  @Test(arguments: [Size(rows: 24, columns: 140), Size(rows: 40, columns: 80)])
  func theDividerIsDragged(size: Size) throws {
    var desk = desk(Array(repeating: 1, count: 26), rows: size.rows, columns: size.columns)
    let isBeside = size.columns >= 100
    func border() -> Int {
      layout(desk).detail.map { isBeside ? $0.column : $0.row } ?? -1
    }
    func drag(_ kind: MouseEvent.Kind, _ place: Int) {
      desk.mouse(kind, isBeside ? 10 : place, isBeside ? place : 10)
    }
    let start = border()
    drag(.press, start)
    for place in [start - 5, start + 3, start - 1] {
      drag(.drag, place)
      #expect(abs(border() - place) <= 1)
    }
    for far in [0, -50, 5000] {
      drag(.drag, far)
      let share = try #require(list(desk).detailShare)
      #expect(share == (far > 0 ? 0.15 : 0.85))
    }
    drag(.drag, start)
    drag(.release, start)
    let share = list(desk).detailShare
    drag(.drag, start - 6)
    #expect(list(desk).detailShare == share)
    // What is not the border moves nothing.
    drag(.press, start - 4)
    drag(.drag, start - 8)
    #expect(list(desk).detailShare == share)
  }
}
