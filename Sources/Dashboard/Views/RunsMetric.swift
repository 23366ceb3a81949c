import RunModel
import TerminalUI

/// The metric whose newest and best values the runs are listed with: each run's own loss until
/// another is chosen.
enum RunsMetric {
  static let usualTag = "train/loss"

  /// The tag of a run; nil when it has no such metric.
  static func tag(of run: Run, chosen: String?) -> String? {
    if let chosen { return run.series[chosen] == nil ? nil : chosen }
    if run.series[usualTag] != nil { return usualTag }
    return run.series.keys.filter { mentionsLoss($0) && Metric.isLoss($0) }.min {
      (isValidation($0) ? 1 : 0, $0) < (isValidation($1) ? 1 : 0, $1)
    }
  }

  /// "loss", "val accuracy".
  static func title(chosen: String?) -> String {
    guard let chosen, chosen != usualTag else { return "loss" }
    let name = chosen.hasPrefix("train/") ? chosen.dropFirst("train/".count) : chosen[...]
    return SafeText.cleaned(
      name.split(separator: "/").joined(separator: " "), maxLength: titleLengthMax)
  }

  /// The metric after the chosen one; nil: the usual again.
  static func next(after chosen: String?, in runs: [Run]) -> String? {
    let usual = Set(runs.map { tag(of: $0, chosen: nil) })
    var tags = Set(runs.flatMap { $0.series.keys })
    // What stands there by itself need not come twice.
    if usual.count == 1, let only = usual.first ?? nil { tags.remove(only) }
    let order = tags.sorted { (rank($0), $0) < (rank($1), $1) }
    guard let chosen else { return order.first }
    guard let index = order.firstIndex(of: chosen) else { return nil }
    return index + 1 < order.count ? order[index + 1] : nil
  }

  private static let titleLengthMax = 24
  private static let resultFamilies: Set<String> = [
    "train", "val", "valid", "validation", "test", "eval",
  ]
  /// Have a metric for each layer.
  private static let layerFamilies: Set<String> = [
    "sparsity", "gradient_norm", "grad_norm", "weight_norm", "dead_units",
  ]
  private static let validationWords = ["val", "test", "eval"]

  /// What tells of success first, what tells of single layers last.
  private static func rank(_ tag: String) -> Int {
    let parts = tag.split(separator: "/")
    if mentionsLoss(tag) && Metric.isLoss(tag) { return 0 }
    if let family = parts.first, resultFamilies.contains(family.lowercased()) { return 1 }
    if parts.count == 1 { return 2 }
    return layerFamilies.contains(String(parts[0])) && parts[1] != "total" ? 4 : 3
  }

  private static func isValidation(_ tag: String) -> Bool {
    tag.lowercased().split { !$0.isLetter }.contains { word in
      validationWords.contains { word.hasPrefix($0) }
    }
  }

  /// Whether the letters "loss" stand in a tag: a quick look before the careful one.
  private static func mentionsLoss(_ tag: String) -> Bool {
    let letters = Array("loss".utf8)
    let lowerCaseBit: UInt8 = 0x20
    var matched = 0
    for byte in tag.utf8 {
      let letter = byte | lowerCaseBit
      matched = letter == letters[matched] ? matched + 1 : letter == letters[0] ? 1 : 0
      if matched == letters.count { return true }
    }
    return false
  }
}
