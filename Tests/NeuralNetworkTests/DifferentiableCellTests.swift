import Tensors
import TestSupport
import Testing

@testable import NeuralNetwork

/// Cells of DARTS, before and behind the choice.
struct DifferentiableCellTests {
  private func reason(_ layer: any LayerDescription, _ shape: [Int]) -> String {
    do throws(ShapeMismatch) {
      return "gives \(try layer.outputShape(for: shape))"
    } catch {
      return error.reason
    }
  }

  @Test func mistakesSayWhatIsWrong() {
    #expect(reason(DifferentiableCell(channels: 4), [5, 6, 2]) == "gives [5, 6, 12]")
    #expect(
      reason(DifferentiableCell(channels: 4), [5, 6])
        == "got samples of [5, 6], needs images [height, width, channels]")
    #expect(
      reason(DifferentiableCell(channels: 4, nodes: 2, edges: [.skip]), [5, 6, 2])
        == "2 nodes have 3 edges; found operations for 1")
    let besides = "operations need one besides none, and each once"
    #expect(reason(DifferentiableCell(channels: 4, operations: [.none]), [5, 6, 2]) == besides)
    #expect(
      reason(DifferentiableCell(channels: 4, operations: [.skip, .skip]), [5, 6, 2]) == besides)
    #expect(
      reason(Mixed(branches: [[], [Linear(outputs: 3)]]), [5])
        == "branch 1 gives samples of [5], branch 2 samples of [3]; they are added and need the "
        + "same shape")
    #expect(reason(Mixed(branches: []), [5]) == "needs a branch")
  }

  /// Two edges of each node stay, the strongest by operations besides none.
  @Test func theStrongestEdgesAreChosen() throws {
    let operations: [DifferentiableCell.Operation] = [.none, .skip, .separableConv3x3]
    let cell = DifferentiableCell(channels: 2, nodes: 3, operations: operations)
    let table = MixtureTable(
      layer: "dartsCell1", edges: ["0→1", "0→2", "1→2", "0→3", "1→3", "2→3"],
      operations: operations.map(\.rawValue),
      shares: [
        [0.8, 0.15, 0.05], [0.2, 0.3, 0.5], [0.1, 0.6, 0.3],
        [0.2, 0.45, 0.35], [0.9, 0.06, 0.04], [0.3, 0.2, 0.5],
      ])
    let chosen = try #require(cell.discretized(table).first as? DifferentiableCell)
    #expect(
      chosen.edges == [.skip, .separableConv3x3, .skip, .skip, .none, .separableConv3x3])
    #expect(try chosen.outputShape(for: [3, 3, 1]) == [3, 3, 6])
  }

  private func supernet() -> NetworkPlan {
    NetworkPlan(
      layers: [
        Convolution(channels: 4, padding: 1), DifferentiableCell(channels: 2, nodes: 3),
        Convolution(channels: 3), DifferentiableCell(channels: 2, nodes: 2), GlobalAveragePool(),
        Linear(outputs: 3),
      ], inputShape: [5, 5, 2], targets: .classes(count: 3, perSample: 1))
  }

  @Test func aSupernetTellsItsTablesAndWhatWasChosen() throws {
    let plan = supernet()
    let pool = WorkerPool(threadCount: 1)
    let network = try Network<Double>(plan, batchSizeMax: 2, pool: pool, seed: 1)
    let tables = network.mixtures
    #expect(tables.map(\.layer) == ["dartsCell1", "dartsCell2"])
    #expect(tables[0].edges == ["0→1", "0→2", "1→2", "0→3", "1→3", "2→3"])
    #expect(tables[1].operations == DifferentiableCell.Operation.allCases.map(\.rawValue))
    for row in tables.flatMap(\.shares) {
      #expect(row.count == 6 && abs(row.reduce(0, +) - 1) < 1e-12)
      #expect(row.allSatisfy { abs($0 - 1 / 6.0) < 1e-2 }, "almost alike at first")
    }
    let alpha = network.parameters.filter { !$0.isWeight }
    #expect(alpha.map(\.name) == ["dartsCell1.alpha", "dartsCell2.alpha"])
    #expect(alpha.map(\.value.shape) == [[6, 6], [3, 6]])
    alpha[1].value[0] = 5
    alpha[1].value[4] = 3
    #expect(network.mixtures[1].shares[0][0] > 0.8)
    let derived = network.discretizedPlan
    let cells = derived.layers.compactMap { $0 as? DifferentiableCell }
    #expect(cells.map(\.edges.count) == [6, 3] && cells[1].edges[0] == .separableConv3x3)
    #expect(cells[0].edges.count { $0 == .none } == 1)
    let small = try Network<Double>(derived, batchSizeMax: 2, pool: pool, seed: 1)
    #expect(small.mixtures.isEmpty && small.parameters.allSatisfy(\.isWeight))
  }

  /// Layers within are counted by everyone who names layers without making them.
  @Test func namesBehindACellAreTheSameForPruning() throws {
    let pool = WorkerPool(threadCount: 1)
    var plans = [supernet()]
    plans.append(
      try Network<Double>(plans[0], batchSizeMax: 2, pool: pool, seed: 1).discretizedPlan)
    plans[0].layers.insert(Mixed(branches: [[Convolution(channels: 4, padding: 1)], []]), at: 1)
    for plan in plans {
      let network = try Network<Double>(plan, batchSizeMax: 2, pool: pool, seed: 1)
      let graph = try ChannelGraph(plan)
      let leaves = graph.leaves.map(\.name).filter {
        !$0.hasPrefix("dartsCell") && !$0.hasPrefix("mixed")
      }
      #expect(leaves == network.leaves.map(\.name))
      let names = network.parameters.filter(\.isWeight).map(\.name)
      #expect(Set(names).subtracting(graph.axes.keys) == [])
      let last = try #require(names.last { $0.hasPrefix("linear") })
      #expect(last == "linear1.bias")
      let behind = try #require(
        network.body.children.map(\.name).last { $0.hasPrefix("convolution") })
      let narrowed = try Network<Double>(
        plan.narrowed([behind: 2]), batchSizeMax: 2, pool: pool, seed: 1)
      let weight = narrowed.parameters.first { $0.name == behind + ".weight" }
      #expect(weight?.value.shape[0] == 2)
      #expect(narrowed.parameters.map(\.name) == network.parameters.map(\.name))
    }
  }
}
