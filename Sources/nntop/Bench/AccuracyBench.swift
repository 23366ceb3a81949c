import Dashboard
import JSONText
import LogFormats
import OperatingSystem
import RunLog
import Training

/// LeNet-300-100 on the 10,000 test images of MNIST: the first 8,000 train, the last 2,000
/// validate; 15 epochs, a one-shot global magnitude prune to 80 %, 3 more epochs; three seeds.
struct AccuracyBench {
  let directory: String

  private static let denseEpochs = 15
  private static let moreEpochs = 3

  func run() throws -> [BenchResult] {
    let place = try BenchDirectory()
    var dense: [Double] = []
    var pruned: [Double] = []
    for seed in 1...3 {
      let accuracies = try train(seed: seed, in: place.path)
      dense.append(accuracies.dense)
      pruned.append(accuracies.pruned)
    }
    try place.remove()
    return [
      BenchResult(
        "MNIST 8,000, lenet-300-100: after 15 epochs, median of 3", Median.of(dense) * 100, "%",
        .atLeast(96)),
      BenchResult(
        "  pruned to 80 % sparsity and 3 more epochs", Median.of(pruned) * 100, "%",
        .atLeast(96)),
    ]
  }

  private func train(seed: Int, in runs: String) throws -> (dense: Double, pruned: Double) {
    func path(_ name: String) -> String { JSON.string(Path.join(directory, name)).text() }
    let epochs = Self.denseEpochs + Self.moreEpochs
    let text = try ExperimentText.builtIn(overrides: [
      """
      data={"kind": "idx", "images": \(path("t10k-images-idx3-ubyte.gz")),
        "labels": \(path("t10k-labels-idx1-ubyte.gz")), "validationFraction": 0.2}
      """, "optimizer={}", "learningRateSchedule={}", "epochs=\(epochs)", "seed=\(seed)",
      "pruning=[{\"epoch\": \(Self.denseEpochs), \"method\": \"magnitude\", \"sparsity\": 0.8}]",
    ])
    let made = try RunStart(
      text: text, runs: runs, name: "seed-\(seed)", arguments: ["bench"]
    ).create()
    let outcome = try Engine(made, isHeadless: true).run()
    guard outcome == .finished else { throw Failure("the training ended with \(outcome)") }
    var finder = RunFinder(files: LocalFileSystem())
    guard let found = try finder.runs(at: made.path).first else {
      throw Failure("\(made.path) holds no run")
    }
    let run = Snapshot.run(found)
    guard let accuracy = run.series["val/accuracy"], let perEpoch = run.stepsPerEpoch,
      let denseIndex = accuracy.index(nearest: perEpoch * Int64(Self.denseEpochs)),
      let last = accuracy.last
    else { throw Failure("the training logged no accuracy") }
    return (Double(accuracy.values[denseIndex]), Double(last))
  }
}
