import RunModel
import TerminalUI

/// The metric whose newest and best values the runs are listed with: each run's own loss until
/// another is chosen.
public enum RunsMetric {
  static let usualTag = "train/loss"
  /// What other logs call the same.
  private static let plainTag = "loss"

  /// The tag of a run; nil when it has no such metric.
  public static func tag(of run: Run, chosen: String? = nil) -> String? {
    if let chosen { return run.series[chosen] == nil ? nil : chosen }
    if let usual = [usualTag, plainTag].first(where: { run.series[$0] != nil }) { return usual }
    var best: (isValidation: Bool, tag: String)?
    // What would come behind the best is not looked at closely: there may be very many tags.
    for tag in run.series.keys where best.map({ $0.isValidation || tag < $0.tag }) ?? true {
      guard Metric.isLoss(tag) else { continue }
      let isValidation = isValidation(tag)
      if let best, isValidation, !best.isValidation || best.tag < tag { continue }
      best = (isValidation, tag)
    }
    return best?.tag
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
    let order = tags.map { (rank: rank($0), tag: $0) }.sorted { $0 < $1 }.map(\.tag)
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
    if Metric.isLoss(tag) { return 0 }
    if let family = parts.first, resultFamilies.contains(family.lowercased()) { return 1 }
    if parts.count == 1 { return 2 }
    return layerFamilies.contains(String(parts[0])) && parts[1] != "total" ? 4 : 3
  }

  private static func isValidation(_ tag: String) -> Bool {
    tag.lowercased().split { !$0.isLetter }.contains { word in
      validationWords.contains { word.hasPrefix($0) }
    }
  }
}
