import RunModel
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

struct CurvesViewTests {
  private func series(
    _ steps: [Int64], _ random: inout SeededGenerator
  ) -> TimeSeries {
    var series = TimeSeries()
    for step in steps {
      let value: Float
      switch Int.random(in: 0..<60, using: &random) {
      case 0: value = .nan
      case 1: value = -.infinity
      default: value = .random(in: -9...9, using: &random)
      }
      series.append(step: step, wallTime: 0, value: value)
    }
    return series
  }

  /// The plain twin: each point looks for its column by itself.
  private func plainExtents(
    _ series: TimeSeries, in range: ClosedRange<Double>, columns: Int
  ) -> [ColumnExtent?] {
    let width = (range.upperBound - range.lowerBound) / Double(columns)
    var result = [ColumnExtent?](repeating: nil, count: columns)
    for (step, value) in zip(series.steps, series.values) {
      let column =
        (0..<columns).first { Double(step) < range.lowerBound + width * Double($0 + 1) }
        ?? columns - 1
      let point = ColumnExtent(Double(value))
      result[column] = result[column]?.union(point) ?? point
    }
    return result
  }

  /// ColumnExtent without finite values holds NaN, which equals nothing.
  private func words(_ extents: [ColumnExtent?]) -> [String] {
    extents.map { $0.map { "\($0.minimum) \($0.maximum) \($0.hasNonFinite)" } ?? "" }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func extentsAreTheSmallestAndLargestOfAllPoints(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var step = Int64.random(in: -50...50, using: &random)
    let strideMax = [1, 2, 40].randomElement(using: &random) ?? 1
    let steps = (0..<Int.random(in: 1...1500, using: &random)).map { _ in
      step += Int64.random(in: 1...Int64(strideMax), using: &random)
      return step
    }
    let series = series(steps, &random)
    let before = Int64.random(in: 0...20, using: &random)
    let first = Double(steps[0] - before)
    let range = first...max(first + 1, Double(step + Int64.random(in: 0...20, using: &random)))
    for columns in [1, 2, 7, 64, 160, 400] {
      let found = CurvesView.extents(series, in: range, columns: columns)
      #expect(words(found) == words(plainExtents(series, in: range, columns: columns)))
    }
    #expect(CurvesView.extents(series, in: range, columns: 0) == [])
  }

  /// A mark stands where the point of its step is drawn.
  @Test func marksStandAtTheirPoints() {
    for (first, last) in [(0, 1), (1, 420), (7, 1000), (-30, 12_345), (0, 15_800)] as [(Int, Int)] {
      let range = Double(first)...Double(last)
      for columns in [1, 3, 76, 148, 390] {
        for step in stride(from: first, through: last, by: max(1, (last - first) / 97)) {
          var series = TimeSeries()
          series.append(step: Int64(step), wallTime: 0, value: 1)
          let drawn = CurvesView.extents(series, in: range, columns: columns)
            .firstIndex { $0 != nil }
          let mark = CurvesView.column(of: Int64(step), in: range, columns: columns)
          // At an edge between two columns the last bit may decide either way.
          if abs((drawn ?? -9) - (mark ?? 9)) > 1 {
            Issue.record("\(step) in \(range), \(columns) columns")
          }
        }
      }
    }
  }

  @Test func columnsAtTheEdges() {
    func column(_ step: Int64, _ columns: Int = 10) -> Int? {
      CurvesView.column(of: step, in: 0...100, columns: columns)
    }
    #expect(column(0) == 0)
    #expect(column(9) == 0)
    #expect(column(10) == 1)
    #expect(column(99) == 9)
    #expect(column(100) == 9)
    #expect(column(-1) == nil)
    #expect(column(101) == nil)
    #expect(column(50, 1) == 0)
    #expect(column(50, 0) == nil)
    #expect(column(.min) == nil)
    #expect(column(.max) == nil)
    #expect(CurvesView.column(of: .max, in: -1e19...1e19, columns: 5) != nil)
  }

  @Test func gridsHoldTheirPage() {
    for rows in 0...70 {
      for columns in stride(from: 0, through: 220, by: 11) {
        let area = Rect(row: 0, column: 0, rows: rows, columns: columns)
        for count in [0, 1, 2, 5, 30] {
          for focused in [0, 3, 29, 1000] {
            var curves = CurvesState()
            curves.focused = focused
            let layout = CurvesView.layout(area, count: count, curves)
            let isWhole =
              layout.page.upperBound <= count
              && layout.page.count <= layout.gridRows * layout.gridColumns
              && (count == 0 || layout.page.contains(min(focused, count - 1)))
            if !isWhole { Issue.record("\(rows)x\(columns), \(count), \(focused): \(layout)") }
          }
        }
      }
    }
  }

  @Test func allChartsShareTheirRange() {
    var desk = Desk()
    desk.find(Desk.path)
    func range() -> ClosedRange<Double>? { desk.state.selected.map { CurvesView.xRange($0.run) } }
    #expect(range() == 0...1)
    desk.log([Samples.scalar("a", 5, 1)])
    #expect(range() == 5...6)
    desk.log([Samples.scalar("b", -3, 1), Samples.scalar("a", 50, 1)])
    #expect(range() == -3...50)
  }
}
