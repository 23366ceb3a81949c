/// A metric over steps: its points, with pyramids of extents above their values and, where they
/// are smoothed, above the smoothed ones.
///
/// Steps increase. A point that goes back replaces what it goes back over, as after a restart.
public struct TimeSeries: Sendable {
  public private(set) var steps = ChunkedArray<Int64>()
  /// Seconds since 1970.
  public private(set) var wallTimes = ChunkedArray<Double>()
  /// Points that were superseded by a restart.
  public private(set) var supersededCount = 0
  /// How many points each point stands for: 1, 2, 4 …
  public private(set) var thinning = 1

  private var raw = ExtentPyramid()
  private var smooth: Smooth?
  private var watch: RewindingFold<CurveWatch>?
  /// The wall times, none before the one in front of it; nil while they are so by themselves.
  private var orderedTimes: ChunkedArray<Double>?

  private struct Smooth {
    let weight: Float
    var average: RewindingFold<ExponentialAverage>
    var pyramid = ExtentPyramid()

    init(weight: Float) {
      self.weight = weight
      average = RewindingFold(ExponentialAverage(weight: weight))
    }

    mutating func append(step: Int64, value: Float) {
      pyramid.append(average.next(step: step, value: value))
    }
  }

  /// What a new point did.
  struct Appended {
    /// Whether it replaced points.
    var isBack = false
    var finding: CurveWatch.Finding?
  }

  /// More than this smooths a curve away.
  static let smoothingMax: Float = 0.9999

  public init() {}

  /// A series that is watched for what its name tells that can befall it.
  init(watching tag: String) {
    watch = RewindingFold(CurveWatch(isLoss: Metric.isLoss(tag)))
  }

  public var count: Int { steps.count }
  public var isEmpty: Bool { steps.isEmpty }
  public var values: ChunkedArray<Float> { raw.values }
  public var last: Float? { raw.values.last }
  public var lastStep: Int64? { steps.last }

  /// Memory that the points need, without the room that arrays keep to grow. O(1).
  public var byteCount: Int {
    count * (MemoryLayout<Int64>.stride + MemoryLayout<Double>.stride)
      + raw.byteCount + (smooth?.pyramid.byteCount ?? 0) + (smooth?.average.byteCount ?? 0)
      + (watch?.byteCount ?? 0) + (orderedTimes?.count ?? 0) * MemoryLayout<Double>.stride
  }

  /// TensorBoard's smoothing weight: 0 is off, more follows the values less; at most 0.9999.
  /// Setting it goes over all points.
  public var smoothing: Float {
    get { smooth?.weight ?? 0 }
    set {
      let weight = newValue > 0 ? min(newValue, Self.smoothingMax) : 0
      guard weight != smoothing else { return }
      smooth = nil
      guard weight > 0 else { return }
      var new = Smooth(weight: weight)
      for (step, value) in zip(steps, raw.values) { new.append(step: step, value: value) }
      smooth = new
    }
  }

  public mutating func append(step: Int64, wallTime: Double, value: Float) {
    _ = add(step: step, wallTime: wallTime, value: value)
  }

  mutating func add(step: Int64, wallTime: Double, value: Float) -> Appended {
    var appended = Appended()
    if let lastStep = steps.last, step <= lastStep {
      supersede(from: step)
      appended.isBack = true
    }
    noteTime(wallTime)
    steps.append(step)
    wallTimes.append(wallTime)
    raw.append(value)
    smooth?.append(step: step, value: value)
    appended.finding = watch?.next(step: step, value: value) ?? nil
    return appended
  }

  /// Drops the points at `step` and later.
  public mutating func supersede(from step: Int64) {
    let kept = firstIndex(atOrAfter: step)
    guard kept < count else { return }
    supersededCount += count - kept
    steps.cut(to: kept)
    wallTimes.cut(to: kept)
    raw.cut(to: kept)
    smooth?.pyramid.cut(to: kept)
    smooth?.average.rewind(to: kept, steps: steps, values: raw.values)
    watch?.rewind(to: kept, steps: steps, values: raw.values)
    if kept == 0 { orderedTimes = nil }
    orderedTimes?.cut(to: kept)
  }

