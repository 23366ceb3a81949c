import RunLog
import RunModel
import TerminalUI
import Testing

@testable import Dashboard

extension Desk {
  @discardableResult
  mutating func mouse(_ kind: MouseEvent.Kind, _ row: Int, _ column: Int) -> [Effect] {
    send(.input(.mouse(MouseEvent(row: row, column: column, kind: kind))))
  }

  @discardableResult
  mutating func click(_ place: (row: Int, column: Int)) -> [Effect] {
    mouse(.press, place.row, place.column) + mouse(.release, place.row, place.column)
  }

  /// Where a text stands on the screen, looked for from a row on.
  func place(of text: String, from row: Int = 0) -> (row: Int, column: Int)? {
    for (index, line) in screen.enumerated().dropFirst(row) {
      guard let found = line.firstRange(of: text) else { continue }
      return (index, line.distance(from: line.startIndex, to: found.lowerBound))
    }
    return nil
  }
}

struct MouseTests {
  private func desk(rows: Int = 24, columns: Int = 100) -> Desk {
    var desk = Desk(rows: rows, columns: columns)
    desk.find(Desk.path)
    desk.log(Samples.training)
    desk.state.hasMouse = true
    return desk
  }

  private func plot(_ desk: Desk, chart: Int = 0) -> Rect {
    let layout = CurvesLayout(desk.state, area: Frame(desk.state).view)
    return LineChart.plotRect(in: layout.places[chart])
  }

  // MARK: On and off

  @Test func nothingHappensWhileItIsOff() {
    for view in ["1", "4", "5"] as [Character] {
      var desk = desk()
      desk.press(.character(view))
      desk.state.hasMouse = false
      let screen = desk.screen
      for row in 0..<24 {
        for kind in [.press, .drag, .release, .wheelDown] as [MouseEvent.Kind] {
          #expect(desk.mouse(kind, row, 30) == [])
        }
      }
      #expect(desk.screen == screen)
    }
  }

  @Test func aKeyTurnsItOnAndOff() {
    var desk = Desk.steering()
    #expect(desk.press(.character("m")) == [.setMouse(true)])
    #expect(desk.state.hasMouse && desk.told.last?.hasPrefix("mouse on") == true)
    #expect(desk.press(.character("m")) == [.setMouse(false)])
    #expect(!desk.state.hasMouse && desk.told.last == "mouse off")
  }

  // MARK: Tabs and footer

  @Test(arguments: [100, 40])
  func tabsShowTheirViews(columns: Int) throws {
    for (index, view) in Views.all.enumerated().reversed() {
      var desk = desk(columns: columns)
      let label = columns == 100 ? " \(index + 1) \(view.title) " : " \(index + 1) "
      // Spaces at the end of a line are not among its text.
      let place = try #require(desk.place(of: String(label.dropLast()), from: 2))
      #expect(place.row == 2)
      for column in place.column..<place.column + label.count {
        desk.state.view = view.name == "curves" ? "runs" : "curves"
        desk.click((place.row, column))
        #expect(desk.state.view == view.name, "column \(column)")
      }
    }
  }

  /// A click on a word does what its key does; between two words it does nothing.
  @Test func wordsOfTheFooterAreButtons() throws {
    let plain = desk()
    let footer = plain.screen.count - 1
    var clicked = 0
    for binding in plain.keymap.footerBindings(in: "curves") {
      let word = binding.footer ?? ""
      let label = binding.keys[0].label + " " + word
      guard let place = plain.place(of: label, from: footer) else { continue }
      clicked += 1
      for column in [place.column, place.column + label.count - 1] {
        var (byMouse, byKey) = (plain, plain)
        let effects = byMouse.click((footer, column))
        #expect(effects.map(\.sent?.request) == byKey.press(binding.keys[0]).map(\.sent?.request))
        #expect(byMouse.screen == byKey.screen, "\(label)")
      }
      var beside = plain
      #expect(beside.click((footer, place.column + label.count)) == [])
      #expect(beside.screen == plain.screen, "\(label)")
    }
    #expect(clicked > 4)
    var desk = plain
    let quit = try #require(plain.place(of: "q Quit", from: footer))
    #expect(desk.click(quit) == [.quit])
  }

