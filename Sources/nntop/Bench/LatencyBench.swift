import NeuralNetwork
import Tensors
import Training

/// What the latency table predicts of one sample's forward pass on one thread, beside the pass as a
/// whole and its FLOPs. The networks share a table, so that later ones find layers of earlier ones
/// in it: all those of resnet20 were measured in resnet32. Each round begins an empty table.
struct LatencyBench {
  /// How often each is measured in turn, since machines change their pace.
  let rounds: Int

  private struct Model {
    let name: String
    let plan: NetworkPlan
  }

  private struct Round {
    let predicted, measured: Double
    let newLayers: Int
  }

  /// Of the time measured.
  private static let percentMax = 15.0

  func run() throws -> [BenchResult] {
    ArithmeticLibrary.prepare()
    let models = Self.models
    var rounds = models.map { _ in [Round]() }
    for _ in 0..<self.rounds {
      // An empty table, which nobody writes.
      let table = LatencyTable(path: "/dev/null")
      for index in models.indices {
        if let round = measure(models[index].plan, table) { rounds[index].append(round) }
      }
    }
    return try zip(models, rounds).flatMap { try results(of: $0, $1) }
  }

  private func measure(_ plan: NetworkPlan, _ table: LatencyTable) -> Round? {
    let known = table.count
    guard let before = LatencyTable.measured(plan), let predicted = table.prediction(for: plan),
      let after = LatencyTable.measured(plan)
    else { return nil }
    return Round(
      predicted: predicted, measured: (before + after) / 2, newLayers: table.count - known)
  }

  private func results(of model: Model, _ rounds: [Round]) throws -> [BenchResult] {
    let measured = Median.of(rounds.map(\.measured))
    let census = try CandidateCensus(
      of: model.plan, batchSize: 1, optimizer: SGD(learningRate: 0.1), latency: nil)
    let difference = Median.of(rounds.map { $0.predicted / $0.measured }) - 1
    return [
      BenchResult(
        "\(model.name): forward, predicted", Median.of(rounds.map(\.predicted)) * 1e6, "µs"),
      BenchResult("  measured", measured * 1e6, "µs"),
      BenchResult(
        "  predicted / measured, off by", (difference * 100).magnitude, "%",
        .atMost(Self.percentMax)),
      BenchResult("  layers that no network before has", Double(rounds.first?.newLayers ?? 0), ""),
      BenchResult("  FLOPs", Double(census.flops) / 1e6, "million"),
      BenchResult("  FLOPs a second", Double(census.flops) / measured / 1e9, "billion"),
    ]
  }

  private static let models: [Model] =
    [
      named("lenet-300-100", [784]), named("lenet-5", [28, 28, 1]),
      named("cnn-32-64", [28, 28, 1]),
      named("resnet32", [32, 32, 3]), named("resnet20", [32, 32, 3]),
    ] + [Model(name: "cells of NAS-Bench-101", plan: cells)]

  private static let classes = TargetShape.classes(count: 10, perSample: 1)

  private static func named(_ name: String, _ inputShape: [Int]) -> Model {
    let preset = ModelCatalogue.all.first { $0.name == name }
    return Model(
      name: name,
      plan: NetworkPlan(
        layers: preset?.layers(for: classes) ?? [], inputShape: inputShape, targets: classes))
  }

  /// Four cells of seven vertices, which branch, skip and pool, halved in between.
  private static var cells: NetworkPlan {
    func cell(_ channels: Int) -> any LayerDescription {
      Cell(
        adjacency: "0111000" + "0000100" + "0000010" + "0000110" + "0000001" + "0000001"
          + "0000000",
        operations: [.conv3x3, .conv1x1, .maxPool3x3, .conv3x3, .conv1x1], channels: channels)
    }
    return NetworkPlan(
      layers: [
        Convolution(channels: 16, padding: 1, bias: false), BatchNorm(), ReLU(), cell(16),
        cell(16), MaxPool(), cell(32), cell(32), GlobalAveragePool(), Linear(outputs: 10),
      ], inputShape: [28, 28, 1], targets: classes)
  }
}
