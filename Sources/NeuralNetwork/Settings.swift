import Tensors

/// Where a layer, optimizer, schedule or pruning method reads its settings from. Whoever stands
/// behind it checks names, types and bounds and says where a mistake is.
public protocol Settings {
  /// - Parameter fallback: the value when the setting is not given; nil: it must be given.
  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int?) throws -> Int
  func number(
    _ name: String, in range: ClosedRange<Double>, default fallback: Double?
  ) throws -> Double
  func choice(_ name: String, of choices: [String], default fallback: String?) throws -> String
  func flag(_ name: String, default fallback: Bool?) throws -> Bool
  /// Any text.
  func text(_ name: String, default fallback: String?) throws -> String
  /// A list of words, each one of the choices.
  func words(
    _ name: String, of choices: [String], count: ClosedRange<Int>, default fallback: [String]?
  ) throws -> [String]
  /// A list of integers; one alone may be written without brackets.
  func integers(
    _ name: String, in range: ClosedRange<Int>, count: ClosedRange<Int>, default fallback: [Int]?
  ) throws -> [Int]
  func numbers(
    _ name: String, in range: ClosedRange<Double>, count: ClosedRange<Int>,
    default fallback: [Double]?
  ) throws -> [Double]
  /// Layers one behind the other.
  func layers(
    _ name: String, default fallback: [any LayerDescription]?
  ) throws -> [any LayerDescription]
  /// Several lists of layers, side by side.
  func branches(_ name: String) throws -> [[any LayerDescription]]
}

extension Settings {
  /// An extent in two directions, [height, width]; one number stands for both.
  public func extent(
    _ name: String, in range: ClosedRange<Int>, default fallback: Extent2D
  ) throws -> Extent2D {
    let values = try integers(
      name, in: range, count: 1...2,
      default: fallback.height == fallback.width
        ? [fallback.height] : [fallback.height, fallback.width])
    return Extent2D(height: values[0], width: values[values.count - 1])
  }
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

/// A kind that is made from its settings.
public protocol Settable: Described {
  /// - Throws: what the settings throw.
  init(_ settings: some Settings) throws
}

extension Described {
  public static var paper: String? { nil }
}
