import RunLog
import RunModel
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

struct LayersViewTests {
  private static let log: [RunEvent] = {
    var events: [RunEvent] = [
      .manifest(Samples.manifest), .liveness(.alive), Samples.phase(.training),
    ]
    for step in stride(from: 10, through: 400, by: 10) as StrideThrough<Int64> {
      for (index, layer) in ["linear1", "linear2"].enumerated() {
        let value = Float(step) / Float(100 * (index + 1))
        events.append(Samples.scalar("gradient_norm/\(layer)", step, value))
        events.append(Samples.scalar("sparsity/\(layer)", step, step < 200 ? 0 : 0.75))
      }
      events.append(Samples.scalar("sparsity/total", step, 0.5))
    }
    let grid = Grid(rows: 2, columns: 3, values: [1, 0, 1, 0.5, 0.5, 0])
    events.append(.grid(tag: "density/linear1", step: 400, wallTime: 50, grid))
    let bins = (0..<4).map {
      Histogram.Bin(lower: Double($0) - 2, upper: Double($0) - 1, count: 1.5)
    }
    events.append(.histogram(tag: "weights/linear1", step: 400, wallTime: 50, .init(bins: bins)))
    return events
  }()

  private func desk(
    _ events: [RunEvent] = log, rows: Int = 40, columns: Int = 140, glyphs: GlyphSet = .braille
  ) -> Desk {
    var desk = Desk(rows: rows, columns: columns, glyphs: glyphs)
    desk.find(Desk.path)
    desk.log(events)
    desk.press(.character("2"))
    return desk
  }

  private func row(_ desk: Desk, _ id: String) -> ListRow? {
    desk.state.listModel(of: LayersView()).rows.first { $0.id == id }
  }

  @Test func aRowTellsWhatTheLogTells() {
    let desk = desk()
    #expect(desk.state.listModel(of: LayersView()).rows.map(\.id) == ["linear1", "linear2"])
    let first = row(desk, "linear1")
    #expect(first?.value("sparsity") == .number(0.75))
    #expect(first?.value("gradient_norm") == .number(4))
    #expect(first?.value("shape") == .word("2×3"))
    #expect(first?.value("weights") == .number(6))
    #expect(row(desk, "linear2")?.value("weights") == ListValue.none)
    #expect(desk.screen.contains { $0.contains("linear1") && $0.contains("75.0%") })
  }

  @Test func layersOfForeignLogsAreFound() {
    var run = Run(path: "x", name: "x")
    for tag in [
      "grad_norm/layer10.weight", "grad_norm/layer2.weight", "gradient_norm/total", "train/loss",
      "head.weight", "weights/", "/x",
    ] { run.apply(Samples.scalar(tag, 1, 2)) }
    let bins = Histogram(bins: [.init(lower: 0, upper: 1, count: 8)])
    for tag in ["params/layer2.weight", "weights/stem", "gradients/layer2.weight", "other"] {
      run.apply(.histogram(tag: tag, step: 1, wallTime: 0, bins))
    }
    let facts = LayersFacts(run)
    #expect(facts.layers.map(\.name) == ["head", "layer2", "layer10", "stem"])
    #expect(facts.layer("layer2")?.histogram == "params/layer2.weight")
    #expect(facts.layer("layer2")?.tags == [.gradientNorm: "grad_norm/layer2.weight"])
    #expect(facts.layer("head")?.others == ["head.weight"])
    #expect(facts.weightCounts == ["layer2": 8, "stem": 8])
  }

  @Test func aLogWithoutLayersSaysWhatWouldFeedTheView() {
    let desk = desk([Samples.scalar("loss", 1, 1)])
    #expect(desk.screen.contains { $0.contains("gradient_norm/<layer>") })
  }

  @Test func theCursorReadsTheHistory() {
    var desk = desk()
    desk.press(.character("e"))
    #expect(desk.state.layers.quantity == .gradientNorm)
    #expect(desk.screen.contains { $0.contains("linear1 gradient norm 4") })
    desk.press(.left)
    #expect(desk.state.layers.cursorStep != nil)
    let column = desk.state.layers.cursorStep
    desk.press(.left, .right)
    #expect(desk.state.layers.cursorStep == column)
    desk.press(.right)
    #expect(desk.state.layers.cursorStep == nil)
    for _ in 0..<500 { desk.press(.shiftLeft) }
    #expect(desk.state.layers.cursorStep == 10)
    desk.press(.down)
    #expect(desk.screen.contains { $0.contains("linear2 gradient norm 0.05") })
    desk.press(.escape)
    #expect(desk.state.layers.cursorStep == nil)
  }

