import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

struct ConfigurationTests {
  private func read(_ text: String) -> (Configuration, [String]) {
    Configuration.read(
      text, file: "config.json", actions: ["pause", "stop", "undo", "quit"],
      themes: ["standard", "light"], views: ["curves", "runs"])
  }

  private static let full = """
    // Everything.
    {
      "theme": "light",
      "keys": {"pause": "Ctrl-P", "stop": ["K", "F9", "←"], "undo": "<disabled>", "quit": null},
      "units": {"bytes": "decimal", "wall_time": "utc"},
      "defaults": {
        "view": "runs", "x_axis": "wall", "smoothing": 0.5, "logarithmic_y": true,
        "clip_outliers": true, "mouse": true, "ascii": true, "bytes_per_second": 9600,
        "memory_mb": 16, /* the least */
      },
      "runs": ["runs", "/data/runs"],
    }
    """

  @Test func everything() {
    var expected = Configuration.standard
    expected.theme = "light"
    expected.keys = [
      "pause": [.control("p")], "stop": [.character("K"), .function(9), .left], "undo": [],
    ]
    expected.byteUnits = .decimal
    expected.wallTime = .utc
    expected.view = "runs"
    expected.xAxis = .wall
    expected.smoothing = 0.5
    expected.isYLogarithmic = true
    expected.clipsOutliers = true
    expected.hasMouse = true
    expected.usesASCII = true
    expected.bytesPerSecond = 9600
    expected.memoryMegabytes = 16
    expected.runs = ["runs", "/data/runs"]
    let (configuration, problems) = read(Self.full)
    #expect(configuration == expected)
    #expect(problems == [])
  }

  @Test(arguments: ["", " \n", "{}", "// nothing\n{}", "{\"theme\": null, \"keys\": {}}"])
  func nothing(text: String) {
    let (configuration, problems) = read(text)
    #expect(configuration == .standard)
    #expect(problems == [])
  }

  /// One wrong field costs itself: the one after it holds.
  @Test(arguments: [
    ("\"keys\": {\"pause\": \"Ctrl-Q9\"}", "keys.pause: \"Ctrl-Q9\" is no key; the default stays"),
    ("\"keys\": {\"pause\": \"Ctrl-é\"}", "keys.pause: \"Ctrl-é\" is no key; the default stays"),
    ("\"keys\": {\"pause\": \"\\u001b\"}", "keys.pause: \"\\x1b\" is no key; the default stays"),
    (
      "\"keys\": {\"pause\": 7}",
      "keys.pause: found 7, expected a key such as \"P\", an array of "
        + "keys, or \"<disabled>\"; the default stays"
    ),
    ("\"keys\": {\"puase\": \"P\"}", "keys.puase: there is no such action; did you mean pause?"),
    ("\"keys\": {\"xyzxyz\": \"P\"}", "keys.xyzxyz: there is no such action; it is ignored"),
    ("\"keys\": 3", "keys: found 3, expected an object {…}; the default stays"),
    ("\"tehme\": 1", "tehme: there is no such field; did you mean theme?"),
    (
      "\"theme\": \"lihgt\"",
      "theme: there is no theme \"lihgt\"; did you mean light?; the default stays"
    ),
    ("\"theme\": 1", "theme: found 1, expected a theme's name; the default stays"),
    (
      "\"units\": {\"bytes\": \"si\"}",
      "units.bytes: found \"si\", expected one of \"binary\", \"decimal\"; the default stays"
    ),
    (
      "\"units\": {\"wall_time\": true}",
      "units.wall_time: found true, expected one of \"local\", \"utc\"; the default stays"
    ),
    (
      "\"defaults\": {\"x_axis\": \"time\"}",
      "defaults.x_axis: found \"time\", expected one of \"step\", \"epoch\", \"relative\", "
        + "\"wall\"; the default stays"
    ),
    (
      "\"defaults\": {\"smoothing\": 1}",
      "defaults.smoothing: found 1, expected a number from 0 up to 1, without 1; the default stays"
    ),
    (
      "\"defaults\": {\"mouse\": []}",
      "defaults.mouse: found an array, expected true or false; the default stays"
    ),
    (
      "\"defaults\": {\"memory_mb\": 15}",
      "defaults.memory_mb: found 15, expected an integer of 16 or more; the default stays"
    ),
    (
      "\"defaults\": {\"bytes_per_second\": 0.5}",
      "defaults.bytes_per_second: found 0.5, expected an integer of 0 or more; the default stays"
    ),
    (
      "\"defaults\": {\"view\": \"rnus\"}",
      "defaults.view: there is no view \"rnus\"; did you mean runs?; the default stays"
    ),
  ])
  func oneWrongField(field: String, problem: String) {
    let (configuration, problems) = read("{\n\n\(field),\n\"runs\": [\"a\"]}")
    var expected = Configuration.standard
    expected.runs = ["a"]
    #expect(configuration == expected)
    #expect(problems == ["config.json:3: \(problem)"])
  }

