import RunLog

extension Run {
  /// The layers that the metrics and grids name, in the order of the experiment's layers where they
  /// are known, and else in that of their first appearance.
  public var layerNames: [String] { layersSeen.ordered(by: manifest?.experiment) }

  /// The best value of a metric and its step: the smallest of a loss and its like, the largest of
  /// others. nil without a finite value. O(log n).
  public func best(of tag: String) -> (value: Float, step: Int64)? {
    guard let one = series[tag],
      let index = one.firstIndex(ofSmallest: Metric.isBetterWhenSmaller(tag))
    else { return nil }
    return (one.values[index], one.steps[index])
  }

  /// Memory that the points, grids, histograms and texts hold, about. O(series).
  public var byteCount: Int {
    var count = series.values.reduce(0) { $0 + $1.byteCount }
    for one in grids.values { count += one.grid.values.count * MemoryLayout<Float>.stride }
    for one in histograms.values {
      count += one.histogram.bins.count * MemoryLayout<Histogram.Bin>.stride
    }
    for one in texts { count += one.text.utf8.count }
    return count
  }

  /// How many points each point of the most thinned series stands for: 1, 2, 4 …
  public var thinning: Int { series.values.reduce(1) { max($0, $1.thinning) } }

  /// Drops about half of the points of the longest series; false when it is too short for that.
  public mutating func thin() -> Bool {
    let thinnedPointsMin = 1024
    let largest = series.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
    guard let largest, largest.value.count >= thinnedPointsMin else { return false }
    series[largest.key]?.thin()
    findLongest()
    revision += 1
    return (series[largest.key]?.count ?? 0) < largest.value.count
  }
}
