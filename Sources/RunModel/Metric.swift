/// What the name of a metric tells of it.
public enum Metric {
  private static let smallerNames: Set<String> = [
    "loss", "losses", "error", "errors", "err", "perplexity", "ppl", "entropy", "mse", "rmse",
    "mae", "mape", "nll", "bpc", "bpb", "bpd", "wer", "cer", "fid", "kl", "cost", "regret",
    "divergence",
  ]
  private static let largerNames: Set<String> = [
    "acc", "accuracy", "f1", "auc", "auroc", "precision", "recall", "bleu", "rouge", "score",
    "reward", "return", "map", "iou", "dice", "r2", "psnr", "ssim",
  ]
  /// Names that stand beside a loss's and are none: AMP's loss scale doubles in good health.
  private static let besideLossNames: Set<String> = [
    "scale", "scaler", "weight", "weights", "rate", "lr", "coefficient", "coef", "time", "norm",
    "step", "steps", "epoch",
  ]

  /// True for losses, errors, perplexities and the like; false for accuracies and all others.
  public static func isBetterWhenSmaller(_ tag: String) -> Bool {
    let last = words(ofLastComponent: tag)
    if last.contains(where: isSmallerName) { return true }
    if last.contains(where: largerNames.contains) { return false }
    return words(tag).contains(where: isSmallerName)
  }

  /// True for a curve that training makes fall: "train/loss", "Loss/train", "val_loss".
  public static func isLoss(_ tag: String) -> Bool {
    guard mentions("loss", tag) else { return false }
    let last = words(ofLastComponent: tag)
    guard !last.contains(where: { besideLossNames.contains($0) || largerNames.contains($0) })
    else { return false }
    return words(tag).contains { $0.contains("loss") }
  }

  /// True for a count of epochs: "epoch", "train/epoch".
  static func isEpoch(_ tag: String) -> Bool {
    mentions("epoch", tag) && tag.split(separator: "/").last?.lowercased() == "epoch"
  }

  /// Whether the letters of a word stand in a tag: a quick look before the careful one, since a
  /// log may have very many tags.
  private static func mentions(_ word: StaticString, _ tag: String) -> Bool {
    let lowerCaseBit: UInt8 = 0x20
    var tag = tag
    return tag.withUTF8 { tag in
      word.withUTF8Buffer { word in
        guard tag.count >= word.count else { return false }
        return (0...tag.count - word.count).contains { start in
          word.indices.allSatisfy { tag[start + $0] | lowerCaseBit == word[$0] }
        }
      }
    }
  }

  private static func isSmallerName(_ word: String) -> Bool {
    smallerNames.contains(word) || word.contains("loss") || word.contains("perplexity")
      || word.hasSuffix("error")
  }

  private static func words(ofLastComponent tag: String) -> [String] {
    words(tag.split(separator: "/").last ?? "")
  }

  private static func words(_ text: some StringProtocol) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }
}
