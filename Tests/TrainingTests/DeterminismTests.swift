import RunLog
import Testing

@testable import Tensors
@testable import Training

@Suite struct DeterminismTests {
  /// Every number of the log that follows from the experiment alone.
  private func curves(_ run: TestRun) throws -> [String] {
    let tags = [
      "train/loss", "train/accuracy", "val/loss", "val/accuracy", "optimizer/learning_rate",
      "optimizer/gradient_norm", "sparsity/total", "weight_norm/linear1", "gradient_norm/linear2",
    ]
    return try tags.flatMap { tag in
      try run.points(tag).joined().map { "\(tag) \($0.step) \($0.value.bitPattern)" }
    }
  }

  @Test func theSameSeedGivesTheSameWeightsAndCurves() throws {
    let (first, second) = (try TestRun(), try TestRun())
    let trained = try first.train()
    #expect(trained.outcome == .finished)
    #expect(try second.train().state == trained.state)
    let curves = try curves(first)
    #expect(curves.count > 3 * TestRun.steps)
    #expect(try self.curves(second) == curves)
  }

  @Test func anotherSeedGivesOtherWeights() throws {
    let first = try TestRun().train().state
    let second = try TestRun(["seed=2"]).train().state
    for name in ["linear1.weight", "linear2.weight", "linear2.bias"] {
      #expect(first.tensors[name] != second.tensors[name])
    }
  }

  /// The products of both passes are cut into blocks here, so threads could make a difference.
  @Test(arguments: ["sgd", "adamw"])
  func theNumberOfThreadsChangesNoBit(optimizer: String) throws {
    let (batch, inputs, outputs) = (128, 784, 600)
    let operations = 2 * batch * inputs * outputs
    #expect(MatrixProduct<Float>.blockCount(extent: outputs, operations: operations) >= 3)
    let states = try [1, 2, 3].map { threads in
      try TestRun([
        "threads=\(threads)", "model.layers.0.outputs=\(outputs)", "batchSize=\(batch)",
        "data.trainingCount=400", "epochs=2", "optimizer.kind=\(optimizer)",
        #"pruning=[{"epoch": 1, "sparsity": 0.5}]"#,
      ]).train().state
    }
    #expect(states[1] == states[0])
    #expect(states[2] == states[0])
  }
}
