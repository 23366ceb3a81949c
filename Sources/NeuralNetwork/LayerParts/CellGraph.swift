/// A cell of NAS-Bench-101 (Ying, Klein, Christiansen, Real, Murphy, Hutter, "NAS-Bench-101:
/// towards reproducible neural architecture search", ICML 2019): a directed graph of at most 7
/// vertices and 9 edges. Vertex 0 is the input, the last the output, those between are operations.
struct CellGraph: Sendable {
  let vertexCount: Int
  /// The vertices that each one takes its input from, in order.
  let sources: [[Int]]
  /// The channels of each vertex's output; those of the input at 0.
  let channels: [Int]
  private let operands: [[(source: Int, first: Int)]]

  static let verticesMax = 7
  static let edgesMax = 9

  var output: Int { vertexCount - 1 }
  var interior: Range<Int> { 1..<max(1, output) }

  /// Whether a vertex takes the input through a projection of its own.
  func isProjected(_ vertex: Int) -> Bool { sources[vertex].first == 0 }

  /// The operations that a vertex reads, each with the first of the vertex's channels that it goes
  /// to: side by side at the output, else one over the other.
  func operands(of vertex: Int) -> [(source: Int, first: Int)] { operands[vertex] }

  /// True where several things lead to a vertex, or one that has more channels.
  func needsSum(_ vertex: Int) -> Bool {
    guard let first = sources[vertex].first else { return false }
    return sources[vertex].count > 1 || (first > 0 && channels[first] != channels[vertex])
  }

  /// Additions for each position of a sample.
  var additions: Int {
    (1..<vertexCount).reduce(0) { sum, vertex in
      let addends = vertex == output ? min(2, sources[vertex].count) : sources[vertex].count
      let isAdded = vertex != output || isProjected(vertex)
      return sum + (isAdded ? (addends - 1) * channels[vertex] : 0)
    }
  }

  /// - Parameters:
  ///   - adjacency: a digit for each pair of vertices, row by row: 1 where an edge leads from the
  ///     row's to the column's.
  ///   - channels: of the output.
  /// - Throws: what keeps the digits from being a cell.
  init(
    adjacency: String, operationCount: Int, inputChannels: Int, channels: Int
  ) throws(ShapeMismatch) {
    let digits = adjacency.map { $0 == "1" }
    let count = (2...Self.verticesMax).first { $0 * $0 == digits.count }
    guard let count, adjacency.allSatisfy({ $0 == "0" || $0 == "1" }) else {
      throw ShapeMismatch(
        "adjacency needs the digits 0 and 1 of a square matrix of 2 to \(Self.verticesMax) "
          + "vertices, row by row; found \(digits.count) characters")
    }
    vertexCount = count
    let sources = (0..<count).map { to in (0..<count).filter { digits[$0 * count + to] } }
    self.sources = sources
    try Self.check(sources, operationCount: operationCount)
    let ends = sources[count - 1].count { $0 > 0 }
    guard channels >= ends else {
      throw ShapeMismatch(
        "channels, \(channels), are fewer than the \(ends) operations that make up the output")
    }
    let widths = Self.channels(sources, inputChannels: inputChannels, outputChannels: channels)
    self.channels = widths
    operands = sources.indices.map { vertex in
      var first = 0
      return sources[vertex].filter { $0 > 0 }.map { source in
        defer { if vertex == count - 1 { first += widths[source] } }
        return (source, first)
      }
    }
  }

  private static func check(_ sources: [[Int]], operationCount: Int) throws(ShapeMismatch) {
    let count = sources.count
    guard operationCount == count - 2 else {
      throw ShapeMismatch(
        "a cell of \(count) vertices has \(count - 2) operations between input and output; found "
          + "\(operationCount)")
    }
    for (to, sources) in sources.enumerated() {
      if let from = sources.first(where: { $0 >= to }) {
        throw ShapeMismatch(
          "adjacency has an edge from vertex \(from) to \(to): edges lead forward")
      }
    }
    let edges = sources.reduce(0) { $0 + $1.count }
    guard edges <= edgesMax else {
      throw ShapeMismatch("adjacency has \(edges) edges, at most \(edgesMax) are allowed")
    }
    let isRead = Set(sources.flatMap { $0 })
    for vertex in 0..<count {
      guard vertex == 0 || !sources[vertex].isEmpty, vertex == count - 1 || isRead.contains(vertex)
      else {
        throw ShapeMismatch("vertex \(vertex) is on no path from the input to the output")
      }
    }
  }

  /// The paper's rule: what makes up the output shares its channels, the first ones taking what is
  /// left over; every other operation has as many as the widest that reads it.
  private static func channels(
    _ sources: [[Int]], inputChannels: Int, outputChannels: Int
  ) -> [Int] {
    let output = sources.count - 1
    var channels = Array(repeating: 0, count: sources.count)
    (channels[0], channels[output]) = (inputChannels, outputChannels)
    let ends = sources[output].filter { $0 > 0 }
    for (index, vertex) in ends.enumerated() {
      channels[vertex] = outputChannels / ends.count + (index < outputChannels % ends.count ? 1 : 0)
    }
    for vertex in (1..<max(1, output)).reversed() where !ends.contains(vertex) {
      let readers = (vertex + 1..<output).filter { sources[$0].contains(vertex) }
      channels[vertex] = readers.map { channels[$0] }.max() ?? 0
    }
    return channels
  }
}