  // MARK: Charts

  @Test func aClickPutsTheCursorThere() {
    var desk = desk()
    for chart in [0, 1] {
      let plot = plot(desk, chart: chart)
      for column in stride(from: 0, to: plot.columns, by: 3) {
        desk.state.curves.cursor = nil
        desk.mouse(.press, plot.row + 1, plot.column + column)
        guard let cursor = desk.state.curves.cursor else {
          // Behind the last point there is nothing to point at.
          Issue.record("no cursor at \(column)")
          continue
        }
        let shown = CurveChart(desk.state).column(of: cursor, columns: plot.columns)
        #expect(shown == column || cursor == 420, "\(column)")
      }
      #expect(desk.state.curves.focused == desk.state.chartPlans.charts[chart].title)
    }
  }

  @Test func aDragTakesTheCursorAlong() {
    var desk = desk()
    let plot = plot(desk)
    desk.mouse(.press, plot.row, plot.column + 5)
    let first = desk.state.curves.cursor ?? 0
    desk.mouse(.drag, plot.row + 2, plot.column + 20)
    let second = desk.state.curves.cursor ?? 0
    #expect(second > first)
    desk.mouse(.drag, plot.row + 2, plot.column + 5)
    #expect(desk.state.curves.cursor == first)
    desk.mouse(.release, plot.row, plot.column + 20)
    #expect(desk.state.curves.cursor == first)
    // Beside the plot, among the labels, there is no place to point at.
    desk.mouse(.press, plot.row, plot.column - 1)
    #expect(desk.state.curves.cursor == first)
  }

  @Test func theTitleMakesAChartLarge() {
    var desk = desk()
    let second = CurvesLayout(desk.state, area: Frame(desk.state).view).places[1]
    desk.click((second.row, second.column + 2))
    #expect(desk.state.curves.isFullscreen)
    #expect(desk.state.curves.focused == desk.state.chartPlans.charts[1].title)
    desk.click((Frame(desk.state).view.row, 4))
    #expect(!desk.state.curves.isFullscreen)
  }

