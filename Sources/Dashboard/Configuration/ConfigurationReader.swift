import JSONText
import TerminalUI

/// Reads a configuration file field by field; a wrong one costs nothing but itself.
struct ConfigurationReader {
  private(set) var configuration = Configuration()
  private var problems: [String] = []
  private var problemCount = 0

  private let file: String
  private let actions: [String]
  private let themes: [String]
  private let views: [String]

  private static let shownLengthMax = 40
  private static let pathLengthMax = 4096

  init(file: String, actions: [String], themes: [String], views: [String]) {
    self.file = SafeText.cleaned(file)
    self.actions = actions
    self.themes = themes
    self.views = views
  }

  var problemLines: [String] {
    let untold = problemCount - problems.count
    return untold == 0 ? problems : problems + ["\(file): and \(untold) more problems"]
  }

  mutating func read(_ text: String) {
    if text.utf8.count > Configuration.bytesMax {
      report("is longer than \(Configuration.bytesMax) bytes; all defaults stay")
      return
    }
    if text.allSatisfy(\.isWhitespace) { return }
    guard let root = root(of: text) else { return }
    guard root.members != nil else {
      report("found \(root.kindName), expected an object {…}; all defaults stay", at: root.position)
      return
    }
    readFields(of: root, path: "", names: ["theme", "keys", "units", "defaults", "runs"]) {
      switch $1 {
      case "theme": $0.configuration.theme = $0.name($2, $3, among: $0.themes, "theme")
      case "keys": $0.readKeys($2, $3)
      case "units": $0.readUnits($2, $3)
      case "defaults": $0.readDefaults($2, $3)
      default: $0.readRuns($2, $3)
      }
    }
  }

  /// A name that stands twice is the one mistake of a JSON text that need not cost all of it.
  private mutating func root(of text: String) -> JSONNode? {
    do {
      return try JSONReader(options: .configuration).read(text)
    } catch {
      var options = JSONReader.Options.configuration
      options.duplicateNames = .lastWins
      if let root = try? JSONReader(options: options).read(text) {
        report("\(error.reason); the last one counts", at: error.position)
        return root
      }
      report("\(error.reason); all defaults stay", at: error.position)
      return nil
    }
  }

  // MARK: - Objects

  private typealias FieldReader = (
    _ reader: inout ConfigurationReader, _ name: String, _ path: String, _ node: JSONNode
  ) -> Void

  /// Hands each known field to `readField` and reports the others; null is as good as not given.
  private mutating func readFields(
    of node: JSONNode, path: String, names: [String], _ readField: FieldReader
  ) {
    guard let members = node.members else {
      return reportWrong(node, path, expected: "an object {…}")
    }
    for member in members {
      let fieldPath = path.isEmpty ? member.name : "\(path).\(member.name)"
      if names.contains(member.name) {
        if !member.node.isNull { readField(&self, member.name, fieldPath, member.node) }
        continue
      }
      let what = path == "keys" ? "there is no such action" : "there is no such field"
      let isTold = problems.count < Configuration.problemsMax
      let nearest = isTold ? NearestName.of(member.name, among: names) : nil
      report(
        "\(Self.shown(fieldPath)): \(what)"
          + (nearest.map { "; did you mean \($0)?" } ?? "; it is ignored"),
        at: member.namePosition)
    }
  }

  private mutating func readUnits(_ path: String, _ node: JSONNode) {
    readFields(of: node, path: path, names: ["bytes", "wall_time"]) {
      switch $1 {
      case "bytes": $0.configuration.byteUnits = $0.choice($2, $3) ?? .binary
      default: $0.configuration.wallTime = $0.choice($2, $3) ?? .local
      }
    }
  }

  private mutating func readDefaults(_ path: String, _ node: JSONNode) {
    let names = [
      "view", "x_axis", "smoothing", "logarithmic_y", "clip_outliers", "mouse", "ascii",
      "bytes_per_second", "memory_mb",
    ]
    let standard = Configuration.standard
    readFields(of: node, path: path, names: names) {
      switch $1 {
      case "view": $0.configuration.view = $0.name($2, $3, among: $0.views, "view")
      case "x_axis": $0.configuration.xAxis = $0.choice($2, $3) ?? standard.xAxis
      case "smoothing": $0.configuration.smoothing = $0.smoothing($2, $3) ?? standard.smoothing
      case "logarithmic_y":
        $0.configuration.isYLogarithmic = $0.flag($2, $3) ?? standard.isYLogarithmic
      case "clip_outliers":
        $0.configuration.clipsOutliers = $0.flag($2, $3) ?? standard.clipsOutliers
      case "mouse": $0.configuration.hasMouse = $0.flag($2, $3) ?? standard.hasMouse
      case "ascii": $0.configuration.usesASCII = $0.flag($2, $3) ?? standard.usesASCII
      case "bytes_per_second":
        $0.configuration.bytesPerSecond =
          $0.integer($2, $3, atLeast: 0) ?? standard.bytesPerSecond
      default:
        $0.configuration.memoryMegabytes =
          $0.integer($2, $3, atLeast: 16) ?? standard.memoryMegabytes
      }
    }
  }

  // MARK: - Keys

