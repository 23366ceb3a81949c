import TerminalUI

/// Numbers for pairs of colours, handed out when first needed and never changed afterwards, because
/// ncurses repaints every cell of a pair that is defined again.
struct ColorPairs {
  /// A colour number as curses takes it: -1 the terminal's own default.
  struct Pair: Hashable {
    var foreground: Int32
    var background: Int32
  }

  /// The number for a pair, and whether it has to be defined first.
  enum Lookup: Equatable {
    case known(UInt16)
    case new(UInt16)
    /// No number is left; draw with this one.
    case exhausted(UInt16)
  }

  private var numbers: [Pair: UInt16] = [:]
  private let limit: Int
  private var next = 1

  /// A table with numbers 1 to `limit` - 1; pair 0 is the terminal's own.
  init(limit: Int) { self.limit = min(max(limit, 0), 65_536) }

  /// The number for a pair. When none is left, the same foreground on the default background, or
  /// else pair 0.
  mutating func number(for pair: Pair) -> Lookup {
    if pair == Pair(foreground: -1, background: -1) { return .known(0) }
    if let number = numbers[pair] { return .known(number) }
    guard next < limit else {
      return .exhausted(numbers[Pair(foreground: pair.foreground, background: -1)] ?? 0)
    }
    let number = UInt16(next)
    next += 1
    numbers[pair] = number
    return .new(number)
  }

  /// The colour numbers of a resolved style on a terminal with so many colours.
  static func pair(of style: ResolvedStyle, colors: Int, hasDefault: Bool) -> Pair {
    Pair(
      foreground: number(style.foreground, colors: colors, otherwise: hasDefault ? -1 : 7),
      background: number(style.background, colors: colors, otherwise: hasDefault ? -1 : 0))
  }

  private static let directColors = 1 << 24

  private static func number(_ color: Color, colors: Int, otherwise: Int32) -> Int32 {
    guard color != .terminalDefault else { return otherwise }
    if colors >= directColors {
      guard let parts = color.components else { return otherwise }
      let value = parts.red << 16 | parts.green << 8 | parts.blue
      // Direct-colour terminals read the numbers below 8 as the eight named colours.
      return Int32((1...7).contains(value) ? 8 : value)
    }
    guard case .indexed(let index) = color.nearest256, Int(index) < colors else {
      return otherwise
    }
    return Int32(index)
  }
}
