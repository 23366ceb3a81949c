import RunModel
import TerminalUI

/// Makes the chart of some metrics of the shown runs: everything but the dots.
struct CurveChart {
  let state: DashboardState
  let runs: [CurvesView.ShownRun]
  let range: ClosedRange<Double>
  /// Where things happened, on the x axis.
  private let marks: [(x: Double, mark: Run.Mark)]

  init(_ state: DashboardState) {
    self.state = state
    let shown = CurvesView.shownRuns(state)
    let range = CurvesWindow.range(state)
    runs = shown
    self.range = range
    let axis = state.shownAxis
    marks = shown.flatMap { shown in
      shown.run.marks.compactMap { mark in
        guard let x = shown.run.axisValue(ofStep: mark.step, on: axis), range.contains(x) else {
          return nil
        }
        return (x, mark)
      }
    }
  }

  /// - Parameter columns: how many parts the x axis has, an extent each.
  func chart(_ plan: ChartPlan, columns: Int, isFocused: Bool) -> LineChart {
    let isLogarithmic =
      state.curves.logarithmic.contains(plan.title) != state.settings.isYLogarithmic
    let series = series(plan, columns: columns)
    var title = SafeText.cleaned(plan.title, maxLength: 60)
    if !plan.unit.isEmpty { title += ", " + plan.unit }
    if isLogarithmic { title += hidesValues(series) ? " (log; 0 and below at the foot)" : " (log)" }
    let offset = axisOffset
    var chart = LineChart(
      title: title, series: series,
      xRange: (range.lowerBound + offset)...(range.upperBound + offset), xKind: xKind,
      xFormatter: xFormatter, yRange: yRange(plan, series, isLogarithmic: isLogarithmic),
      logarithmicY: isLogarithmic, marks: chartMarks(plan, columns), isFocused: isFocused,
      numbersSeries: state.isMonochrome)
    if state.curves.window != nil { chart.emptyText = "no points in this window" }
    chart.xLabel = state.shownAxis.rawValue
    chart.cursorX = state.curves.cursor.map { $0 + offset }
    chart.cursorColumn = state.curves.cursor.flatMap { column(of: $0, columns: columns) }
    return chart
  }

  // MARK: Curves

  private func series(_ plan: ChartPlan, columns: Int) -> [ChartSeries] {
    let isOverlay = runs.count > 1
    var result: [ChartSeries] = []
    for shown in runs {
      for (index, curve) in plan.curves.enumerated() {
        guard let points = shown.run.series[curve.tag] else { continue }
        let color = isOverlay ? shown.color : index
        let stroke = self.stroke(color: color, curve: isOverlay ? index : 0)
        let name = self.name(curve, of: shown.run, isOverlay: isOverlay, plan)
        result += series(
          points, of: shown.run, name: name, role: .series(color), stroke: stroke,
          columns: columns)
      }
    }
    return result
  }

  private func series(
    _ points: TimeSeries, of run: Run, name: String, role: Role, stroke: ChartSeries.Stroke,
    columns: Int
  ) -> [ChartSeries] {
    let ranges = run.columns(
      of: points, in: range, count: columns, on: state.shownAxis)
    let cursorIndex = state.curves.cursor.flatMap { nearest($0, points, run) }
    var rawColumns = ranges.map { Self.column(points.extent($0)) }
    joinEdges(&rawColumns, ranges, points, run) { points.values[$0] }
    var raw = ChartSeries(
      name: name, role: role, columns: rawColumns,
      value: points.last.map { Double($0) },
      cursorValue: cursorIndex.map { Double(points.values[$0]) }, stroke: stroke)
    guard points.smoothing > 0 else { return [raw] }
    // The raw curve stays behind, and its value beside the smoothed one under the cursor.
    var smoothed = raw
    smoothed.columns = ranges.map { Self.column(points.smoothedExtent($0)) }
    joinEdges(&smoothed.columns, ranges, points, run) { points.smoothedValue(at: $0) }
    smoothed.value = points.isEmpty ? nil : Double(points.smoothedValue(at: points.count - 1))
    smoothed.cursorValue = cursorIndex.map { Double(points.smoothedValue(at: $0)) }
    raw.isFaint = true
    raw.isListed = cursorIndex != nil
    raw.name = "raw"
    return [smoothed, raw]
  }

