import RunModel

/// What the Curves view remembers.
public struct CurvesState: Sendable, Equatable {
  /// Title of the chart that keys go to; nil: the first.
  public var focused: String?
  /// Whether that chart has the whole view.
  public var isFullscreen = false
  /// The place under the cursor, on the x axis; nil: no cursor.
  public var cursor: Double?
  /// What the x axis counts.
  public var axis = TimeAxis.step
  /// The part of the x axis that is shown; nil: all of it.
  public var window: ClosedRange<Double>?
  /// Whether the window moves along with the end of the curves.
  public var followsEnd = true
  /// Titles of the charts whose y axis is not of the usual kind: logarithmic where linear is usual.
  public var logarithmic: Set<String> = []
  /// Weight of the past in the moving average; 0: none.
  public var smoothing: Float = 0
  public var clipsOutliers = false
  /// Charts above and beside each other; 0: as they fit.
  public var gridRows = 0
  public var gridColumns = 0
  /// The group whose charts are shown; nil: all.
  public var group: String?

  public init() {}
}

extension DashboardState {
  /// Smooths the curves that are on the screen: all would take too long.
  mutating func smoothShown() {
    guard curves.smoothing > 0 else { return }
    let charts: [ChartPlan]
    switch view {
    case CurvesView().name:
      charts = Array(chartPlans.charts[CurvesLayout(self, area: Frame(self).view).page])
    case SystemView().name: charts = systemMetrics.charts
    default: return
    }
    let tags = charts.flatMap { $0.curves.map(\.tag) }
    for index in runs.indices
    where runs[index].run.path == selectedPath || marked.contains(runs[index].run.path) {
      runs[index].run.smooth(tags)
    }
  }

  /// What the x axis counts now: steps where the shown run does not tell of what was chosen.
  var shownAxis: TimeAxis {
    selected?.run.isAvailable(curves.axis) == false ? .step : curves.axis
  }
}