  /// What is under the pointer stays under it.
  @Test func theWheelZoomsAroundThePlace() {
    var desk = desk()
    let plot = plot(desk)
    let share = (20 + 0.5) / Double(plot.columns)
    func under() -> Double {
      let range = CurvesWindow.range(desk.state)
      return range.lowerBound + share * (range.upperBound - range.lowerBound)
    }
    let whole = CurvesWindow.range(desk.state)
    let place = under()
    for _ in 0..<4 {
      let before = CurvesWindow.range(desk.state)
      desk.mouse(.wheelUp, plot.row + 1, plot.column + 20)
      let after = CurvesWindow.range(desk.state)
      #expect(
        abs((after.upperBound - after.lowerBound) * 2 - (before.upperBound - before.lowerBound))
          < 1e-6)
      #expect(abs(under() - place) < 1e-6)
      #expect(!desk.state.curves.followsEnd && desk.state.curves.cursor == nil)
    }
    for _ in 0..<4 { desk.mouse(.wheelDown, plot.row + 1, plot.column + 20) }
    #expect(desk.state.curves.window == nil && CurvesWindow.range(desk.state) == whole)
  }

  @Test func groupsAreChosen() throws {
    var desk = Desk(rows: 15, columns: 80)
    desk.find(Desk.path)
    desk.log(["one/a", "one/b", "two/c", "two/d"].map { Samples.scalar($0, 1, 1) })
    desk.state.hasMouse = true
    let place = try #require(desk.place(of: "two 2", from: 3))
    desk.click(place)
    #expect(desk.state.curves.group == "two")
    #expect(desk.state.chartPlans.charts.map(\.title) == ["two/c", "two/d"])
    desk.click(try #require(desk.place(of: "all 4", from: 3)))
    #expect(desk.state.curves.group == nil)
  }

  // MARK: Dialogs and lines

  @Test(arguments: "?LXUCKB")
  func aClickBesideADialogClosesIt(key: Character) throws {
    var desk = desk()
    desk.press(.character(key))
    let dialog = try #require(desk.state.dialog)
    let box = DialogView.frame(of: dialog, desk.state, desk.keymap)
    let inside = [
      (box.row, box.column), (box.endRow - 1, box.endColumn - 1), (box.row + 1, box.column + 2),
    ]
    for place in inside {
      #expect(desk.click(place) == [])
      #expect(desk.state.dialog == dialog, "\(place)")
    }
    for place in [(box.row, box.column - 1), (box.endRow, box.column), (box.row - 1, box.column)]
    where place.0 >= 0 && place.0 < 24 && place.1 >= 0 {
      var other = desk
      // Not even a tab or a word of the footer that is there does anything else.
      #expect(other.click(place) == [])
      #expect(other.state.dialog == nil && other.state.view == "curves", "\(place)")
    }
  }

  @Test func theWheelScrollsADialog() {
    var desk = desk()
    desk.press(.character("?"))
    desk.mouse(.wheelDown, 10, 50)
    desk.mouse(.wheelDown, 10, 50)
    #expect(desk.state.dialog == .help(firstLine: 2))
    desk.mouse(.wheelUp, 0, 0)
    #expect(desk.state.dialog == .help(firstLine: 1))
  }

  /// Nobody confirms anything by a click.
  @Test func clicksConfirmNothing() {
    for key in "LXUCKB" {
      var desk = desk()
      desk.press(.character(key))
      for row in 0..<24 {
        for column in stride(from: 0, to: 100, by: 4) where desk.state.dialog != nil {
          let before = desk.state.dialog
          #expect(desk.click((row, column)) == [])
          if desk.state.dialog == nil { desk.state.dialog = before }
        }
      }
    }
  }

  @Test func whileALineIsTypedTheViewStandsStill() {
    var desk = desk()
    let plot = plot(desk)
    desk.press(.character("/"))
    desk.type("o")
    desk.click((plot.row, plot.column + 4))
    #expect(desk.state.curves.cursor == nil)
    #expect(desk.click((23, 1)) == [])
    #expect(desk.state.prompt?.field.text == "o")
  }

  // MARK: The start screen

  @Test func aClickBegins() throws {
    var desk = Desk()
    desk.state.hasMouse = true
    desk.state.startChoices = [
      StartChoice(title: "digits", detail: "", start: .experiment(path: nil)),
      StartChoice(title: "sample", detail: "", start: .target(path: "samples/a")),
    ]
    let sample = try #require(desk.place(of: "sample"))
    #expect(desk.click(sample) == [.start(.target(path: "samples/a"))])
    let digits = try #require(desk.place(of: "digits"))
    #expect(desk.click(digits) == [.start(.experiment(path: nil))])
    #expect(desk.click((digits.row - 1, digits.column)) == [])
    #expect(desk.click((sample.row + 1, sample.column)) == [])
    desk.state.hasMouse = false
    #expect(desk.click(sample) == [])
  }

  @Test(arguments: [Size(rows: 1, columns: 1), Size(rows: 4, columns: 9), Size.zero])
  func noSizeIsTooSmall(size: Size) {
    for view in DashboardState.viewNames {
      var desk = desk(rows: size.rows, columns: size.columns)
      desk.state.view = view
      for row in -1...5 {
        for kind in [.press, .drag, .wheelUp, .wheelDown, .release] as [MouseEvent.Kind] {
          desk.mouse(kind, row, row * 2)
        }
      }
      #expect(desk.screen.count == size.rows)
    }
  }
}
