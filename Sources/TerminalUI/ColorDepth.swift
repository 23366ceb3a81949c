/// How many colours a terminal can show.
public enum ColorDepth: Int, CaseIterable, Comparable, Hashable, Sendable {
  case monochrome, ansi8, ansi16, indexed256, direct

  /// Fewer colours come first.
  public static func < (left: ColorDepth, right: ColorDepth) -> Bool {
    left.rawValue < right.rawValue
  }
}
