import RunModel
import TerminalUI

/// What is told of the chosen candidate: its cell or its layers as a picture, and all its fields.
struct CandidatesDetail {
  let table: CandidatesTable
  let candidate: Int
  let columns: Int
  let glyphs: GlyphSet

  private static let nameColumnsMax = 24
  private static let valueLengthMax = 500

  var lines: [StyledText] { picture + facts }

  /// The rows that show no more than the picture.
  var pictureRows: Int { picture.count }

  private func word(_ name: String) -> String? { table.candidates.column(name)?.word(candidate) }

  private var picture: [StyledText] {
    if let adjacency = word("adjacency"), let operations = word("operations"),
      let graph = CandidateCell.graph(adjacency: adjacency, operations: operations)
    {
      return graph.lines(columns: columns, glyphs: glyphs) + [""]
    }
    return layers
  }

  /// Of a chain of layers a line each.
  private var layers: [StyledText] {
    let layersMax = 64
    guard let text = table.meanings.architecture?.word(candidate) else { return [] }
    let arrows: Set<Character> = ["→", "⟶"]
    let layers = text.split(whereSeparator: arrows.contains).prefix(layersMax)
    guard layers.count > 1 else { return [] }
    let down = String(glyphs.arrowDown)
    return layers.enumerated().map { index, layer in
      StyledText([
        .init(index == 0 ? "  " : down + " ", .dim),
        .init(SafeText.cleaned(String(layer), maxLength: Self.valueLengthMax).trimmed, .text),
      ])
    } + [""]
  }

  /// A line a field, the names as wide as the widest.
  private var facts: [StyledText] {
    var fields: [(name: String, value: String)] = [("id", table.candidates.id(candidate))]
    for column in table.meanings.all
    where column.hasValue(candidate) && !CandidatesColumns.inner.contains(column.name) {
      let value =
        column.word(candidate)
        ?? NumberText.significant(column.number(candidate), digits: Self.digits)
      fields.append((column.name, value))
    }
    let shown = fields.map {
      (
        name: SafeText.cleaned($0.name, maxLength: Self.nameColumnsMax),
        value: SafeText.cleaned($0.value, maxLength: Self.valueLengthMax)
      )
    }
    let width = shown.map { SafeText.displayWidth(of: $0.name) }.max() ?? 0
    return shown.map { field in
      let blanks = max(0, width - SafeText.displayWidth(of: field.name)) + 2
      var line = StyledText(field.name + String(repeating: " ", count: blanks), .dim)
      line.append(field.value)
      return line
    }
  }

  private static let digits = 7
}
