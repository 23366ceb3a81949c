import RunModel
import TerminalUI

/// The network between prunes as a table: a row a stage, compared with the dense one.
struct LayersPrunes {
  let stages: [Run.Stage]
  private let glyphs: GlyphSet

  init(_ stages: [Run.Stage], _ glyphs: GlyphSet) {
    self.stages = stages
    self.glyphs = glyphs
  }

  static let heading = "before and after each prune, compared with the dense network"

  private static let columns = [
    TableColumn(title: "network", width: 14, flex: 1, priority: 99),
    TableColumn(title: "step", alignment: .right, width: 7, priority: 6),
    TableColumn(title: "sparsity", alignment: .right, width: 8, priority: 98),
    TableColumn(title: "accuracy", alignment: .right, width: 8, priority: 97),
    TableColumn(title: "before", alignment: .right, width: 6, priority: 3),
    TableColumn(title: "best", alignment: .right, width: 6, priority: 5),
    TableColumn(title: "points", alignment: .right, width: 6, priority: 7),
    TableColumn(title: "weights", alignment: .right, width: 13, priority: 8),
    TableColumn(title: "FLOPs", alignment: .right, width: 13, priority: 4),
    TableColumn(title: "step time", alignment: .right, width: 15, priority: 4),
    TableColumn(title: "size", alignment: .right, width: 8, priority: 2),
    TableColumn(title: "epochs", alignment: .right, width: 6, priority: 9),
  ]

  /// Rows with the heading of the table.
  var rows: Int { stages.count + 1 }

  /// The newest stages below the dense one, as many as there is room for.
  func draw(into buffer: inout Buffer, rect: Rect) {
    let visible = TextTable.visibleRows(in: rect)
    let dense = stages.first
    let newest = stages.dropFirst().suffix(max(0, visible - 1))
    let shown = visible > 0 ? Array(stages.prefix(1) + newest) : []
    TextTable(
      columns: Self.columns, rows: shown.map { cells($0, dense) }, isFocused: false,
      emptyText: "nothing was pruned yet"
    ).draw(into: &buffer, rect: rect, glyphs: glyphs)
  }

  private func cells(_ stage: Run.Stage, _ dense: Run.Stage?) -> [TableCell] {
    let style: Style = stage.isUndone ? .dim : .text
    let isDense = stage.method == nil && stage.step == dense?.step
    let accuracy = stage.lastAccuracy
    let gain =
      isDense ? nil : zip(accuracy, dense?.lastAccuracy).map { Double($0) - Double($1) }
    func cell(_ text: String?) -> TableCell { TableCell(text ?? "", style) }
    return [
      cell(name(stage)), cell(NumberText.grouped(Int(clamping: stage.step))),
      cell(NumberText.percent(stage.sparsity)), cell(accuracy.map(percent)),
      cell(stage.accuracyBefore.map(percent)), cell(stage.bestAccuracy.map(percent)),
      cell(gain.map(points)),
      cell(stage.size.map { size in share(size.parameters, of: dense?.size?.parameters, isDense) }),
      cell(stage.size.map { size in share(size.flops, of: dense?.size?.flops, isDense) }),
      cell(stage.stepMilliseconds.map { time($0, dense?.stepMilliseconds, isDense) }),
      cell(stage.size?.bytes.map { NumberText.bytes(Double($0)) }),
      cell(stage.epochs.map { NumberText.significant($0, digits: 3) }),
    ]
  }

  /// "dense", "magnitude", "iterative 3/10", "l2 ×4", "l2 undone".
  private func name(_ stage: Run.Stage) -> String {
    var name = stage.method.map { SafeText.cleaned($0, maxLength: 40) } ?? "dense"
    if let round = stage.round, stage.method != nil { name += " \(round.number)/\(round.last)" }
    if stage.pruneCount > 1 { name += " ×\(stage.pruneCount)" }
    return stage.isUndone ? name + " undone" : name
  }

  private func percent(_ value: Float) -> String { NumberText.percent(Double(value)) }

  /// "-0.42": percentage points.
  private func points(_ gain: Double) -> String {
    (gain > 0 ? "+" : "") + NumberText.fixed(gain * 100, decimals: 2)
  }

  /// "22.3k  20%"
  private func share(_ value: Int64, of dense: Int64?, _ isDense: Bool) -> String {
    let text = NumberText.compact(Double(value))
    guard !isDense, let dense, dense > 0 else { return text }
    return "\(text)  \(NumberText.percent(Double(value) / Double(dense), decimals: 0))"
  }

  /// "2.1ms  -30%"
  private func time(_ milliseconds: Double, _ dense: Double?, _ isDense: Bool) -> String {
    let text = NumberText.duration(milliseconds / 1000)
    guard !isDense, let dense, dense > 0 else { return text }
    let change = milliseconds / dense - 1
    return "\(text)  \(change > 0 ? "+" : "")\(NumberText.percent(change, decimals: 0))"
  }
}

/// Both, or nothing.
private func zip<One, Other>(_ one: One?, _ other: Other?) -> (One, Other)? {
  if let one, let other { (one, other) } else { nil }
}
