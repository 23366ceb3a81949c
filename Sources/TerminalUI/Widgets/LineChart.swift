/// Curves over a common x axis, drawn with dots. Every dot column shows the smallest and the
/// largest of its points, so that no spike is hidden; what is not a number is marked at the top.
///
/// The caller asks `plotColumns(in:glyphs:)` how many columns there are and supplies one extent for
/// each. Layout: name and legend on the first row, the plot, an axis line from eight rows on, and
/// x labels on the last row from four rows on.
public struct LineChart: Sendable {
  /// The name of the metric.
  public var title: String
  /// The curves; later ones are drawn over earlier ones, fainter ones first.
  public var series: [ChartSeries]
  /// The values at the left end of the first column and the right end of the last.
  public var xRange: ClosedRange<Double>
  /// What the x axis counts.
  public var xKind: AxisKind
  /// What the x axis counts, beside its labels; empty: it goes without saying.
  public var xLabel = ""
  /// How an x value reads; nil: as its kind says.
  public var xFormatter: (@Sendable (Double) -> String)?
  /// The values at the bottom and the top; nil: from the curves, with padding.
  public var yRange: ClosedRange<Double>?
  /// Whether equal distances on the y axis are equal ratios. Values of zero and below are marked at
  /// the bottom then.
  public var logarithmicY: Bool
  /// Events.
  public var marks: [ChartMark]
  /// The dot column whose values the legend shows.
  public var cursorColumn: Int?
  /// The x value that the cursor stands for; nil: the middle of its column.
  public var cursorX: Double?
  /// Whether keys go to this chart; changes the rule beside its name.
  public var isFocused: Bool
  /// Whether each curve ends in its number and the legend names it: for screens without colours.
  public var numbersSeries: Bool
  /// What stands in the middle when there is no curve.
  public var emptyText: String

  /// A chart.
  public init(
    title: String, series: [ChartSeries] = [], xRange: ClosedRange<Double> = 0...1,
    xKind: AxisKind = .integer, xFormatter: (@Sendable (Double) -> String)? = nil,
    yRange: ClosedRange<Double>? = nil, logarithmicY: Bool = false, marks: [ChartMark] = [],
    cursorColumn: Int? = nil, isFocused: Bool = false, numbersSeries: Bool = false,
    emptyText: String = "no data yet"
  ) {
    self.title = title
    self.series = series
    self.xRange = xRange
    self.xKind = xKind
    self.xFormatter = xFormatter
    self.yRange = yRange
    self.logarithmicY = logarithmicY
    self.marks = marks
    self.cursorColumn = cursorColumn
    self.isFocused = isFocused
    self.numbersSeries = numbersSeries
    self.emptyText = emptyText
  }

  /// How many dot columns a chart in this rectangle has. Depends on nothing but the arguments.
  public static func plotColumns(in rect: Rect, glyphs: GlyphSet) -> Int {
    ChartLayout(rect).plot.columns * DotCanvas.dotsPerCell(glyphs).columns
  }

  /// The cells that the curves of a chart in this rectangle occupy, for a mouse or an overlay.
  public static func plotRect(in rect: Rect) -> Rect { ChartLayout(rect).plot }

  /// Draws the chart over the whole rectangle.
  public func draw(into buffer: inout Buffer, rect: Rect, glyphs: GlyphSet) {
    guard !rect.isEmpty else { return }
    buffer.fill(rect, style: .text)
    let layout = ChartLayout(rect)
    let columns = LineChart.plotColumns(in: rect, glyphs: glyphs)
    ChartLegend(
      chart: self, columns: columns, hasLabels: !layout.labels.isEmpty, glyphs: glyphs
    ).draw(into: &buffer, row: layout.title)
    guard !layout.plot.isEmpty else { return }
    let scale = yScale(isPadded: layout.plot.rows >= ChartAxes.tickRowsMin)
    let axes = ChartAxes(chart: self, layout: layout, columns: columns, glyphs: glyphs)
    axes.draw(into: &buffer, scale: scale)
    guard let scale else {
      let text = SafeText.truncated(emptyText, columns: layout.plot.columns, glyphs: glyphs)
      let place = layout.plot.centered(Size(rows: 1, columns: SafeText.displayWidth(of: text)))
      buffer.write(text, row: place.row, column: place.column, style: .dim)
      return
    }
    ChartPlot(chart: self, scale: scale, rect: layout.plot, glyphs: glyphs).draw(into: &buffer)
  }

  /// The x value at the middle of a dot column.
  func xValue(column: Int, of columns: Int) -> Double {
    let share = (Double(column) + 0.5) / Double(max(columns, 1))
    return xRange.lowerBound * (1 - share) + xRange.upperBound * share
  }

  /// How the place of the cursor reads.
  func cursorText(column: Int, of columns: Int) -> String {
    let step = (xRange.upperBound * 0.5 - xRange.lowerBound * 0.5) / Double(max(columns, 1)) * 2
    return xText(cursorX ?? xValue(column: column, of: columns), step: step)
  }

  /// How an x value reads.
  func xText(_ value: Double, step: Double) -> String {
    if let xFormatter { return xFormatter(value) }
    switch xKind {
    case .number:
      return NumberText.axis(value, step: step, columns: 9)
    case .integer:
      if value.magnitude >= 1e6 { return NumberText.compact(value.rounded()) }
      return NumberText.fixed(value.rounded(), decimals: 0)
    case .duration:
      let text = NumberText.duration(value)
      for unit in [" 00s", " 00m", " 00h"] where text.hasSuffix(unit) {
        return String(text.dropLast(4))
      }
      return text
    }
  }

  /// The y axis; nil when there is nothing to fit it to. Without padding its ends, which a low plot
  /// labels, are the smallest and the largest value.
  func yScale(isPadded: Bool) -> AxisScale? {
    let extents = series.lazy.flatMap { $0.columns.lazy.compactMap { $0 } }
    if let yRange {
      guard extents.first(where: { _ in true }) != nil else { return nil }
      return AxisScale(
        lower: yRange.lowerBound, upper: yRange.upperBound, isLogarithmic: logarithmicY)
    }
    var smallest = Double.infinity
    var largest = -Double.infinity
    var seesAny = false
    for extent in extents {
      seesAny = true
      guard extent.hasFinite else { continue }
      largest = max(largest, extent.maximum)
      if !logarithmicY || extent.minimum > 0 {
        smallest = min(smallest, extent.minimum)
      } else if extent.maximum > 0 {
        smallest = min(smallest, extent.maximum)
      }
    }
    guard seesAny else { return nil }
    if !(smallest <= largest) { return AxisScale(lower: 0, upper: 1, isLogarithmic: logarithmicY) }
    return isPadded
      ? AxisScale.fitting(minimum: smallest, maximum: largest, isLogarithmic: logarithmicY)
      : AxisScale(lower: smallest, upper: largest, isLogarithmic: logarithmicY)
  }
}
