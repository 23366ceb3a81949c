import TerminalUI

/// What is measured of every layer.
public enum LayersQuantity: String, CaseIterable, Sendable {
  case sparsity
  case gradientNorm = "gradient norm"
  case weightNorm = "weight norm"
  case updateRatio = "update / weight"
  case deadUnits = "dead units"
  case activationSparsity = "activation sparsity"

  /// What tags begin with, and what they are about.
  static let families: [String: LayersQuantity] = [
    "sparsity": .sparsity,
    "gradient_norm": .gradientNorm, "gradient_norms": .gradientNorm, "grad_norm": .gradientNorm,
    "grad_norms": .gradientNorm,
    "weight_norm": .weightNorm, "weight_norms": .weightNorm, "param_norm": .weightNorm,
    "update_ratio": .updateRatio, "activation_sparsity": .activationSparsity,
    "dead_units": .deadUnits, "dead_neurons": .deadUnits,
  ]

  private var isFraction: Bool { self == .sparsity || self == .activationSparsity }

  func text(_ value: Float) -> String {
    guard value.isFinite else { return NumberText.significant(Double(value)) }
    return isFraction
      ? NumberText.percent(Double(value)) : NumberText.significant(Double(value))
  }

  /// The ends of the colours for values up to some largest one: round, so that they seldom move.
  func range(upTo largest: Float) -> ClosedRange<Double> {
    if isFraction { return 0...1 }
    guard largest.isFinite, largest > 0 else { return 0...1 }
    let value = Double(largest)
    let power = Double(sign: .plus, exponent: value.exponent, significand: 1)
    for factor in [1, 1.5, 2] where factor * power >= value { return 0...(factor * power) }
    return 0...value
  }
}
