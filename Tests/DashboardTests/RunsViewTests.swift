import JSONText
import RunLog
import TerminalUI
import Testing

@testable import Dashboard

struct RunsViewTests {
  /// Three runs: "a" and "b" are nntop's own and differ in the learning rate, "c" is a foreign one.
  private func desk(rows: Int = 30, columns: Int = 140, glyphs: GlyphSet = .braille) -> Desk {
    var desk = Desk(rows: rows, columns: columns, glyphs: glyphs)
    for name in ["a", "b", "c"] { desk.find("runs/\(name)", name: name) }
    for (name, rate, loss) in [("a", 0.1, Float(0.5)), ("b", 0.05, 0.25)] {
      desk.log(
        [
          .manifest(manifest(name, rate: rate)), .liveness(.alive),
          Samples.journal(8, .phase(.init(.training))),
          Samples.scalar("train/loss", 8, loss), Samples.scalar("train/loss", 1200, loss * 2),
          Samples.scalar("val/accuracy", 1200, 1 - loss),
          Samples.scalar("sparsity/total", 1200, 0.8),
        ], path: "runs/\(name)")
    }
    desk.log(
      [
        .origin(host: "elsewhere"),
        .hyperparameters([Hyperparameter(name: "optimizer.learningRate", value: 0.1)]),
        Samples.scalar("Loss/val", 7, 3), Samples.scalar("loss/train", 7, 2),
      ], path: "runs/c")
    desk.send(.input(.key(.character("4"))))
    return desk
  }

  private func manifest(_ name: String, rate: Double) -> RunManifest {
    var manifest = Samples.manifest
    manifest.name = name
    manifest.experiment = [
      "model": ["layers": [["kind": "linear", "units": 300]]],
      "optimizer": ["kind": "sgd", "learningRate": .number(rate)], "batchSize": 128,
    ]
    return manifest
  }

  private func row(_ desk: Desk, _ name: String) -> ListRow? {
    desk.state.listModel(of: RunsView()).rows.first { $0.id == "runs/\(name)" }
  }

  private func line(_ desk: Desk, _ text: String) -> String {
    let headRows = 3
    return desk.screen.dropFirst(headRows).first { $0.contains(text) } ?? ""
  }

  // MARK: Rows

  @Test func aRowTellsOfItsRun() throws {
    let desk = desk()
    let a = try #require(row(desk, "a"))
    #expect(a.value("state") == .word("training"))
    #expect(a.value("step") == .number(1200))
    #expect(a.value("last") == .number(1))
    #expect(a.value("best") == .number(0.5))
    #expect(a.value("host") == .word("box"))
    #expect(a.cells.map(\.text).contains("1970-01-01 00:00"))
    #expect(a.cells.map(\.text).contains("80.0%"))
    // Of a foreign run its own loss, that of training first.
    #expect(row(desk, "c")?.value("last") == .number(2))
    #expect(row(desk, "c")?.value("host") == .word("elsewhere"))
  }

  @Test func theRunOfTheHeaderIsChosenAndStaysThere() {
    var desk = desk()
    desk.send(.input(.key(.character("]"))))
    #expect(line(desk, "▸").contains("b"))
    desk.press(.down)
    #expect(line(desk, "▸").contains("c"))
    #expect(desk.state.selectedPath == "runs/b")
    desk.press(.enter)
    #expect(desk.state.selectedPath == "runs/c" && desk.state.view == "curves")
    desk.press(.character("["), .character("4"))
    #expect(line(desk, "▸").contains("b"))
  }

