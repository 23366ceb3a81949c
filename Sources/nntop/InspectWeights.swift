import Glibc
import JSONText
import OperatingSystem
import TensorFiles
import TerminalUI

/// `nntop inspect FILE.safetensors`: a row a tensor as soon as it is known, then totals.
struct InspectWeights {
  private let weights: WeightFiles
  private let tensor: String?
  private let isJSON: Bool
  private let clock: any Clock = SystemClock()
  private var totals = Totals()
  private var list: [JSON] = []

  private struct Totals {
    var tensors = 0
    var elements = 0
    var zeros = 0
    var nonFinite = 0
    var bytes = 0
    var unread = 0
  }

  init(_ weights: WeightFiles, tensor: String?, isJSON: Bool) {
    self.weights = weights
    self.tensor = tensor
    self.isJSON = isJSON
  }

  func run() throws -> Int32 {
    var copy = self
    try copy.inspect()
    return 0
  }

  private mutating func inspect() throws {
    if let tensor { return try showMap(of: tensor) }
    let start = clock.monotonicSeconds()
    var texts: [JSON.Member] = []
    for path in weights.paths {
      let reader = try SafetensorsReader(path)
      try inspect(reader, isFirst: path == weights.paths.first)
      texts += reader.header.metadata.map { JSON.Member(name: $0.name, value: .string($0.value)) }
    }
    let seconds = clock.monotonicSeconds() - start
    if isJSON {
      let result: JSON = [
        "schema": 1, "files": .array(weights.paths.map { .string($0) }),
        "metadata": .object(texts), "tensors": .array(list),
        "elements": .integer(Int64(totals.elements)), "zeros": .integer(Int64(totals.zeros)),
        "bytes": .integer(Int64(totals.bytes)), "seconds": .number(seconds),
      ]
      Output.line(result.text())
    } else {
      writeTotals(seconds: seconds, texts: texts)
    }
  }

  private mutating func inspect(_ reader: SafetensorsReader, isFirst: Bool) throws {
    let roles = TensorRoles(reader.header)
    let table = WeightTable(roles.primary + roles.secondary)
    if !isJSON {
      if !isFirst { Output.line("") }
      if weights.paths.count > 1 { Output.line(SafeText.cleaned(reader.path)) }
      Output.line(table.heading)
    }
    for tensor in roles.primary + roles.secondary {
      let statistics = try scan(tensor, reader)
      note(tensor, statistics)
      let masked = try roles.masks[tensor.name].flatMap { try scan($0, reader)?.sparsity }
      if isJSON {
        list.append(WeightTable.json(tensor, statistics, masked: masked))
      } else {
        Output.line(table.row(tensor, statistics, masked: masked))
      }
    }
  }

  private mutating func note(_ tensor: SafetensorsHeader.Entry, _ found: TensorStatistics?) {
    totals.tensors += 1
    totals.bytes += tensor.bytes.count
    totals.elements += tensor.elementCount
    totals.zeros += found?.zeros ?? 0
    totals.nonFinite += found?.nonFinite ?? 0
    if found == nil { totals.unread += 1 }
  }

  /// Reads a tensor; how far it is shows on a terminal when that takes long.
  private func scan(
    _ tensor: SafetensorsHeader.Entry, _ reader: SafetensorsReader,
    pictures: TensorScan.Pictures = .init()
  ) throws -> TensorStatistics? {
    let elementsPerLook = 1 << 24
    let patienceSeconds = 0.5
    guard var scan = TensorScan(tensor, pictures: pictures) else { return nil }
    let start = clock.monotonicSeconds()
    let isWatched = !isJSON && isatty(2) != 0
    var (isShown, looked) = (false, 0)
    defer { if isShown { Output.write("\r\u{1B}[K", to: 2) } }
    while true {
      let found = try scan.advance(reader, elementsMax: elementsPerLook)
      if let found { return found }
      looked += elementsPerLook
      guard isWatched, clock.monotonicSeconds() - start > patienceSeconds else { continue }
      isShown = true
      let part = Double(looked) / Double(2 * tensor.elementCount)
      let name = SafeText.cleaned(tensor.name, maxLength: 40)
      Output.write("\r\(name) \(NumberText.percent(min(part, 1), decimals: 0))\u{1B}[K", to: 2)
    }
  }

  private func writeTotals(seconds: Double, texts: [JSON.Member]) {
    var line = "\n\(totals.tensors) tensors, \(NumberText.grouped(totals.elements)) elements, "
    let zeros = Double(totals.zeros) / Double(max(totals.elements, 1))
    line += "\(NumberText.percent(zeros)) zero"
    if totals.nonFinite > 0 { line += ", \(NumberText.grouped(totals.nonFinite)) not finite" }
    if totals.unread > 0 { line += ", \(totals.unread) of types that are not read" }
    line += ", \(NumberText.bytes(Double(totals.bytes))) in \(NumberText.duration(seconds))"
    Output.line(line)
    for text in texts {
      let value = SafeText.cleaned(text.value.string ?? "", maxLength: 200)
      Output.line("\(SafeText.cleaned(text.name, maxLength: 80)): \(value)")
    }
  }

  // MARK: Map

  /// The density of one tensor as shades.
  private func showMap(of name: String) throws {
    for path in weights.paths {
      let reader = try SafetensorsReader(path)
      guard let tensor = reader.header[name] else { continue }
      let pictures = TensorScan.Pictures(gridRows: 32, gridColumns: 64)
      let found = try scan(tensor, reader, pictures: pictures)
      guard let found, let grid = found.density else {
        throw Failure("\(path): \(name) has no map: it is no matrix of numbers")
      }
      if isJSON {
        var json = WeightTable.json(tensor, found, masked: nil)
        json["density"] = [
          "rows": .integer(Int64(grid.rows)), "columns": .integer(Int64(grid.columns)),
          "values": .array(grid.values.map { .number(Double($0)) }),
        ]
        return Output.line(json.text())
      }
      let table = WeightTable([tensor])
      Output.write(table.heading + "\n" + table.row(tensor, found, masked: nil) + "\n\n")
      for row in 0..<grid.rows {
        let values = grid.values[row * grid.columns..<(row + 1) * grid.columns]
        Output.line(String(values.map(Self.shade)))
      }
      Output.line("\nnon-zero: \" \" none, \"░\" to 25%, \"▒\" to 50%, \"▓\" to 75%, \"█\" more")
      return
    }
    let names = try weights.paths.flatMap { try SafetensorsReader($0).header.tensors.map(\.name) }
    let near = NearestName.of(name, among: names)
    throw Failure(
      "\(weights.paths[0]): it has no tensor \(name)" + (near.map { "; did you mean \($0)?" } ?? "")
    )
  }

  private static func shade(_ density: Float) -> Character {
    if density == 0 { return " " }
    return density <= 0.25 ? "░" : density <= 0.5 ? "▒" : density <= 0.75 ? "▓" : "█"
  }
}
