/// What the names in printed lines mean. All are in small letters.
enum TextNames {
  /// What a name counts; nil when it is a metric. Words about the data set and about beginning and
  /// ending do not matter: "train epoch", "end of epoch".
  static func counter(_ name: String) -> TextReading.Counter? {
    let nameSizeMax = 64
    guard name.utf8.count <= nameSizeMax else { return nil }
    let words = pieces(of: name) { $0 == UInt8(ascii: " ") }.filter {
      TextPart.named($0) == nil && !fillers.contains($0)
    }
    let wordsMax = 2
    guard 1...wordsMax ~= words.count else { return nil }
    return counters[words.joined(separator: " ")]
  }

  static let fillers: Set<String> = [
    "end", "of", "at", "the", "start", "starting", "finished", "completed", "after", "for", "in",
    "current", "on",
  ]

  private static let counters: [String: TextReading.Counter] = [
    "global step": .globalStep, "global_step": .globalStep, "num_updates": .globalStep,
    "num updates": .globalStep, "total_timesteps": .globalStep, "total timesteps": .globalStep,
    "step": .step, "steps": .step, "train_step": .step, "timestep": .step, "timesteps": .step,
    "update": .step, "updates": .step,
    "iter": .iter, "iters": .iter,
    "iteration": .iteration, "iterations": .iteration, "it": .iteration,
    "batch": .batch, "minibatch": .batch, "mini-batch": .batch, "batch_idx": .batch,
    "batch idx": .batch,
    "epoch": .epoch, "ep": .epoch, "episode": .epoch, "round": .epoch, "generation": .epoch,
  ]

  /// Whether a number of this name is what trainings print, by its name alone.
  static func isMetric(_ name: String) -> Bool {
    if MetricWords.isMetric(name) || rates.contains(name) { return true }
    return pieces(of: name) { !TextByte.isLetter($0) && !TextByte.isDigit($0) }
      .contains { words.contains($0) }
  }

  private static let words: Set<String> = [
    "bpc", "bpb", "entropy", "gnorm", "grad", "gradient", "hellaswag", "learning", "mape", "mfu",
    "rew", "tel", "top", "trl",
  ]
  private static let rates: Set<String> = [
    "step/s", "steps/s", "it/s", "samples/s", "img/s", "images/s", "tok/s", "tokens/s", "wps",
    "ips",
  ]

  /// What stands between some bytes of a name. Names of all lines come here: a Character at a time
  /// would take long.
  private static func pieces(
    of name: String, isSeparator: (UInt8) -> Bool
  ) -> [String] {
    name.utf8.split(whereSeparator: isSeparator).map { String(Substring($0)) }
  }

  /// Whether a number of this name tells which process, device or version it is, how long something
  /// will take, or how large a file is: no metric.
  static func isNoMetric(_ name: String) -> Bool {
    let words = name.split(separator: " ")
    guard let last = words.last else { return true }
    return noMetrics.contains(String(last)) || words.first == "eta"
  }

  private static let noMetrics: Set<String> = [
    "eta", "remaining", "left", "v_num", "rank", "pid", "gpu", "cuda", "device", "node", "worker",
    "host", "port", "seed", "version", "line", "region", "kb", "mb", "gb", "kib", "mib", "gib",
    "b/s", "kb/s", "mb/s", "gb/s",
  ]

  /// Whether only a list of settings has a number of this name.
  static func isSetting(_ name: String) -> Bool { settings.contains(name) }

  private static let settings: Set<String> = [
    "batch_size", "batch size", "epochs", "num_epochs", "n_epochs", "max_epochs", "max_steps",
    "max_iters", "num_workers", "seed", "hidden_size",
  ]

  /// The tag for a number.
  ///
  /// The words of its name are joined by "_"; what the program itself joined stays as it is. A
  /// part of the data comes first, before a "/": the one that the name begins or ends with, or else
  /// the one that the line is about where it stands, unless the name tells it in its own way:
  /// "val_loss" stays. The number in parentheses behind another is its running average: "/avg"
  /// behind its tag. nil for what is no metric: z-scores, and names of `isNoMetric`.
  static func tag(
    _ name: String, part: TextPart?, isSecond: Bool = false, isScore: Bool = false
  ) -> String? {
    guard !isScore, !isNoMetric(name) else { return nil }
    if let known = abbreviations[name] { return known }
    var words = name.split(separator: " ")[...]
    while words.count > 1, let last = words.last, verbs.contains(String(last)) {
      words.removeLast()
    }
    var part = part
    if let first = words.first, let own = TextPart.named(String(first)) {
      part = own
      words.removeFirst()
      if words.count > 1, words.first == "set" { words.removeFirst() }
    } else if words.count > 1, let last = words.last, let own = TextPart.named(String(last)) {
      part = own
      words.removeLast()
    } else if let word = words.first, ownPart(String(word)) != nil {
      part = nil
    }
    let pieces = [part?.name, words.isEmpty ? nil : words.joined(separator: "_")]
    return pieces.compactMap(\.self).joined(separator: "/") + (isSecond ? "/avg" : "")
  }

  /// The part that a name tells in its own way: "val_loss", "loss/train".
  static func ownPart(_ name: String) -> TextPart? {
    let pieces = pieces(of: name) { !TextByte.isLetter($0) && !TextByte.isDigit($0) }
    guard let first = pieces.first, let last = pieces.last else { return nil }
    return TextPart.named(first) ?? TextPart.named(last)
  }

  private static let verbs: Set<String> = ["is", "was", "of", "at", "to", "now", "value"]
  /// llm.c's `main.log`.
  private static let abbreviations = ["trl": "train/loss", "tel": "val/loss"]
}
