import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import TensorFiles
import TerminalUI

/// `nntop prune FILE` with a method that takes single weights: they are 0 then, and everything else
/// is copied.
struct WeightFilePrune {
  private let choice: PruneCommand.Choice
  private let method: FileMethod
  private let files: any FileSystem
  private let clock: any Clock = SystemClock()
  private var leftOut: [(name: String, reason: String)] = []

  private var path: String { choice.path }
  private var layers: [String] { choice.request.layers ?? [] }

  init(_ choice: PruneCommand.Choice, _ method: FileMethod, files: any FileSystem) {
    self.choice = choice
    self.method = method
    self.files = files
  }

  mutating func run() throws {
    let start = clock.monotonicSeconds()
    let reader = try SafetensorsReader(path, files: files)
    let targets = try targets(in: reader.header)
    guard !targets.isEmpty else {
      let shownMax = 3
      let reasons = leftOut.prefix(shownMax).map { "\(SafeText.cleaned($0.name)): \($0.reason)" }
      let shown = reasons.isEmpty ? "it holds none" : reasons.joined(separator: "; ")
      throw Failure("\(path): none of its tensors can be pruned (\(shown)); --layer names one")
    }
    var pruner = FilePruner(
      reader, targets, method: method, sparsity: choice.request.sparsity, seed: choice.seed)
    try pruner.choose()
    var bytes: Int?
    if let output = choice.written {
      var file = try PrunedFile(pruner, files: files)
      bytes = file.byteCount
      pruner = try file.write(to: output)
    } else {
      try pruner.preview()
    }
    report(pruner, bytes: bytes, seconds: clock.monotonicSeconds() - start)
  }

  // MARK: Scope

  private mutating func targets(
    in header: SafetensorsHeader
  ) throws -> [SafetensorsHeader.Entry] {
    let primary = TensorRoles(header).primary
    guard layers.isEmpty else { return try layers.flatMap { try named($0, primary) }.unique }
    var targets: [SafetensorsHeader.Entry] = []
    for tensor in primary {
      if let reason = tensor.reasonNotPrunable {
        leftOut.append((tensor.name, reason))
      } else {
        targets.append(tensor)
      }
    }
    return targets
  }

  private func named(
    _ layer: String, _ tensors: [SafetensorsHeader.Entry]
  ) throws -> [SafetensorsHeader.Entry] {
    // A tensor by its name; or the weights of the layer, or of all layers within it.
    if let tensor = tensors.first(where: { $0.name == layer }) {
      if let reason = tensor.reasonNeverPrunable {
        throw Failure("\(path): \(layer) cannot be pruned: \(reason)")
      }
      return [tensor]
    }
    let inside = tensors.filter { $0.name.hasPrefix(layer + ".") }
    guard !inside.isEmpty else {
      let names = tensors.map(\.layerName)
      let near = NearestName.of(layer, among: names)
      throw Failure(
        "\(path): it has no layer \(layer)"
          + (near.map { "; did you mean \($0)?" } ?? "; nntop inspect lists its tensors"))
    }
    let found = inside.filter {
      $0.reasonNeverPrunable == nil && $0.hasWeightName && $0.shape.count >= 2
    }
    guard !found.isEmpty else {
      let reason = inside.compactMap(\.reasonNotPrunable).last ?? ""
      throw Failure("\(path): \(layer) cannot be pruned: \(reason)")
    }
    return found
  }

  // MARK: Report

  private func report(_ pruner: FilePruner, bytes: Int?, seconds: Double) {
    if choice.isJSON { return Output.line(json(pruner, bytes: bytes, seconds: seconds).text()) }
    let heading = ["tensor", "shape", "zero before", "after", "threshold"]
    let rows = pruner.targets.map { target -> [String] in
      let threshold = target.threshold.map { NumberText.significant(Double($0)) } ?? ""
      return [
        WeightTable.name(target.tensor), WeightTable.shape(target.tensor),
        percent(target.zerosBefore, target.count), percent(target.zerosAfter, target.count),
        threshold,
      ]
    }
    let total = [
      "total", "", percent(pruner.zerosBefore, pruner.count),
      percent(pruner.zerosAfter, pruner.count), "",
    ]
    FilePruneTable.write([heading] + rows + [total], textColumns: 2)
    Output.line(ending(pruner, bytes: bytes, seconds: seconds))
  }

  private func ending(_ pruner: FilePruner, bytes: Int?, seconds: Double) -> String {
    var text = "\n"
    let shownMax = 8
    if !leftOut.isEmpty {
      let reasons = Dictionary(grouping: leftOut, by: \.reason).sorted { $0.key < $1.key }
      for (reason, tensors) in reasons {
        let names = tensors.prefix(shownMax).map { SafeText.cleaned($0.name, maxLength: 60) }
        let more = tensors.count > shownMax ? " and \(tensors.count - shownMax) more" : ""
        text += "left as they are, \(reason): \(names.joined(separator: ", "))\(more)\n"
      }
    }
    let gone = NumberText.grouped(pruner.zerosAfter - pruner.zerosBefore)
    let time = NumberText.duration(seconds)
    guard let output = choice.written, let bytes else {
      return text + "\(gone) weights would go; nothing was written (\(time))"
    }
    return text + "\(gone) weights are 0 now; \(SafeText.cleaned(output)): "
      + "\(NumberText.bytes(Double(bytes))) in \(time)"
  }

  private func percent(_ zeros: Int, _ count: Int) -> String {
    NumberText.percent(Double(zeros) / Double(max(count, 1)), decimals: 2)
  }

  private func json(_ pruner: FilePruner, bytes: Int?, seconds: Double) -> JSON {
    func integer(_ value: Int) -> JSON { .integer(Int64(value)) }
    let tensors = pruner.targets.map { target -> JSON in
      [
        "name": .string(target.tensor.name), "shape": .array(target.tensor.shape.map(integer)),
        "count": integer(target.count), "zerosBefore": integer(target.zerosBefore),
        "zerosAfter": integer(target.zerosAfter),
        "threshold": target.threshold.map { .number(Double($0)) } ?? .null,
      ]
    }
    return [
      "schema": 1, "file": .string(path), "output": choice.written.map { .string($0) } ?? .null,
      "method": .string(choice.request.method), "sparsity": .number(choice.request.sparsity),
      "perLayer": .boolean(method.isPerLayer),
      "tensors": .array(tensors), "count": integer(pruner.count),
      "zerosBefore": integer(pruner.zerosBefore), "zerosAfter": integer(pruner.zerosAfter),
      "leftOut": .array(
        leftOut.map { ["name": .string($0.name), "reason": .string($0.reason)] }),
      "bytes": bytes.map(integer) ?? .null, "seconds": .number(seconds),
    ]
  }
}

extension [SafetensorsHeader.Entry] {
  /// Each once.
  fileprivate var unique: Self {
    var seen: Set<String> = []
    return filter { seen.insert($0.name).inserted }
  }
}
