/// What an x axis counts; decides where its ticks are and how they read.
public enum AxisKind: Hashable, Sendable {
  /// Any number.
  case number
  /// Whole numbers: steps, epochs.
  case integer
  /// Seconds, with ticks at whole minutes, hours and days.
  case duration
}
