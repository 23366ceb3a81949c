/// Iterative magnitude pruning: trains, removes a fraction of the weights that are left, rewinds
/// and trains again, until the target is reached (Frankle and Carbin, "The lottery ticket
/// hypothesis", 2019; rewinding: Frankle, Dziugaite, Roy, Carbin, "Linear mode connectivity and the
/// lottery ticket hypothesis", 2020; Renda, Frankle, Carbin, "Comparing rewinding and fine-tuning",
/// 2020).
///
/// By default the schedule is rewound and the weights stay, which the last of these papers found to
/// do as well as rewinding both, or better. The last round cuts exactly to the target. The
/// optimizer's moments begin at zero in each round.
public struct IterativeMagnitudePruning: RoundPruning {
  public static let kind = "imp"
  public static let summary = "rounds of training, cutting a fifth of what is left and rewinding"
  public static let paper: String? = "Frankle and Carbin 2019, arXiv 1803.03635"

  /// Of the weights that are left, what each round removes.
  public let fraction: Double
  public let rewinding: Rewinding
  public let rewindEpochs: Double

  public init(
    fraction: Double = 0.2, rewinding: Rewinding = .learningRate, rewindEpochs: Double = 0
  ) {
    self.fraction = fraction
    self.rewinding = rewinding
    self.rewindEpochs = rewindEpochs
  }

  public init(_ settings: some Settings) throws {
    fraction = try settings.number("fraction", in: 0.01...0.95, default: 0.2)
    rewinding = try Rewinding(settings, default: .learningRate)
    rewindEpochs = try settings.number(
      "rewindEpochs", in: 0...1e6, default: rewinding == .weights ? 1 : 0)
  }

  public func rounds(target: Double, from present: Double) -> PruningRounds {
    PruningRounds(
      sparsities: PruningRounds.sparsities(cutting: fraction, from: present, to: target),
      rewinding: rewinding, rewindEpochs: rewindEpochs, share: 1)
  }
}
