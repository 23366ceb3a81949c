import RunModel

/// The metrics of somebody else's log that people look at first, whatever they are called there.
struct Headline: Sendable {
  /// All that the log has.
  let key: [String]
  let tags: [String]

  private static let tagsMax = 6
  private static let wanted = ["loss", "acc", "lr", "learning_rate", "perplexity", "f1"].map {
    Array($0.utf8)
  }

  /// - Parameter key: the tags of a run.
  init(_ key: [String]) {
    self.key = key
    var first: [(rank: Int, tag: String)] = []
    for tag in key {
      let one = (rank: Self.rank(tag), tag: tag)
      guard first.count < Self.tagsMax || first.last.map({ Self.comes(one, before: $0) }) ?? true
      else { continue }
      first.insert(one, at: first.firstIndex { Self.comes(one, before: $0) } ?? first.count)
      if first.count > Self.tagsMax { first.removeLast() }
    }
    tags = first.map(\.tag)
  }

  /// What other logs count or keep beside their metrics; nobody looks at it first.
  private static let counters: Set<String> = [
    "epoch", "step", "iteration", "time", "hp_metric", "_runtime", "_timestamp",
  ]

  /// The less the earlier people look at it.
  static func rank(_ tag: String) -> Int {
    if counters.contains(tag) { return wanted.count + 1 }
    let letters = Array(tag.lowercased().utf8)
    return wanted.firstIndex { ByteSearch.finds($0, in: letters) } ?? wanted.count
  }

  private static func comes(_ one: (rank: Int, tag: String), before other: (rank: Int, tag: String))
    -> Bool
  {
    one.rank == other.rank
      ? NaturalOrder.comes(one.tag, before: other.tag) : one.rank < other.rank
  }
}

extension DashboardState {
  /// What is told first of a run: what was found before, while it has the same metrics.
  func headline(of run: Run) -> Headline {
    if let cachedHeadline, cachedHeadline.key == run.series.keys { return cachedHeadline }
    return Headline(run.series.keys)
  }
}
