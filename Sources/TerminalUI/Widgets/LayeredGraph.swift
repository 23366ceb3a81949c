/// A small directed graph without circles as lines of text: a vertex a row in layers by longest
/// path, edges as lines.
///
/// An edge to the next row goes straight down. All others of a vertex share a lane on the right,
/// which leaves below the vertex and turns into each row that it ends in; where a lane only crosses
/// such a line, the line is broken. So every corner and every branch is an edge, and nothing else
/// is.
public struct LayeredGraph: Equatable, Sendable {
  /// What stands in the row of a vertex.
  public let labels: [String]
  /// In the order in which they were given.
  public let edges: [Edge]

  /// From a vertex to a later one.
  public struct Edge: Hashable, Sendable {
    /// Index of a label.
    public let from: Int
    /// Index of a label.
    public let to: Int

    /// An edge between two vertices.
    public init(from: Int, to: Int) {
      (self.from, self.to) = (from, to)
    }
  }

  /// nil when an edge leaves the graph or does not go to a later vertex.
  public init?(labels: [String], edges: [Edge]) {
    guard edges.allSatisfy({ $0.from >= 0 && $0.from < $0.to && $0.to < labels.count }) else {
      return nil
    }
    self.labels = labels
    self.edges = edges
  }

  /// The layer of each vertex: the longest path to it, in edges.
  public var layers: [Int] {
    var layers = Array(repeating: 0, count: labels.count)
    for edge in edges.sorted(by: { $0.from < $1.from }) {
      layers[edge.to] = max(layers[edge.to], layers[edge.from] + 1)
    }
    return layers
  }

  /// The picture: two rows a vertex but for the last; where it is too narrow for that, a line an
  /// edge.
  public func lines(columns: Int, glyphs: GlyphSet) -> [StyledText] {
    let layers = layers
    let order = labels.indices.sorted { (layers[$0], $0) < (layers[$1], $1) }
    var rows = Array(repeating: 0, count: labels.count)
    for (row, vertex) in order.enumerated() { rows[vertex] = row }
    let lanes = self.lanes(rows)
    let labelColumns = labels.map { SafeText.displayWidth(of: $0) }.max() ?? 0
    let lanesColumn = labelColumns + Self.columnsBeforeLanes
    let laneCount = (lanes.compactMap { $0?.place }.max() ?? -1) + 1
    guard laneCount == 0 || lanesColumn + Self.laneColumns * laneCount - 1 <= columns else {
      return edgeLines(glyphs)
    }
    return order.enumerated().flatMap { row, vertex in
      let label = StyledText(labels[vertex], Style(.text, .bold))
      var lines = [label + entering(row, vertex, rows, lanes, lanesColumn, glyphs)]
      if row < order.count - 1 {
        lines.append(leaving(row, vertex, rows, lanes, lanesColumn, glyphs))
      }
      return lines
    }
  }

  // MARK: Lanes

  /// Where the edges of a vertex that do not go to the next row run together.
  private struct Lane {
    var place = 0
    /// The row of the vertex, and those in which its edges end.
    let start: Int
    let ends: Set<Int>
    let last: Int

    func passesBelow(_ row: Int) -> Bool { start < row && row < last }
  }

  /// A blank, the arrow and a piece of line.
  private static let columnsBeforeLanes = 3
  private static let laneColumns = 2

  /// The lane of each vertex that needs one. Later ones lie further inside, where fewer lines cross
  /// them.
  private func lanes(_ rows: [Int]) -> [Lane?] {
    var lanes = labels.indices.map { vertex -> Lane? in
      let ends = edges.lazy.filter { $0.from == vertex && rows[$0.to] != rows[vertex] + 1 }
        .map { rows[$0.to] }
      return ends.max().map { Lane(start: rows[vertex], ends: Set(ends), last: $0) }
    }
    var placed: [Lane] = []
    for vertex in labels.indices.sorted(by: { rows[$0] > rows[$1] }) {
      guard var lane = lanes[vertex] else { continue }
      let taken = Set(placed.filter { $0.start < lane.last && lane.start < $0.last }.map(\.place))
      while taken.contains(lane.place) { lane.place += 1 }
      lanes[vertex] = lane
      placed.append(lane)
    }
    return lanes
  }

  // MARK: Lines

  /// What stands behind a label: the lines that end in it.
  private func entering(
    _ row: Int, _ vertex: Int, _ rows: [Int], _ lanes: [Lane?], _ first: Int, _ glyphs: GlyphSet
  ) -> StyledText {
    let labelColumns = SafeText.displayWidth(of: labels[vertex])
    let all = lanes.compactMap { $0 }
    let ending = all.filter { $0.ends.contains(row) }
    let outermost = ending.map(\.place).max()
    let reach = outermost.map { first + Self.laneColumns * $0 } ?? -1
    var cells = blank(first, all)
    if reach >= 0 {
      cells[labelColumns + 1] = glyphs.pick("◂", "◄", "<")
      for column in labelColumns + 2..<reach { cells[column] = glyphs.horizontalLine }
    }
    for lane in all {
      let column = first + Self.laneColumns * lane.place
      if lane.passesBelow(row) { cells[column] = glyphs.verticalLine }
      guard lane.ends.contains(row) else { continue }
      let joint = (goesOn: lane.last > row, hasOuter: lane.place != outermost)
      cells[column] =
        switch joint {
        case (false, false): glyphs.lineCorner
        case (false, true): glyphs.pick("┴", "┴", "+")
        case (true, false): glyphs.pick("┤", "┤", "+")
        case (true, true): glyphs.pick("┼", "┼", "+")
        }
    }
    return StyledText(String(cells.dropFirst(labelColumns)), .dim)
  }

  /// The row below a label: the lines that begin in it.
  private func leaving(
    _ row: Int, _ vertex: Int, _ rows: [Int], _ lanes: [Lane?], _ first: Int, _ glyphs: GlyphSet
  ) -> StyledText {
    let all = lanes.compactMap { $0 }
    let stemColumn = 1
    var cells = blank(first, all)
    let goesDown = edges.contains { $0.from == vertex && rows[$0.to] == row + 1 }
    if goesDown { cells[stemColumn] = glyphs.verticalLine }
    for lane in all where lane.start < row && row < lane.last {
      cells[first + Self.laneColumns * lane.place] = glyphs.verticalLine
    }
    if let own = lanes[vertex] {
      let column = first + Self.laneColumns * own.place
      cells[stemColumn] = goesDown ? glyphs.pick("├", "├", "+") : glyphs.pick("└", "└", "+")
      for between in stemColumn + 1..<column where cells[between] == " " {
        cells[between] = glyphs.horizontalLine
      }
      cells[column] = glyphs.pick("┐", "┐", "+")
    }
    return StyledText(String(cells), .dim)
  }

  private func blank(_ first: Int, _ lanes: [Lane]) -> [Character] {
    let count = first + Self.laneColumns * ((lanes.map(\.place).max() ?? 0) + 1)
    return Array(repeating: " ", count: count)
  }

  /// "1 input → 3 conv1x1": vertices have numbers, since several may have the same label.
  private func edgeLines(_ glyphs: GlyphSet) -> [StyledText] {
    edges.map { edge in
      StyledText([
        .init("\(edge.from + 1) \(labels[edge.from])", .text),
        .init(" \(glyphs.arrowRight) ", .dim), .init("\(edge.to + 1) \(labels[edge.to])", .text),
      ])
    }
  }
}

extension GlyphSet {
  fileprivate var lineCorner: Character { pick("┘", "┘", "+") }
}