  @Test func twoActionsOnOneKey() {
    let text =
      "{\"keys\": {\n\"pause\": [\"P\", \"F2\", \"P\"],\n\"stop\": \"F2\",\n"
      + "\"undo\": [\"u\", \"P\", 3]}}"
    let (configuration, problems) = read(text)
    #expect(
      configuration.keys == ["pause": [.character("P"), .function(2)], "undo": [.character("u")]])
    #expect(
      problems == [
        "config.json:3: keys.stop: \"F2\" is already the key of pause; the default stays",
        "config.json:4: keys.undo: \"P\" is already the key of pause; it is left out",
        "config.json:4: keys.undo: 3 is no key; it is left out",
      ])
  }

  @Test func nameThatStandsTwice() {
    let (configuration, problems) = read(
      "{\"runs\": [\"a\"],\n\"theme\": 1,\n\"theme\": \"light\"}")
    #expect(configuration.theme == "light")
    #expect(configuration.runs == ["a"])
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("config.json:3: ") == true)
    #expect(problems.first?.hasSuffix("; the last one counts") == true)
  }

  @Test(arguments: ["{\"theme\": \"light\",\n]", "[1]", "\0", "{"])
  func noJSON(text: String) {
    let (configuration, problems) = read(text)
    #expect(configuration == .standard)
    #expect(problems.count == 1)
    #expect(problems.first?.hasSuffix("; all defaults stay") == true)
  }

  @Test func limits() {
    let long = String(repeating: "[", count: Configuration.bytesMax + 1)
    #expect(read(long).1 == ["config.json: is longer than 1048576 bytes; all defaults stay"])
    let fields = (0..<50).map { "\"x\($0)\": 1" }.joined(separator: ",\n")
    let problems = read("{\(fields)}").1
    #expect(problems.count == Configuration.problemsMax + 1)
    #expect(problems.last == "config.json: and 30 more problems")
    let keys = (1...12).map { "\"F\($0)\"" }.joined(separator: ",")
    let (configuration, keyProblems) = read("{\"keys\": {\"stop\": [\(keys)]}}")
    #expect(configuration.keys["stop"]?.count == Configuration.keysPerActionMax)
    #expect(keyProblems == ["config.json:1: keys.stop: found 12 keys; the first 8 count"])
    let runs = (0..<70).map { "\"\($0)\"" }.joined(separator: ",")
    let (directories, runProblems) = read("{\"runs\": [3, \"\", \(runs)]}")
    #expect(directories.runs.count == Configuration.runsMax - 2)
    #expect(runProblems.count == 3)
  }

  /// Damaged files: nothing traps, every value is allowed, every problem is one safe line.
  @Test(arguments: 0..<4)
  func damagedFiles(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<400 {
      let (configuration, problems) = read(ConfigurationDamage.damaged(Self.full, &random))
      #expect((0..<1).contains(configuration.smoothing))
      #expect(configuration.memoryMegabytes >= 16 && configuration.bytesPerSecond >= 0)
      for problem in problems {
        #expect(problem.hasPrefix("config.json:") && SafeText.cleaned(problem) == problem)
      }
    }
  }
}

/// Bytes of a text replaced, removed, doubled, or cut off at the end.
enum ConfigurationDamage {
  static func damaged(_ text: String, _ random: inout SeededGenerator) -> String {
    var bytes = Array(text.utf8)
    let pieces = Array("{}[],:\"\\/*0-.eE9tnN\u{1}\u{1B}é".utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard !bytes.isEmpty else { break }
      let index = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, index + Int.random(in: 1...20, using: &random))
      switch Int.random(in: 0..<8, using: &random) {
      case 0..<4: bytes[index] = pieces.randomElement(using: &random) ?? 0
      case 4: bytes.removeSubrange(index..<end)
      case 5: bytes.insert(contentsOf: bytes[index..<end], at: index)
      case 6: bytes.insert(pieces.randomElement(using: &random) ?? 0, at: index)
      default: if Int.random(in: 0..<4, using: &random) == 0 { bytes.removeSubrange(index...) }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
