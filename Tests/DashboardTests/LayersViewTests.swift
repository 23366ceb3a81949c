import LogFormats
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

  // MARK: Pruned

  @Test func spaceMarksLayersForEachRun() {
    var desk = desk()
    desk.press(.character(" "))
    #expect(desk.state.markedLayers == [Desk.path: ["linear1"]])
    #expect(desk.state.list("layers").selectedIndex == 1)
    desk.press(.up, .character(" "), .character(" "))
    #expect(desk.state.markedLayers == [Desk.path: ["linear2"]])
  }

  private static let removed: [RunEvent] = {
    var manifest = Samples.manifest
    manifest.layers = [
      .init(name: "linear1", shape: [300, 784]), .init(name: "linear2", shape: [100, 300]),
    ]
    return log + [.manifest(manifest), shapes(["linear1": [157, 784], "linear2": [100, 157]])]
  }()

  private static func shapes(_ layers: [String: [Int]]) -> RunEvent {
    .journal(
      JournalRecord(
        wallTime: 1, step: 350,
        .shapes(
          .init(
            first: 0,
            layers: layers.sorted { $0.key < $1.key }.map { .init(name: $0.key, shape: $0.value) }
          ))))
  }

  @Test func aLayerThatLostChannelsSaysSo() {
    let pruned = desk(Self.removed, columns: 200)
    #expect(row(pruned, "linear1")?.value("shape") == .word("157×784 of 300×784"))
    #expect(row(pruned, "linear2")?.value("shape") == .word("100×157 of 100×300"))
    #expect(pruned.screen.contains { $0.contains("157×784 of 300×784") })
    let undone = desk(Self.removed + [Self.shapes([:])])
    #expect(row(undone, "linear1")?.value("shape") == .word("300×784"))
  }

  @Test(
    arguments: [
      // All of it in one even bin from -1 to 1: a thousandth lies near 0.
      ([Histogram.Bin(lower: -1, upper: 1, count: 500)], 0.001),
      // Half of the values are exactly 0.
      (
        [
          .init(lower: -2, upper: 0, count: 0), .init(lower: 0, upper: 0, count: 50),
          .init(lower: 1, upper: 2, count: 50),
        ], 0.5
      ),
      // A bin inside of the band, one that reaches out of it, one beyond.
      (
        [
          .init(lower: -1e-4, upper: 1e-4, count: 10), .init(lower: 1e-4, upper: 1.9e-3, count: 20),
          .init(lower: 0.5, upper: 1, count: 10),
        ], 0.5
      ),
      ([.init(lower: 0, upper: 0, count: 7)], 1), ([.init(lower: 1, upper: 2, count: 7)], 0),
    ] as [([Histogram.Bin], Double)])
  func theShareNearZeroIsThatOfTheBins(bins: [Histogram.Bin], share: Double) throws {
    let found = try #require(LayersHistogram(histogram: .init(bins: bins)).shareNearZero)
    #expect(abs(found - share) < 1e-12)
  }

  @Test func aForeignLogTellsWhatIsNearZero() {
    let bins = Histogram(bins: [
      .init(lower: -1, upper: -0.5, count: 88), .init(lower: 0, upper: 0, count: 12),
    ])
    let events: [RunEvent] = [
      .histogram(tag: "params/conv1.weight", step: 7, wallTime: 1, bins),
      .histogram(tag: "empty.weight", step: 7, wallTime: 1, .init(bins: [])),
    ]
    let desk = desk(events)
    #expect(row(desk, "conv1")?.value("sparsity") == .number(0.12))
    #expect(desk.screen.contains { $0.contains("conv1") && $0.contains("≈ 12% near 0") })
    #expect(desk.screen.contains { $0.contains("conv1: near 0 from the histogram") })
    #expect(row(desk, "empty")?.value("sparsity") == ListValue.none)
    #expect(!self.desk().screen.contains { $0.contains("near 0") })
  }

  @Test func theTableOfPrunesComparesWithTheDenseNetwork() {
    func pruned(rows: Int, columns: Int) -> Desk {
      desk(Samples.training, rows: rows, columns: columns)
    }
    let wide = pruned(rows: 40, columns: 160).screen.joined(separator: "\n")
    for words in [
      "before and after each prune", "dense", "magnitude", "80.0%", "112k", "22.3k  20%",
      "436 KiB", "101 KiB", "points",
    ] { #expect(wide.contains(words), "\(words)") }
    let prune = Samples.training.filter {
      if case .journal(let record) = $0, record.kind == "prune" { true } else { false }
    }
    var small = desk(Self.log + prune, rows: 24, columns: 80)
    #expect(!small.screen.contains { $0.contains("before and after each prune") })
    small.press(.character("v"), .character("v"), .character("v"))
    #expect(small.screen.contains { $0.contains("before and after each prune") })
    #expect(small.screen.contains { $0.contains("magnitude") && $0.contains("22.3k  20%") })
    #expect(!desk().screen.contains { $0.contains("before and after each prune") })
  }

  // MARK: The weights

  @Test func zoomReadsTheRegionFromTheNewestCheckpoint() throws {
    var manifest = Samples.manifest
    manifest.layers = [.init(name: "linear1", shape: [300, 784])]
    let grid = Grid(
      rows: 32, columns: 64, values: (0..<2048).map { Float($0 % 5) / 4 })
    var desk = desk(
      Self.log + [
        .manifest(manifest), .grid(tag: "density/linear1", step: 400, wallTime: 50, grid),
        Samples.journal(300, .checkpoint(name: "step-000000300-00.safetensors")),
        Samples.journal(400, .checkpoint(name: "step-000000400-00.safetensors")),
      ])
    // Row 0 of the grid is rows 0 to 9 of 300: 0 · 32 / 300 … 9 · 32 / 300 < 1.
    #expect(desk.press(.tab, .right) == [])
    #expect(desk.screen.contains { $0.contains("outputs 0 to 9, inputs 13 to 24: 25.0% not 0") })
    let effects = desk.press(.character("+"))
    let path = Desk.path + "/checkpoints/step-000000400-00.safetensors"
    let request = WeightRegion.Request(
      path: path, layer: "linear1", rows: 0..<150, columns: 0..<392, gridRows: 32, gridColumns: 64)
    #expect(effects == [.readRegion(request)])
    #expect(desk.screen.contains { $0.contains("as logged: 0-149/300 × 0-391/784") })
    // Nothing is asked for twice.
    #expect(desk.press(.left, .right) == [])
    let densities = [Float](repeating: 0.75, count: 32 * 64)
    let region = WeightRegion(
      rows: 0..<150, columns: 0..<392, rowCount: 300, columnCount: 784, gridRows: 32,
      gridColumns: 64, densities: densities,
      magnitudes: densities, values: densities.map { _ in nil })
    desk.send(.region(request, region))
    #expect(
      desk.screen.contains { $0.contains("step-000000400-00.safetensors: 0-149/300 × 0-391/784") })
    #expect(desk.screen.contains { $0.contains("75.0% not 0") })
    // The cursor takes what is shown along.
    for _ in 0..<200 { desk.press(.shiftRight, .pageDown) }
    let lens = try #require(desk.state.layers.lens)
    #expect((lens.row, lens.column) == (299, 783))
    #expect(lens.rows == 150..<300 && lens.columns == 392..<784)
    desk.press(.character("="))
    #expect(desk.screen.contains { $0.contains("share of weights that are not 0 at step 400") })
    desk.press(.escape)
    #expect(!desk.state.list("layers").isDetailFocused)
  }

  @Test func theRowsOfAConvolutionAreItsFilters() {
    var manifest = Samples.manifest
    manifest.layers = [.init(name: "conv1", shape: [8, 3, 3, 3])]
    let grid = Grid(rows: 8, columns: 27, values: (0..<216).map { Float($0 % 2) })
    var desk = desk([
      .manifest(manifest), .grid(tag: "density/conv1", step: 12, wallTime: 1, grid),
    ])
    #expect(desk.screen.contains { $0.contains("filters as rows: share of weights") })
    desk.press(.tab, .down, .down, .right)
    #expect(desk.screen.contains { $0.contains("filter 2, weight 1: 100.0% not 0") })
  }

  /// A weights file has no manifest: how large a matrix is the file tells when it is read.
  @Test func theExtentOfTheMatrixIsLearnt() throws {
    let path = "models/a.safetensors"
    var desk = Desk(rows: 40, columns: 140)
    desk.find(path)
    let grid = Grid(rows: 32, columns: 64, values: (0..<2048).map { Float($0 % 2) })
    desk.log([.grid(tag: "density/linear1", step: 0, wallTime: 1, grid)], path: path)
    func region(_ rows: Range<Int>, _ columns: Range<Int>) -> WeightRegion {
      WeightRegion(
        rows: rows, columns: columns, rowCount: 320, columnCount: 640, gridRows: 1, gridColumns: 1,
        densities: [0.625], magnitudes: [1], values: [nil])
    }
    let first = desk.press(.character("2"), .character("+"))
    guard case .readRegion(let guess)? = first.first else {
      Issue.record("\(first)")
      return
    }
    #expect(guess.path == path && guess.rows == 0..<16 && guess.columns == 0..<32)
    let second = desk.send(.region(guess, region(0..<16, 0..<32)))
    guard case .readRegion(let right)? = second.first else {
      Issue.record("\(second)")
      return
    }
    #expect(right.rows == 0..<160 && right.columns == 0..<320)
    #expect(desk.send(.region(right, region(0..<160, 0..<320))) == [])
    #expect(desk.screen.contains { $0.contains("a.safetensors: 0-159/320 × 0-319/640") })
    #expect(desk.screen.contains { $0.contains("outputs 0 to 159, inputs 0 to 319: 62.5% not 0") })
    // What nobody waits for any more is dropped.
    desk.send(.region(guess, region(0..<1, 0..<1)))
    #expect(desk.state.layers.region == region(0..<160, 0..<320))
  }

  @Test func theLastZoomShowsSingleWeights() {
    var desk = desk()
    // A log whose grid is the matrix needs no file.
    #expect(desk.press(.character("+"), .character("+")) == [])
    #expect(desk.screen.contains { $0.contains("output 0, input 0: 100.0% not 0") })
    let request = WeightRegion.Request(
      path: "a.safetensors", layer: "linear1", rows: 0..<2, columns: 0..<3, gridRows: 9,
      gridColumns: 9)
    let picture = LayersDensity(
      WeightRegion(
        rows: 4..<6, columns: 8..<11, rowCount: 9, columnCount: 11, gridRows: 2, gridColumns: 3,
        densities: [1, 0, 1, 1, 1, 1], magnitudes: [1, 0, 1, 1, 1, 1],
        values: [0.5, 0, -0.03125, 1, 1, 1]), file: request.path)
    #expect(
      picture.text(row: 4, column: 10, rowName: "filter", columnName: "weight")
        == "filter 4, weight 10: -0.03125")
    #expect(picture.place(fromRow: 4, column: 10, down: 1, right: 1) == (5, 11))
    #expect(picture.place(fromRow: 4, column: 8, down: -1, right: -1) == (3, 7))
  }

  @Test func aFileThatCannotBeReadIsTold() {
    var desk = desk()
    let request = WeightRegion.Request(
      path: "a", layer: "b", rows: 0..<1, columns: 0..<1, gridRows: 1, gridColumns: 1)
    desk.send(.noRegion(request, problem: "a: gone"))
    #expect(desk.told == [])
    desk.state.layers.asked = request
    desk.send(.noRegion(request, problem: "a: gone"))
    #expect(desk.told == ["not read: a: gone"])
  }

  @Test(arguments: [(1, 1), (3, 5), (4, 4), (300, 784), (1, 4096), (1 << 40, 1 << 40)])
  func theLensStaysInTheMatrix(rows: Int, columns: Int) {
    var lens = LayersLens(run: "r", layer: "l", rowCount: rows, columnCount: columns)
    var random = SeededGenerator(seed: UInt64(truncatingIfNeeded: rows &* columns))
    for _ in 0..<2000 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: lens.zoom(isIn: true)
      case 1: lens.zoom(isIn: false)
      case 2:
        lens.move(
          toRow: .random(in: -2...rows + 1, using: &random),
          column: .random(in: -2...columns + 1, using: &random))
      default: if Int.random(in: 0..<20, using: &random) == 0 { lens.fit() }
      }
      #expect(lens.rows.contains(lens.row) && lens.columns.contains(lens.column))
      #expect(lens.rows.lowerBound >= 0 && lens.rows.upperBound <= rows)
      #expect(lens.columns.lowerBound >= 0 && lens.columns.upperBound <= columns)
    }
    for _ in 0..<60 { lens.zoom(isIn: false) }
    #expect(lens.showsAll)
    for _ in 0..<60 { lens.zoom(isIn: true) }
    #expect(lens.rows.count == min(rows, 4) && lens.columns.count == min(columns, 4))
  }

  /// Cells are those into which the log's grids count weights.
  @Test(arguments: [(300, 32), (784, 64), (5, 5), (33, 32), (64, 1)])
  func edgesAreThoseOfTheGrids(extent: Int, count: Int) {
    let edges = LayersDensity.edges(extent: extent, count: count)
    for place in 0..<extent {
      let cell = place * count / extent
      #expect(edges[cell] <= place && place < edges[cell + 1])
    }
    #expect(LayersDensity.edges(extent: .max, count: 64).last == .max)
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
          desk.press(.character("+"), .right, .down, .character("-"), .tab)
          _ = desk.screen
        }
        #expect(HostileTextTests.harmful(render(desk.state)) == [])
      }
    }
  }
}