  @Test func filterAndSort() {
    var desk = desk()
    desk.state.setFilter("best<0.3 and state=training")
    #expect(desk.state.listModel(of: RunsView()).rows.map(\.id) == ["runs/b"])
    desk.state.setFilter("")
    desk.state.lists["runs", default: ListState()].sortColumn = "last"
    #expect(
      desk.state.listModel(of: RunsView()).rows.map(\.id) == ["runs/b", "runs/a", "runs/c"])
  }

  @Test func theMetricCanBeChosen() {
    var desk = desk()
    #expect(desk.screen.joined().contains("best loss"))
    var titles: [String] = []
    for _ in 0..<6 {
      desk.press(.character("e"))
      titles.append(RunsMetric.title(chosen: desk.state.list("runs").quantity))
    }
    #expect(
      titles == ["Loss val", "loss train", "loss", "val accuracy", "sparsity total", "loss"])
    desk.state.lists["runs"]?.quantity = "val/accuracy"
    #expect(desk.screen.joined().contains("best val accuracy"))
    #expect(row(desk, "a")?.value("best") == .number(0.5))
    #expect(row(desk, "c")?.value("best") == ListValue.none)
  }

  /// A press that changes nothing would look like a dead key.
  @Test func theMetricThatIsShownAnywayIsPassedOver() {
    let runs = desk().state.runs.map(\.run).filter { $0.name != "c" }
    #expect(RunsMetric.next(after: nil, in: runs) == "val/accuracy")
    #expect(RunsMetric.next(after: "sparsity/total", in: runs) == nil)
    #expect(RunsMetric.next(after: "gone", in: []) == nil)
  }

  @Test func whatCannotBeReadSaysSo() {
    var desk = desk()
    desk.find("runs/d", name: "d")
    #expect(row(desk, "d")?.value("state") == .word("waiting for data"))
    desk.log(
      [.trouble(.unreadable(file: "events", offset: 9, reason: "no permission"))], path: "runs/d")
    #expect(row(desk, "d")?.value("state") == .word("unreadable"))
    desk.press(.end)
    #expect(desk.screen.joined(separator: "\n").contains("cannot be read on"))
  }

  // MARK: Marks

  @Test func spaceMarksForTheCurves() {
    var desk = desk()
    desk.press(.character(" "), .character(" "))
    #expect(desk.state.marked == ["runs/a", "runs/b"])
    #expect(line(desk, "● training").hasPrefix("   ●"))
    #expect(CurvesView.shownRuns(desk.state).map(\.run.name) == ["a", "b"])
    desk.press(.up, .character(" "))
    #expect(desk.state.marked == ["runs/a"])
    desk.state.isMonochrome = true
    #expect(line(desk, "● training").hasPrefix("   1"))
    desk.press(.character("M"))
    #expect(desk.state.marked.isEmpty)
  }

  // MARK: What differs

  @Test func whatDiffersStandsBeforeWhatIsTheSame() throws {
    var desk = desk()
    desk.press(.home)
    var screen = desk.screen
    #expect(line(desk, "2 others").contains("differs in"))
    let rate = line(desk, "optimizer.learning")
    // The foreign run has the same rate, but tells of nothing else.
    #expect(rate.contains("0.1") && rate.contains("0.05, 0.1"), "\(rate)")
    #expect(line(desk, "batchSize").contains("128, –"))
    desk.press(.character(" "), .character(" "), .home)
    screen = desk.screen
    let differs = try #require(screen.firstIndex { $0.contains("1 other") })
    let same = try #require(screen.firstIndex { $0.contains("the same in all 2") })
    #expect(screen[differs + 1].contains("learningR"))
    #expect(same == differs + 3)
    #expect(screen[same...].contains { $0.contains("model.layers.0.un") && $0.contains("300") })
  }

  @Test func manyValuesAreCounted() {
    var desk = desk()
    for index in 0..<30 {
      desk.find("runs/x\(index)", name: "x\(index)")
      desk.log(
        [.manifest(manifest("x", rate: 1 + Double(index) / 7))], path: "runs/x\(index)")
    }
    #expect(line(desk, "optimizer.learning").contains("different"))
  }

  @Test func theDetailsScroll() {
    var desk = desk(rows: 14)
    desk.press(.home, .tab)
    #expect(!desk.screen.joined().contains("seed"))
    desk.press(.end)
    let end = desk.state.list("runs").detailFirstLine
    #expect(end > 0)
    #expect(desk.screen.joined().contains("seed"))
    desk.press(.down, .pageDown)
    #expect(desk.state.list("runs").detailFirstLine == end)
    desk.press(.up)
    #expect(desk.state.list("runs").detailFirstLine == end - 1)
    #expect(desk.state.list("runs").selectedIndex == 0)
  }

  @Test(arguments: GlyphSet.allCases)
  func everySizeAndAnyNameIsDrawn(glyphs: GlyphSet) {
    var desk = desk(glyphs: glyphs)
    var hostile = manifest(Samples.hostile, rate: .nan)
    hostile.experiment[Samples.hostile] = .string(Samples.hostile)
    hostile.parent = .init(run: Samples.hostile, step: .max)
    desk.log(
      [.manifest(hostile), Samples.scalar("train/loss", .max, .nan)], path: "runs/a")
    for rows in [1, 2, 3, 5, 9, 17, 24, 50, 200] {
      for columns in [1, 2, 3, 7, 20, 40, 80, 101, 500] {
        desk.send(.resized(Size(rows: rows, columns: columns)))
        for focused in [false, true] {
          desk.state.lists["runs", default: ListState()].isDetailFocused = focused
          desk.press(.down, .up, .end, .home)
          #expect(desk.screen.count == rows)
        }
      }
    }
  }
}
