import JSONText
import NeuralNetwork

/// The cells of NAS-Bench-101 in a network of the published form, scaled to the data. Each of the
/// 21 edges between seven vertices may be there or not, each of the five inner vertices has one of
/// three operations; what is pruned and has nine edges at most is a cell.
public struct NASBench101Space: SearchSpace {
  public static let kind = "nasbench101"
  public static let summary =
    "the cells of NAS-Bench-101: 7 vertices, 9 edges, 3 operations; a stack of them is trained"
  public static let paper: String? = "Ying et al. 2019, arXiv 1902.09635"

  public let skeleton: NASBenchSkeleton
  public let variables: [SearchVariable]

  private static let innerVertices = NASBenchCell.verticesMax - 2
  private static let edgesPossible = NASBenchCell.verticesMax * (NASBenchCell.verticesMax - 1) / 2

  public init(skeleton: NASBenchSkeleton) {
    self.skeleton = skeleton
    let edges = (1..<NASBenchCell.verticesMax).flatMap { to in
      (0..<to).map { from in
        SearchVariable("edge \(from)→\(to)", choices: ["no", "yes"], isOrdered: false)
      }
    }
    let operations = (1...Self.innerVertices).map { vertex in
      SearchVariable(
        "operation \(vertex)", choices: NASBenchOperation.allCases.map(\.name), isOrdered: false)
    }
    variables = edges + operations
  }

  public init(_ settings: some Settings) throws {
    // As many channels as operations may lie side by side at a cell's output.
    let channels = try settings.integer("channels", in: Self.innerVertices...512, default: 8)
    let stacks = try settings.integer("stacks", in: 1...5, default: 3)
    let cells = try settings.integer("cells", in: 1...8, default: 1)
    self.init(skeleton: NASBenchSkeleton(channels: channels, stacks: stacks, cells: cells))
  }

  public func architecture(_ choices: [Int]) -> Architecture? {
    guard choices.count == variables.count,
      zip(choices, variables).allSatisfy({ $1.choices.indices.contains($0) })
    else { return nil }
    var edgeBits: UInt32 = 0
    for edge in 0..<Self.edgesPossible { edgeBits |= UInt32(choices[edge]) << UInt32(edge) }
    var labels: UInt16 = 0
    for vertex in 0..<Self.innerVertices {
      labels |= UInt16(choices[Self.edgesPossible + vertex]) << UInt16(2 * vertex)
    }
    let whole = NASBenchCell(
      vertexCount: NASBenchCell.verticesMax, edgeBits: edgeBits, labels: labels)
    guard let cell = whole.pruned(), cell.isInSpace else { return nil }
    return Architecture(choices: choices, identity: cell.identity, text: cell.text, cell: cell)
  }

  /// A cell as choices make it; nil: it has dead vertices or too many edges.
  public func architecture(of cell: NASBenchCell) -> Architecture? {
    guard cell.isInSpace else { return nil }
    var choices = Array(repeating: 0, count: variables.count)
    for edge in cell.edges {
      let to = edge.to == cell.vertexCount - 1 ? NASBenchCell.verticesMax - 1 : edge.to
      choices[edge.from + to * (to - 1) / 2] = 1
    }
    for (index, operation) in cell.operations.enumerated() {
      choices[Self.edgesPossible + index] = Int(operation.rawValue)
    }
    return architecture(choices)
  }

  public func model(of architecture: Architecture, for targets: TargetShape) -> JSON {
    guard let cell = architecture.cell else {
      preconditionFailure("an architecture is of the space that made it")
    }
    return ["layers": skeleton.layers(cell, outputs: targets.outputs)]
  }
}
