/// What a point's place along a chart is told by.
public enum TimeAxis: String, CaseIterable, Sendable {
  case step
  /// Passes over the training data.
  case epoch
  /// Seconds since the run's first point or record.
  case relative
  /// Seconds since 1970.
  case wall
}
