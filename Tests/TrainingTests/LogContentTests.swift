import NeuralNetwork
import OperatingSystem
import RunLog
import TensorFiles
import Testing

@testable import Training

/// What a run logs beside its curves, against what follows from the weights.
@Suite struct LogContentTests {
  private func grids(_ run: TestRun, _ tag: String) throws -> [(step: Int64, grid: Grid)] {
    try run.events().joined().compactMap { event in
      if case .grid(tag, let step, _, let grid) = event { return (step, grid) }
      return nil
    }
  }

  /// The first update of each interval is measured.
  @Test func updateRatiosAreThoseOfTheWeights() throws {
    let run = try TestRun([
      "log.everySeconds=0.05", "log.shareMax=0.5", "optimizer.kind=adam",
    ])
    var weights: [[Float]] = []
    try run.train(
      ready: { weights = [Array($0.session.network.parameters[0].value.buffer)] },
      behindStep: { weights.append(Array($0.session.network.parameters[0].value.buffer)) })
    func norm(_ values: [Double]) -> Double {
      values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let points = try Array(run.points("update_ratio/linear1").joined())
    #expect(points.count > 10)
    var measured = 1
    for point in points {
      let (old, new) = (weights[measured - 1], weights[measured])
      let expected =
        norm(zip(new, old).map { Double($0) - Double($1) }) / norm(old.map(Double.init))
      #expect(abs(Double(point.value) / expected - 1) < 1e-4, "step \(point.step)")
      measured = Int(point.step) + 1
    }
  }

  /// A file of weights for `TestRun.experiment` of which 3 of 6 units never answer.
  private func weights(in home: TemporaryDirectory) throws -> String {
    let path = home.path + "/weights.safetensors"
    let tensors: [TensorSample.Named] = [
      ("0.weight", [6, 784], Array(repeating: 0, count: 6 * 784)),
      ("0.bias", [6], [1, -1, -2, 0.5, -3, 2]),
      ("2.weight", [10, 6], (0..<60).map { Float($0 % 7) / 10 - 0.3 }),
      ("2.bias", [10], Array(repeating: 0, count: 10)),
    ]
    try TensorSample.write(tensors, to: path)
    return path
  }

  @Test func silentUnitsAndZerosAreCounted() throws {
    let home = try TemporaryDirectory()
    let run = try TestRun([
      "initialWeights=\(try weights(in: home))", "optimizer.learningRate=0",
      "log.everySeconds=0.05", "log.shareMax=0.5",
    ])
    #expect(try run.train().outcome == .finished)
    let silent = try run.points("dead_units/relu1").joined().map(\.value)
    let zeros = try run.points("activation_sparsity/relu1").joined().map(\.value)
    #expect(silent.count > 10 && Set(silent) == [3])
    #expect(zeros.count == silent.count && Set(zeros) == [0.5])
    #expect(try run.points("update_ratio/linear2").joined().allSatisfy { $0.value == 0 })
  }

  @Test func theConfusionMatrixMatchesTheAccuracy() throws {
    let run = try TestRun()
    var ofClass = [Float](repeating: 0, count: 10)
    try run.train(ready: { engine in
      var number = 0
      while let batch = engine.session.loader.validationBatch(number) {
        number += 1
        guard case .classes(let labels, _) = batch.targets else { continue }
        for row in 0..<batch.rows { ofClass[Int(labels[row])] += 1 }
      }
    })
    #expect(ofClass.reduce(0, +) == 40 && ofClass.allSatisfy { $0 > 0 })
    let grids = try grids(run, "confusion/val")
    #expect(grids.map(\.step) == [0, 8, 16, 24])
    let accuracies = try Array(run.points("val/accuracy").joined())
    for (step, grid) in grids {
      #expect(grid.rows == 10 && grid.columns == 10)
      for row in 0..<10 {
        let sum = grid.values[row * 10..<(row + 1) * 10].reduce(0, +)
        #expect(abs(sum - 1) < 1e-6)
      }
      let right = (0..<10).reduce(0) { $0 + grid.values[$1 * 11] * ofClass[$1] }
      let accuracy = try #require(accuracies.first { $0.step == step }).value
      #expect(abs(right / 40 - accuracy) < 1e-6, "step \(step)")
    }
  }

  private static func spirals(classes: Int) -> String {
    """
    {
      "data": {
        "kind": "spirals", "classes": \(classes), "trainingCount": 160, "validationCount": 44
      }, "model": { "layers": [{ "kind": "linear", "outputs": \(classes) }] },
      "batchSize": 20, "epochs": 2, "threads": 1
    }
    """
  }

  @Test func theFiveMostLikelyCountWithMoreThanTenClasses() throws {
    for (classes, isTold) in [(3, false), (10, false), (11, true)] {
      let run = try TestRun(experiment: Self.spirals(classes: classes))
      try run.train()
      for part in ["train", "val"] {
        let inFive = try run.points("\(part)/top5").joined().map(\.value)
        let accuracy = try run.points("\(part)/accuracy").joined().map(\.value)
        #expect(inFive.count == (isTold ? accuracy.count : 0), "\(part), \(classes) classes")
        #expect(zip(inFive, accuracy).allSatisfy { $0 >= $1 && $0 <= 1 })
      }
    }
  }

  @Test func aRegressionHasNoAccuracy() throws {
    let run = try TestRun(experiment: TrainedKind.lstm.experiment)
    try run.train()
    let tags = Set(try run.events().joined().points.map(\.tag))
    #expect(tags.isSuperset(of: ["train/loss", "val/loss", "update_ratio/lstm1.weight_ih_l0"]))
    #expect(tags.filter { $0.contains("accuracy") || $0.contains("top5") } == [])
    #expect(try grids(run, "confusion/val").isEmpty)
  }

  @Test func reportsComeAsOftenAsAsked() throws {
    for everySeconds in [0.5, 2.0] {
      // A share of one half, so that the cost, which the clock makes up, puts nothing off.
      let run = try TestRun(["log.everySeconds=\(everySeconds)", "log.shareMax=0.5", "epochs=6"])
      try run.train(clock: ScriptedClock(tickSeconds: 0.03))
      for tag in ["time/log_ms", "time/forward_ms", "throughput/samples_per_second"] {
        let points = try Array(run.points(tag).joined())
        // The last one comes with the run's end.
        let gaps = zip(points.dropFirst().dropLast(), points).map { $0.wallTime - $1.wallTime }
        #expect(gaps.count >= 2, "\(tag)")
        #expect(gaps.allSatisfy { $0 >= everySeconds && $0 < everySeconds + 0.4 }, "\(gaps)")
        #expect(points.allSatisfy { $0.value >= 0 })
      }
    }
  }

  @Test(arguments: [(0, []), (1, [8, 16, 24]), (2, [16])])
  func histogramsComeEverySoManyEpochs(every: Int, steps: [Int64]) throws {
    let run = try TestRun(["log.histogramEpochs=\(every)", "log.shareMax=0.5"])
    try run.train(clock: ScriptedClock(tickSeconds: 0.0001))
    let found = try run.events().joined().compactMap { event -> Int64? in
      if case .histogram("weights/linear1", let step, _, _) = event { return step }
      return nil
    }
    #expect(found == steps)
  }

  /// What was counted of an epoch before a stop counts behind it.
  @Test func aResumedEpochHasTheAccuracyOfAWholeOne() throws {
    let experiment = Self.spirals(classes: 11)
    let tags = ["train/accuracy", "train/top5"]
    let undisturbed = try TestRun(experiment: experiment)
    try undisturbed.train()
    let run = try TestRun(experiment: experiment)
    try run.train([.init(13, .stop)])
    try run.train()
    for tag in tags {
      let values = try run.points(tag).joined().map(\.value)
      #expect(values == (try undisturbed.points(tag).joined().map(\.value)), "\(tag)")
      #expect(values.count == 2)
    }
  }

  /// A weight of a convolution is used at each place of the image, one of a sequence at each step.
  @Test(arguments: [TrainedKind.residual, .lstm, .groupNorm])
  func aPruneTellsTheOperationsThatRemain(_ kind: TrainedKind) throws {
    let run = try TestRun(experiment: kind.experiment)
    try run.train([.init(2, .prune(0.5, preview: true))])
    let changes = try run.answer(TestRun.id(0)).answer.layers
    let places = [
      // Images of 28 × 28 behind strides of 2, 2 and 4; sequences of 12 steps.
      "convolution1": kind == .residual ? 14 * 14 : 7 * 7, "convolution2": 7 * 7,
      "convolution3": 7 * 7, "convolution4": 7 * 7, "lstm1.weight_ih_l0": 12,
      "lstm1.weight_hh_l0": 12, "linear1": 1,
    ]
    #expect(changes.count >= 2)
    for change in changes {
      let uses = try #require(places[change.name], "\(change.name)")
      #expect(change.flops == 2 * Int64(uses) * change.parameters, "\(change.name)")
    }
  }
}
