import JSONText
import TensorFiles
import TerminalUI

/// The rows of `nntop inspect FILE.safetensors`. Widths come from names and shapes, so that a row
/// can be written before the next one is known.
struct WeightTable {
  private let nameWidth, typeWidth, shapeWidth: Int

  private static let nameMax = 60
  private static let columns: [(name: String, width: Int)] = [
    ("zero", 6), ("near 0", 6), ("min", 10), ("max", 10), ("mean", 10), ("std", 10), ("norm", 9),
    ("dead", 11), ("masked", 6),
  ]

  init(_ tensors: [SafetensorsHeader.Entry]) {
    nameWidth = max(6, tensors.map { SafeText.displayWidth(of: Self.name($0)) }.max() ?? 0)
    typeWidth = max(4, tensors.map(\.type.rawValue.count).max() ?? 0)
    shapeWidth = max(5, tensors.map { Self.shape($0).count }.max() ?? 0)
  }

  var heading: String {
    let first = [
      HelpPage.padded("tensor", nameWidth), HelpPage.padded("type", typeWidth),
      HelpPage.padded("shape", shapeWidth),
    ]
    return Self.line(first + Self.columns.map { Self.right($0.name, $0.width) })
  }

  func row(
    _ tensor: SafetensorsHeader.Entry, _ found: TensorStatistics?, masked: Double?
  ) -> String {
    let first = [
      HelpPage.padded(Self.name(tensor), nameWidth),
      HelpPage.padded(tensor.type.rawValue, typeWidth),
      HelpPage.padded(Self.shape(tensor), shapeWidth),
    ]
    guard let found else { return Self.line(first + [" not read"]) }
    func number(_ value: Double?) -> String { value.map { NumberText.significant($0) } ?? "–" }
    let near = Double(found.nearZeros) / Double(max(found.count, 1))
    let cells = [
      NumberText.percent(found.sparsity), NumberText.percent(near), number(found.minimum),
      number(found.maximum), number(found.mean), number(found.standardDeviation),
      number(found.norm), Self.dead(found), masked.map { NumberText.percent($0) } ?? "",
    ]
    let texts = zip(cells, Self.columns).map { Self.right($0, $1.width) }
    let troubles =
      found.nonFinite > 0 ? ["  \(NumberText.grouped(found.nonFinite)) not finite"] : []
    return Self.line(first + texts + troubles)
  }

  static func json(
    _ tensor: SafetensorsHeader.Entry, _ found: TensorStatistics?, masked: Double?
  ) -> JSON {
    func integer(_ value: Int) -> JSON { .integer(Int64(value)) }
    func number(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }
    var json: JSON = [
      "name": .string(tensor.name), "type": .string(tensor.type.rawValue),
      "shape": .array(tensor.shape.map(integer)), "bytes": integer(tensor.bytes.count),
    ]
    guard let found else { return json }
    json["count"] = integer(found.count)
    json["zeros"] = integer(found.zeros)
    json["nearZeros"] = integer(found.nearZeros)
    json["nonFinite"] = integer(found.nonFinite)
    json["minimum"] = number(found.minimum)
    json["maximum"] = number(found.maximum)
    json["mean"] = number(found.mean)
    json["standardDeviation"] = number(found.standardDeviation)
    json["norm"] = .number(found.norm)
    json["zeroRows"] = found.zeroRows.map(integer)
    json["zeroColumns"] = found.zeroColumns.map(integer)
    json["masked"] = masked.map { .number($0) }
    return json
  }

  /// "4, 12": rows and columns; empty where there are none.
  private static func dead(_ found: TensorStatistics) -> String {
    guard let rows = found.zeroRows, let columns = found.zeroColumns, rows + columns > 0 else {
      return ""
    }
    return "\(rows), \(columns)"
  }

  static func name(_ tensor: SafetensorsHeader.Entry) -> String {
    SafeText.cleaned(tensor.name, maxLength: nameMax)
  }

  static func shape(_ tensor: SafetensorsHeader.Entry) -> String {
    tensor.shape.isEmpty ? "one" : tensor.shape.map(String.init).joined(separator: "×")
  }

  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - SafeText.displayWidth(of: text))) + text
  }

  static func line(_ cells: [String]) -> String {
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
