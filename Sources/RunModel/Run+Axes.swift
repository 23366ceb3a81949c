import RunLog

extension Run {
  /// Steps in a pass over the training data: what the engine said, or what a metric named "epoch"
  /// tells: its newest value against the step at which it came to be. nil while that is not known.
  public var stepsInEpoch: Double? {
    if let stepsPerEpoch, stepsPerEpoch > 0 { return Double(stepsPerEpoch) }
    let lookedAtMax = 64
    guard let epochTag, let counted = series[epochTag],
      let last = counted.values.suffix(lookedAtMax).last(where: \.isFinite), last > 0
    else { return nil }
    // Where epochs are whole numbers the step of the newest point would be too far.
    let first = counted.firstIndex { !(counted.values[$0] < last) }
    guard first < counted.count, counted.steps[first] > 0 else { return nil }
    return Double(counted.steps[first]) / Double(last)
  }

  /// Whether points can be placed along an axis.
  public func isAvailable(_ axis: TimeAxis) -> Bool {
    axis != .epoch || stepsInEpoch != nil
  }

  /// The place of a point; by its step where the axis is not available, and NaN where there is no
  /// such point. It does not decrease along a series.
  public func axisValue(of series: TimeSeries, at index: Int, on axis: TimeAxis) -> Double {
    guard series.steps.indices.contains(index) else { return .nan }
    return place(on: axis)(series, index)
  }

  /// The first point at a place or behind it; `series.count` when there is none. O(log n).
  public func firstIndex(
    in series: TimeSeries, atOrAfter x: Double, on axis: TimeAxis
  ) -> Int {
    let place = place(on: axis)
    return series.firstIndex { place(series, $0) >= x }
  }

  /// From the first point of all series to the last; nil when there is none, or no such axis. O(1).
  public func extent(on axis: TimeAxis) -> ClosedRange<Double>? {
    switch axis {
    case .step: return series.steps.map { Double($0.lowerBound)...Double($0.upperBound) }
    case .epoch:
      guard let length = stepsInEpoch else { return nil }
      return series.steps.map {
        (Double($0.lowerBound) / length)...(Double($0.upperBound) / length)
      }
    case .relative:
      let start = startedWallTime ?? 0
      return series.times.map { ($0.lowerBound - start)...($0.upperBound - start) }
    case .wall: return series.times
    }
  }

  /// The step at a place: for times that of the nearest point of the longest series.
  public func step(at x: Double, on axis: TimeAxis) -> Int64 {
    switch axis {
    case .step: return Self.step(x)
    case .epoch: return Self.step(x * (stepsInEpoch ?? 1))
    case .relative, .wall:
      guard let longest = series.longest, !longest.isEmpty else { return 0 }
      let place = place(on: axis)
      let after = longest.firstIndex { place(longest, $0) >= x }
      if after == 0 { return longest.steps[0] }
      if after == longest.count { return longest.steps[after - 1] }
      let isAfterNearer = place(longest, after) - x < x - place(longest, after - 1)
      return longest.steps[isAfterNearer ? after : after - 1]
    }
  }

  /// The place of a step: for times that of the nearest point of the longest series. nil without
  /// such a point or axis.
  public func axisValue(ofStep step: Int64, on axis: TimeAxis) -> Double? {
    switch axis {
    case .step: return Double(step)
    case .epoch: return stepsInEpoch.map { Double(step) / $0 }
    case .relative, .wall:
      guard let longest = series.longest, let index = longest.index(nearest: step) else {
        return nil
      }
      return place(on: axis)(longest, index)
    }
  }

  private func place(on axis: TimeAxis) -> (TimeSeries, Int) -> Double {
    switch axis {
    case .step: return { Double($0.steps[$1]) }
    case .epoch:
      let length = stepsInEpoch ?? 1
      return { Double($0.steps[$1]) / length }
    case .relative:
      let start = startedWallTime ?? 0
      return { $0.orderedTime(at: $1) - start }
    case .wall: return { $0.orderedTime(at: $1) }
    }
  }

  private static func step(_ x: Double) -> Int64 {
    guard !x.isNaN else { return 0 }
    return Int64(exactly: x.rounded()) ?? (x < 0 ? .min : .max)
  }
}
