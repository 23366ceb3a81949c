import JSONText
import NeuralNetwork
import Tensors
import Testing

@testable import ArchitectureSearch

struct NASBench101SpaceTests {
  private let space = NASBench101Space(
    skeleton: NASBenchSkeleton(channels: 8, stacks: 2, cells: 2))
  private let targets = TargetShape.classes(count: 10, perSample: 1)

  /// 1 for the variables that are named, 0 for all others.
  private func choices(_ named: String...) -> [Int] {
    space.variables.map { named.contains($0.name) ? 1 : 0 }
  }

  @Test func variablesAreEdgesAndOperations() {
    #expect(space.variables.count == 26)
    #expect(Set(space.variables.map(\.name)).count == 26)
    #expect(space.variables.prefix(21).allSatisfy { $0.choices == ["no", "yes"] })
    #expect(
      space.variables.suffix(5).allSatisfy { $0.choices == ["conv3x3", "conv1x1", "maxPool3x3"] })
    #expect(space.variables.allSatisfy { !$0.isOrdered })
  }

  @Test func choicesMakeAPrunedCell() throws {
    let chosen = choices(
      "edge 0→2", "edge 2→6", "edge 0→3", "edge 4→6", "operation 2", "operation 4")
    let architecture = try #require(space.architecture(chosen))
    let cell = try NASBenchCell.published("010 001 000", "1")
    #expect(architecture.cell == cell)
    #expect(architecture.identity == "d1269d9156ddc027c40473008192958a")
    #expect(architecture.text == "1x1(0) out(1)")
    #expect(architecture.choices == chosen)
  }

  @Test func someChoicesMakeNone() {
    #expect(space.architecture(choices()) == nil)
    #expect(space.architecture(choices("edge 0→1", "edge 2→6")) == nil)
    #expect(space.architecture([]) == nil)
    #expect(space.architecture(Array(repeating: 0, count: 27)) == nil)
    for wrong in [-1, 2, 3, Int.max, Int.min] {
      var chosen = choices("edge 0→6")
      #expect(space.architecture(chosen) != nil)
      chosen[0] = wrong
      #expect(space.architecture(chosen) == nil, "\(wrong)")
    }
    // Ten edges are too many, as long as they live.
    let ten = choices(
      "edge 0→1", "edge 0→2", "edge 0→3", "edge 0→4", "edge 0→5", "edge 1→6", "edge 2→6",
      "edge 3→6", "edge 4→6", "edge 5→6")
    #expect(space.architecture(ten) == nil)
    var nine = ten
    nine[space.variables.firstIndex { $0.name == "edge 5→6" } ?? 0] = 0
    #expect(space.architecture(nine)?.cell?.edgeCount == 8)
  }

  @Test func everyCellHasChoices() throws {
    for unique in NASBenchEnumerationTests.upTo(5).cells {
      let architecture = try #require(space.architecture(of: unique.cell))
      #expect(architecture.cell == unique.cell)
      #expect(architecture.identity == unique.digest.text)
    }
    let recorded = try NASBenchTruth.cells()
    for recorded in recorded {
      #expect(space.architecture(of: recorded.cell)?.identity == recorded.identity)
    }
    let dead = try NASBenchCell.published("000 000 000", "0")
    #expect(space.architecture(of: dead) == nil)
  }

  /// Python, with pruning by powers of the matrix, finds 73 % of 4,000.
  @Test func randomChoicesOftenMakeACell() {
    var random = RandomSource(seed: 7, purpose: .search)
    let sampler = ArchitectureSampler(space)
    let made = (0..<2000).filter { _ in
      let choices = space.variables.map {
        Int(random.integer(below: UInt32($0.choices.count)))
      }
      return space.architecture(choices) != nil
    }
    #expect((1360...1560).contains(made.count), "\(made.count) of 2000")
    for _ in 0..<200 {
      guard let parent = sampler.draw(&random), let child = sampler.mutated(parent, &random) else {
        Issue.record("no cell was drawn")
        return
      }
      #expect(zip(parent.choices, child.choices).count { $0 != $1 } == 1)
      #expect(parent.identity != child.identity)
    }
  }

  @Test func theModelIsAnExperiments() throws {
    let cell = try NASBenchCell.published("0110 0001 0001 0000", "02")
    let architecture = try #require(space.architecture(of: cell))
    func layer(_ channels: Int64) -> JSON {
      [
        "kind": "cell", "adjacency": "0110000100010000", "operations": ["conv3x3", "maxPool3x3"],
        "channels": .integer(channels),
      ]
    }
    let stem: JSON = [
      "kind": "convolution", "channels": 8, "kernel": 3, "padding": 1, "bias": false,
    ]
    let layers: JSON = [
      stem, "batchNorm", "relu", layer(8), layer(8), "maxPool", layer(16), layer(16),
      "globalAveragePool", ["kind": "linear", "outputs": 10],
    ]
    #expect(space.model(of: architecture, for: targets) == ["layers": layers])
  }

  @Test func settingsHaveTheDefaultsOfTheSmallBenchmark() throws {
    let list = SettingsList()
    let space = try NASBench101Space(list)
    #expect(space.skeleton == NASBenchSkeleton(channels: 8, stacks: 3, cells: 1))
    #expect(list.settings.map(\.name) == ["channels", "stacks", "cells"])
    #expect(list.settings.map(\.fallback) == ["8", "3", "1"])
  }
}
