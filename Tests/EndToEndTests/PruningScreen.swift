import JSONText
import OperatingSystem
import Testing

/// A terminal with a dashboard on one paused run, for the keys that prune.
struct PruningScreen {
  let place: Workplace
  let run: RunOnDisk
  let screen: Screen

  /// What the built-in network has: 784 inputs, 300 and 100 units, 10 classes.
  static let weights = [784 * 300, 300 * 100, 100 * 10]
  static let allWeights = weights.reduce(0, +)
  static let layers = ["linear1", "linear2", "linear3"]

  static let opening = "Prune "
  static let previewed = "nothing has changed yet"

  /// Starts an engine, waits until it has learned a little, and pauses it in the Layers view.
  static func onPausedRun(
    _ place: Workplace, _ terminal: Terminal = .usual
  ) async throws -> PruningScreen {
    let run = try await place.startEngine()
    let screen = try Screen(
      place, columns: terminal.columns, rows: terminal.rows,
      environment: ["LANG": terminal.locale], "runs", "--view", "layers")
    try await screen.wait(for: "some steps") { ScreenText.step($0) ?? 0 > 40 }
    try screen.type("P")
    try await screen.wait(forText: "paused", layers[0])
    return PruningScreen(place: place, run: run, screen: screen)
  }

  /// A size that dashboards are drawn at, and the locale that says which characters there are.
  struct Terminal: Sendable, CustomTestStringConvertible {
    var columns, rows: Int
    var locale = "C.UTF-8"

    static let usual = Terminal(columns: 80, rows: 24)
    static let all = [
      usual, Terminal(columns: 80, rows: 24, locale: "C"),
      Terminal(columns: 200, rows: 60), Terminal(columns: 200, rows: 60, locale: "C"),
    ]
    var testDescription: String { "\(columns)×\(rows) \(locale)" }
  }

  // MARK: Keys

  /// Types into the dialog that `X` opens, and presses some keys behind it.
  func prune(_ typed: String, keys: String...) async throws {
    try screen.type("X")
    try await screen.wait(forText: Self.opening, "target")
    try screen.type(typed)
    for key in keys { try screen.press(key) }
    try screen.press("Enter")
  }

  /// Takes the last change back.
  func undo() async throws {
    try screen.type("U")
    try await screen.wait(forText: "Undo ", "yes")
    try screen.press("Enter")
  }

  // MARK: The screen

  @discardableResult
  func wait(forSparsity percent: Double) async throws -> String {
    try await screen.wait(for: "a sparsity of \(percent) %") {
      ScreenText.value("sparsity", $0) == percent && !$0.contains(Self.previewed)
    }
  }

  /// The row of a layer in the Layers view, or in the preview before which it stands.
  static func row(_ layer: String, _ text: String) -> Substring? {
    text.split(separator: "\n").first { row in
      row.contains(layer + " ") && row.contains("%")
    }
  }

  /// The percentages of a row in their order.
  static func percentages(_ row: Substring?) -> [Double] {
    guard let row else { return [] }
    return row.split { $0 == " " || $0 == "\u{a0}" }.compactMap { word in
      word.hasSuffix("%") ? Double(word.dropLast()) : nil
    }
  }

  /// The sparsity of each layer as the Layers view shows it.
  static func sparsities(_ text: String) -> [Double] {
    layers.compactMap { percentages(row($0, text)).first }
  }

  /// The part of all weights that the layers' sparsities make.
  static func total(_ percentages: [Double]) -> Double {
    zip(percentages, weights).reduce(0) { $0 + $1.0 / 100 * Double($1.1) } / Double(allWeights)
  }

  /// The filled cells of a row's bar.
  static func filledCells(_ row: Substring?) -> Int {
    (row ?? "").filter { $0 == "█" || $0 == "#" }.count
  }

  /// Numbers without the spaces that group their digits.
  static func ungrouped(_ text: String) -> String {
    var result = ""
    var wasDigit = false
    var rest = Substring(text)
    while let character = rest.popFirst() {
      let isGap = character == " " || character == "\u{a0}"
      if isGap, wasDigit, rest.prefix(3).count == 3, rest.prefix(3).allSatisfy(\.isNumber) {
        continue
      }
      result.append(character)
      wasDigit = character.isNumber
    }
    return result
  }

  // MARK: The run

  /// That the run is as it was: its log tells of no more prunes, its engine of no other sparsity.
  func expectUnchanged(sparsity: Double = 0, prunes: Int = 0) async throws {
    let status = try await place.status(run)
    #expect(abs((status["sparsity"]?.double ?? -1) - sparsity) < 0.001)
    #expect(try run.journal(of: "prune").count == prunes)
  }
}
