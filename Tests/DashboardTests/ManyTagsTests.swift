import RunLog
import RunModel
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

struct ManyTagsTests {
  /// A log of somebody else with a few points of each metric.
  private func desk(_ tags: [String], rows: Int = 60, columns: Int = 200) -> Desk {
    var desk = Desk(rows: rows, columns: columns)
    desk.find(Desk.path)
    desk.log(tags.flatMap { tag in (1...3).map { Samples.scalar(tag, $0, Float($0)) } })
    desk.send(.frame)
    return desk
  }

  private func place<Element>(_ array: [Element]?) -> UnsafePointer<Element>? {
    array?.withUnsafeBufferPointer { $0.baseAddress }
  }

  @Test func aLargeFamilyHasSeveralCharts() {
    let count = 2 * ChartPlan.curvesMax + 5
    let tags = (0..<count).map { "sparsity/layer\($0)" }
    let charts = ChartPlan.charts(ofTags: tags.shuffled() + ["train/loss"])
    #expect(charts.map(\.title) == ["loss", "sparsity 1-32", "sparsity 33-64", "sparsity 65-69"])
    #expect(charts.dropFirst().flatMap { $0.curves.map(\.tag) } == tags)
    #expect(charts.dropFirst().allSatisfy { $0.yRange == 0...1 && $0.group == "sparsity" })
    let whole = ChartPlan.charts(ofTags: Array(tags[..<ChartPlan.curvesMax]))
    #expect(whole.map(\.title) == ["sparsity"])
  }

  @Test func whatIsDrawnFromIsMadeOnce() {
    var desk = desk((0..<300).map { "gradient_norm/layer\($0)" } + ["gpu/0", "gpu/1"])
    for view in ["curves", "layers", "system", "curves"] {
      desk.state.view = view
      desk.send(.frame)
    }
    let before = desk.state
    #expect(place(before.cachedCharts?.charts) != nil && place(before.cachedHeadline?.tags) != nil)
    #expect(place(before.cachedLayers?.layers) != nil && place(before.cachedSystem?.charts) != nil)
    func expectSame(_ isSame: Bool) {
      let now = desk.state
      #expect((place(now.cachedCharts?.charts) == place(before.cachedCharts?.charts)) == isSame)
      #expect((place(now.cachedHeadline?.tags) == place(before.cachedHeadline?.tags)) == isSame)
      #expect((place(now.cachedLayers?.layers) == place(before.cachedLayers?.layers)) == isSame)
      #expect((place(now.cachedSystem?.charts) == place(before.cachedSystem?.charts)) == isSame)
    }
    func lookAround() {
      for view in ["2", "6", "1"] {
        desk.type(view)
        desk.send(.frame)
      }
    }
    desk.log([Samples.scalar("gpu/0", 4, 1)])
    lookAround()
    desk.press(.right, .down, .pageDown)
    lookAround()
    expectSame(true)
    desk.log([Samples.scalar("gpu/2", 4, 1)])
    lookAround()
    expectSame(false)
  }

  /// Filters and groups choose among charts that stay.
  @Test func aFilterDoesNotMakeTheChartsAnew() {
    var desk = desk((0..<50).map { "a/metric\($0)" } + (0..<50).map { "b/metric\($0)" })
    #expect(desk.state.chartPlans.charts.count == 100)
    desk.press(.character("}"))
    desk.send(.frame)
    #expect(desk.state.chartPlans.charts.count == 50)
    desk.press(.character("/"))
    desk.type("metric4")
    desk.press(.enter)
    desk.send(.frame)
    #expect(desk.state.chartPlans.charts.count == 11)
    #expect(desk.state.chartPlans.groups.map(\.count) == [11, 11])
    desk.press(.escape, .escape)
    #expect(desk.state.chartPlans.charts.count == 100)
  }

  @Test func aRunThatBeginsAnewHasItsOwnCharts() {
    var desk = desk(["a", "b"])
    desk.log([Samples.scalar("c", 1, 1), Samples.scalar("d", 1, 1)], isRestart: true)
    #expect(desk.state.chartPlans.charts.map(\.title) == ["c", "d"])
    desk.send(.frame)
    #expect(desk.screen[1].contains("c 1") && !desk.screen[1].contains("a "))
  }

  @Test func onlyWhatIsOnTheScreenIsSmoothed() {
    var desk = desk((0..<500).map { "metric\($0)" })
    func smoothed() -> Int {
      desk.state.runs[0].run.series.values.count { $0.smoothing > 0 }
    }
    let perPage = CurvesLayout(desk.state, area: Frame(desk.state).view).page.count
    #expect(perPage > 1 && perPage < 100)
    #expect(smoothed() == 0)
    desk.type("s")
    #expect(smoothed() == perPage)
    desk.press(.pageDown)
    desk.send(.frame)
    #expect(smoothed() == 2 * perPage)
    desk.type("s")
    #expect(smoothed() == perPage)
    desk.type("SS")
    #expect(smoothed() == 0)
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func theHeadlineIsTheBeginningOfTheSortedTags(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let words = ["loss", "Acc", "lr", "f1", "x", "perplexity", "norm", "10", "9", "Ünlich"]
    let tags = Set(
      (0..<Int.random(in: 0...40, using: &random)).map { _ in
        (0..<3).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: "/")
      }
    ).shuffled(using: &random)
    let wanted = ["loss", "acc", "lr", "learning_rate", "perplexity", "f1"]
    let ranked = tags.map { tag in
      (rank: wanted.firstIndex { tag.lowercased().contains($0) } ?? wanted.count, tag: tag)
    }
    let sorted = ranked.sorted {
      $0.rank == $1.rank ? NaturalOrder.comes($0.tag, before: $1.tag) : $0.rank < $1.rank
    }
    #expect(Headline(tags).tags == sorted.prefix(6).map(\.tag))
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func theLossOfARunIsTheFirstByName(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let words = ["loss", "val", "test", "eval_loss", "closs", "scale", "a", "b"]
    let tags = (0..<Int.random(in: 0...12, using: &random)).map { _ in
      (0..<2).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: "/")
    }
    var run = Run(path: "a", name: "a")
    for tag in tags { run.apply(Samples.scalar(tag, 1, 1)) }
    func isValidation(_ tag: String) -> Bool {
      tag.lowercased().split { !$0.isLetter }.contains { word in
        ["val", "test", "eval"].contains { word.hasPrefix($0) }
      }
    }
    let expected = tags.filter(Metric.isLoss).min {
      (isValidation($0) ? 1 : 0, $0) < (isValidation($1) ? 1 : 0, $1)
    }
    #expect(RunsMetric.tag(of: run, chosen: nil) == expected)
  }
}
