import JSONText
import RunLog

/// A prune as people type it: `80%`, `l2 50%`, `magnitude 0.9 perLayer=true layer=linear1`.
public struct PruneText: Equatable, Sendable {
  /// nil: none was typed.
  public var method: String?
  public var sparsity: Double
  /// What stands behind it as NAME=VALUE, but for the layers.
  public var settings: JSON
  /// Of `layer=NAME` or `layer=NAME,NAME`; nil: none was typed.
  public var layers: [String]?

  /// What is meant when no method is named.
  public static let usualMethod = "magnitude"

  /// nil when there is no sparsity between 0 and 1, or something that is no setting.
  public init?(_ text: String) {
    self.init(words: text.split(separator: " ").map(String.init))
  }

  public init?(words: [String]) {
    var plain: [String] = []
    settings = .object([])
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2, parts[0] == "layer" {
        layers = (layers ?? []) + parts[1].split(separator: ",").map(String.init)
      } else if parts.count == 2 {
        settings[parts[0]] = SettingText.value(parts[1])
      } else if word == "%", let last = plain.last {
        plain[plain.count - 1] = last + word
      } else {
        plain.append(word)
      }
    }
    guard (1...2).contains(plain.count), let last = plain.last,
      let sparsity = SparsityText.fraction(last)
    else { return nil }
    self.sparsity = sparsity
    guard plain.count == 2 else { return }
    guard Self.isMethod(plain[0]) else { return nil }
    method = plain[0]
  }

  /// A name, not a number.
  private static func isMethod(_ word: String) -> Bool {
    word.first?.isLetter == true && LearningRateText.change(word) == nil
  }

  public func request(isPreview: Bool) -> ControlCommand.PruneRequest {
    .init(
      method: method ?? Self.usualMethod, sparsity: sparsity, layers: layers, settings: settings,
      isPreview: isPreview)
  }
}

/// A branch as people type it: a learning rate (`x0.5`, `0.01`), a prune, both, or nothing.
public enum BranchText {
  /// nil when it is neither.
  public static func request(_ text: String) -> ControlCommand.BranchRequest? {
    let words = text.split(separator: " ").map(String.init)
    if words.isEmpty { return .init() }
    if let change = LearningRateText.change(text) { return .init(learningRate: change) }
    if let prune = PruneText(words: words) {
      return .init(prune: prune.request(isPreview: false))
    }
    guard let change = LearningRateText.change(words[0]),
      let prune = PruneText(words: Array(words.dropFirst()))
    else { return nil }
    return .init(learningRate: change, prune: prune.request(isPreview: false))
  }
}

/// The value of a setting as people type it.
enum SettingText {
  /// A number, true, false or a list as in JSON; what is none of them is a word.
  static func value(_ text: String) -> JSON {
    do throws(JSONError) {
      return try JSONReader(options: .configuration).read(text).json
    } catch { return .string(text) }
  }
}