  /// Where the line to the nearest point outside of a zoomed window crosses its edges, so that the
  /// curve goes on to there.
  private func joinEdges(
    _ columns: inout [ColumnExtent?], _ ranges: [Range<Int>], _ points: TimeSeries, _ run: Run,
    value: (Int) -> Float
  ) {
    guard state.curves.window != nil, let first = ranges.first, let last = ranges.last else {
      return
    }
    func crossing(_ index: Int, _ x: Double) -> ColumnExtent? {
      guard index > 0, index < points.count else { return nil }
      let axis = state.shownAxis
      let (before, after) = (Double(value(index - 1)), Double(value(index)))
      let start = run.axisValue(of: points, at: index - 1, on: axis)
      let end = run.axisValue(of: points, at: index, on: axis)
      guard before.isFinite, after.isFinite, end > start else { return nil }
      let share = min(max((x - start) / (end - start), 0), 1)
      return ColumnExtent(before * (1 - share) + after * share)
    }
    if columns[0] == nil { columns[0] = crossing(first.lowerBound, range.lowerBound) }
    let end = columns.count - 1
    if columns[end] == nil { columns[end] = crossing(last.upperBound, range.upperBound) }
  }

  private static func column(_ extent: Extent) -> ColumnExtent? {
    if extent.isEmpty { return extent.hasNonFinite ? .nonFinite : nil }
    return ColumnExtent(
      minimum: Double(extent.minimum), maximum: Double(extent.maximum),
      hasNonFinite: extent.hasNonFinite)
  }

  private func nearest(_ x: Double, _ points: TimeSeries, _ run: Run) -> Int? {
    guard !points.isEmpty else { return nil }
    let axis = state.shownAxis
    let after = run.firstIndex(in: points, atOrAfter: x, on: axis)
    if after == 0 || after == points.count { return min(after, points.count - 1) }
    let distance = run.axisValue(of: points, at: after, on: axis) - x
    return distance < x - run.axisValue(of: points, at: after - 1, on: axis) ? after : after - 1
  }

  /// Colours tell curves apart; where there are none, or the colour tells the run, strokes do.
  private func stroke(color: Int, curve: Int) -> ChartSeries.Stroke {
    let strokes: [ChartSeries.Stroke] = [.solid, .dashed, .dotted]
    return strokes[(state.isMonochrome ? color + curve : curve) % strokes.count]
  }

  private func name(
    _ curve: ChartPlan.Curve, of run: Run, isOverlay: Bool, _ plan: ChartPlan
  ) -> String {
    let metric = SafeText.cleaned(curve.name, maxLength: 40)
    guard isOverlay else { return metric }
    let name = SafeText.cleaned(run.name, maxLength: 24)
    return plan.curves.count > 1 && !metric.isEmpty ? "\(name) \(metric)" : name
  }

  // MARK: The y axis

  private func yRange(
    _ plan: ChartPlan, _ series: [ChartSeries], isLogarithmic: Bool
  ) -> ClosedRange<Double>? {
    if state.curves.clipsOutliers, let range = withoutOutliers(series, isLogarithmic) {
      return range
    }
    return isLogarithmic ? nil : plan.yRange
  }

