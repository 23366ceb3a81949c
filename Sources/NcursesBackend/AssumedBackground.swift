/// Whether the terminal's own background is light or dark, as far as the environment tells. The
/// terminal is not asked: not all answer, and a wait for an answer may hang.
public enum AssumedBackground: Hashable, Sendable {
  case light, dark, unknown

  /// Reads `COLORFGBG`, which some terminals set: "15;0" or "0;default;15", the background last, in
  /// the numbers of the sixteen colours.
  public init(colorFGBG text: String?) {
    let sixteen = 0..<16
    let silverAndBrights: Set<Int> = [7, 9, 10, 11, 12, 13, 14, 15]
    guard let last = text?.split(separator: ";", omittingEmptySubsequences: false).last,
      let number = Int(last), sixteen.contains(number)
    else {
      self = .unknown
      return
    }
    self = silverAndBrights.contains(number) ? .light : .dark
  }
}
