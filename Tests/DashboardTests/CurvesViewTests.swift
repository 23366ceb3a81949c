import RunLog
import RunModel
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

struct CurvesViewTests {
  private func desk(_ points: [(step: Int64, value: Float)]) -> Desk {
    var desk = Desk()
    desk.find(Desk.path)
    desk.log(points.map { Samples.scalar("a", $0.step, $0.value) })
    return desk
  }

  private func columns(_ desk: Desk, _ count: Int) -> [ColumnExtent?] {
    let plan = ChartPlan.charts(of: desk.state.runs[0].run)[0]
    return CurveChart(desk.state).chart(plan, columns: count, isFocused: false).series[0].columns
  }

  /// The plain twin: each point looks for its column by itself.
  private func plainColumns(
    _ points: [(step: Int64, value: Float)], in range: ClosedRange<Double>, count: Int
  ) -> [ColumnExtent?] {
    let width = (range.upperBound - range.lowerBound) / Double(count)
    var result = [ColumnExtent?](repeating: nil, count: count)
    for (step, value) in points {
      let x = Double(step)
      guard range.contains(x) else { continue }
      let column =
        (0..<count).first { x < range.lowerBound + width * Double($0 + 1) } ?? count - 1
      let point = ColumnExtent(Double(value))
      result[column] = result[column]?.union(point) ?? point
    }
    return result
  }

  /// ColumnExtent without finite values holds NaN, which equals nothing.
  private func words(_ extents: [ColumnExtent?]) -> [String] {
    extents.map { $0.map { "\($0.minimum) \($0.maximum) \($0.hasNonFinite)" } ?? "" }
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func columnsHoldTheSmallestAndLargestOfAllPoints(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var step = Int64.random(in: -50...50, using: &random)
    let strideMax = [1, 2, 40].randomElement(using: &random) ?? 1
    let points = (0..<Int.random(in: 1...1500, using: &random)).map { _ in
      step += Int64.random(in: 1...Int64(strideMax), using: &random)
      let value: Float =
        switch Int.random(in: 0..<60, using: &random) {
        case 0: .nan
        case 1: -.infinity
        default: .random(in: -9...9, using: &random)
        }
      return (step: step, value: value)
    }
    let desk = desk(points)
    let range = CurvesWindow.range(desk.state)
    for count in [1, 2, 7, 64, 160, 400] {
      #expect(
        words(columns(desk, count)) == words(plainColumns(points, in: range, count: count)))
    }
    #expect(columns(desk, 0) == [])
  }

  /// A mark stands where the point of its step is drawn.
  @Test func marksStandAtTheirPoints() throws {
    for (first, last) in [(0, 1), (1, 420), (7, 1000), (-30, 12_345)] as [(Int64, Int64)] {
      let desk = desk([(first, 1), (last, 1)])
      let maker = CurveChart(desk.state)
      for count in [1, 3, 76, 390] {
        for step in stride(from: first, through: last, by: Int(max(1, (last - first) / 23))) {
          let drawn = plainColumns([(step, 1)], in: maker.range, count: count)
            .firstIndex { $0 != nil }
          let mark = maker.column(of: Double(step), columns: count)
          // At an edge between two columns the last bit may decide either way.
          #expect(abs((drawn ?? -9) - (mark ?? 9)) <= 1, "\(step) of \(count)")
        }
      }
    }
  }

  @Test func gridsHoldTheirPage() {
    var desk = Desk()
    desk.find(Desk.path)
    for count in [0, 1, 2, 5, 30] {
      desk.log((0..<count).map { Samples.scalar("metric\(100 + $0)", 1, 1) })
      for (rows, columns) in [(0, 0), (0, 0), (3, 2)] {
        (desk.state.curves.gridRows, desk.state.curves.gridColumns) = (rows, columns)
        for focused in [nil, "metric103", "metric129", "nothing"] as [String?] {
          desk.state.curves.focused = focused
          desk.send(.frame)
          for height in stride(from: 0, through: 70, by: 3) {
            for width in stride(from: 0, through: 220, by: 11) {
              let area = Rect(row: 2, column: 0, rows: height, columns: width)
              let layout = CurvesLayout(desk.state, area: area)
              let index = desk.state.chartPlans.charts.firstIndex { $0.title == focused } ?? 0
              let isWhole =
                layout.page.upperBound <= count && layout.places.count == layout.page.count
                && (count == 0 || layout.page.contains(index))
                && layout.places.allSatisfy { $0.intersection(area) == $0 }
              if !isWhole { Issue.record("\(area), \(count), \(focused ?? "-"): \(layout)") }
            }
          }
        }
      }
    }
  }

  @Test func allChartsShareTheirRange() {
    var desk = Desk()
    desk.find(Desk.path)
    #expect(CurvesWindow.extent(desk.state) == 0...1)
    desk.log([Samples.scalar("a", 5, 1)])
    #expect(CurvesWindow.extent(desk.state) == 5...6)
    desk.log([Samples.scalar("b", -3, 1), Samples.scalar("a", 50, 1)])
    #expect(CurvesWindow.extent(desk.state) == -3...50)
  }
}
