extension NASBenchCell {
  /// The published hash, 32 hexadecimal digits: equal for cells that differ only in the order of
  /// their vertices. Dead vertices count; prune first.
  public var identity: String { digest.text }

  /// The published hash: each vertex begins with its degrees and label, takes in its neighbours'
  /// hashes V times, and all together make the cell's (Ying et al. 2019, section 2; the texts are
  /// those that Python prints).
  public var digest: MD5Digest {
    withUnsafeTemporaryAllocation(
      byteCount: VertexHashes.byteCount, alignment: MemoryLayout<UInt64>.alignment
    ) { memory in
      guard let start = memory.baseAddress else { preconditionFailure("memory has an address") }
      var hashes = VertexHashes(self, memory: start)
      for _ in 0..<vertexCount { hashes.takeInNeighbours() }
      return hashes.all()
    }
  }
}

/// The hashes of a cell's vertices while they take in their neighbours.
private struct VertexHashes {
  private static let verticesMax = NASBenchCell.verticesMax
  private static let textCount = MD5Digest.textCount
  /// Of the longest message: all hashes with the marks between and around them.
  private static let messageMax = verticesMax * (textCount + 4) + MD5.paddingMax
  static let byteCount = (messageMax + 7) & ~7 + verticesMax * textCount

  private let count: Int
  /// Bit u: vertex u feeds the vertex; the vertex feeds u.
  private var inputs = InlineArray<7, UInt32>(repeating: 0)
  private var outputs = InlineArray<7, UInt32>(repeating: 0)
  private var hashes = InlineArray<7, MD5Digest>(repeating: MD5Digest(high: 0, low: 0))
  /// The vertices by their hashes.
  private var order: InlineArray<7, Int> = [0, 1, 2, 3, 4, 5, 6]
  private let message: UnsafeMutableRawPointer
  private var messageCount = 0
  /// The hashes' texts one behind the other.
  private let texts: UnsafeMutableRawPointer

  init(_ cell: NASBenchCell, memory: UnsafeMutableRawPointer) {
    count = cell.vertexCount
    message = memory
    texts = memory + (Self.messageMax + 7) & ~7
    for vertex in 0..<count {
      inputs[vertex] = cell.inputs(of: vertex)
      for input in 0..<vertex where inputs[vertex] >> UInt32(input) & 1 != 0 {
        outputs[input] |= 1 << UInt32(vertex)
      }
    }
    for vertex in 0..<count {
      let label = cell.operation(of: vertex).map { Int($0.rawValue) } ?? (vertex == 0 ? -1 : -2)
      append("(")
      append(digit: outputs[vertex].nonzeroBitCount)
      append(", ")
      append(digit: inputs[vertex].nonzeroBitCount)
      append(label < 0 ? ", -" : ", ")
      append(digit: abs(label))
      append(")")
      hashes[vertex] = finish()
    }
    arrange()
  }

  mutating func takeInNeighbours() {
    var new = hashes
    for vertex in 0..<count {
      appendTexts(of: inputs[vertex])
      append("|")
      appendTexts(of: outputs[vertex])
      append("|")
      appendText(of: vertex)
      new[vertex] = finish()
    }
    hashes = new
    arrange()
  }

  mutating func all() -> MD5Digest {
    for rank in 0..<count {
      append(rank == 0 ? "['" : "', '")
      appendText(of: order[rank])
    }
    append("']")
    return finish()
  }

  /// Sorts the vertices and writes the texts of their hashes.
  private mutating func arrange() {
    for vertex in 0..<count {
      hashes[vertex].write(to: texts + vertex * Self.textCount)
      var rank = vertex
      while rank > 0, hashes[vertex] < hashes[order[rank - 1]] {
        order[rank] = order[rank - 1]
        rank -= 1
      }
      order[rank] = vertex
    }
  }

  /// In the order of the hashes.
  private mutating func appendTexts(of vertices: UInt32) {
    for rank in 0..<count where vertices >> UInt32(order[rank]) & 1 != 0 {
      appendText(of: order[rank])
    }
  }

  private mutating func appendText(of vertex: Int) {
    (message + messageCount).copyMemory(
      from: texts + vertex * Self.textCount, byteCount: Self.textCount)
    messageCount += Self.textCount
  }

  private mutating func append(_ text: StaticString) {
    (message + messageCount).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    messageCount += text.utf8CodeUnitCount
  }

  private mutating func append(digit: Int) {
    message.storeBytes(
      of: UInt8(ascii: "0") + UInt8(digit), toByteOffset: messageCount, as: UInt8.self)
    messageCount += 1
  }

  private mutating func finish() -> MD5Digest {
    defer { messageCount = 0 }
    return MD5.digest(padding: message, count: messageCount)
  }
}
