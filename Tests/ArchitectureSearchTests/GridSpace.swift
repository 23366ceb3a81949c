import JSONText
import NeuralNetwork
import Tensors

@testable import ArchitectureSearch

/// A space that is nothing but its choices.
struct GridSpace: SearchSpace {
  static let kind = "grid"
  static let summary = "choices without a network, for tests"

  let variables: [SearchVariable]
  /// Whether choices in another order compute the same.
  private let isSymmetric: Bool

  /// - Parameter counts: of each variable's choices.
  init(_ counts: [Int], isOrdered: Bool = true, isSymmetric: Bool = false) {
    variables = counts.enumerated().map { index, count in
      SearchVariable("x\(index)", choices: (0..<count).map(String.init), isOrdered: isOrdered)
    }
    self.isSymmetric = isSymmetric
  }

  init(_ settings: some Settings) throws { self.init([2]) }

  func architecture(_ choices: [Int]) -> Architecture? {
    guard choices.count == variables.count,
      zip(choices, variables).allSatisfy({ $1.choices.indices.contains($0) })
    else { return nil }
    let shown = isSymmetric ? choices.sorted() : choices
    let text = shown.map(String.init).joined(separator: " ")
    return Architecture(choices: choices, identity: text, text: text)
  }

  func model(of architecture: Architecture, for targets: TargetShape) -> JSON { nil }
}

/// Scores by a formula.
struct FormulaEvaluator: CandidateEvaluator {
  let scoreName = "formula"
  let score: @Sendable (_ choices: [Int], _ epochs: Int) -> Double?

  init(_ score: @escaping @Sendable (_ choices: [Int], _ epochs: Int) -> Double?) {
    self.score = score
  }

  func evaluate(_ architecture: Architecture, epochs: Int) -> Evaluation? {
    score(architecture.choices, epochs).map {
      Evaluation(score: $0, parameters: 1 + architecture.choices.reduce(0, +))
    }
  }
}

extension SearchTask {
  init(
    _ space: any SearchSpace, candidates: Int, epochs: Int = 9, epochsMin: Int = 1,
    seed: UInt64 = 1
  ) {
    self.init(
      sampler: ArchitectureSampler(space), candidates: candidates, epochs: epochs,
      epochsMin: epochsMin, seed: seed)
  }
}

extension Searcher {
  /// The architecture that it wants trained; nil: it waits or is finished.
  func nextTrial() -> Trial? {
    guard case .train(let trial) = next() else { return nil }
    return trial
  }
}
