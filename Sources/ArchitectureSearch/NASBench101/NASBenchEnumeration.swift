import Tensors

/// All different cells of NAS-Bench-101: 423,624 of up to seven vertices.
///
/// Of cells that differ only in the order of their vertices most are left out before they are
/// hashed; of those with the same hash one stays.
public struct NASBenchEnumeration: Sendable {
  public struct UniqueCell: Sendable {
    public let digest: MD5Digest
    /// Of the cells with this hash the first that was made.
    public let cell: NASBenchCell
  }

  /// By their hashes.
  public let cells: [UniqueCell]
  /// Admissible graphs with operations of which these are the different ones.
  public let labelledGraphs: Int

  /// Blocks of work between two reports.
  private static let blocksPerReport = 32

  /// - Parameters:
  ///   - verticesMax: 2 to 7; what is beyond counts as 2 or 7.
  ///   - progress: hears what part of the work is done, 0 to 1; what it throws ends the work.
  public init(
    verticesMax: Int, pool: WorkerPool, progress: (Double) throws -> Void
  ) rethrows {
    var labelledGraphs = 0
    var made: [NASBenchCell] = []
    for vertexCount in 2...min(max(2, verticesMax), NASBenchCell.verticesMax) {
      let possible = vertexCount * (vertexCount - 1) / 2
      for edgeBits in 0..<UInt32(1) << UInt32(possible) {
        let graph = NASBenchCell(vertexCount: vertexCount, edgeBits: edgeBits, labels: 0)
        guard graph.isInSpace else { continue }
        let labels = NASBenchCell.allLabels(vertexCount: vertexCount)
        labelledGraphs += labels.count
        made += graph.firstOrders(of: labels)
      }
    }
    self.labelledGraphs = labelledGraphs

    let work = CellHashing(made)
    for start in stride(from: 0, to: work.blockCount, by: Self.blocksPerReport) {
      try progress(Double(start) / Double(work.blockCount))
      work.start = start
      pool.run(work, blocks: min(Self.blocksPerReport, work.blockCount - start))
    }
    cells = work.unique()
    try progress(1)
  }

  /// The cell with a hash; nil: the space has none.
  public func cell(digest: MD5Digest) -> NASBenchCell? {
    var (low, high) = (0, cells.count)
    while low < high {
      let middle = (low + high) / 2
      if cells[middle].digest < digest { low = middle + 1 } else { high = middle }
    }
    return low < cells.count && cells[low].digest == digest ? cells[low].cell : nil
  }
}

extension NASBenchCell {
  /// All choices of operations.
  fileprivate static func allLabels(vertexCount: Int) -> [UInt16] {
    (0..<vertexCount - 2).reduce([0]) { choices, _ in
      choices.flatMap { before in
        NASBenchOperation.allCases.map { before << 2 | UInt16($0.rawValue) }
      }
    }
  }

  /// The cells of this graph that no exchange of two vertices in neighbouring places makes into one
  /// that is made before them: all that differ in more than the order of their vertices are among
  /// those of all graphs, and few others.
  fileprivate func firstOrders(of labels: [UInt16]) -> [NASBenchCell] {
    var twins: [UInt16] = []
    for vertex in 1..<max(1, vertexCount - 2) where !hasEdge(from: vertex, to: vertex + 1) {
      let exchanged = edgeBitsExchanging(vertex)
      if exchanged < edgeBits { return [] }
      if exchanged == edgeBits { twins.append(UInt16(2 * (vertex - 1))) }
    }
    return labels.filter { labels in
      twins.allSatisfy { labels >> $0 & 3 <= labels >> ($0 + 2) & 3 }
    }.map { NASBenchCell(vertexCount: vertexCount, edgeBits: edgeBits, labels: $0) }
  }

  /// The edges when a vertex and the next one, which it does not feed, change places.
  private func edgeBitsExchanging(_ vertex: Int) -> UInt32 {
    func moved(_ end: Int) -> Int {
      end == vertex ? vertex + 1 : end == vertex + 1 ? vertex : end
    }
    return edges.reduce(0) { $0 | Self.bit(moved($1.from), moved($1.to)) }
  }
}

/// Hashes cells.
private final class CellHashing: ParallelWork {
  private static let blockSize = 256

  private let cells: [NASBenchCell]
  private let digests: UnsafeMutablePointer<MD5Digest>
  /// Block 0 is this one.
  var start = 0

  init(_ cells: [NASBenchCell]) {
    self.cells = cells
    digests = .allocate(capacity: cells.count)
    digests.initialize(repeating: MD5Digest(high: 0, low: 0), count: cells.count)
  }

  deinit {
    digests.deallocate()
  }

  var blockCount: Int { (cells.count + Self.blockSize - 1) / Self.blockSize }

  func perform(block: Int) {
    let first = (start + block) * Self.blockSize
    for index in first..<min(first + Self.blockSize, cells.count) {
      digests[index] = cells[index].digest
    }
  }

  /// One cell of each hash, by their hashes.
  func unique() -> [NASBenchEnumeration.UniqueCell] {
    let order = (0..<Int32(cells.count)).sorted {
      let (one, other) = (digests[Int($0)], digests[Int($1)])
      return one == other ? $0 < $1 : one < other
    }
    var unique: [NASBenchEnumeration.UniqueCell] = []
    for index in order where digests[Int(index)] != unique.last?.digest {
      unique.append(.init(digest: digests[Int(index)], cell: cells[Int(index)]))
    }
    return unique
  }
}
