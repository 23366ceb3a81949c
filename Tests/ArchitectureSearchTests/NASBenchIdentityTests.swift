import Tensors
import Testing

@testable import ArchitectureSearch

struct NASBenchIdentityTests {
  /// RFC 1321, appendix A.5.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    (
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
      "d174ab98d277d9f5a5611c2c9f419d9f"
    ),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ])
  func digestsAreThoseOfTheStandard(text: String, digest: String) {
    #expect(MD5.digest(text.utf8).text == digest)
  }

  @Test func digestsOfAllLengthsAreThoseOfPython() throws {
    let digests = try NASBenchTruth.digests()
    #expect(digests.count == 200)
    for (count, digest) in digests.enumerated() {
      let message = (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0 + count) }
      #expect(MD5.digest(message).text == digest, "\(count) bytes")
    }
  }

  @Test func digestsAreOrderedAsTheirTexts() {
    let digests = (0..<500).map { MD5.digest([UInt8($0 & 255), UInt8($0 >> 8)]) }
    #expect(digests.sorted().map(\.text) == digests.map(\.text).sorted())
  }

  @Test(arguments: [
    ("01 00", "", "043721b9c7fe8c5fad811d47d83132ec"),
    ("010 001 000", "0", "b49ac8c578b4561d79ac7087988f1c61"),
    ("010 001 000", "1", "d1269d9156ddc027c40473008192958a"),
    ("010 001 000", "2", "53cee42601ad14d661bb6878031d6acb"),
    ("011 001 000", "0", "d32d0b26d534203b48d866facd98cc3e"),
    ("0110 0001 0001 0000", "12", "ac9bd0e2514c031187b612db767fb038"),
    ("0110 0001 0001 0000", "21", "ac9bd0e2514c031187b612db767fb038"),
    (
      "0111010 0000001 0000001 0000100 0000001 0000001 0000000", "10002",
      "28cfc7874f6d200472e1a9dcd8650aa0"
    ),
    (
      "0100110 0010000 0001001 0000010 0000010 0000001 0000000", "02001",
      "00005c142e6f48ac74fdcf73e3439874"
    ),
  ])
  func identitiesAreThePublishedOnes(rows: String, labels: String, identity: String) throws {
    #expect(try NASBenchCell.published(rows, labels).identity == identity)
  }

  @Test func identitiesAreThoseOfPython() throws {
    let cells = try NASBenchTruth.cells()
    #expect(cells.count == 200)
    for recorded in cells { #expect(recorded.cell.identity == recorded.identity) }
  }

  @Test func theOrderOfVerticesDoesNotMatter() throws {
    var random = RandomSource(seed: 1, purpose: .search)
    let cells = try NASBenchTruth.cells().map(\.cell)
    var changed = 0
    for number in 0..<1000 {
      let cell = cells[number % cells.count]
      let other = cell.reordered(&random)
      #expect(other.identity == cell.identity, "\(cell.text) and \(other.text)")
      changed += other == cell ? 0 : 1
    }
    #expect(changed > 300)
  }

  /// Cells are told apart by what every order of their vertices shares: the multiset of words along
  /// their paths.
  @Test func differentCellsHaveDifferentIdentities() throws {
    let cells = try NASBenchTruth.cells().map(\.cell)
    var compared = 0
    for (index, one) in cells.enumerated() {
      for other in cells[..<index] where one.paths != other.paths {
        #expect(one.identity != other.identity)
        compared += 1
      }
    }
    #expect(compared > 1000)
  }
}

extension NASBenchCell {
  /// The same cell with its inner vertices in another order in which edges lead forward.
  fileprivate func reordered(_ random: inout RandomSource) -> NASBenchCell {
    var places: [Int: Int] = [0: 0]
    var operations: [NASBenchOperation] = []
    while places.count < vertexCount {
      let ready = (1..<vertexCount).filter { vertex in
        places[vertex] == nil
          && (0..<vertex).allSatisfy { !hasEdge(from: $0, to: vertex) || places[$0] != nil }
          && (vertex < vertexCount - 1 || places.count == vertexCount - 1)
      }
      let vertex = ready[Int(random.integer(below: UInt32(ready.count)))]
      places[vertex] = places.count
      if let operation = operation(of: vertex) { operations.append(operation) }
    }
    let moved = edges.map { (from: places[$0.from] ?? 0, to: places[$0.to] ?? 0) }
    return NASBenchCell(edges: moved, operations: operations) ?? self
  }

  /// The operations along each path, in the order of their texts.
  fileprivate var paths: [String] {
    func continued(_ vertex: Int) -> [String] {
      if vertex == vertexCount - 1 { return [""] }
      return (vertex + 1..<vertexCount).filter { hasEdge(from: vertex, to: $0) }.flatMap { next in
        continued(next).map { (operation(of: next)?.name ?? "") + "," + $0 }
      }
    }
    return continued(0).sorted()
  }
}
