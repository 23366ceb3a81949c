/// Numbers over steps in the order in which they were logged, packed: 24 bytes a point, and each
/// tag's text once. A log of ten million points passes through in blocks of these.
public struct ScalarBlock: Sendable {
  /// The tags of the log so far; entries name them by index.
  public var tags: [String]
  public var entries: [Entry]

  public struct Entry: Sendable, Equatable {
    public let step: Int64
    /// Seconds since 1970.
    public let wallTime: Double
    /// Index into `tags`.
    public let tag: Int32
    public let value: Float

    public init(tag: Int32, step: Int64, wallTime: Double, value: Float) {
      self.tag = tag
      self.step = step
      self.wallTime = wallTime
      self.value = value
    }
  }

  public init(tags: [String], entries: [Entry] = []) {
    self.tags = tags
    self.entries = entries
  }

  /// One point alone.
  public init(_ point: ScalarPoint) {
    tags = [point.tag]
    entries = [Entry(tag: 0, step: point.step, wallTime: point.wallTime, value: point.value)]
  }

  /// The points with their tags spelled out.
  public var points: [ScalarPoint] {
    entries.map {
      ScalarPoint(
        tag: tags[Int($0.tag)], step: $0.step, wallTime: $0.wallTime, value: $0.value)
    }
  }
}

extension ScalarBlock: Equatable {
  /// The same points in the same order, whatever else the tables of tags hold.
  public static func == (first: ScalarBlock, second: ScalarBlock) -> Bool {
    first.points == second.points
  }
}

extension RunEvent {
  /// One number at a step.
  public static func scalar(_ point: ScalarPoint) -> RunEvent {
    .scalars(ScalarBlock(point))
  }
}

extension Sequence<RunEvent> {
  /// All points among some events, in their order.
  public var points: [ScalarPoint] {
    flatMap { event in
      if case .scalars(let block) = event { block.points } else { [ScalarPoint]() }
    }
  }
}
