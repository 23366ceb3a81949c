import JSONText
import NeuralNetwork

/// Small networks of cells as DARTS has them: every edge of each cell has one of a few operations,
/// and a supernet mixes them all. Any edge may be there; of what differentiable search derives each
/// node has two at most.
public struct DifferentiableSpace: SearchSpace {
  public static let kind = "darts"
  public static let summary =
    "cells of DARTS: an operation for each edge; a supernet mixes them all"
  public static let paper: String? = "Liu, Simonyan, Yang 2019, arXiv 1806.09055"

  public let variables: [SearchVariable]
  /// One behind the other, each on half the height and width of the one before.
  public let cells: Int
  /// What each cell is: nothing is chosen yet.
  private let cell: DifferentiableCell

  private static let supernetIdentity = "supernet"

  /// - Parameter nodes: 1 to 6 of each cell.
  public init(
    cells: Int = 2, channels: Int = 8, nodes: Int = 3,
    operations: [DifferentiableCell.Operation] = DifferentiableCell.Operation.allCases
  ) {
    self.cells = cells
    cell = DifferentiableCell(channels: channels, nodes: nodes, operations: operations)
    // Where an edge may go, its absence can be chosen.
    let words = ((operations.contains(.none) ? [] : [.none]) + operations).map(\.rawValue)
    variables = (1...cells).flatMap { number in
      (1...nodes).flatMap { node in
        (0..<node).map {
          SearchVariable("cell \(number), \($0)→\(node)", choices: words, isOrdered: false)
        }
      }
    }
  }

  public init(_ settings: some Settings) throws {
    let known = DifferentiableCell.Operation.allCases.map(\.rawValue)
    self.init(
      cells: try settings.integer("cells", in: 1...8, default: 2),
      channels: try settings.integer("channels", in: 1...4096, default: 8),
      nodes: try settings.integer("nodes", in: 1...6, default: 3),
      operations: try settings.words(
        "operations", of: known, count: 1...known.count, default: known
      ).compactMap { DifferentiableCell.Operation(rawValue: $0) })
  }

  public var supernet: Architecture? {
    Architecture(
      choices: [], identity: Self.supernetIdentity,
      text: "supernet of \(cell.operations.count) operations on \(variables.count) edges")
  }

  public func architecture(_ choices: [Int]) -> Architecture? {
    guard choices.count == variables.count,
      zip(choices, variables).allSatisfy({ $1.choices.indices.contains($0) })
    else { return nil }
    let words = zip(choices, variables).map { $1.choices[$0] }
    let size = words.count / cells
    let cells = stride(from: 0, to: words.count, by: size).map { Array(words[$0..<$0 + size]) }
    guard cells.allSatisfy(letsThrough) else { return nil }
    let text = cells.map { $0.map(Self.short).joined(separator: " ") }.joined(separator: " | ")
    return Architecture(choices: choices, identity: text, text: text)
  }

  /// Whether a node has the input; without it the cell's output is the same for all samples.
  private func letsThrough(_ words: [String]) -> Bool {
    (0..<cell.nodes).contains { words[$0 * ($0 + 1) / 2] != MixtureTable.none }
  }

  /// "separableConv3x3" as "sep3", for lines of many.
  private static func short(_ word: String) -> String {
    switch DifferentiableCell.Operation(rawValue: word) {
    case .none?: "·"
    case .skip?: "skip"
    case .maxPool3x3?: "max3"
    case .averagePool3x3?: "avg3"
    case .separableConv3x3?: "sep3"
    case .dilatedConv3x3?: "dil3"
    case nil: word
    }
  }

  public func model(of architecture: Architecture, for targets: TargetShape) -> JSON {
    let words = zip(architecture.choices, variables).map { $1.choices[$0] }
    let size = variables.count / cells
    var layers: [JSON] = [
      [
        "kind": "convolution", "channels": .integer(Int64(cell.channels)), "kernel": 3,
        "padding": 1, "bias": false,
      ], "batchNorm",
    ]
    for number in 0..<cells {
      if number > 0 { layers.append("maxPool") }
      var layer: JSON = [
        "kind": .string(DifferentiableCell.kind), "channels": .integer(Int64(cell.channels)),
        "nodes": .integer(Int64(cell.nodes)),
        "operations": .array(cell.operations.map { .string($0.rawValue) }),
      ]
      if !words.isEmpty {
        layer["edges"] = .array(
          words[number * size..<(number + 1) * size].map { .string($0) })
      }
      layers.append(layer)
    }
    layers += [
      "globalAveragePool", ["kind": "linear", "outputs": .integer(Int64(targets.outputs))],
    ]
    return ["layers": .array(layers)]
  }
}
