/// A cell of NAS-Bench-101 (Ying et al., ICML 2019): a graph of up to seven vertices without
/// cycles, in eight bytes. Vertex 0 is the input, the last one the output, those between carry an
/// operation; edges lead from lower to higher numbers. A cell may still have dead vertices and too
/// many edges: `pruned()` takes away the ones, `isInSpace` tells of both.
public struct NASBenchCell: Sendable, Hashable {
  public static let verticesMax = 7
  public static let edgesMax = 9

  private let vertices: UInt8
  /// Two bits for each inner vertex.
  private let labels: UInt16
  /// The edge x → y is bit x + y(y−1)/2.
  let edgeBits: UInt32

  /// - Parameter labels: two bits for each inner vertex.
  init(vertexCount: Int, edgeBits: UInt32, labels: UInt16) {
    vertices = UInt8(vertexCount)
    self.edgeBits = edgeBits
    self.labels = labels
  }

  /// - Parameter operations: of the inner vertices, in order.
  /// - Returns: nil: too many vertices, or an edge that does not lead from a vertex to a later one.
  public init?(edges: [(from: Int, to: Int)], operations: [NASBenchOperation]) {
    let count = operations.count + 2
    guard count <= Self.verticesMax else { return nil }
    var bits: UInt32 = 0
    for edge in edges {
      guard edge.from >= 0, edge.from < edge.to, edge.to < count else { return nil }
      bits |= Self.bit(edge.from, edge.to)
    }
    self.init(vertexCount: count, edgeBits: bits, labels: Self.labels(operations))
  }

  /// From a row of the published table.
  /// - Parameters:
  ///   - adjacencyDigits: V² digits 0 or 1, row by row; only those above the diagonal may be 1.
  ///   - operations: V names with commas between them, "input" first and "output" last.
  public init?(adjacencyDigits: String, operations: String) {
    let names = operations.split(separator: ",", omittingEmptySubsequences: false)
    let count = names.count
    let digits = Array(adjacencyDigits.utf8)
    guard (2...Self.verticesMax).contains(count), digits.count == count * count,
      names.first == "input", names.last == "output"
    else { return nil }
    let inner = names.dropFirst().dropLast().map { NASBenchOperation(publishedName: $0) }
    let known = inner.compactMap { $0 }
    guard known.count == inner.count else { return nil }
    var edges: [(from: Int, to: Int)] = []
    for (index, digit) in digits.enumerated() {
      switch digit {
      case UInt8(ascii: "0"): continue
      case UInt8(ascii: "1"): edges.append((index / count, index % count))
      default: return nil
      }
    }
    self.init(edges: edges, operations: known)
  }

  static func bit(_ from: Int, _ to: Int) -> UInt32 { 1 << UInt32(from + to * (to - 1) / 2) }

  static func labels(_ operations: [NASBenchOperation]) -> UInt16 {
    operations.reversed().reduce(0) { $0 << 2 | UInt16($1.rawValue) }
  }

  public var vertexCount: Int { Int(vertices) }
  public var edgeCount: Int { edgeBits.nonzeroBitCount }

  public func hasEdge(from: Int, to: Int) -> Bool {
    from < to && edgeBits & Self.bit(from, to) != 0
  }

  /// By their ends, those of vertex 1 first.
  public var edges: [(from: Int, to: Int)] {
    (0..<vertexCount).flatMap { to in
      (0..<to).filter { hasEdge(from: $0, to: to) }.map { (from: $0, to: to) }
    }
  }

  /// Bit x: there is an edge from x to the vertex.
  func inputs(of vertex: Int) -> UInt32 {
    edgeBits >> UInt32(vertex * (vertex - 1) / 2) & (1 << UInt32(vertex) - 1)
  }

  /// nil at the input and the output.
  public func operation(of vertex: Int) -> NASBenchOperation? {
    guard vertex > 0, vertex < vertexCount - 1 else { return nil }
    return NASBenchOperation(rawValue: UInt8(labels >> UInt16(2 * (vertex - 1)) & 3))
  }

  /// Of the inner vertices, in order.
  public var operations: [NASBenchOperation] {
    (0..<vertexCount).compactMap { operation(of: $0) }
  }

  /// As the published table and the layer `cell` write it: V² digits, row by row.
  public var adjacencyDigits: String {
    var digits = ""
    for from in 0..<vertexCount {
      for to in 0..<vertexCount { digits += hasEdge(from: from, to: to) ? "1" : "0" }
    }
    return digits
  }

  /// As the published table writes them: "input,conv3x3-bn-relu,…,output".
  public var operationNames: String {
    (["input"] + operations.map(\.publishedName) + ["output"]).joined(separator: ",")
  }
}

extension NASBenchCell {
  /// Bit v: vertex v lies on a path from the input to the output. Empty: there is no such path.
  private var living: UInt32 {
    var reached: UInt32 = 1
    for vertex in 1..<vertexCount where inputs(of: vertex) & reached != 0 {
      reached |= 1 << UInt32(vertex)
    }
    var reaching: UInt32 = 1 << UInt32(vertexCount - 1)
    for vertex in (1..<vertexCount).reversed() where reaching >> UInt32(vertex) & 1 != 0 {
      reaching |= inputs(of: vertex)
    }
    return reached & reaching
  }

  /// The cell without what has no part in its output; nil: nothing leads from input to output.
  public func pruned() -> NASBenchCell? {
    let living = living
    guard living & 1 != 0 else { return nil }
    if living.nonzeroBitCount == vertexCount { return self }
    let kept = (0..<vertexCount).filter { living >> UInt32($0) & 1 != 0 }
    var bits: UInt32 = 0
    for (newTo, to) in kept.enumerated() {
      for (newFrom, from) in kept[..<newTo].enumerated() where hasEdge(from: from, to: to) {
        bits |= Self.bit(newFrom, newTo)
      }
    }
    return NASBenchCell(
      vertexCount: kept.count, edgeBits: bits,
      labels: Self.labels(kept.compactMap { operation(of: $0) }))
  }

  /// Whether it has no dead vertex and at most nine edges.
  public var isInSpace: Bool {
    edgeCount <= Self.edgesMax && living.nonzeroBitCount == vertexCount
  }

  /// On one line: each vertex with those that feed it, by their numbers, the input's is 0:
  /// "3x3(0) 1x1(0,1) pool(2) out(1,3)".
  public var text: String {
    (1..<vertexCount).map { vertex in
      let inputs = (0..<vertex).filter { hasEdge(from: $0, to: vertex) }.map(String.init)
      return "\(operation(of: vertex)?.shortName ?? "out")(\(inputs.joined(separator: ",")))"
    }.joined(separator: " ")
  }
}
