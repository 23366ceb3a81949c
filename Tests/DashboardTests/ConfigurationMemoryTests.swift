import Dashboard
import TerminalUI
import TestSupport
import Testing

struct ConfigurationMemoryTests {
  private static var full: RememberedView {
    var view = RememberedView()
    view.view = "runs"
    view.axis = "wall"
    view.smoothing = 0.6
    view.window = -1.5...1e9
    view.followsEnd = false
    view.logarithmic = ["loss", "gradient \"norm\""]
    view.clipsOutliers = true
    view.gridColumns = 3
    view.gridRows = 2
    view.marked = ["runs/a", "runs/ü\u{1B}"]
    view.selected = "runs/a"
    view.theme = "light"
    view.hasMouse = true
    view.filters = ["runs": "accuracy>0.9", "events": ""]
    view.sorts = ["runs": .init(column: "val/loss", isReversed: true), "x": .init(column: "y")]
    view.dividers = ["layers": 0.25, "runs": 1]
    view.paletteHistory = ["prune magnitude 0.8", "lr x0.5"]
    return view
  }

  @Test func roundTrip() {
    var views = RememberedViews()
    views.remember(Self.full, for: "runs")
    views.remember(RememberedView(), for: "other\nruns")
    let copy = RememberedViews.read(views.text)
    #expect(copy == views)
    #expect(copy["runs"] == Self.full)
    #expect(copy["other\nruns"] == RememberedView())
    #expect(copy["none"] == nil)
    #expect(RememberedViews.read(RememberedViews().text) == RememberedViews())
  }

  @Test func theNewestAreKept() {
    var views = RememberedViews()
    for index in 0..<60 {
      var view = RememberedView()
      view.gridRows = index % 10
      views.remember(view, for: "\(index)")
      // Used again and again: never the oldest.
      views.remember(Self.full, for: "often")
    }
    #expect(views.count == RememberedViews.countMax)
    #expect(views["often"] == Self.full)
    #expect(views["10"] == nil)
    #expect(views["11"]?.gridRows == 1)
    #expect(RememberedViews.read(views.text) == views)
    views.remember(Self.full, for: "")
    views.remember(Self.full, for: String(repeating: "k", count: 20_000))
    #expect(views["59"] != nil && views[""] == nil)
  }

  @Test func valuesAreClamped() {
    var view = RememberedView()
    view.view = "a\u{1B}[2J"
    view.smoothing = .nan
    view.window = -Double.infinity...Double.infinity
    view.gridColumns = .max
    view.gridRows = -1
    view.logarithmic = Array(repeating: "x", count: 100)
    view.marked = ["", String(repeating: "p", count: 5000), "p"]
    view.selected = String(repeating: "p", count: 5000)
    view.filters = Dictionary(uniqueKeysWithValues: (10..<90).map { ("\($0)", "f") })
    view.dividers = ["a": .nan, "b": -1, "c": .infinity]
    view.paletteHistory = (0..<150).map { "\($0)" }
    var views = RememberedViews()
    views.remember(view, for: "k")
    let kept = views["k"]
    #expect(kept?.view == "a\\x1b[2J")
    #expect(kept?.smoothing == 0)
    #expect(kept?.window == -RememberedView.windowMax...RememberedView.windowMax)
    #expect(kept?.gridColumns == RememberedView.gridMax && kept?.gridRows == 0)
    #expect(kept?.logarithmic.count == RememberedView.listMax)
    #expect(kept?.marked == ["p"] && kept?.selected == nil)
    #expect(kept?.filters.keys.sorted() == (10..<26).map { "\($0)" })
    #expect(kept?.dividers == ["a": 0.5, "b": 0, "c": 1])
    #expect(kept?.paletteHistory == (50..<150).map { "\($0)" })
    view.smoothing = 7
    view.window = 3...3
    #expect(view.clamped.smoothing == Configuration.smoothingMax)
    #expect(view.clamped.window == nil)
    #expect(RememberedViews.read(views.text) == views)
  }

  /// A wrong value costs itself, a wrong view itself, a wrong file all.
  @Test func damageCostsWhatItHit() {
    let text = """
      {"views": [3, {"targets": "a", "window": [2, 1], "smoothing": "x", "grid_rows": 1e99,
        "sorts": {"runs": 1, "x": {"column": "c"}}, "mouse": true}, {"view": "lost"},
        {"targets": "a", "view": "older"}, {"targets": "b", "dividers": {"p": NaN, "q": null}}]}
      """
    var expected = RememberedViews()
    var view = RememberedView()
    view.dividers = ["p": 0.5]
    expected.remember(view, for: "b")
    view = RememberedView()
    view.sorts = ["x": .init(column: "c")]
    view.hasMouse = true
    expected.remember(view, for: "a")
    #expect(RememberedViews.read(text) == expected)
    for wrong in ["", "{", "[]", "3", "{\"views\": {}}", "\0"] {
      #expect(RememberedViews.read(wrong) == RememberedViews())
    }
  }

  @Test func theTextIsBounded() {
    var view = RememberedView()
    view.marked = (10..<60).map { "\($0)" + String(repeating: "\u{1}", count: 1000) }
    var views = RememberedViews()
    for index in 0..<20 { views.remember(view, for: "\(index)") }
    #expect(views.text.utf8.count <= RememberedViews.bytesMax)
    let copy = RememberedViews.read(views.text)
    #expect((2..<20).contains(copy.count))
    #expect(copy["19"] == view && copy["0"] == nil)
  }

  @Test(arguments: 0..<4)
  func damagedFiles(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var views = RememberedViews()
    for key in ["a", "b", "c"] { views.remember(Self.full, for: key) }
    var survivors = 0
    for _ in 0..<500 {
      let read = RememberedViews.read(ConfigurationDamage.damaged(views.text, &random))
      survivors += read.count
      for key in ["a", "b", "c"] {
        guard let view = read[key] else { continue }
        #expect(view == view.clamped)
        #expect(view.smoothing >= 0 && view.smoothing <= Configuration.smoothingMax)
        #expect((0...RememberedView.gridMax).contains(view.gridColumns))
      }
      #expect(RememberedViews.read(read.text) == read)
    }
    #expect(survivors > 100)
  }
}
