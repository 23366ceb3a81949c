/// What a kind can be set to: notes every setting that it asks for, and gives it its default.
public final class SettingsList: Settings {
  public struct Setting: Sendable, Equatable {
    public let name: String
    /// Such as "an integer from 1 to 1024".
    public let allowed: String
    /// As written in an experiment; nil: it must be given.
    public let fallback: String?
  }

  public private(set) var settings: [Setting] = []

  public init() {}

  private func note(_ name: String, _ allowed: String, _ fallback: String?) {
    settings.append(Setting(name: name, allowed: allowed, fallback: fallback))
  }

  public func integer(
    _ name: String, in range: ClosedRange<Int>, default fallback: Int?
  ) -> Int {
    note(
      name, "an integer from \(range.lowerBound) to \(range.upperBound)", fallback.map(String.init))
    return fallback ?? range.lowerBound
  }

  public func number(
    _ name: String, in range: ClosedRange<Double>, default fallback: Double?
  ) -> Double {
    let text = "a number from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
    note(name, text, fallback.map(Self.text))
    return fallback ?? range.lowerBound
  }

  public func choice(_ name: String, of choices: [String], default fallback: String?) -> String {
    note(name, choices.joined(separator: ", "), fallback)
    return fallback ?? choices.first ?? ""
  }

  public func flag(_ name: String, default fallback: Bool?) -> Bool {
    note(name, "true or false", fallback.map { $0 ? "true" : "false" })
    return fallback ?? false
  }

  public func text(_ name: String, default fallback: String?) -> String {
    note(name, "a string", fallback)
    return fallback ?? ""
  }

  public func words(
    _ name: String, of choices: [String], count: ClosedRange<Int>, default fallback: [String]?
  ) -> [String] {
    note(
      name, "\(Self.counts(count)) out of \(choices.joined(separator: ", "))", Self.list(fallback))
    return fallback ?? Array(repeating: choices.first ?? "", count: count.lowerBound)
  }

  public func integers(
    _ name: String, in range: ClosedRange<Int>, count: ClosedRange<Int>, default fallback: [Int]?
  ) -> [Int] {
    let shown = fallback.map { $0.map(String.init) }
    note(
      name, Self.list("integers", "\(range.lowerBound)", "\(range.upperBound)", count),
      Self.list(shown))
    return fallback ?? Array(repeating: range.lowerBound, count: count.lowerBound)
  }

  public func numbers(
    _ name: String, in range: ClosedRange<Double>, count: ClosedRange<Int>,
    default fallback: [Double]?
  ) -> [Double] {
    let shown = fallback.map { $0.map(Self.text) }
    note(
      name, Self.list("numbers", Self.text(range.lowerBound), Self.text(range.upperBound), count),
      Self.list(shown))
    return fallback ?? Array(repeating: range.lowerBound, count: count.lowerBound)
  }

  public func layers(
    _ name: String, default fallback: [any LayerDescription]?
  ) -> [any LayerDescription] {
    note(name, "a list of layers", fallback.map { _ in "[]" })
    return fallback ?? []
  }

  public func branches(_ name: String) -> [[any LayerDescription]] {
    note(name, "a list of lists of layers", nil)
    return []
  }

  private static func text(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 1e7 ? "\(Int(number))" : "\(number)"
  }

  private static func list(
    _ what: String, _ low: String, _ high: String, _ count: ClosedRange<Int>
  ) -> String {
    "\(counts(count)) \(what) from \(low) to \(high)"
  }

  private static func counts(_ count: ClosedRange<Int>) -> String {
    let few = 8
    return count.upperBound <= few ? "\(count.lowerBound) to \(count.upperBound)" : "a list of"
  }

  private static func list(_ values: [String]?) -> String? {
    values.map { $0.count == 1 ? $0[0] : "[\($0.joined(separator: ", "))]" }
  }
}
