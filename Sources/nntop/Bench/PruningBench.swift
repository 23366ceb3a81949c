import Dashboard
import JSONText
import LogFormats
import OperatingSystem
import RunLog
import RunModel
import Training

/// What pruning costs in accuracy: LeNet-300-100 on the 10,000 test images of MNIST, of which the
/// first 8,000 train and the last 2,000 validate; and half of the filters of a small convolutional
/// network. The median of some seeds.
struct PruningBench {
  /// Where MNIST's files lie.
  let directory: String
  let seeds: Int

  private static let denseEpochs = 12

  /// A way to prune, and what its accuracy is held against.
  private struct Way {
    let name: String
    /// `pruning` of the experiment.
    let pruning: String
    /// Epochs of a training.
    var epochs = denseEpochs
    /// Points of accuracy that may be lost.
    var lossMax: Double?

    /// Whether there is no dense network in the run itself.
    var prunesWhatIsUntrained: Bool { name.hasPrefix("random") || name.hasPrefix("gradual") }
    /// Whether the cut comes behind the last epoch.
    var isCutAtTheEnd: Bool { pruning.contains("\"epoch\": \(epochs)") }
  }

  private static let ways: [Way] = [
    Way(
      name: "magnitude, one cut to 95 %, no training after",
      pruning: #"[{"epoch": 12, "method": "magnitude", "sparsity": 0.95}]"#),
    Way(
      name: "random mask of 95 % from the beginning",
      pruning: #"[{"epoch": 0, "method": "random", "sparsity": 0.95}]"#),
    Way(
      name: "gradual to 95 %", pruning: #"[{"method": "gradual", "sparsity": 0.95}]"#),
    Way(
      name: "imp to 95 %, learning rate rewound",
      pruning: #"[{"method": "imp", "sparsity": 0.95}]"#, lossMax: 0.5),
    Way(
      name: "imp to 95 %, weights of epoch 3 rewound",
      pruning:
        #"[{"method": "imp", "sparsity": 0.95, "rewind": "weights", "rewindEpochs": 3}]"#,
      lossMax: 0.5),
    Way(
      name: "aimp to 95 %", pruning: #"[{"method": "aimp", "sparsity": 0.95}]"#, lossMax: 0.5),
    Way(
      name: "jackpots to 95 %, weights frozen",
      pruning:
        #"[{"epoch": 12, "method": "jackpots", "sparsity": 0.95}]"#, epochs: 20),
    Way(
      name: "linearDependence, 60 % of the parameters, no training after",
      pruning:
        #"[{"epoch": 12, "method": "linearDependence", "sparsity": 0.6, "counts": "parameters"}]"#,
      lossMax: 1.5),
    Way(
      name: "  the same without its repair",
      pruning: """
        [{"epoch": 12, "method": "linearDependence", "sparsity": 0.6, "counts": "parameters",
          "repair": false}]
        """),
    Way(
      name: "aofp, half of the parameters",
      pruning: #"[{"epoch": 12, "method": "aofp", "sparsity": 0.5}]"#, epochs: 27, lossMax: 0.7),
  ]

  func run() throws -> [BenchResult] {
    let place = try BenchDirectory()
    var results: [BenchResult] = []
    var epochs: [String: Double] = [:]
    for way in Self.ways {
      let runs = try (1...seeds).map { seed in
        try train(
          way, seed: seed, in: place.path, name: "\(results.count)-\(seed)")
      }
      let lost = Median.of(runs.map { ($0.dense - $0.pruned) * 100 })
      epochs[way.name] = Median.of(runs.map(\.epochs))
      results += [
        BenchResult(way.name, Median.of(runs.map(\.pruned)) * 100, "%"),
        BenchResult("  lost against dense", lost, "points", way.lossMax.map { .atMost($0) }),
        BenchResult("  epochs, the dense training's included", Median.of(runs.map(\.epochs)), ""),
      ]
    }
    if let long = epochs["imp to 95 %, learning rate rewound"], let short = epochs["aimp to 95 %"] {
      results.append(BenchResult("epochs of aimp / imp", short / long, "×", .atMost(1.0 / 3)))
    }
    results += try convolutions(in: place.path)
    try place.remove()
    return results
  }

  // MARK: Runs

  private struct Outcome {
    let dense, pruned, epochs: Double
  }

  private func train(_ way: Way, seed: Int, in runs: String, name: String) throws -> Outcome {
    let run = try trainedRun(
      [
        "optimizer={\"learningRate\": 0.05, \"weightDecay\": 0.0001}", "batchSize=64",
        "learningRateSchedule={\"kind\": \"multiStep\", \"epochs\": [9], \"factor\": 0.1}",
        "epochs=\(way.epochs)", "pruning=\(way.pruning)", "seed=\(seed)",
      ], in: runs, name: name)
    guard let accuracy = run.series["val/accuracy"], let last = accuracy.last,
      let perEpoch = run.stepsPerEpoch,
      let denseIndex = accuracy.index(nearest: perEpoch * Int64(Self.denseEpochs))
    else { throw Failure("the training logged no accuracy") }
    let dense =
      way.prunesWhatIsUntrained
      ? try train(Way(name: "", pruning: "[]"), seed: seed, in: runs, name: "dense-" + name).dense
      : Double(accuracy.values[denseIndex])
    // A cut that nothing follows is told of in the journal alone.
    let prunes = run.journal.compactMap { record -> JournalRecord.Prune? in
      if case .prune(let prune) = record.entry { prune } else { nil }
    }
    let isLast = way.isCutAtTheEnd
    return Outcome(
      dense: dense, pruned: isLast ? prunes.last?.accuracy ?? .nan : Double(last),
      epochs: Double(run.lastStep) / Double(perEpoch))
  }

  private func trainedRun(_ overrides: [String], in runs: String, name: String) throws -> Run {
    func path(_ name: String) -> String { JSON.string(Path.join(directory, name)).text() }
    let text = try ExperimentText.builtIn(
      overrides: [
        """
        data={"kind": "idx", "images": \(path("t10k-images-idx3-ubyte.gz")),
          "labels": \(path("t10k-labels-idx1-ubyte.gz")), "validationFraction": 0.2}
        """, "threads=1",
      ] + overrides)
    let made = try RunStart(text: text, runs: runs, name: name, arguments: ["bench"]).create()
    let outcome = try Engine(made, isHeadless: true).run()
    guard outcome == .finished else { throw Failure("the training ended with \(outcome)") }
    var finder = RunFinder(files: LocalFileSystem())
    guard let found = try finder.runs(at: made.path).first else {
      throw Failure("\(made.path) holds no run")
    }
    return Snapshot.run(found)
  }

  // MARK: Convolutions

  /// Half of the filters of cnn-32-64 by their norm after 4 epochs, and 2 epochs more.
  private func convolutions(in runs: String) throws -> [BenchResult] {
    let run = try trainedRun(
      [
        "model=cnn-32-64", "epochs=6", "optimizer={\"learningRate\": 0.02}",
        "learningRateSchedule={}", "log={\"everySeconds\": 0.2}",
        #"pruning=[{"epoch": 4, "method": "l2", "sparsity": 0.5}]"#,
      ], in: runs, name: "convolutions")
    guard
      let prune = run.journal.compactMap({ record -> JournalRecord.Prune? in
        if case .prune(let prune) = record.entry { prune } else { nil }
      }).first, let before = prune.sizeBefore, let perEpoch = run.stepsPerEpoch,
      let accuracy = run.series["val/accuracy"],
      let dense = accuracy.steps.firstIndex(of: 4 * perEpoch), let last = accuracy.last
    else { throw Failure("the training told of no prune") }
    let times = (stepTime(run, 0..<4 * perEpoch), stepTime(run, 4 * perEpoch..<6 * perEpoch))
    func left(_ now: Int64, _ then: Int64) -> Double { 100 * Double(now) / Double(max(1, then)) }
    return [
      BenchResult(
        "cnn-32-64, half of the filters by l2: parameters left",
        left(prune.size.parameters, before.parameters), "%"),
      BenchResult("  FLOPs left", left(prune.size.flops, before.flops), "%"),
      BenchResult(
        "  time of a step saved", 100 * (1 - times.1 / times.0), "%", .atLeast(35)),
      BenchResult(
        "  accuracy lost after 2 epochs", 100 * Double(accuracy.values[dense] - last), "points",
        .atMost(1)),
    ]
  }

  /// The median over a stretch of what one update took.
  private func stepTime(_ run: Run, _ steps: Range<Int64>) -> Double {
    let parts = ["forward", "backward", "update"].compactMap { run.series["time/\($0)_ms"] }
    guard let first = parts.first else { return .nan }
    let times = first.steps.indices.filter { steps.contains(first.steps[$0]) }.map { index in
      parts.reduce(0.0) { $0 + Double($1.values[index]) }
    }
    return Median.of(times)
  }
}
