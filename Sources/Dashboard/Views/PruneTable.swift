import RunLog
import TerminalUI

/// What a prune does to each layer, as lines: an answer's, with the sums below.
public struct PruneTable {
  public let lines: [StyledText]

  private struct Column {
    var title: String
    /// What goes first where there is no room.
    var priority: Int
    var cells: [String]
    var style = Style.dim
    var isLeft = false

    var width: Int {
      ([title] + cells).map { SafeText.displayWidth(of: $0) }.max() ?? 0
    }
  }

  private static let nameColumnsMax = 24
  private static let gap = 2

  /// - Parameter columns: that the lines may take; what does not fit is left out.
  public init(_ answer: JournalRecord.Answer, columns: Int, _ glyphs: GlyphSet = .braille) {
    var table = Self.columns(answer, glyphs)
    func width() -> Int { table.reduce(-Self.gap) { $0 + $1.width + Self.gap } }
    while width() > columns, table.count > 2,
      let least = table.indices.min(by: { table[$0].priority < table[$1].priority })
    {
      table.remove(at: least)
    }
    // Names make room at last.
    let spare = width() - columns
    if spare > 0 {
      let room = max(4, table[0].width - spare)
      table[0].cells = table[0].cells.map {
        SafeText.truncated($0, columns: room, glyphs: glyphs)
      }
    }
    let rows = table[0].cells.count
    guard rows > 0 else {
      lines = []
      return
    }
    func line(_ text: (Column) -> String, _ style: (Column) -> Style) -> StyledText {
      var line = StyledText()
      for (index, column) in table.enumerated() {
        let shown = text(column)
        let blanks = String(
          repeating: " ", count: max(0, column.width - SafeText.displayWidth(of: shown)))
        let isLast = index == table.count - 1
        line.append(column.isLeft ? shown + blanks : blanks + shown, style(column))
        if !isLast { line.append(String(repeating: " ", count: Self.gap)) }
      }
      return line
    }
    lines =
      [line({ $0.title }, { _ in .dim })]
      + (0..<rows).map { row in line({ $0.cells[row] }, { $0.style }) }
  }

  private static func columns(_ answer: JournalRecord.Answer, _ glyphs: GlyphSet) -> [Column] {
    let layers = answer.layers
    let (old, new) = (answer.old?.double, answer.new?.double)
    let hasSum = old != nil && new != nil
    func sum(_ value: (JournalRecord.LayerChange) -> Int64) -> Double {
      layers.reduce(0) { $0 + Double(value($1)) }
    }
    func count(_ value: Double) -> String { NumberText.grouped(Int(clampedTo: value)) }
    func cells(
      _ own: (JournalRecord.LayerChange) -> String, all: String
    ) -> [String] { layers.map(own) + (hasSum ? [all] : []) }
    func arrow(_ before: String, _ after: String) -> String {
      before + " \(glyphs.arrowRight) " + after
    }
    func change(_ before: Double, _ after: Double) -> String {
      let (one, other) = (NumberText.percent(before), NumberText.percent(after))
      return arrow(one, String(repeating: " ", count: max(0, 6 - other.count)) + other)
    }
    var result = [
      Column(
        title: "layer", priority: 99,
        cells: cells(
          {
            SafeText.truncated(
              SafeText.cleaned($0.name), columns: nameColumnsMax, glyphs: glyphs)
          }, all: "all"), style: .text, isLeft: true),
      Column(
        title: "sparsity", priority: 98,
        cells: cells({ change($0.before, $0.after) }, all: change(old ?? 0, new ?? 0)),
        style: Style(.text, .bold)),
      Column(
        title: "", priority: 1,
        cells: cells({ bar($0.after, glyphs) }, all: bar(new ?? 0, glyphs)),
        style: Style(.barFilled), isLeft: true),
    ]
    if layers.contains(where: { $0.channelsAfter != nil }) {
      func channels(_ layer: JournalRecord.LayerChange) -> String {
        guard let after = layer.channelsAfter else { return "" }
        return arrow(count(Double(layer.channelsBefore ?? after)), count(Double(after)))
      }
      result.append(
        Column(title: "channels", priority: 6, cells: cells(channels, all: ""), style: .text))
    }
    guard !layers.isEmpty else { return result }
    result.append(
      Column(
        title: "weights left", priority: 5,
        cells: cells({ count(Double($0.parameters)) }, all: count(sum { $0.parameters }))))
    result.append(
      Column(
        title: "FLOPs left", priority: 4,
        cells: cells(
          { NumberText.compact(Double($0.flops)) }, all: NumberText.compact(sum { $0.flops }))))
    if layers.contains(where: { $0.threshold != nil }) {
      result.append(
        Column(
          title: "threshold", priority: 3,
          cells: cells(
            { $0.threshold.map { NumberText.significant($0, digits: 3) } ?? "" }, all: "")))
    }
    return result
  }

  /// Ten cells, as many of them full as tenths are gone.
  private static func bar(_ share: Double, _ glyphs: GlyphSet) -> String {
    let cells = 10
    let full = share.isFinite ? Int((min(max(share, 0), 1) * Double(cells)).rounded()) : 0
    return String(repeating: glyphs.barFull, count: full)
      + String(repeating: glyphs.barEmpty, count: cells - full)
  }
}

extension Int {
  /// The nearest number, whatever it is; 0 for what is none.
  init(clampedTo value: Double) {
    self = value.isNaN ? 0 : Int(exactly: value.rounded()) ?? (value < 0 ? .min : .max)
  }
}
