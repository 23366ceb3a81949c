import RunLog

extension Run {
  /// The layers that the metrics and grids name, in the order of the manifest where it names them,
  /// and else in that of their first appearance.
  public var layerNames: [String] { layersSeen.ordered(by: manifest) }

  /// The best value of a metric and its step: the smallest of a loss and its like, the largest of
  /// others. nil without a finite value. O(log n).
  public func best(of tag: String) -> (value: Float, step: Int64)? {
    guard let one = series[tag],
      let index = one.firstIndex(ofSmallest: Metric.isBetterWhenSmaller(tag))
    else { return nil }
    return (one.values[index], one.steps[index])
  }

  /// Memory that the points, grids, histograms, texts and lines hold, about. O(1).
  public var byteCount: Int {
    series.byteCount + gridRoom.byteCount + histogramRoom.byteCount + texts.byteCount
      + lines.byteCount
  }

  /// Smooths some series, as they are and as they grow, with the run's weight, until that changes.
  public mutating func smooth(_ tags: some Sequence<String>) {
    guard smoothing > 0 else { return }
    series.smooth(tags, weight: min(smoothing, TimeSeries.smoothingMax))
  }

  /// Drops about half of the points of the longest series; false when it is too short for that.
  public mutating func thin() -> Bool {
    let thinnedPointsMin = 1024
    guard let thinning = series.thinLongest(pointsMin: thinnedPointsMin) else { return false }
    self.thinning = max(self.thinning, thinning)
    revision += 1
    return true
  }
}
