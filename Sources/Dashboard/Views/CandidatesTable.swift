import OperatingSystem
import RunLog
import RunModel
import TerminalUI

/// The candidates with their ranks, what they are paid with, and the columns that tell of them.
struct CandidatesTable: Sendable {
  /// What it was made from; with the same key it is the same.
  let key: Int
  /// When it was made, in the seconds of the state.
  private let madeAt: Double
  let candidates: CandidateTable
  /// The run whose candidates they are; nil: the runs stand in for candidates.
  let searchPath: String?
  /// What the fields mean.
  let meanings: CandidatesColumns
  /// Rows of candidates, from the best to the worst; those without a score last.
  let ranked: [Int32]
  /// Where each candidate stands in `ranked`.
  let ranks: [Int32]
  /// Those on the Pareto front of score and cost.
  let front: Set<Int32>
  let cost: Cost?
  let points: CandidatesPoints

  var isOfRuns: Bool { searchPath == nil }
  var count: Int { ranked.count }

  /// What a score is paid with.
  struct Cost: Sendable {
    /// As a person reads it: `FLOPs`.
    let name: String
    let quantity: CandidatesColumns.Quantity
  }

  /// What stands in a column of the list.
  enum Content: Sendable {
    case rank, id, front
    case field(CandidatesColumns.Quantity)

    var isMark: Bool { if case .front = self { true } else { false } }

    func text(_ number: Double) -> String {
      if case .field(let quantity) = self { return quantity.text(number) }
      return "\(Int(number))"
    }
  }

  struct Field: Sendable {
    let column: ListColumn
    /// Whether it stands even where all rows are the same.
    var isKept = false
    let content: Content
  }

  init(_ state: DashboardState) {
    key = Self.key(state)
    madeAt = state.now
    let search = state.search
    searchPath = search?.run.path
    let ofRuns = search == nil ? CandidatesOfRuns(state.runs) : nil
    let candidates = search?.run.candidates ?? ofRuns?.candidates ?? CandidateTable()
    let meanings = CandidatesColumns(candidates, score: ofRuns?.scoreTag)
    self.candidates = candidates
    self.meanings = meanings
    let isSmaller = Metric.isBetterWhenSmaller(meanings.scoreName)
    let scores = Self.numbers(meanings.score, candidates.count)
    // Larger is better; what is no number is worst.
    let ranked = RadixSort.sorted(Array(0..<Int32(clamping: candidates.count))) {
      SortKey(scores[Int($0)], isReversed: !isSmaller).bits
    }
    self.ranked = ranked
    var ranks = Array(repeating: Int32(0), count: candidates.count)
    for (place, row) in ranked.enumerated() { ranks[Int(row)] = Int32(place) }
    self.ranks = ranks
    let cost = Self.cost(meanings, scores)
    self.cost = cost
    let costs = Self.numbers(cost?.quantity, candidates.count)
    let places = zip(costs, scores).map { (cost: $0, score: $1) }
    let front = CandidatesParetoFront.indices(places, isBetterWhenSmaller: isSmaller)
    self.front = Set(front.map { Int32($0) })
    points = CandidatesPoints(places, front: front)
  }

  /// NaN where there is none.
  private static func numbers(_ quantity: CandidatesColumns.Quantity?, _ count: Int) -> [Double] {
    guard let quantity else { return Array(repeating: .nan, count: count) }
    let numbers = quantity.column.numbers(count: count)
    return quantity.factor == 1 ? numbers : numbers.map { $0 * quantity.factor }
  }

  /// The first quantity that a candidate with a score has.
  private static func cost(_ meanings: CandidatesColumns, _ scores: [Double]) -> Cost? {
    let costs = [
      ("parameters", meanings.parameters), ("FLOPs", meanings.flops),
      ("latency", meanings.latency), ("measured latency", meanings.measuredLatency),
      ("epochs", meanings.epochs),
    ]
    for (name, quantity) in costs {
      guard let quantity else { continue }
      let isKnown = scores.indices.contains {
        !scores[$0].isNaN && quantity.value($0) != nil
      }
      if isKnown { return Cost(name: name, quantity: quantity) }
    }
    return nil
  }

  func score(_ candidate: Int) -> Double? { meanings.score?.value(candidate) }

  /// The candidate of a row of the list.
  func candidate(_ row: ListRow?) -> Int? { row.flatMap { candidates.row(ofID: $0.id) } }

  // MARK: What it is made from

  static func key(_ state: DashboardState) -> Int {
    var hasher = Hasher()
    if let run = state.search?.run {
      hasher.combine(run.path)
      hasher.combine(run.candidates.revision)
    } else {
      for followed in state.runs {
        hasher.combine(followed.run.path)
        hasher.combine(followed.run.revision)
      }
    }
    return hasher.finalize()
  }

  /// Whether it is near enough to the present: made anew for every change, a long one would be
  /// sorted all the time. While a log is first read it waits for a quarter more rows; later for
  /// ten times what making, sorting and filtering it takes, which nobody waits for in a short one.
  func isRecent(_ state: DashboardState) -> Bool {
    let (growthDivisor, unnoticedSeconds) = (4, 0.3)
    guard let search = state.search, search.run.path == searchPath, count > 0 else { return false }
    let new = search.run.candidates.count - count
    guard new >= 0 else { return false }
    let isFirstRead = search.reading != nil || !search.isCaughtUp
    if isFirstRead { return new < max(1, count / growthDivisor) }
    let rest = Double(count) * Self.secondsPerRow * Self.restPerWork
    return rest > unnoticedSeconds && state.now - madeAt < rest
  }

