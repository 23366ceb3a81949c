/// Where a layer, optimizer, schedule or pruning method reads its settings from. Whoever stands
/// behind it checks names, types and bounds and says where a mistake is.
public protocol Settings {
  /// - Parameter fallback: the value when the setting is not given; nil: it must be given.
  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int?) throws -> Int
  func number(
    _ name: String, in range: ClosedRange<Double>, default fallback: Double?
  ) throws -> Double
  func choice(_ name: String, of choices: [String], default fallback: String?) throws -> String
}

/// A thing that an experiment names by its kind: a layer, an optimizer, a schedule.
public protocol Described {
  /// The name in experiment files.
  static var kind: String { get }
  /// What it is, in one line.
  static var summary: String { get }
  /// Where it comes from; nil for what every textbook has.
  static var paper: String? { get }
}

extension Described {
  public static var paper: String? { nil }
}
