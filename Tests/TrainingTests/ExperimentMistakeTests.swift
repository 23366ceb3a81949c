import Glibc
import JSONText
import OperatingSystem
import RunLog
import Testing

@testable import Training

/// Every mistake in an experiment is one line: where, which field, what was found, what is allowed.
@Suite struct ExperimentMistakeTests {
  private func read(_ text: String, _ overrides: [String] = []) throws -> Experiment {
    try Experiment(
      ExperimentText(
        source: "my.json", directory: "/data", bytes: Array(text.utf8), overrides: overrides))
  }

  private func mistake(_ text: String, _ overrides: [String] = []) throws -> String {
    let error = #expect(throws: ExperimentError.self) { try read(text, overrides) }
    let line = error?.description ?? ""
    #expect(!line.contains("\n"))
    return line
  }

  struct Mistake: CustomTestStringConvertible {
    var text: String
    var expected: String
    var testDescription: String { text }
  }

  static let mistakes: [Mistake] = [
    // Unknown fields.
    .init(
      text: "{\n\n\"epoch\": 3}",
      expected: "my.json:3: epoch: unknown field; did you mean \"epochs\"?"),
    .init(
      text: "{\"optimizer\": {\"kind\": \"adamw\",\n\"momentum\": 0.9}}",
      expected: "my.json:2: optimizer.momentum: unknown field; known are beta1, beta2, "
        + "decayBiasesAndNorms, epsilon, kind, learningRate, weightDecay"),
    .init(
      text: "{\"optimizer\": {\"learningrate\": 1}}",
      expected:
        "my.json:1: optimizer.learningrate: unknown field; did you mean \"learningRate\"?"),
    .init(
      text:
        "{\"model\": {\"layers\": [{\"kind\": \"relu\"},\n{\"kind\": \"relu\", \"outputs\": 1}]}}",
      expected: "my.json:2: model.layers.1.outputs: unknown field; known are kind"),
    .init(
      text: "{\"data\": {\"kind\": \"glyphs\", \"images\": \"x\"}}",
      expected: "my.json:1: data.images: unknown field; known are augmentation, kind, "
        + "normalization, seed, shuffle, subset, trainingCount, validationCount"),
    // Words.
    .init(
      text: "{\"model\": {\"layers\": [{\"kind\": \"cell\", \"adjacency\": \"0100\", "
        + "\"channels\": 4,\n\"operations\": [\"conv3x\"]}]}}",
      expected: "my.json:2: model.layers.0.operations: found [\"conv3x\"], expected 0 to 5 in a "
        + "list, out of \"conv3x3\", \"conv1x1\", \"maxPool3x3\"; did you mean \"conv3x3\"?"),
    .init(
      text: "{\"model\": {\"layers\": [{\"kind\": \"cell\", \"adjacency\": 100}]}}",
      expected: "my.json:1: model.layers.0.adjacency: found 100, expected a string"),
    // Wrong types.
    .init(
      text: "{\"epochs\": \"many\"}",
      expected: "my.json:1: epochs: found \"many\", expected an integer from 1 to 10000000"),
    .init(
      text: "{\"epochs\": 1.5}",
      expected: "my.json:1: epochs: found 1.5, expected an integer from 1 to 10000000"),
    .init(
      text: "{\"optimizer\": 7}",
      expected: "my.json:1: optimizer: found a number, expected an object {…}"),
    .init(
      text: "{\"name\": [1]}", expected: "my.json:1: name: found [1], expected a string"),
    .init(
      text: "{\"pruning\": {}}",
      expected: "my.json:1: pruning: found an object, expected a list […] of prunes"),
    .init(
      text: "{\"seed\": null}",
      expected: "my.json:1: seed: found null, expected an integer from 0 to 9223372036854775807"),
    .init(
      text: "{\"seed\": 18446744073709551616}",
      expected: "my.json:1: seed: found 1.8446744073709552e+19, expected an integer from 0 to "
        + "9223372036854775807"),
    .init(
      text: "{\"name\": [\"\(String(repeating: "x", count: 100))\"]}",
      expected: "my.json:1: name: found an array, expected a string"),
    // Out of range.
    .init(
      text: "{\"batchSize\": 0}",
      expected: "my.json:1: batchSize: found 0, expected an integer from 1 to 65536"),
    .init(
      text: "{\"optimizer\": {\n\"momentum\": 1}}",
      expected: "my.json:2: optimizer.momentum: found 1, expected a number from 0 to 0.9999"),
    .init(
      text: "{\"checkpoint\": {\"keep\": 0}}",
      expected: "my.json:1: checkpoint.keep: found 0, expected an integer from 1 to 1000"),
    .init(
      text: "{\"epochs\": 3, \"pruning\": [\n{\"epoch\": 4, \"sparsity\": 0.5}]}",
      expected: "my.json:2: pruning.0.epoch: found 4, expected an integer from 0 to 3"),
    .init(
      text: "{\"pruning\": [{\"epoch\": 1}]}",
      expected: "my.json:1: pruning.0.sparsity: is missing; expected a number from 0.0001 to 0.9999"
    ),
    .init(
      text: "{\"pruning\": [{\"epoch\": 1, \"sparsity\": 0.5, \"method\": \"chance\"}]}",
      expected:
        "my.json:1: pruning.0.method: found \"chance\", expected one of \"magnitude\", "),
    // Kinds.
    .init(
      text: "{\"optimizer\": {\"kind\": \"adamm\"}}",
      expected: "my.json:1: optimizer.kind: found \"adamm\", expected one of \"sgd\", \"adam\", "
        + "\"adamw\", \"rmsprop\", \"lion\"; did you mean \"adam\"?"),
    .init(
      text: "{\"model\": {\"layers\": [\n{\"kind\": \"conv\"}]}}",
      expected:
        "my.json:2: model.layers.0.kind: found \"conv\", expected one of \"linear\", "),
    .init(
      text: "{\"model\": {\"layers\": [{\"outputs\": 3}]}}",
      expected:
        "my.json:1: model.layers.0.kind: is missing; expected one of \"linear\", "),
    .init(
      text: "{\"model\": {\"layers\": [{\"kind\": \"linear\"}]}}",
      expected: "my.json:1: model.layers.0.outputs: is missing; expected an integer from 1 to "
        + "1000000"),
    .init(
      text: "{\"model\": \"resnet\"}",
      expected:
        "my.json:1: model: found \"resnet\", expected \"lenet-300-100\", "),
    .init(
      text: "{\"model\": {\"layers\": []}}",
      expected: "my.json:1: model.layers: expected a list […] of at least one layer"),
    .init(
      text: "{\"data\": {\"kind\": \"idx\",\n \"images\": \"i\"}}",
      expected: "my.json:1: data.labels: is missing; expected a string"),
    .init(
      text: "{\"onNonFinite\": \"panic\"}",
      expected: "my.json:1: onNonFinite: found \"panic\", expected one of \"pause\", \"stop\", "
        + "\"continue\""),
  ]

