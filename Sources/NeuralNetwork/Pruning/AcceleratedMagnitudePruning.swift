/// Accelerated iterative magnitude pruning: as `imp`, but every round except the last trains for a
/// part of the epochs only, since a cut needs no more than a rough order of the weights (Zullich,
/// Medvet, Pellegrino, Ansuini, "Speeding-up pruning for artificial neural networks: introducing
/// accelerated iterative magnitude pruning", 2020).
///
/// Our choices, which the abstract leaves open: a short round takes a sixth of the epochs, with the
/// whole learning-rate schedule compressed into them, and weights are not rewound.
public struct AcceleratedMagnitudePruning: RoundPruning {
  public static let kind = "aimp"
  public static let summary = "iterative magnitude pruning with short rounds before the last"
  public static let paper: String? = "Zullich, Medvet, Pellegrino, Ansuini 2020"

  /// Of the weights that are left, what each round removes.
  public let fraction: Double
  /// Of a training's epochs, what a round but the last takes.
  public let share: Double
  public let rewinding: Rewinding
  public let rewindEpochs: Double

  public init(
    fraction: Double = 0.2, share: Double = 1.0 / 6, rewinding: Rewinding = .learningRate,
    rewindEpochs: Double = 0
  ) {
    self.fraction = fraction
    self.share = share
    self.rewinding = rewinding
    self.rewindEpochs = rewindEpochs
  }

  public init(_ settings: some Settings) throws {
    fraction = try settings.number("fraction", in: 0.01...0.95, default: 0.2)
    share = try settings.number("share", in: 0.001...1, default: 0.1667)
    rewinding = try Rewinding(settings, default: .learningRate)
    rewindEpochs = try settings.number(
      "rewindEpochs", in: 0...1e6, default: rewinding == .weights ? 1 : 0)
  }

  public func rounds(target: Double, from present: Double) -> PruningRounds {
    PruningRounds(
      sparsities: PruningRounds.sparsities(cutting: fraction, from: present, to: target),
      rewinding: rewinding, rewindEpochs: rewindEpochs, share: share)
  }
}
