import Tensors
import Testing

@testable import ArchitectureSearch

struct NASBenchCellTests {
  @Test func aPublishedRowIsReadAndWrittenBack() throws {
    let rows = "0100110 0010000 0001001 0000010 0000010 0000001 0000000"
    let digits = rows.filter { $0 != " " }
    let operations =
      "input,conv3x3-bn-relu,maxpool3x3,conv3x3-bn-relu,conv3x3-bn-relu,conv1x1-bn-relu,output"
    let cell = try #require(
      NASBenchCell(adjacencyDigits: digits, operations: operations))
    #expect(cell.adjacencyDigits == digits)
    #expect(cell.operationNames == operations)
    #expect(cell.vertexCount == 7 && cell.edgeCount == 9 && cell.isInSpace)
    #expect(cell.operations == [.conv3x3, .maxPool3x3, .conv3x3, .conv3x3, .conv1x1])
    #expect(cell.operation(of: 0) == nil && cell.operation(of: 6) == nil)
    #expect(cell.edges.map(\.from) == [0, 1, 2, 0, 0, 3, 4, 2, 5])
    #expect(cell.edges.map(\.to) == [1, 2, 3, 4, 5, 5, 5, 6, 6])
    #expect(MemoryLayout<NASBenchCell>.size == 8)
    #expect(NASBenchCell(edges: cell.edges, operations: cell.operations) == cell)
    let recorded = try NASBenchTruth.cells().map(\.cell)
    for cell in recorded {
      #expect(
        NASBenchCell(adjacencyDigits: cell.adjacencyDigits, operations: cell.operationNames)
          == cell)
    }
  }

  @Test(arguments: [
    ("", ""), ("", "input,output"), ("0100", "input"), ("0", "input"), ("01", "input,output"),
    ("010", "input,output"), ("01000", "input,output"), ("0200", "input,output"),
    ("01 0", "input,output"), ("0１00", "input,output"), ("0110", "input,output"),
    ("1100", "input,output"), ("0101", "input,output"), ("0100", "output,input"),
    ("0100", "input,output,"), ("0100", "input, output"), ("0100", "INPUT,OUTPUT"),
    ("010001000", "input,conv5x5-bn-relu,output"), ("010001000", "input,,output"),
    ("010001000", "input,input,output"), ("010001000", "input,output"),
    ("010001000", "input,conv3x3,output"), ("0100", "input\u{0},output"),
    (
      String(repeating: "0", count: 64),
      "input,maxpool3x3,maxpool3x3,maxpool3x3,maxpool3x3,maxpool3x3,maxpool3x3,output"
    ),
  ])
  func aMalformedRowIsNoCell(digits: String, operations: String) {
    #expect(NASBenchCell(adjacencyDigits: digits, operations: operations) == nil)
  }

  @Test func edgesLeadForwardBetweenVertices() {
    for edge in [(-1, 0), (0, 0), (1, 0), (1, 1), (0, 3), (Int.min, Int.max)] {
      #expect(NASBenchCell(edges: [edge], operations: [.conv3x3]) == nil, "\(edge)")
    }
    let many = Array(repeating: NASBenchOperation.conv3x3, count: 6)
    #expect(NASBenchCell(edges: [], operations: many) == nil)
    #expect(NASBenchCell(edges: [(0, 1), (0, 1)], operations: [])?.edgeCount == 1)
  }

  @Test func pruningIsThatOfPython() throws {
    let prunings = try NASBenchTruth.prunings()
    #expect(prunings.count == 200)
    for pruning in prunings { #expect(pruning.cell.pruned() == pruning.pruned) }
    #expect(prunings.contains { $0.pruned == nil })
  }

  @Test func pruningKeepsItsLaws() throws {
    for pruning in try NASBenchTruth.prunings() {
      guard let pruned = pruning.cell.pruned() else {
        #expect(!pruning.cell.isInSpace)
        continue
      }
      #expect(pruned.pruned() == pruned)
      #expect(pruned.isInSpace == (pruned.edgeCount <= 9))
      #expect(pruned.edgeCount <= pruning.cell.edgeCount)
      // Hanging dead vertices on changes nothing.
      guard pruned.vertexCount < 7 else { continue }
      let last = pruned.vertexCount - 1
      let moved = pruned.edges.map { (from: $0.from, to: $0.to == last ? last + 1 : $0.to) }
      let hung = try #require(
        NASBenchCell(
          edges: moved + [(0, last)], operations: pruned.operations + [.conv1x1]))
      #expect(hung.pruned() == pruned && !hung.isInSpace)
    }
  }

  @Test func aLineTellsWhatFeedsWhat() throws {
    #expect(try NASBenchCell.published("01 00", "").text == "out(0)")
    #expect(
      try NASBenchCell.inceptionLike().text
        == "1x1(0) 3x3(0) 3x3(0) 3x3(3) pool(0) out(1,2,4,5)")
  }
}
