import RunLog

/// Metrics by tag, in the order of their first appearance, with what holds for all of them
/// together, so that nobody has to go through them for it.
public struct SeriesTable: Sequence, Sendable {
  /// The tags.
  public private(set) var keys: [String] = []
  /// What stands under each tag, in the order of `keys`.
  public private(set) var values: [TimeSeries] = []
  /// Of all series together.
  public private(set) var pointCount = 0
  /// Memory that all points need.
  private(set) var byteCount = 0
  /// From the smallest to the largest step; nil without points.
  private(set) var steps: ClosedRange<Int64>?
  /// From the earliest to the latest of `orderedTime`; nil without points.
  private(set) var times: ClosedRange<Double>?
  /// The place of the series with the most points, the first of equals.
  private var longestSlot: Int?
  private var slots: [String: Int] = [:]
  /// Those that are smoothed.
  private var smoothedSlots: Set<Int> = []

  /// What points did that somebody should hear of, in their order.
  enum News {
    /// Points of a series were replaced from a step on.
    case back(tag: String, step: Int64)
    case finding(CurveWatch.Finding, ScalarPoint)
    /// A tag appeared.
    case tag(String)
    /// There are so many tags that another one was left out.
    case leftOut
  }

  static let tagsMax = 100_000

  public init() {}

  public var count: Int { keys.count }
  public var isEmpty: Bool { keys.isEmpty }
  public var longest: TimeSeries? { longestSlot.map { values[$0] } }

  public subscript(tag: String) -> TimeSeries? { slots[tag].map { values[$0] } }

  /// The newest point of a series, without a copy of it all.
  public func last(of tag: String) -> (step: Int64, value: Float)? {
    guard let slot = slots[tag], let step = values[slot].lastStep, let value = values[slot].last
    else { return nil }
    return (step, value)
  }

  public func makeIterator() -> AnyIterator<(key: String, value: TimeSeries)> {
    var slot = 0
    return AnyIterator {
      guard slot < keys.count else { return nil }
      defer { slot += 1 }
      return (keys[slot], values[slot])
    }
  }

  /// Adds points; each tag of the block is looked up once.
  mutating func append(_ block: ScalarBlock) -> [News] {
    var news: [News] = []
    let (known, touched) = look(up: block, &news)
    for slot in touched { leave(slot) }
    var isBack = false
    values.withUnsafeMutableBufferPointer { values in
      for entry in block.entries {
        guard let slot = known[Int(entry.tag)].slot else { continue }
        let appended = values[slot].add(
          step: entry.step, wallTime: entry.wallTime, value: entry.value)
        if appended.isBack {
          isBack = true
          news.append(.back(tag: keys[slot], step: entry.step))
        }
        if let finding = appended.finding {
          let point = ScalarPoint(
            tag: keys[slot], step: entry.step, wallTime: entry.wallTime, value: entry.value)
          news.append(.finding(finding, point))
        }
      }
    }
    if isBack { recount() } else { for slot in touched { enter(slot) } }
    return news
  }

  /// Where the series of a block's tag is.
  private enum Place {
    case unknown, leftOut
    case at(Int)

    var slot: Int? { if case .at(let slot) = self { slot } else { nil } }
  }

  /// The place of each tag that the entries name, and all places among them.
  private mutating func look(up block: ScalarBlock, _ news: inout [News]) -> (
    known: [Place], touched: [Int]
  ) {
    var known = [Place](repeating: .unknown, count: block.tags.count)
    var touched: [Int] = []
    var isFull = false
    for entry in block.entries {
      let index = Int(entry.tag)
      guard case .unknown = known[index] else { continue }
      let tag = block.tags[index]
      let (found, isNew) = slot(of: tag)
      known[index] = found.map { .at($0) } ?? .leftOut
      if isNew { news.append(.tag(tag)) }
      if let found { touched.append(found) } else { isFull = true }
    }
    if isFull { news.append(.leftOut) }
    return (known, touched)
  }

  private mutating func slot(of tag: String) -> (slot: Int?, isNew: Bool) {
    if let slot = slots[tag] { return (slot, false) }
    guard count < Self.tagsMax else { return (nil, false) }
    let slot = count
    slots[tag] = slot
    keys.append(tag)
    values.append(TimeSeries(watching: tag))
    return (slot, true)
  }

  /// Changes every series.
  mutating func changeAll(_ change: (inout TimeSeries) -> Void) {
    for slot in values.indices { change(&values[slot]) }
    recount()
  }

  /// Smooths some of the series, those that are not yet.
  mutating func smooth(_ tags: some Sequence<String>, weight: Float) {
    for tag in tags {
      guard let slot = slots[tag], values[slot].smoothing != weight else { continue }
      setSmoothing(weight, of: slot)
      smoothedSlots.insert(slot)
    }
  }

  mutating func stopSmoothing() {
    for slot in smoothedSlots { setSmoothing(0, of: slot) }
    smoothedSlots = []
  }

  private mutating func setSmoothing(_ weight: Float, of slot: Int) {
    leave(slot)
    values[slot].smoothing = weight
    enter(slot)
  }

  /// Drops about half of the points of the longest series, if it has at least so many.
  /// - Returns: how many points each of its points stands for now; nil when nothing was dropped.
  mutating func thinLongest(pointsMin: Int) -> Int? {
    guard let slot = longestSlot, values[slot].count >= pointsMin else { return nil }
    let before = values[slot].count
    values[slot].thin()
    recount()
    return values[slot].count < before ? values[slot].thinning : nil
  }

  // MARK: What holds for all

  private mutating func leave(_ slot: Int) {
    pointCount -= values[slot].count
    byteCount -= values[slot].byteCount
  }

  private mutating func enter(_ slot: Int) {
    let count = values[slot].count
    pointCount += count
    byteCount += values[slot].byteCount
    guard let first = values[slot].steps.first, let last = values[slot].steps.last else { return }
    let (start, end) = (values[slot].orderedTime(at: 0), values[slot].orderedTime(at: count - 1))
    steps = steps.map { $0.joined(with: first...last) } ?? first...last
    times = times.map { $0.joined(with: start...end) } ?? start...end
    let longestCount = longestSlot.map { values[$0].count } ?? 0
    if count > longestCount || (count == longestCount && slot < longestSlot ?? slot) {
      longestSlot = slot
    }
  }

  private mutating func recount() {
    (pointCount, byteCount, steps, times, longestSlot) = (0, 0, nil, nil, nil)
    for slot in values.indices { enter(slot) }
  }
}

extension ClosedRange {
  /// From where the first of both begins to where the last ends.
  fileprivate func joined(with other: ClosedRange) -> ClosedRange {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}
