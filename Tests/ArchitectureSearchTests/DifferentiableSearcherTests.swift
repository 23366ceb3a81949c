import JSONText
import NeuralNetwork
import Testing

@testable import ArchitectureSearch

struct DifferentiableSearcherTests {
  private static func task(_ space: any SearchSpace) -> SearchTask {
    SearchTask(
      sampler: ArchitectureSampler(space), candidates: 5, epochs: 7, epochsMin: 1, seed: 1)
  }

  @Test func theSupernetComesFirstThenWhatItCameTo() throws {
    let space = DifferentiableSpace()
    let searcher = DifferentiableSearch().makeSearcher(Self.task(space))
    let supernet = try #require(space.supernet)
    #expect(searcher.next() == .train(Trial(supernet, epochs: 7)))
    #expect(searcher.next() == .wait && searcher.next() == .wait)
    let derived = Array(repeating: 4, count: 12)
    searcher.observe(
      TrialResult(Trial(supernet, epochs: 7), score: 0.5, parameters: 1, derived: derived))
    let architecture = try #require(space.architecture(derived))
    #expect(searcher.next() == .train(Trial(architecture, epochs: 7)))
    #expect(searcher.next() == .finished)
    searcher.observe(TrialResult(Trial(architecture, epochs: 7), score: 0.6, parameters: 1))
    #expect(searcher.next() == .finished)
  }

  @Test(arguments: [nil, [], [0, 1], Array(repeating: 0, count: 12)] as [[Int]?])
  func aSupernetThatCameToNothingIsTheEnd(_ derived: [Int]?) throws {
    let space = DifferentiableSpace()
    let searcher = DifferentiableSearch().makeSearcher(Self.task(space))
    guard case .train(let trial) = searcher.next() else { return #expect(Bool(false)) }
    searcher.observe(TrialResult(trial, score: nil, parameters: 1, derived: derived))
    #expect(searcher.next() == .finished)
  }

  @Test func aCellWithoutItsInputIsNoArchitecture() throws {
    let space = DifferentiableSpace()
    #expect(
      space.variables.map(\.name).prefix(7) == [
        "cell 1, 0→1", "cell 1, 0→2", "cell 1, 1→2", "cell 1, 0→3", "cell 1, 1→3", "cell 1, 2→3",
        "cell 2, 0→1",
      ])
    var choices = Array(repeating: 1, count: 12)
    #expect(space.architecture(choices) != nil)
    for edge in [0, 1, 3] { choices[edge] = 0 }
    #expect(space.architecture(choices) == nil)
    choices[1] = 2
    #expect(space.architecture(choices)?.text.hasPrefix("· max3 skip · skip skip | ") == true)
  }

  @Test func wordsAreChoices() throws {
    let space = DifferentiableSpace(cells: 1, nodes: 2, operations: [.skip, .separableConv3x3])
    // Where edges may go, their absence can be chosen.
    #expect(space.variables[0].choices == ["none", "skip", "separableConv3x3"])
    #expect(space.choices(of: ["separableConv3x3", "none", "skip"]) == [2, 0, 1])
    #expect(space.choices(of: ["skip"]) == nil)
    #expect(space.choices(of: ["skip", "skip", "maxPool3x3"]) == nil)
  }
}
