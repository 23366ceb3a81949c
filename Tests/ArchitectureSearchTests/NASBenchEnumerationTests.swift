import Tensors
import Testing

@testable import ArchitectureSearch

struct NASBenchEnumerationTests {
  static let upToSix = upTo(6, threads: 2)

  static func upTo(_ vertices: Int, threads: Int = 1) -> NASBenchEnumeration {
    NASBenchEnumeration(verticesMax: vertices, pool: WorkerPool(threadCount: threads)) { _ in }
  }

  /// The whole space, 423,624 cells, takes seconds more: `nntop search --enumerate nasbench101`.
  @Test func cellsAreThoseOfPython() throws {
    let enumerations = try NASBenchTruth.enumerations()
    #expect(enumerations.map(\.cells) == [1, 7, 91, 2532, 64542])
    for recorded in enumerations {
      let enumeration = recorded.vertices == 6 ? Self.upToSix : Self.upTo(recorded.vertices)
      #expect(enumeration.cells.count == recorded.cells)
      let lines = enumeration.cells.map { $0.digest.text + "\n" }.joined()
      #expect(MD5.digest(lines.utf8).text == recorded.md5, "\(recorded.vertices) vertices")
      var byEdges = Array(repeating: 0, count: 9)
      for unique in enumeration.cells { byEdges[unique.cell.edgeCount - 1] += 1 }
      #expect(byEdges == recorded.byEdges)
    }
  }

  @Test func labelledGraphsAreCounted() {
    let counts = (2...5).map { Self.upTo($0).labelledGraphs } + [Self.upToSix.labelledGraphs]
    #expect(counts == [1, 7, 97, 3364, 128_509])
  }

  @Test func eachHashIsThatOfItsCell() throws {
    let enumeration = Self.upTo(5)
    for unique in enumeration.cells {
      #expect(unique.cell.isInSpace && unique.cell.digest == unique.digest)
      #expect(enumeration.cell(digest: unique.digest) == unique.cell)
    }
    let absent = try NASBenchCell.inceptionLike().digest
    #expect(enumeration.cell(digest: absent) == nil)
    #expect(enumeration.cell(digest: MD5Digest(high: 0, low: 0)) == nil)
    #expect(enumeration.cell(digest: MD5Digest(high: .max, low: .max)) == nil)
  }

  @Test func threadsDoNotMatter() {
    let (one, three) = (Self.upTo(5), Self.upTo(5, threads: 3))
    #expect(one.cells.map(\.cell) == three.cells.map(\.cell))
  }

  @Test func sizesBeyondTheSpaceAreItsOwn() {
    #expect(Self.upTo(.min).cells.count == 1)
  }

  @Test func progressRisesAndEndsTheWork() {
    struct Enough: Error {}
    var parts: [Double] = []
    _ = NASBenchEnumeration(verticesMax: 4, pool: WorkerPool(threadCount: 2)) { parts.append($0) }
    #expect(parts == [0, 1])
    parts = []
    #expect(throws: Enough.self) {
      try NASBenchEnumeration(verticesMax: 7, pool: WorkerPool(threadCount: 2)) {
        parts.append($0)
        if parts.count == 4 { throw Enough() }
      }
    }
    #expect(parts.count == 4 && parts == parts.sorted() && Set(parts).count == 4)
    #expect(parts.allSatisfy { (0..<0.1).contains($0) })
  }
}
