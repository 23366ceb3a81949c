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
