/// Tells the log of a training from other tables by the names in it.
enum MetricWords {
  /// Parts of a name that stand for themselves between other signs.
  private static let words: Set<String> = [
    "acc", "accuracy", "auc", "bleu", "cer", "dice", "elbo", "f1", "fid", "iou", "kl", "lr", "mae",
    "map", "map50", "miou", "mrr", "mse", "ndcg", "nll", "perplexity", "ppl", "precision", "psnr",
    "recall", "return", "reward", "rewards", "rmse", "rouge", "ssim", "top1", "top5", "wer",
  ]
  private static let nameSizeMax = 256

  /// Whether a number of this name is what trainings log.
  static func isMetric(_ name: String) -> Bool {
    guard name.utf8.count <= nameSizeMax else { return false }
    let lowercase = name.lowercased()
    if lowercase.contains("loss") || lowercase.contains("learning_rate") { return true }
    if lowercase.contains("grad_norm") || lowercase.contains("accuracy") { return true }
    return lowercase.split { !$0.isLetter && !$0.isNumber }.contains { words.contains(String($0)) }
  }

  /// Whether a number of this name is what trainings log, or counts their steps.
  static func tellsOfTraining(_ name: String) -> Bool {
    StepKey.rank(of: name) != StepKey.noRank || isMetric(name)
  }
}
