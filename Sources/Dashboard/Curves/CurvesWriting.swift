import RunModel
import TerminalUI

/// Writes what the Curves view shows: its points as CSV, or its charts as a picture.
extension CurvesView {
  /// A name that says what is in the file.
  static func fileName(_ state: DashboardState, _ ending: String) -> String {
    let name = state.selected?.run.name ?? "curves"
    let safe = name.prefix(60).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    let step = state.selected?.run.lastStep ?? 0
    return String(safe) + "-\(step).\(ending)"
  }

  static func writing(
    to path: String, _ state: DashboardState
  ) throws(PaletteProblem) -> Effect {
    guard state.view == CurvesView().name, state.selected != nil else {
      throw PaletteProblem("only charts can be written; 1 shows them")
    }
    if path.hasSuffix(".csv") { return .write(path: path, text: csv(state)) }
    if path.hasSuffix(".svg") { return .write(path: path, text: svg(state)) }
    throw PaletteProblem("the name must end in .csv or .svg")
  }

  /// The points of the charts on the page, within the window.
  private static func csv(_ state: DashboardState) -> String {
    let layout = CurvesLayout(state, area: Frame(state).view)
    let charts = state.chartPlans.charts[layout.page]
    let range = CurvesWindow.range(state)
    let axis = state.shownAxis
    let isSmoothed = state.curves.smoothing > 0
    var text = "run,tag,step,wall_time,value" + (isSmoothed ? ",smoothed\n" : "\n")
    for shown in shownRuns(state) {
      for curve in charts.flatMap(\.curves) {
        guard let points = shown.run.series[curve.tag] else { continue }
        let first = shown.run.firstIndex(in: points, atOrAfter: range.lowerBound, on: axis)
        let last = shown.run.firstIndex(in: points, atOrAfter: range.upperBound.nextUp, on: axis)
        let head = quoted(shown.run.name) + "," + quoted(curve.tag) + ","
        for index in first..<max(first, last) {
          text += head + "\(points.steps[index]),\(points.wallTimes[index]),\(points.values[index])"
          text += isSmoothed ? ",\(points.smoothedValue(at: index))\n" : "\n"
        }
      }
    }
    return text
  }

  /// As RFC 4180 has it; names from outside are cleaned.
  private static func quoted(_ text: String) -> String {
    let clean = SafeText.cleaned(text)
    guard clean.contains(where: { $0 == "," || $0 == "\"" }) else { return clean }
    return "\""
      + clean.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  /// The charts alone, without the rows above and below them.
  private static func svg(_ state: DashboardState) -> String {
    let area = Rect(Frame(state).view.size)
    var buffer = Buffer(size: area.size)
    CurvesView().draw(state, into: &buffer, area: area)
    return FrameSVG(
      buffer, theme: Theme.named(state.theme) ?? .standard,
      charts: CurvesView().drawings(state, area: area), title: fileName(state, "svg")
    ).text
  }
}