  /// A new point changes the newest column, and nothing else of the picture.
  @Test func aNewPointChangesItsColumnOnly() {
    func picture(_ run: Run) -> Buffer {
      var buffer = Buffer(rows: 6, columns: 60)
      let history = LayersHistory(LayersFacts(run), .gradientNorm)
      let rect = buffer.bounds
      history.heatmap(in: rect, chosen: nil, cursorStep: nil, hasColors: true, glyphs: .braille)
        .draw(into: &buffer, rect: rect, glyphs: .braille)
      return buffer
    }
    var run = Run(path: "x", name: "x")
    for event in Self.log {
      if let point = [event].points.first, point.step > 350 { continue }
      run.apply(event)
    }
    let before = picture(run)
    // More than there was, but no more than the colours reach.
    run.apply(Samples.scalar("gradient_norm/linear1", 360, 3.9))
    let after = picture(run)
    let changed = before.cells.indices.filter { before.cells[$0] != after.cells[$0] }
    #expect(!changed.isEmpty)
    #expect(Set(changed.map { $0 % 60 }).count <= 2)
  }

  /// Between points the one before holds; before the first and behind the last there is none.
  @Test func columnsHoldTheLargestOfTheirPoints() {
    var run = Run(path: "x", name: "x")
    run.apply(Samples.phase(.finished))
    run.apply(Samples.scalar("loss", 0, 1))
    run.apply(Samples.scalar("loss", 99, 1))
    for (step, value) in [(20, 3), (25, 5), (60, 2)] as [(Int64, Float)] {
      run.apply(Samples.scalar("weight_norm/a", step, value))
    }
    run.apply(Samples.scalar("weight_norm/a", 75, .nan))
    let history = LayersHistory(LayersFacts(run), .weightNorm)
    var wide = 12
    while history.columns(in: Rect(row: 0, column: 0, rows: 6, columns: wide)) < 10 { wide += 1 }
    let map = history.heatmap(
      in: Rect(row: 0, column: 0, rows: 6, columns: wide), chosen: "a", cursorStep: 25,
      hasColors: true, glyphs: .braille)
    #expect(
      map.values.map { "\($0)" } == [
        "nan", "nan", "5.0", "5.0", "5.0", "5.0", "2.0", "inf", "nan", "nan",
      ])
    #expect(map.cursor?.column == 2)
    #expect(
      history.cursorText(chosen: "a", cursorStep: 25, columns: 10)
        == "steps 20 to 29: a weight norm 3..5")
    #expect(history.cursorText(chosen: "a", cursorStep: 0, columns: 10).hasSuffix("not logged"))
  }

  @Test func vGoesThroughTheDetailsWhereThereIsNoRoomForAll() {
    var large = desk()
    large.press(.character("v"))
    #expect(large.state.layers.pane == .density)
    for heading in [
      "share of weights", "sparsity, layers by steps",
      "weights, heights as square roots at step 400",
    ] {
      #expect(large.screen.contains { $0.contains(heading) }, "\(heading)")
    }
    var small = desk(rows: 24, columns: 80)
    #expect(small.screen.contains { $0.contains("share of weights") })
    small.press(.character("v"))
    #expect(small.state.layers.pane == .history)
    #expect(small.screen.contains { $0.contains("layers by steps") })
    #expect(!small.screen.contains { $0.contains("share of weights") })
  }

  @Test func histogramsKeepTheirCounts() {
    let far = Double.greatestFiniteMagnitude
    let histogram = LayersHistogram(
      histogram: .init(bins: [
        .init(lower: -far, upper: -1, count: 2), .init(lower: -1, upper: 1, count: 8),
        .init(lower: 1, upper: far, count: 4), .init(lower: .nan, upper: 1, count: 9),
      ]))
    let found = histogram.counts(columns: 4)
    #expect(found?.range == -1...1)
    #expect(found?.counts == [4, 2, 2, 6])
    #expect(histogram.counts(columns: 0) == nil)
    #expect(LayersHistogram(histogram: .init(bins: [])).counts(columns: 4) == nil)
  }

  @Test func enterShowsTheCurvesOfTheLayer() {
    var desk = desk(Self.log + [Samples.scalar("train/loss", 1, 1)])
    desk.press(.down, .enter)
    #expect(desk.state.view == "curves")
    #expect(!desk.state.chartPlans.charts.isEmpty)
    #expect(desk.state.chartPlans.charts.allSatisfy { $0.filterText.contains("linear2") })
  }

  @Test func namesComeInTheOrderOfTheirNumbers() {
    let names = ["b", "a10", "a9", "a", "a09x", "a1.2", "a1.10"]
    #expect(
      names.sorted(by: LayersNameOrder.comesBefore)
        == ["a", "a1.2", "a1.10", "a9", "a09x", "a10", "b"])
  }

  @Test func everySizeIsDrawn() {
    var hostile = Self.log
    for step in [Int64.min, -5, .max] {
      hostile.append(Samples.scalar("weight_norm/" + Samples.hostile, step, .infinity))
    }
    for glyphs in GlyphSet.allCases {
      for (rows, columns) in [(1, 1), (2, 9), (9, 30), (24, 80), (60, 15), (200, 500)] {
        var desk = desk(hostile, rows: rows, columns: columns, glyphs: glyphs)
        desk.state.isMonochrome = glyphs == .ascii
        for _ in 0..<4 {
          desk.press(.character("v"), .character("e"), .left, .down)
          _ = desk.screen
        }
        #expect(HostileTextTests.harmful(render(desk.state)) == [])
      }
    }
  }
}