  /// Index of the first point at `step` or later; `count` when there is none. O(log n).
  public func firstIndex(atOrAfter step: Int64) -> Int {
    firstIndex { steps[$0] >= step }
  }

  /// Index of the first point of which something holds that holds of all behind it. O(log n).
  func firstIndex(where holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, steps.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The extent of the points in a range of indices. O(log n).
  public func extent(_ range: Range<Int>) -> Extent { raw.extent(range) }

  /// The extent of all points.
  public var extent: Extent { raw.extent }

  /// The extent of the smoothed values in a range of indices; of the values as they are while they
  /// are not smoothed. O(log n).
  public func smoothedExtent(_ range: Range<Int>) -> Extent {
    smooth?.pyramid.extent(range) ?? raw.extent(range)
  }

  /// The smoothed value of a point; NaN where there is no such point.
  public func smoothedValue(at index: Int) -> Float {
    guard steps.indices.contains(index) else { return .nan }
    return smooth?.pyramid.values[index] ?? raw.values[index]
  }

  /// The index of the smallest finite value, or of the largest. O(log n).
  func firstIndex(ofSmallest isSmallest: Bool) -> Int? {
    raw.firstIndex(ofSmallest: isSmallest)
  }

  /// The point nearest to a step; nil for an empty series.
  public func index(nearest step: Int64) -> Int? {
    guard !isEmpty else { return nil }
    let after = firstIndex(atOrAfter: step)
    if after == 0 { return 0 }
    if after == count { return count - 1 }
    let isAfterNearer = steps[after] &- step < step &- steps[after - 1]
    return isAfterNearer ? after : after - 1
  }

  /// A point's wall time for an axis: where the clock was set back, the latest time before it.
  public func orderedTime(at index: Int) -> Double {
    orderedTimes?[index] ?? wallTimes[index]
  }

  private mutating func noteTime(_ wallTime: Double) {
    guard let last = orderedTimes?.last ?? wallTimes.last else {
      if !wallTime.isFinite { orderedTimes = [0] }
      return
    }
    let isOrdered = wallTime >= last && wallTime.isFinite
    if !isOrdered && orderedTimes == nil { orderedTimes = wallTimes }
    orderedTimes?.append(isOrdered ? wallTime : last)
  }

  /// Drops about half of the points: of each four neighbours the smallest and the largest stay, and
  /// one that is no finite number, and the first and the last point of all. Extents over whole
  /// groups of four stay as they are, and so do the smoothed values of the points that stay.
  public mutating func thin() {
    let indices = Self.keptIndices(Array(raw.values))
    guard indices.count < count else { return }
    func kept<Value>(_ old: ChunkedArray<Value>) -> some Sequence<Value> {
      indices.lazy.map { old[$0] }
    }
    steps = ChunkedArray(kept(steps))
    wallTimes = ChunkedArray(kept(wallTimes))
    raw = ExtentPyramid(kept(raw.values))
    if let old = smooth?.pyramid.values { smooth?.pyramid = ExtentPyramid(kept(old)) }
    orderedTimes = orderedTimes.map { ChunkedArray(kept($0)) }
    smooth?.average.forgetPoints(keeping: indices.count)
    watch?.forgetPoints(keeping: indices.count)
    if thinning < 1 << 30 { thinning *= 2 }
  }

  private static func keptIndices(_ values: [Float]) -> [Int] {
    var kept: [Int] = []
    kept.reserveCapacity(values.count / 2 + 4)
    for start in stride(from: 0, to: values.count, by: 4) {
      let group = start..<min(start + 4, values.count)
      var smallest: Int?
      var largest: Int?
      var strange: Int?
      for index in group {
        let value = values[index]
        if !value.isFinite {
          strange = strange ?? index
        } else {
          if value < smallest.map({ values[$0] }) ?? .infinity { smallest = index }
          // The later of equals, so that a flat stretch keeps its ends.
          if value >= largest.map({ values[$0] }) ?? -.infinity { largest = index }
        }
      }
      for index in group
      where index == smallest || index == largest || index == strange || index == 0
        || index == values.count - 1
      { kept.append(index) }
    }
    return kept
  }
}