  /// From a little above the lowest to a little below the highest column: what is beyond is drawn
  /// as an arrow at the edge.
  private func withoutOutliers(
    _ series: [ChartSeries], _ isLogarithmic: Bool
  ) -> ClosedRange<Double>? {
    let share = 0.03
    var (low, high) = (Double.infinity, -Double.infinity)
    // Each curve by itself: what is far from one may be another.
    for curve in series where !curve.isFaint || series.count == 1 {
      let extents = curve.columns.compactMap { $0 }.filter(\.hasFinite)
      let lows = extents.map(\.minimum).filter { !isLogarithmic || $0 > 0 }.sorted()
      let highs = extents.map(\.maximum).filter { !isLogarithmic || $0 > 0 }.sorted()
      guard !lows.isEmpty, !highs.isEmpty else { continue }
      low = min(low, lows[Int((Double(lows.count - 1) * share).rounded(.up))])
      high = max(high, highs[Int(Double(highs.count - 1) * (1 - share))])
    }
    guard low < high else { return nil }
    let margin = isLogarithmic ? 0 : (high - low) * 0.04
    guard (low - margin).isFinite, (high + margin).isFinite else { return nil }
    return (low - margin)...(high + margin)
  }

  /// Whether there is something that a logarithmic axis has no place for.
  private func hidesValues(_ series: [ChartSeries]) -> Bool {
    series.contains { $0.columns.contains { $0.map { $0.hasFinite && $0.minimum <= 0 } ?? false } }
  }

  // MARK: The x axis

  /// The part of the x axis in which a place falls; nil: it is not shown.
  func column(of x: Double, columns: Int) -> Int? {
    let fraction = (x - range.lowerBound) / (range.upperBound - range.lowerBound)
    guard fraction >= 0, fraction <= 1, columns > 0 else { return nil }
    return min(columns - 1, Int(fraction * Double(columns)))
  }

  private var axisOffset: Double {
    state.shownAxis == .wall ? Double(state.settings.utcOffsetSeconds) : 0
  }

  private var xKind: AxisKind {
    switch state.shownAxis {
    case .step: .integer
    case .epoch: .number
    case .relative, .wall: .duration
    }
  }

  private var xFormatter: (@Sendable (Double) -> String)? {
    guard state.shownAxis == .wall else { return nil }
    let span = range.upperBound - range.lowerBound
    return { ClockText.of(secondsOfLocalTime: $0, span: span) }
  }

  // MARK: Marks

  private func chartMarks(_ plan: ChartPlan, _ columns: Int) -> [ChartMark] {
    let cursor = state.curves.cursor.flatMap { column(of: $0, columns: columns) }
    var result: [ChartMark] = []
    for (x, mark) in marks {
      // What is about one metric stands in its chart alone.
      if let tag = mark.tag, !plan.curves.contains(where: { $0.tag == tag }) { continue }
      guard let column = column(of: x, columns: columns) else { continue }
      let isNear = cursor.map { abs($0 - column) <= 1 } ?? false
      // Marks come by step, so what falls on the same place follows at once.
      if let last = result.last, last.column == column, last.glyph == mark.glyph, !isNear {
        continue
      }
      result.append(
        ChartMark(
          column: column, glyph: mark.glyph, role: mark.role,
          label: isNear ? SafeText.cleaned(mark.text, maxLength: 60) : "",
          hasLine: mark.kind != .checkpoint))
    }
    return result
  }

  /// What happened nearest to the cursor, if anything is near.
  func markAtCursor() -> Run.Mark? {
    guard let cursor = state.curves.cursor else { return nil }
    let reach = (range.upperBound - range.lowerBound) / 100
    return marks.filter { abs($0.x - cursor) <= reach }
      .min { abs($0.x - cursor) < abs($1.x - cursor) }?.mark
  }
}

extension Run.Mark {
  /// A letter on the time axis: that of the key where there is one.
  var glyph: Character {
    switch kind {
    case .command:
      text.hasPrefix("learning rate")
        ? "L" : text.hasPrefix("branch") ? "B" : text == "stop" ? "K" : "P"
    case .set: "V"
    case .prune: "X"
    case .pruning: "x"
    case .round: "r"
    case .undo: "U"
    case .checkpoint: "c"
    case .alert: "!"
    case .restart: "R"
    }
  }

  var role: Role {
    switch kind {
    case .alert: .statusBad
    case .checkpoint: .dim
    default: .mark
    }
  }
}
