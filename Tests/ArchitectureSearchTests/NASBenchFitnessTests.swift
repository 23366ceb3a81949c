import Testing

@testable import ArchitectureSearch

struct NASBenchFitnessTests {
  private let fitness = SyntheticFitness()

  @Test func theFormulaIsFollowed() throws {
    let projection = try NASBenchCell.published("01 00", "")
    #expect(SyntheticFitness.fitness(projection) == 0.85)
    // 3x3 behind the input, 1x1 behind it; the output takes the latter and the input.
    let cell = try NASBenchCell.published("0101 0010 0001 0000", "01")
    let expected =
      0.85 + 0.05 * 1.6 / 3.1 + 0.03 * 1.6 / 3.1 + 0.025 * 0.8 / 1.8 + 0.02 / 3 + 0.012 / 2
    #expect(abs(SyntheticFitness.fitness(cell) - expected) < 1e-15)
    let slow = expected - 0.0003 * 2.6 * 8
    #expect(abs(SyntheticFitness.fitness(cell, trained: 1.0 / 9) - slow) < 1e-15)
    let pool = try NASBenchCell.published("010 001 000", "2")
    let pooled = 0.85 + 0.05 * 0.25 / 1.75 + 0.025 * 0.25 / 1.25 - 0.002
    #expect(abs(SyntheticFitness.fitness(pool) - pooled) < 1e-15)
  }

  @Test func everyOrderOfVerticesScoresTheSame() throws {
    let one = try NASBenchCell.published("01101 00010 00010 00001 00000", "012")
    let other = try NASBenchCell.published("01101 00010 00010 00001 00000", "102")
    #expect(one.identity == other.identity)
    #expect(SyntheticFitness.fitness(one) == SyntheticFitness.fitness(other))
  }

  @Test func theBestIsTheLargestOfAll() throws {
    let enumeration = NASBenchEnumerationTests.upToSix
    let best = SyntheticFitness.best(of: enumeration)
    let all = enumeration.cells.map { SyntheticFitness.fitness($0.cell) }
    #expect(best.fitness == all.max())
    #expect(SyntheticFitness.fitness(best.cell) == best.fitness)
    #expect(best.cell == enumeration.cells[try #require(all.firstIndex(of: best.fitness))].cell)
    #expect(all.allSatisfy { (0.84...0.96).contains($0) })
    // Where everything is equal there is nothing to find.
    #expect(Set(all).count > 5000)
  }

  @Test func evaluationsKnowCellsAlone() throws {
    let space = NASBench101Space(skeleton: .published)
    let architecture = try #require(space.architecture(of: try NASBenchCell.inceptionLike()))
    let evaluation = try #require(fitness.evaluate(architecture, epochs: 108))
    #expect(evaluation.parameters == 2_694_282)
    #expect(evaluation.score == SyntheticFitness.fitness(try NASBenchCell.inceptionLike()))
    #expect(fitness.evaluate(architecture, epochs: 1000) == evaluation)
    let scores = [1, 4, 12, 36, 108].map { fitness.evaluate(architecture, epochs: $0)?.score ?? 1 }
    #expect(scores == scores.sorted() && Set(scores).count == 5)
    #expect(fitness.evaluate(architecture, epochs: 0) == nil)
    let other = Architecture(choices: [], identity: "", text: "")
    #expect(fitness.evaluate(other, epochs: 108) == nil)
  }
}