  /// What making a table costs, with its sort and its filter, measured with 423,624 rows.
  private static let secondsPerRow = 1e-6
  private static let restPerWork = 10.0

  // MARK: Columns

  private static let othersMax = 48

  func source(onlyDiffering: Bool) -> CandidatesRows {
    let all = fields
    let shown = onlyDiffering && count > 1 ? all.filter { $0.isKept || differs($0.content) } : all
    return CandidatesRows(self, shown)
  }

  private func differs(_ content: Content) -> Bool {
    switch content {
    case .rank, .id: return true
    case .front: return !front.isEmpty && front.count < count
    case .field(let quantity):
      let column = quantity.column
      let (number, word) = (column.number(0).bitPattern, column.wordNumber(0))
      return (1..<count).contains {
        column.number($0).bitPattern != number || column.wordNumber($0) != word
      }
    }
  }

  private var fields: [Field] {
    let (scoreColumnsMax, scoreColumnsMin) = (20, 8)
    let scoreName = meanings.scoreName
    let scoreTitle = SafeText.cleaned(scoreName, maxLength: scoreColumnsMax)
    func field(
      _ column: ListColumn, isKept: Bool = false, _ quantity: CandidatesColumns.Quantity?
    ) -> Field? {
      quantity.map { Field(column: column, isKept: isKept, content: .field($0)) }
    }
    func words(
      _ column: ListColumn, isKept: Bool = false, _ words: CandidateTable.Column?
    ) -> Field? {
      words.map { Field(column: column, isKept: isKept, content: .field(.init(column: $0))) }
    }
    let scoreColumn = ListColumn(
      scoreName, scoreTitle, .right,
      width: max(scoreColumnsMin, SafeText.displayWidth(of: scoreTitle)), priority: 8,
      alias: scoreName == "score" ? nil : "score")
    let own: [Field?] = [
      Field(
        column: .init("rank", "rank", .right, width: max(4, "\(count)".count), priority: 7),
        isKept: true, content: .rank),
      isOfRuns
        ? words(
          .init("run", "run", width: 8, flex: 1, priority: 9), isKept: true,
          candidates.column("run"))
        : Field(
          column: .init("id", "id", width: 8, flex: 1, priority: 9), isKept: true, content: .id),
      field(scoreColumn, isKept: true, meanings.score),
      cost.map { _ in
        Field(column: .init("pareto", "pareto", width: 6, priority: 3), content: .front)
      },
      field(
        .init("parameters", "params", .right, width: 8, priority: 5, alias: "params"),
        meanings.parameters),
      field(.init("flops", "FLOPs", .right, width: 8, priority: 3), meanings.flops),
      field(.init("latency", "latency", .right, width: 8, priority: 2), meanings.latency),
      field(
        .init("measured_latency", "measured", .right, width: 8, priority: 2),
        meanings.measuredLatency),
      field(.init("epochs", "epochs", .right, width: 6, priority: 1), meanings.epochs),
      words(.init("state", "state", width: 9, priority: 6), meanings.state),
      words(
        .init("architecture", "architecture", width: 14, flex: 3, priority: 4),
        meanings.architecture),
    ]
    let taken = Set(own.compactMap { $0?.column.name })
    return own.compactMap { $0 } + otherFields(taken)
  }

  /// What only some logs tell: other scores, settings.
  private func otherFields(_ taken: Set<String>) -> [Field] {
    let (titleLengthMax, columnsMin, lowest) = (14, 7, -1)
    return meanings.others.lazy.filter { !taken.contains($0.name) }.prefix(Self.othersMax).map {
      column in
      let title = SafeText.cleaned(CandidatesColumns.last(column.name), maxLength: titleLengthMax)
      return Field(
        column: ListColumn(
          column.name, title, column.hasWords ? .left : .right,
          width: max(columnsMin, SafeText.displayWidth(of: title)),
          priority: column.name == "operations" ? lowest : 0),
        content: .field(.init(column: column)))
    }
  }
}

extension DashboardState {
  /// The search whose candidates are shown: the chosen run, or the one whose candidate it is; nil:
  /// there is none.
  var search: FollowedRun? {
    guard let selected else { return nil }
    if !selected.run.candidates.isEmpty { return selected }
    guard let path = Self.searchPath(ofCandidate: selected.run.path) else { return nil }
    return runs.first { $0.run.path == path && !$0.run.candidates.isEmpty }
  }

  /// The path of the search that a run would be a candidate of.
  static func searchPath(ofCandidate path: String) -> String? {
    let folder = Path.parent(of: path)
    return Path.name(of: folder) == candidatesFolder ? Path.parent(of: folder) : nil
  }

  /// Where a candidate's run lies; nil where its id names no directory.
  static func runPath(ofCandidate id: String, search: String) -> String? {
    let isName = !id.isEmpty && !id.contains("/") && !id.contains("\0") && id != "." && id != ".."
    return isName ? Path.join(Path.join(search, candidatesFolder), id) : nil
  }

  private static let candidatesFolder = "candidates"

  /// Whether the shown candidates wait to be made anew, and may be now.
  var hasOldCandidates: Bool {
    guard let cachedCandidates else { return false }
    return cachedCandidates.key != CandidatesTable.key(self) && !cachedCandidates.isRecent(self)
  }

  /// The candidates: those that were made before, while nothing has changed.
  var candidatesTable: CandidatesTable {
    if let cachedCandidates,
      cachedCandidates.key == CandidatesTable.key(self) || cachedCandidates.isRecent(self)
    {
      return cachedCandidates
    }
    return CandidatesTable(self)
  }
}
