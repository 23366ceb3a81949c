/// The curves of a chart as shapes, for what draws finer than a terminal.
public struct ChartDrawing: Equatable, Sendable {
  /// A place in the plot: `x` from 0 at the left to 1 at the right, `y` from 0 at the top to 1 at
  /// the bottom; `y` lies outside where a value is beyond the axis.
  public struct Point: Equatable, Sendable {
    /// From the left.
    public var x: Double
    /// From the top.
    public var y: Double

    /// A place.
    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A stretch of a curve without a gap: the largest and the smallest values from left to right.
  /// The two are equal where the curve is a line.
  public struct Stretch: Equatable, Sendable {
    /// The upper edge.
    public var upper: [Point]
    /// The lower edge, with the same `x` as the upper one.
    public var lower: [Point]

    /// Whether it is a line, not a band.
    public var isLine: Bool { upper == lower }
  }

  /// One curve.
  public struct Curve: Equatable, Sendable {
    /// The colour.
    public var role: Role
    /// Whether it is drawn behind the others and fainter.
    public var isFaint: Bool
    /// How its line is drawn, to be told apart without a colour.
    public var stroke: ChartSeries.Stroke
    /// The curve without what is no number.
    public var stretches: [Stretch]
  }

  /// The cells that the curves occupy.
  public var plot: Rect
  /// The curves in the order in which they are drawn, the faint ones first.
  public var curves: [Curve]

  /// How far beyond the axis a value is drawn, in heights of the plot.
  private static let beyondMax = 4.0

  init(chart: LineChart, plot: Rect, scale: AxisScale) {
    self.plot = plot
    let ordered = chart.series.filter(\.isFaint) + chart.series.filter { !$0.isFaint }
    curves = ordered.map { series in
      Curve(
        role: series.role, isFaint: series.isFaint, stroke: series.stroke,
        stretches: Self.stretches(of: series.columns, scale: scale))
    }
  }

  private static func stretches(
    of columns: [ColumnExtent?], scale: AxisScale
  ) -> [Stretch] {
    var stretches: [Stretch] = []
    var current = Stretch(upper: [], lower: [])
    func finish() {
      if !current.upper.isEmpty { stretches.append(current) }
      current = Stretch(upper: [], lower: [])
    }
    for (index, entry) in columns.enumerated() {
      guard let extent = entry else { continue }
      guard extent.hasFinite else {
        finish()
        continue
      }
      let x = (Double(index) + 0.5) / Double(columns.count)
      current.upper.append(Point(x: x, y: height(extent.maximum, scale)))
      current.lower.append(Point(x: x, y: height(extent.minimum, scale)))
    }
    finish()
    return stretches
  }

  private static func height(_ value: Double, _ scale: AxisScale) -> Double {
    // What has no place on a logarithmic axis lies below all that has.
    guard let fraction = scale.fraction(value), !fraction.isNaN else { return 1 + beyondMax }
    return min(max(1 - fraction, -beyondMax), 1 + beyondMax)
  }
}

extension LineChart {
  /// The curves of the chart that `draw` draws in this rectangle, at the same places; nil when it
  /// draws none. A series may have any number of columns: the more, the finer the curve.
  public func drawing(in rect: Rect) -> ChartDrawing? {
    let plot = LineChart.plotRect(in: rect)
    let isPadded = plot.rows >= ChartAxes.tickRowsMin
    guard !plot.isEmpty, let scale = yScale(isPadded: isPadded) else { return nil }
    return ChartDrawing(chart: self, plot: plot, scale: scale)
  }
}
