/// A method that trains the whole network, cuts a part of what is left, rewinds and trains again.
public protocol RoundPruning: PruningMethod {
  /// How the rounds go.
  func rounds(target: Double, from present: Double) -> PruningRounds
}

extension RoundPruning {
  public static var unit: PruningUnit { .weights }
  public static var pace: PruningPace { .rounds }
}

/// What happens between two trainings.
public enum Rewinding: String, Sendable, CaseIterable {
  /// Weights and schedule go back to the rewinding point.
  case weights
  /// Weights stay, the schedule goes back to the rewinding point.
  case learningRate
  /// Weights go back to what they were before training, the schedule to its beginning.
  case initial
  /// Weights stay, at the schedule's last learning rate.
  case fineTune
}

/// Trainings and cuts, one after the other.
public struct PruningRounds: Sendable, Equatable {
  /// The sparsity that each round's cut reaches; the last is the target.
  public let sparsities: [Double]
  public let rewinding: Rewinding
  /// Epochs of the first training before its weights are kept for rewinding.
  public let rewindEpochs: Double
  /// What all rounds but the last take of a whole training: 1, or less, with the schedule
  /// compressed.
  public let share: Double

  public init(
    sparsities: [Double], rewinding: Rewinding, rewindEpochs: Double, share: Double
  ) {
    self.sparsities = sparsities
    self.rewinding = rewinding
    self.rewindEpochs = rewindEpochs
    self.share = share
  }

  /// Sparsities that each cut a fraction of what is left, and end at the target exactly.
  public static func sparsities(
    cutting fraction: Double, from present: Double, to target: Double
  ) -> [Double] {
    var result: [Double] = []
    var density = 1 - present
    let roundsMax = 1000
    while result.count < roundsMax {
      density *= 1 - fraction
      if 1 - density >= target { break }
      result.append(1 - density)
    }
    return result + [target]
  }
}

extension Rewinding {
  /// Reads `rewind`.
  init(_ settings: some Settings, default fallback: Rewinding) throws {
    let word = try settings.choice(
      "rewind", of: Rewinding.allCases.map(\.rawValue), default: fallback.rawValue)
    self = Rewinding(rawValue: word) ?? fallback
  }
}
