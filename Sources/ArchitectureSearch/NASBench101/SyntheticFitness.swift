/// A score that is made up: a smooth function of a cell's graph, no accuracy of anything. It
/// prefers deep cells with short ways past them and a mixture of convolutions, so that searches
/// have something to find in the whole space without a table.
public struct SyntheticFitness: CandidateEvaluator {
  public let scoreName = "synthetic fitness"
  /// After which a cell has reached its fitness.
  public let epochsMax: Int

  public init(epochsMax: Int = 108) {
    precondition(epochsMax > 0, "cells are trained for a while")
    self.epochsMax = epochsMax
  }

  public func evaluate(_ architecture: Architecture, epochs: Int) -> Evaluation? {
    guard let cell = architecture.cell, epochs > 0 else { return nil }
    return Evaluation(
      score: Self.fitness(cell, trained: min(1, Double(epochs) / Double(epochsMax))),
      parameters: NASBenchSkeleton.published.parameters(of: cell))
  }

  /// - Parameters:
  ///   - cell: pruned.
  ///   - trained: the part of the whole training that is done, above 0 to 1. Deep cells are slow.
  /// - Returns: 0.85 to 0.95 after the whole training.
  public static func fitness(_ cell: NASBenchCell, trained: Double = 1) -> Double {
    let depth = depths(cell)
    let operations = cell.operations
    func count(_ operation: NASBenchOperation) -> Double {
      Double(operations.count { $0 == operation })
    }
    let fitness =
      0.85 + 0.05 * saturating(depth.longest, half: 1.5)
      + 0.03 * saturating(depth.longest - depth.shortest, half: 1.5)
      + 0.025 * saturating(depth.mean, half: 1)
      + 0.02 * saturating(count(.conv3x3), half: 2)
      + 0.012 * saturating(count(.conv1x1), half: 1)
      - 0.002 * count(.maxPool3x3)
    return fitness - 0.0003 * (1 + depth.longest) * (1 / trained - 1)
  }

  /// The best of all cells; of equal ones the one whose hash comes first.
  public static func best(
    of enumeration: NASBenchEnumeration
  ) -> (fitness: Double, cell: NASBenchCell) {
    var best = (fitness: -Double.infinity, cell: enumeration.cells[0].cell)
    for unique in enumeration.cells {
      let fitness = fitness(unique.cell)
      if fitness > best.fitness { best = (fitness, unique.cell) }
    }
    return best
  }

  private static func saturating(_ value: Double, half: Double) -> Double { value / (value + half) }

  /// Weights of operations along the ways to the output: on the longest, on the shortest, and where
  /// each vertex takes the mean of its inputs.
  private static func depths(
    _ cell: NASBenchCell
  ) -> (longest: Double, shortest: Double, mean: Double) {
    var longest = [0.0]
    var shortest = [0.0]
    var mean = [0.0]
    for vertex in 1..<cell.vertexCount {
      let inputs = (0..<vertex).filter { cell.hasEdge(from: $0, to: vertex) }
      let own = cell.operation(of: vertex).map(weight) ?? 0
      longest.append(own + inputs.reduce(0) { max($0, longest[$1]) })
      shortest.append(own + (inputs.map { shortest[$0] }.min() ?? 0))
      mean.append(own + inputs.reduce(0) { $0 + mean[$1] } / Double(max(1, inputs.count)))
    }
    let last = cell.vertexCount - 1
    return (longest[last], shortest[last], mean[last])
  }

  private static func weight(_ operation: NASBenchOperation) -> Double {
    switch operation {
    case .conv3x3: 1
    case .conv1x1: 0.6
    case .maxPool3x3: 0.25
    }
  }
}
