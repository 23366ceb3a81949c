import RunModel
import TerminalUI

/// The part of the x axis that the charts show: all of them the same.
enum CurvesWindow {
  /// The end moves in blocks of this share, so that a curve that grows does not move every dot of
  /// every chart with every point.
  private static let blocksPerWindow = 16.0
  private static let zoomFactor = 2.0
  private static let panShare = 0.25
  /// No window is narrower than this share of all there is.
  private static let shareMin = 1e-7

  /// From the first to the last point of the shown runs.
  static func extent(_ state: DashboardState) -> ClosedRange<Double> {
    var lower = Double.infinity
    var upper = -Double.infinity
    for shown in CurvesView.shownRuns(state) {
      guard let extent = shown.run.extent(on: state.shownAxis) else { continue }
      lower = min(lower, extent.lowerBound)
      upper = max(upper, extent.upperBound)
    }
    guard lower <= upper else { return 0...1 }
    return lower...max(upper, lower + (state.shownAxis == .step ? 1 : 1e-3))
  }

  static func range(_ state: DashboardState) -> ClosedRange<Double> {
    let all = extent(state)
    guard let window = state.curves.window else {
      let isGrowing = CurvesView.shownRuns(state).contains {
        $0.run.isGrowing(at: state.wallNow)
      }
      return isGrowing ? all.lowerBound...ahead(of: all) : all
    }
    guard state.curves.followsEnd else { return window }
    let width = window.upperBound - window.lowerBound
    let block = width / blocksPerWindow
    let end = all.lowerBound + ((all.upperBound - all.lowerBound) / block).rounded(.up) * block
    return end.isFinite && block > 0 ? (end - width)...end : window
  }

  /// A round end a little beyond the last point.
  static func ahead(of extent: ClosedRange<Double>) -> Double {
    let span = extent.upperBound - extent.lowerBound
    guard span.isFinite, span > 0 else { return extent.upperBound }
    let power = Double(sign: .plus, exponent: span.exponent, significand: 1)
    let block = power / (blocksPerWindow / 2)
    return extent.lowerBound + (span / block).rounded(.up) * block
  }

  /// Half or twice as much, around a place; nil: around the cursor, else at the end that is
  /// followed, else in the middle.
  static func zoom(_ state: inout DashboardState, isIn: Bool, around place: Double? = nil) {
    let shown = range(state)
    let all = extent(state)
    let width = shown.upperBound - shown.lowerBound
    let wanted = isIn ? width / zoomFactor : width * zoomFactor
    let whole = all.upperBound - all.lowerBound
    guard wanted < whole else { return fit(&state) }
    guard wanted >= whole * shareMin, wanted > 0 else { return }
    let cursor = place ?? state.curves.cursor
    let followed = state.curves.followsEnd && cursor == nil
    let middle = cursor ?? (followed ? shown.upperBound : (shown.lowerBound + shown.upperBound) / 2)
    let share = min(max((middle - shown.lowerBound) / width, 0), 1)
    state.curves.followsEnd = followed
    set(&state, lower: middle - share * wanted, width: wanted, within: all)
  }

  static func pan(_ state: inout DashboardState, by direction: Double) {
    guard state.curves.window != nil else { return }
    let shown = range(state)
    let all = extent(state)
    let width = shown.upperBound - shown.lowerBound
    let lower = shown.lowerBound + direction * width * panShare
    state.curves.followsEnd = direction > 0 && lower + width >= all.upperBound
    set(&state, lower: lower, width: width, within: all)
  }

  static func fit(_ state: inout DashboardState) {
    state.curves.window = nil
    state.curves.followsEnd = true
  }

  private static func set(
    _ state: inout DashboardState, lower: Double, width: Double, within all: ClosedRange<Double>
  ) {
    let latest = max(all.lowerBound, all.upperBound - width)
    let start = min(max(lower, all.lowerBound), latest)
    guard start.isFinite, width.isFinite, start + width > start else { return }
    state.curves.window = start...(start + width)
  }
}

extension Run {
  /// Whether more points may come.
  /// - Parameter wallSeconds: the time, since 1970; 0: not known.
  func isGrowing(at wallSeconds: Double = 0) -> Bool {
    switch state(at: wallSeconds) {
    case .waiting, .starting, .training, .paused, .validating, .watched: true
    case .finished, .stopped, .failed, .dead, .stale: false
    }
  }
}