  @Test(arguments: mistakes) func aMistakeIsOneLineThatHelps(mistake: Mistake) throws {
    let line = try self.mistake(mistake.text)
    // A list that grows is told as far as it goes here.
    let isBeginning = mistake.expected.hasSuffix(", ") && line.hasPrefix(mistake.expected)
    #expect(isBeginning || line == mistake.expected)
  }

  @Test func badJSONSaysWhere() throws {
    #expect(try mistake("{\n \"epochs\": 3 \"seed\": 1}").hasPrefix("my.json:2: "))
    #expect(try mistake("{\n \"epochs\": 3,\n \"epochs\": 4}").hasPrefix("my.json:3: "))
    #expect(try mistake("{\"epochs\": 3,\n \"epochs\": 4}").contains("epochs"))
    #expect(try mistake("").hasPrefix("my.json:1: "))
    #expect(try mistake("\n[1]") == "my.json:2: an experiment is an object {…}, found an array")
    #expect(try mistake("{\"epochs\": NaN}").hasPrefix("my.json:1: "))
    #expect(try mistake("{\"x\": \"").contains("(column "))
  }

  @Test func commentsAndTrailingCommasAreAccepted() throws {
    let experiment = try read(
      """
      // Why we do this.
      {
        /* all of them */ "epochs": 3, // each once
        "model": { "layers": [ { "kind": "linear", "outputs": 10, }, ], },
      }
      """)
    #expect(experiment.epochs == 3 && layerCount(experiment) == 1)
  }

