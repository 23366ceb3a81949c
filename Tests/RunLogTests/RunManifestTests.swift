import JSONText
import OperatingSystem
import TestSupport
import Testing

@testable import RunLog

struct RunManifestTests {
  private static let manifest = RunManifest(
    name: "run ü", created: 1_700_000_000.5, version: "1.0", arguments: ["nntop", "run", "a b"],
    seed: UInt64(Int64.max), threads: 2, host: "box",
    experiment: ["layers": [["kind": "linear", "outputs": 10]], "rate": .number(0.05)],
    parent: RunManifest.Parent(run: "mother", step: 300),
    layers: [.init(name: "convolution1", shape: [8, 1, 3, 3]), .init(name: "relu1", shape: [])],
    declares: [
      RunManifest.Declaration(command: "pause"),
      RunManifest.Declaration(command: "prune", details: ["methods": ["magnitude"]]),
    ])

  @Test func survivesItsFile() throws {
    let directory = try TemporaryDirectory()
    let run = RunDirectory(path: directory.path)
    #expect(try run.readManifest(LocalFileSystem()) == nil)
    try run.write(Self.manifest, LocalFileSystem())
    #expect(try run.readManifest(LocalFileSystem()) == Self.manifest)
    #expect(try directory.names == ["run.json"])
    var orphan = Self.manifest
    orphan.parent = nil
    try run.write(orphan, LocalFileSystem())
    #expect(try run.readManifest(LocalFileSystem()) == orphan)
    #expect(Self.manifest.declares("prune"))
    #expect(!Self.manifest.declares("stop"))
  }

