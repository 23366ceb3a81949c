import RunModel
import TerminalUI
import Testing

@testable import Dashboard

struct RememberingTests {
  private func desk() -> Desk {
    var desk = Desk(rows: 30, columns: 140)
    for name in ["a", "b", "c"] {
      desk.find("runs/\(name)", name: name)
      desk.log(Samples.short(rate: 1), path: "runs/\(name)")
    }
    desk.state.themes = ["standard", "light"]
    return desk
  }

  /// Through the text of the file, as another session would get it.
  private func stored(_ view: RememberedView) throws -> RememberedView {
    var views = RememberedViews()
    views.remember(view, for: "runs")
    return try #require(RememberedViews.read(views.text)["runs"])
  }

  @Test func allOfItComesBack() throws {
    var desk = desk()
    for key in "ssyox++<m" { desk.press(.character(key)) }
    desk.press(.character("4"), .character(" "), .character(" "))
    desk.press(.character("."), .character("."), .character("I"))
    desk.type("/alpha")
    desk.press(.enter)
    for line in ["grid 3x2", "theme light", "run b", "view events"] {
      desk.type(":" + line)
      desk.press(.enter)
    }
    desk.state.lists["runs"]?.detailShare = 0.25
    desk.state.markedLayers = ["runs/a": ["linear1", "conv 2"], "runs/b": []]
    desk.state.pruningMethod = "l2"
    let left = desk.state.remembered
    #expect(left.view == "events" && left.axis == "epoch" && left.smoothing == 0.6)
    #expect(left.window != nil && !left.followsEnd && left.logarithmic == ["loss"])
    #expect(left.clipsOutliers && left.gridRows == 3 && left.gridColumns == 2)
    #expect(left.marked == ["runs/a", "runs/b"] && left.selected == "runs/b")
    #expect(left.theme == "light" && left.hasMouse && left.filters == ["runs": "alpha"])
    #expect(left.sorts == ["runs": .init(column: "run", isReversed: true)])
    #expect(left.dividers == ["runs": 0.25])
    #expect(left.markedLayers == ["runs/a": ["conv 2", "linear1"]] && left.pruningMethod == "l2")
    #expect(left.paletteHistory == ["grid 3x2", "theme light", "run b", "view events"])

    var next = self.desk()
    let view = try stored(left)
    #expect(view == left)
    next.send(.remembered(view))
    next.state.selectedPath = view.selected
    #expect(next.state.remembered == left)
    #expect(next.state.paletteHistory.first == "view events")
    #expect(!next.state.isMonochrome)
  }

  @Test func aNewUserIsRememberedAsNew() throws {
    let left = desk().state.remembered
    var next = desk()
    next.send(.remembered(try stored(left)))
    #expect(next.state.curves == CurvesState())
    #expect(next.state.view == "curves" && next.state.lists.isEmpty)
    // The usual theme is no choice: when it is configured anew that holds.
    #expect(left.theme == nil && left.window == nil)
  }

  @Test func whatDoesNotExistAnyMoreIsLeftOut() {
    var view = RememberedView()
    (view.view, view.axis, view.theme) = ("telescope", "moons", "octarine")
    var desk = desk()
    desk.press(.character("5"), .character("x"))
    desk.send(.remembered(view))
    #expect(desk.state.view == "curves")
    #expect(desk.state.curves.axis == .step)
    #expect(desk.state.theme == "standard")
    view.marked = ["runs/gone"]
    view.filters = ["telescope": "x"]
    view.sorts = ["runs": .init(column: "gone")]
    desk.send(.remembered(view))
    #expect(CurvesView.shownRuns(desk.state).map(\.run.name) == ["a"])
    desk.press(.character("4"))
    #expect(desk.state.listModel(of: RunsView()).rows.map(\.id) == ["runs/a", "runs/b", "runs/c"])
  }

  /// A theme without colours stays one, whatever the terminal could show.
  @Test func theMonochromeThemeIsRemembered() {
    var view = RememberedView()
    view.theme = "monochrome"
    var desk = desk()
    desk.state.themes = Theme.shipped.map(\.name)
    desk.send(.remembered(view))
    #expect(desk.state.isMonochrome)
  }

  @Test func outrageousValuesAreClamped() {
    var view = RememberedView()
    (view.gridRows, view.gridColumns, view.smoothing) = (.max, -3, 7)
    view.dividers = ["runs": .infinity]
    view.paletteHistory = (0..<500).map { "\($0)" }
    view.markedLayers = ["a": (0..<500).map { "\($0)" }, "": ["no path"]]
    var desk = desk()
    desk.send(.remembered(view))
    #expect(desk.state.curves.gridRows == RememberedView.gridMax)
    #expect(desk.state.curves.gridColumns == 0)
    #expect(desk.state.curves.smoothing == Configuration.smoothingMax)
    #expect(desk.state.lists["runs"]?.detailShare == 1)
    #expect(desk.state.markedLayers.mapValues(\.count) == ["a": RememberedView.listMax])
    #expect(desk.state.paletteHistory.count == 100)
    #expect(desk.state.paletteHistory.first == "499")
    #expect(desk.screen.count == 30)
  }

  // MARK: Colours

  @Test func markedRunsKeepTheirColours() {
    var desk = desk()
    desk.press(.character("4"), .end, .character(" "))
    let colors = desk.state.runColors
    #expect(Set(colors.keys) == ["runs/a", "runs/c"] && Set(colors.values).count == 2)
    desk.press(.character(" "))
    #expect(desk.state.marked.isEmpty)
    desk.press(.up, .character(" "))
    #expect(Set(desk.state.runColors.values).count == 3)
    desk.press(.end, .character(" "))
    #expect(desk.state.runColors.filter { colors[$0.key] != nil } == colors)
    desk.press(.character("M"))
    #expect(desk.state.marked.isEmpty && desk.state.runColors.count == 3)
  }

  @Test func aRunThatGoesIsNotMarkedAnyMore() {
    var desk = desk()
    desk.press(.character("4"), .end, .character(" "))
    desk.send(.runGone(path: "runs/c"))
    #expect(desk.state.marked.isEmpty)
    #expect(desk.state.remembered.marked == [])
  }

  // MARK: Configured

  @Test func theConfigurationDecidesHowItBegins() {
    let text = """
      {"defaults": {"view": "runs", "x_axis": "wall", "smoothing": 0.5, "clip_outliers": true,
        "mouse": true}}
      """
    let (configuration, problems) = Configuration.read(
      text, file: "c", actions: [], themes: [], views: [])
    #expect(problems == [])
    var desk = Desk()
    desk.send(.remembered(RememberedView(configuration)))
    #expect(desk.state.view == "runs" && desk.state.hasMouse)
    #expect(desk.state.curves.axis == .wall && desk.state.curves.smoothing == 0.5)
    #expect(desk.state.curves.clipsOutliers && desk.state.curves.followsEnd)
    // Runs that are found later are smoothed, too.
    desk.find(Desk.path)
    #expect(desk.state.runs[0].run.smoothing == 0.5)
    desk.log([Samples.scalar("a", 1, 1)], isRestart: true)
    #expect(desk.state.runs[0].run.smoothing == 0.5)
    var plain = Desk()
    plain.send(.remembered(RememberedView(.standard)))
    #expect(plain.state.remembered == Desk().state.remembered)
  }

  @Test func problemsAreTold() {
    var desk = Desk()
    desk.send(.misconfigured("config.json:3: \u{1B}[2J"))
    #expect(desk.told == ["config.json:3: \\x1b[2J"])
  }
}