  private func layerCount(_ experiment: Experiment) -> Int {
    experiment.model.layers(for: .classes(count: 10, perSample: 1)).count
  }

  // MARK: --set

  @Test func setReachesNestedFieldsAndElementsOfLists() throws {
    let text = """
      {"model": {"layers": [{"kind": "linear", "outputs": 5}, {"kind": "linear", "outputs": 10}]}}
      """
    let experiment = try read(
      text,
      [
        "model.layers.0.outputs=7", "optimizer.learningRate=0.125", "optimizer.kind=adamw",
        "name=a name", "epochs=2", "pruning=[{\"epoch\": 1, \"sparsity\": 0.5}]",
        "pruning.0.sparsity=0.25", "checkpoint={\"keep\": 5}", "epochs=4",
      ])
    #expect(experiment.optimizer.learningRate == 0.125)
    #expect(experiment.name == "a name" && experiment.epochs == 4)
    #expect(experiment.pruning.map(\.request.sparsity) == [0.25])
    #expect(experiment.checkpoint.keep == 5)
    #expect(layerCount(experiment) == 2)
    #expect(experiment.resolved["model"]?["layers"]?.array?[0]["outputs"] == 7)
  }

  @Test(arguments: [
    ("epoch=3", "--set epoch: epoch: unknown field; did you mean \"epochs\"?"),
    ("optimizer.rate=3", "--set optimizer.rate: optimizer.rate: unknown field; "),
    ("epochs=x", "--set epochs: epochs: found \"x\", expected an integer from 1 to 10000000"),
    (
      "optimizer.learningRate=-1", "--set optimizer.learningRate: optimizer.learningRate: found -1,"
    ),
    (
      "optimizer={\"kind\": \"x\"}", "--set optimizer: optimizer.kind: found \"x\", expected one of"
    ),
    ("epochs", "--set epochs: expected key=value, such as epochs=5"),
    ("=3", "--set =3: expected key=value, such as epochs=5"),
    (
      "model.layers.9.outputs=3",
      "--set model.layers.9.outputs=3: there is no element 9; the list has 1, from 0"
    ),
    ("model.layers.first.outputs=3", "--set model.layers.first.outputs=3: "),
    ("seed.x=3", "--set seed.x=3: "),
    ("model.layers.0.kind.deeper=3", "--set model.layers.0.kind.deeper=3: "),
  ])
  func aMistakeInSetSaysSet(override: String, expected: String) throws {
    let text = "{\"seed\": 1, \"model\": {\"layers\": [{\"kind\": \"linear\", \"outputs\": 10}]}}"
    let line = try mistake(text, [override])
    #expect(line.hasPrefix(expected), "\(line)")
  }

  @Test func setOnALayerOfAPresetSaysSet() throws {
    let line = try mistake("{\"model\": \"lenet-300-100\"}", ["model.layers.0.outputs=3"])
    #expect(line == "--set model.layers.0.outputs=3: there is no field \"layers\" in a string")
    // Nor is there a list when the experiment names no model at all.
    let absent = try mistake("{}", ["model.layers.0.outputs=3"])
    #expect(absent.hasPrefix("--set model.layers.0.outputs=3: there is no element 0; "))
  }

  // MARK: Resolved