  @Test(arguments: [
    ("{", "line 1, column 2: "),
    ("{}", #"line 1, column 1: "schema" is missing"#),
    ("{\n  \"schema\": \"1\"\n}", #"line 2, column 13: "schema" must be an integer, found a st"#),
    ("{\n\"schema\": 2\n}", "line 1, column 1: schema 2 is not known to this version, which rea"),
    ("{\"schema\": 1}", #"line 1, column 1: "name" is missing"#),
    ("{\"schema\": 1,\n\"name\": 7}", #"line 2, column 9: "name" must be a string, found a num"#),
    (
      "{\"schema\":1,\"name\":\"a\",\"created\":1,\n\n \"seed\":-1}",
      #"line 3, column 9: "seed" must be an integer from 0, found a number"#
    ),
  ])
  func mistakesAreNamedWithTheirPlace(text: String, problem: String) throws {
    let directory = try TemporaryDirectory()
    try directory.write(text, to: "run.json")
    let error = #expect(throws: RunDirectoryError.self) {
      try RunDirectory(path: directory.path).readManifest(LocalFileSystem())
    }
    let description = error?.description ?? ""
    #expect(description.hasPrefix(directory.path("run.json") + ": " + problem), "\(description)")
  }

  /// A program that is not nntop's says who it is, what it takes, and little more.
  @Test func foreignManifestsNeedLittle() throws {
    let directory = try TemporaryDirectory()
    let declares = #"""
      {"command":"pause"},
      {"command":"set","name":"temperature","value":1,"minimum":0,"maximum":2.5,"description":"d"},
      {"command":"set","name":"temperature","value":7},
      {"command":"set","name":"free","value":-3},
      {"command":"set","name":"upside down","value":1,"minimum":2,"maximum":1},
      {"command":"set","name":"no value"}, {"command":"set","value":1},
      {"command":"set","name":"n","value":NaN},
      {"command":"set_learning_rate","minimum":1e-6,"maximum":10},
      {"command":"undo","restores_weights":["prune"]}
      """#
    try directory.write(
      #"{"schema":1,"name":"a","created":1,"engine":"loop.py","declares":[\#(declares)]}"#,
      to: "run.json")
    let run = RunDirectory(path: directory.path)
    var manifest = try #require(try run.readManifest(LocalFileSystem()))
    #expect(manifest.engine == "loop.py" && manifest.version == "")
    #expect(manifest.seed == 0 && manifest.threads == 1 && manifest.experiment == [:])
    let everything = -Double.infinity ... .infinity
    #expect(
      manifest.declaredNumbers == [
        .init(name: "temperature", value: 1, bounds: 0...2.5, description: "d"),
        .init(name: "free", value: -3, bounds: everything),
        .init(name: "upside down", value: 1, bounds: everything),
      ])
    #expect(manifest.learningRateBounds == 1e-6...10)
    #expect(manifest.undoRestoresWeights(of: "prune"))
    #expect(!manifest.undoRestoresWeights(of: "set"))
    #expect(Self.manifest.engine == nil && Self.manifest.declaredNumbers.isEmpty)
    #expect(Self.manifest.undoRestoresWeights(of: "set_learning_rate"))
    #expect(Self.manifest.learningRateBounds == 0 ... .infinity)
    // What is no number is not equal to itself.
    manifest.declares.removeAll { $0.details["name"] == "n" }
    try run.write(manifest, LocalFileSystem())
    #expect(try run.readManifest(LocalFileSystem()) == manifest)
  }

  @Test func pruningMethodsAreNamesOrDescribed() throws {
    func manifest(_ declares: String) throws -> RunManifest {
      try RunManifest(node(#"{"schema":1,"name":"a","created":1,"declares":[\#(declares)]}"#))
    }
    let described = try manifest(
      #"""
      {"command":"prune","methods":["magnitude",
        {"name":"l2","summary":"rows","unit":"channels","acts":"rounds","settings":[
          {"name":"minKeep","allowed":"an integer from 1","default":"4"},
          {"name":"seed","default":7},{"allowed":"x"},3]},
        {"name":"magnitude","summary":"again"},{"summary":"no name"},"",7,
        {"name":"odd","unit":"moons","acts":"never","settings":{}}],
       "scopes":["global"]}
      """#)
    #expect(
      described.pruningMethods == [
        .init(name: "magnitude"),
        .init(
          name: "l2", summary: "rows", unit: .channels, acts: .rounds,
          settings: [
            .init(name: "minKeep", allowed: "an integer from 1", usual: "4"),
            .init(name: "seed", usual: "7"),
          ]),
        .init(name: "odd"),
      ])
    #expect(!described.prunesSingleLayers)
    let plain = try manifest(#"{"command":"prune","methods":[],"scopes":["global","layers"]}"#)
    #expect(plain.pruningMethods == [.init(name: "magnitude")] && plain.prunesSingleLayers)
    let none = try manifest(#"{"command":"pause"}"#)
    #expect(none.pruningMethods == [] && none.prunesSingleLayers)
    #expect(try manifest(#"{"command":"prune"}"#).pruningMethods.map(\.name) == ["magnitude"])
    let many = (0..<500).map { "\"m\($0)\"" }.joined(separator: ",")
    let bounded = try manifest(#"{"command":"prune","methods":[\#(many)]}"#).pruningMethods
    #expect(bounded.count == RunManifest.pruningMethodsMax && bounded.last?.name == "m199")
  }

  @Test func numbersAreBounded() {
    var manifest = Self.manifest
    manifest.declares = (0..<5000).map {
      .init(command: "set", details: ["name": .string("n\($0)"), "value": 0])
    }
    #expect(manifest.declaredNumbers.count == RunManifest.declaredNumbersMax)
  }

  @Test func aFileThatCannotBeReadIsASystemError() throws {
    let directory = try TemporaryDirectory()
    try LocalFileSystem().createDirectory(directory.path("run.json"), permissions: 0o777)
    let error = #expect(throws: RunDirectoryError.self) {
      try RunDirectory(path: directory.path).readManifest(LocalFileSystem())
    }
    guard case .system = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}

struct RunDirectoryTests {
  private let files = LocalFileSystem()

  @Test func namesOfFiles() {
    let run = RunDirectory(path: "runs/one//")
    #expect(run.path == "runs/one")
    #expect(run.controlPath == "runs/one/control.jsonl")
    #expect(run.name == "one")
    #expect(RunDirectory(path: "/").path == "/")
  }

  @Test func newEventFilesSortBehindTheOthers() throws {
    let directory = try TemporaryDirectory()
    let run = RunDirectory(path: directory.path)
    func next(_ wallTime: Double) throws -> String {
      let path = try run.newEventFileName(
        files, wallTime: wallTime, host: "my.host-1/x", process: 42)
      return Path.name(of: path)
    }
    #expect(try next(1000.9) == "events.out.tfevents.0000001000.myhost-1x.42.0")
    try directory.write("", to: "events.out.tfevents.0000001000.a.1.0")
    try directory.write("", to: "events.out.tfevents.0000005000.b.1.0")
    try directory.write("", to: "tfevents.nonsense")
    // A clock that went back.
    #expect(try next(2000) == "events.out.tfevents.0000005001.myhost-1x.42.0")
    #expect(try run.eventFiles(files).count == 3)
  }

  @Test func whatIsARun() throws {
    let directory = try TemporaryDirectory()
    #expect(!RunDirectory.isRun(directory.path, files))
    try directory.write("", to: "notes.txt")
    #expect(!RunDirectory.isRun(directory.path, files))
    try directory.write("", to: "events.out.tfevents.1.host")
    #expect(RunDirectory.isRun(directory.path, files))
    let other = try TemporaryDirectory()
    try other.write("{}", to: "run.json")
    #expect(RunDirectory.isRun(other.path, files))
    #expect(!RunDirectory.isRun(other.path("none"), files))
  }
}
