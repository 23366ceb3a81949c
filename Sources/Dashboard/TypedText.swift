import JSONText
import RunLog

/// A learning rate as people type it.
public enum LearningRateText {
  /// The change that is meant: a number, or a factor such as `x0.5`; nil when it is neither.
  public static func change(_ text: String) -> ControlCommand.LearningRateChange? {
    let trimmed = text.filter { $0 != " " }
    let isScale = trimmed.hasPrefix("x") || trimmed.hasPrefix("×") || trimmed.hasPrefix("*")
    guard let number = Double(isScale ? String(trimmed.dropFirst()) : trimmed), number.isFinite,
      number >= 0
    else { return nil }
    return isScale ? .scale(number) : .value(number)
  }
}

/// A sparsity as people type it.
public enum SparsityText {
  /// A fraction between 0 and 1 from "0.8", ".8" or "80%"; nil when it is none.
  public static func fraction(_ text: String) -> Double? {
    var trimmed = text.filter { $0 != " " }
    let isPercent = trimmed.hasSuffix("%")
    if isPercent { trimmed.removeLast() }
    guard let number = Double(trimmed), number.isFinite else { return nil }
    let fraction = isPercent ? number / 100 : number
    return fraction > 0 && fraction < 1 ? fraction : nil
  }
}

/// A learning-rate schedule as people type it.
public enum ScheduleText {
  /// `{"kind": "step", "factor": 0.5}` from "step factor=0.5"; nil when it is no kind with
  /// settings.
  /// Whether there is such a schedule the engine says.
  public static func schedule(_ text: String) -> JSON? {
    let words = text.split(separator: " ").map(String.init)
    guard let kind = words.first, kind.allSatisfy({ $0.isASCII && $0.isLetter }) else {
      return nil
    }
    var schedule: JSON = ["kind": .string(kind)]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { return nil }
      schedule[parts[0]] = SettingText.value(parts[1])
    }
    return schedule
  }
}