  @Test(arguments: [
    "{}", TestRun.experiment, DefaultExperiment.text,
    """
    {"optimizer": {"kind": "adamw", "weightDecay": 1e-7}, "seed": 9223372036854775807,
     "learningRateSchedule": {"kind": "cosine"}, "model": "lenet-300-100",
     "data": {"kind": "idx", "images": "a", "labels": "../b", "validationFraction": 0.123456789},
     "pruning": [{"epoch": 3, "sparsity": 0.5}, {"epoch": 1, "sparsity": 0.1}],
     "checkpoint": {"everySteps": 7}, "onNonFinite": "stop"}
    """,
  ])
  func aResolvedExperimentReadsAgainAsTheSame(text: String) throws {
    let experiment = try read(text)
    let again = try Experiment(ExperimentText.recorded(experiment.resolved, source: "run.json"))
    #expect(again.resolved.text() == experiment.resolved.text())
    #expect(again.pruning == experiment.pruning)
    #expect(again.optimizer.learningRate == experiment.optimizer.learningRate)
    // All defaults are in it.
    for name in [
      "name", "data", "model", "loss", "optimizer", "learningRateSchedule", "batchSize", "epochs",
      "seed", "pruning", "checkpoint", "log", "gradientClipping", "weightAverage",
      "initialWeights", "onNonFinite", "threads",
    ] {
      #expect(experiment.resolved[name] != nil, "\(name)")
    }
  }

  @Test func pathsOfDataAreTakenFromTheExperimentsDirectory() throws {
    let experiment = try read(
      "{\"data\": {\"kind\": \"idx\", \"images\": \"i\", \"labels\": \"/l\"}}")
    #expect(experiment.resolved["data"]?["images"] == "/data/i")
    #expect(experiment.resolved["data"]?["labels"] == "/l")
  }

  // MARK: Creating a run

  /// The error of making a run from a text, when it leaves nothing.
  private func refusal(_ text: String, name: String? = "run") throws -> String {
    let home = try TemporaryDirectory()
    let runs = Path.join(home.path, "runs")
    let creation = RunCreation(
      experiment: try read(text), runs: runs, name: name, arguments: [], version: "")
    let error = #expect(throws: (any Error).self) { try creation.create() }
    #expect(!LocalFileSystem().exists(runs))
    return error.map { "\($0)" } ?? ""
  }

  @Test func layersThatDoNotFitAreNamedWithTheirShapes() throws {
    let classes = try refusal(
      "{\"model\": {\"layers\": [{\"kind\": \"relu\"}, {\"kind\": \"linear\", \"outputs\": 7}]}}")
    #expect(
      classes.contains(
        "layer 2 (linear): the last layer gives samples of [7], but the data has 10 classes and "
          + "needs [10]"))
    #expect(classes.hasPrefix("my.json:1: model: "), "\(classes)")
    let big = try refusal(
      """
      {"model": {"layers": [{"kind": "linear", "outputs": 1000000},
        {"kind": "linear", "outputs": 1000000}, {"kind": "linear", "outputs": 10}]}}
      """)
    #expect(
      big.contains(
        "layer 2 (linear): got samples of [1000000]: 1000000 inputs × 1000000 outputs are more"))
  }

  @Test func aNameThatIsTakenOrWrongIsRefused() throws {
    let run = try TestRun()
    let creation = RunCreation(
      experiment: try read("{}"), runs: run.home.path, name: "run", arguments: [], version: "")
    let error = #expect(throws: EngineError.self) { try creation.create() }
    #expect(
      error?.description == "\(run.directory.path) exists already: choose another --name, or "
        + "continue it with nntop resume \(run.directory.path)")
    let long = String(repeating: "a", count: 201)
    for name in ["", ".hidden", "-x", "a/b", "a b", "ä", "..", long] {
      #expect(try refusal("{}", name: name).hasPrefix("--name \(name): "))
    }
  }

  @Test func runsWithoutANameGetTimeAndExperiment() throws {
    let home = try TemporaryDirectory()
    let creation = RunCreation(
      experiment: try read("{\"name\": \"my net/1\"}"), runs: home.path, name: nil,
      arguments: ["a"],
      version: "9")
    let clock = ScriptedClock()
    let names = try (0..<3).map { _ in try creation.create(clock: clock).name }
    #expect(names[0].hasSuffix("-my-net-1") && names[0].count == 15 + 9)
    #expect(names[1] == names[0] + "-2" && names[2] == names[0] + "-3")
    let manifest = try RunDirectory(path: Path.join(home.path, names[0]))
      .readManifest(LocalFileSystem())
    #expect(manifest?.version == "9" && manifest?.arguments == ["a"] && manifest?.seed == 1)
    #expect(manifest?.declares("prune") == true && manifest?.declares("set") == false)
  }
}
