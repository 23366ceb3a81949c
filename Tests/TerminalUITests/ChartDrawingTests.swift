import Testing

@testable import TerminalUI

@Suite struct ChartDrawingTests {
  private let rect = Rect(row: 2, column: 3, rows: 12, columns: 60)

  private func chart(_ columns: [ColumnExtent?], faint: Bool = false) -> LineChart {
    LineChart(
      title: "loss",
      series: [ChartSeries(name: "train", role: .series1, columns: columns, isFaint: faint)],
      yRange: 0...10)
  }

  @Test func placesAreSharesOfThePlot() throws {
    let values = [ColumnExtent(0), ColumnExtent(5), nil, ColumnExtent(10)]
    let drawing = try #require(chart(values).drawing(in: rect))
    #expect(drawing.plot == LineChart.plotRect(in: rect))
    let stretch = try #require(drawing.curves.first?.stretches.first)
    #expect(stretch.isLine)
    #expect(stretch.upper.map(\.x) == [0.125, 0.375, 0.875])
    #expect(stretch.upper.map(\.y) == [1, 0.5, 0])
  }

  @Test func whatIsNoNumberBreaksTheCurve() throws {
    let values = [ColumnExtent(1), .nonFinite, ColumnExtent(minimum: 2, maximum: 4)]
    let curve = try #require(chart(values).drawing(in: rect)?.curves.first)
    #expect(curve.stretches.count == 2)
    let band = try #require(curve.stretches.last)
    #expect(!band.isLine)
    #expect(abs(band.upper[0].y - 0.6) < 1e-12 && abs(band.lower[0].y - 0.8) < 1e-12)
  }

  @Test func theScaleIsThatOfTheDots() throws {
    for isLogarithmic in [false, true] {
      for yRange: ClosedRange<Double>? in [nil, 1...100] {
        var chart = chart(ChartSamples.falling(400, from: 90, to: 2).map { $0 })
        chart.yRange = yRange
        chart.logarithmicY = isLogarithmic
        let drawing = try #require(chart.drawing(in: rect))
        chart.series[0].columns = ChartSamples.falling(
          LineChart.plotColumns(in: rect, glyphs: .braille), from: 90, to: 2)
        var buffer = Buffer(rows: 20, columns: 70)
        chart.draw(into: &buffer, rect: rect, glyphs: .braille)
        let points = drawing.curves[0].stretches[0].upper
        for (point, column) in [(points[0], 0), (points[399], drawing.plot.columns - 1)] {
          let row = ChartPlot.dotRow(fraction: 1 - point.y, rows: drawing.plot.rows * 4) / 4
          let cell = buffer[drawing.plot.row + row, drawing.plot.column + column]
          #expect(CellShape.isBraille(cell.scalar), "\(isLogarithmic) \(point)")
        }
      }
    }
  }

  @Test func faintCurvesComeFirst() throws {
    var chart = chart([ColumnExtent(1)])
    chart.series.append(
      ChartSeries(name: "raw", role: .series2, columns: [ColumnExtent(2)], isFaint: true))
    let curves = try #require(chart.drawing(in: rect)).curves
    #expect(curves.map(\.role) == [.series2, .series1] && curves.map(\.isFaint) == [true, false])
  }

  @Test func emptyChartsAndRectanglesHaveNoDrawing() {
    #expect(chart([]).drawing(in: rect) == nil)
    #expect(chart([nil, nil]).drawing(in: rect) == nil)
    #expect(
      chart([ColumnExtent(1)]).drawing(in: Rect(row: 0, column: 0, rows: 1, columns: 9)) == nil)
  }

  @Test func valuesFarBeyondTheAxisStayNear() throws {
    var chart = chart([ColumnExtent(1e300), ColumnExtent(-1e300)])
    let linear = try #require(chart.drawing(in: rect)).curves[0].stretches[0].upper
    #expect(linear.map(\.y) == [-4, 5])
    chart.logarithmicY = true
    let logarithmic = try #require(chart.drawing(in: rect)).curves[0].stretches[0].upper
    #expect(logarithmic[1].y == 5)
  }
}