  private mutating func readKeys(_ path: String, _ node: JSONNode) {
    var owners: [Key: String] = [:]
    readFields(of: node, path: path, names: actions) {
      guard let keys = $0.keys($2, $3, of: $1, owners: &owners) else { return }
      $0.configuration.keys[$1] = keys
    }
  }

  /// The keys of one action; nil when none of them can be taken, so that the default stays.
  private mutating func keys(
    _ path: String, _ node: JSONNode, of action: String, owners: inout [Key: String]
  ) -> [Key]? {
    if node.string == "<disabled>" { return [] }
    guard let nodes = node.array ?? (node.string != nil ? [node] : nil), !nodes.isEmpty else {
      reportWrong(node, path, expected: "a key such as \"P\", an array of keys, or \"<disabled>\"")
      return nil
    }
    var keys: [Key] = []
    let isOne = nodes.count == 1
    for node in nodes.prefix(Configuration.keysPerActionMax) {
      let consequence = isOne ? "the default stays" : "it is left out"
      guard let label = node.string, let key = Self.key(label) else {
        report("\(path): \(Self.shown(node)) is no key; \(consequence)", at: node.position)
        continue
      }
      if let owner = owners[key], owner != action {
        report(
          "\(path): \(Self.shown(node)) is already the key of \(owner); \(consequence)",
          at: node.position)
        continue
      }
      owners[key] = action
      if !keys.contains(key) { keys.append(key) }
    }
    if nodes.count > Configuration.keysPerActionMax {
      report(
        "\(path): found \(nodes.count) keys; the first \(Configuration.keysPerActionMax) count",
        at: node.position)
    }
    return keys.isEmpty ? nil : keys
  }

  /// The key of a label, if a terminal can ever send it.
  private static func key(_ label: String) -> Key? {
    guard let key = Key(label: label) else { return nil }
    switch key {
    case .character(let character):
      let isControl = character.unicodeScalars.contains {
        $0.properties.generalCategory == .control
      }
      return isControl ? nil : key
    case .control(let letter):
      let isSent =
        letter.isASCII && (letter.isLetter || letter.isNumber || "@[\\]^_".contains(letter))
      return isSent ? key : nil
    default: return key
    }
  }

  // MARK: - Values

  private mutating func name(
    _ path: String, _ node: JSONNode, among names: [String], _ kind: String
  ) -> String? {
    guard let name = node.string, !name.isEmpty else {
      reportWrong(node, path, expected: "a \(kind)'s name")
      return nil
    }
    if names.isEmpty || names.contains(name) { return name }
    let nearest = NearestName.of(name, among: names)
    report(
      "\(path): there is no \(kind) \(Self.shown(node))"
        + (nearest.map { "; did you mean \(Self.shown($0))?" } ?? "")
        + "; the default stays", at: node.position)
    return nil
  }

  private mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ path: String, _ node: JSONNode
  ) -> Choice? where Choice.RawValue == String {
    if let choice = node.string.flatMap(Choice.init(rawValue:)) { return choice }
    let all = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    reportWrong(node, path, expected: "one of \(all)")
    return nil
  }

  private mutating func flag(_ path: String, _ node: JSONNode) -> Bool? {
    if node.boolean == nil { reportWrong(node, path, expected: "true or false") }
    return node.boolean
  }

  private mutating func smoothing(_ path: String, _ node: JSONNode) -> Float? {
    if let value = node.double, value >= 0, value < 1 {
      return min(Float(value), Configuration.smoothingMax)
    }
    reportWrong(node, path, expected: "a number from 0 up to 1, without 1")
    return nil
  }

  private mutating func integer(_ path: String, _ node: JSONNode, atLeast least: Int) -> Int? {
    if let value = node.integer.flatMap({ Int(exactly: $0) }), value >= least { return value }
    reportWrong(node, path, expected: "an integer of \(least) or more")
    return nil
  }

  private mutating func readRuns(_ path: String, _ node: JSONNode) {
    guard let nodes = node.array else {
      return reportWrong(node, path, expected: "an array of directories")
    }
    for (index, node) in nodes.prefix(Configuration.runsMax).enumerated() {
      if let run = node.string, !run.isEmpty, run.utf8.count <= Self.pathLengthMax {
        configuration.runs.append(run)
      } else {
        report(
          "\(path)[\(index)]: found \(Self.shown(node)), expected a directory; it is left out",
          at: node.position)
      }
    }
    if nodes.count > Configuration.runsMax {
      report(
        "\(path): found \(nodes.count) directories; the first \(Configuration.runsMax) count",
        at: node.position)
    }
  }

  // MARK: - Problems

  private mutating func reportWrong(_ node: JSONNode, _ path: String, expected: String) {
    report(
      "\(path): found \(Self.shown(node)), expected \(expected); the default stays",
      at: node.position)
  }

  private mutating func report(_ problem: String, at position: JSONPosition? = nil) {
    problemCount += 1
    guard problems.count < Configuration.problemsMax else { return }
    problems.append(file + (position.map { ":\($0.line)" } ?? "") + ": " + problem)
  }

  /// A value in a problem: as it was written, or its kind when that is long.
  private static func shown(_ node: JSONNode) -> String {
    switch node.kind {
    case .string(let text): "\"" + shown(text) + "\""
    case .array, .object: node.kindName
    default: node.json.text()
    }
  }

  private static func shown(_ text: String) -> String {
    SafeText.cleaned(text, maxLength: shownLengthMax)
  }
}
