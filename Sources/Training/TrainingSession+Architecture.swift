import NeuralNetwork
import Tensors

/// Learning what layers mix, beside the weights.
extension TrainingSession {
  /// One update of what layers mix, from the next batch of the validation samples in turn: a
  /// function of the step.
  /// - Parameter batch: that the next update of the weights trains on.
  /// - Returns: false where nothing of the architecture is learned.
  func learnArchitecture(_ batch: Batch) -> Bool {
    guard let architecture = learner.architecture, let loader = architectureLoader,
      let held = loader.validationBatch(state.step % loader.validationBatchCount)
    else { return false }
    let description = experiment.optimizer
    architecture.update(
      training: .init(input: batch.input, targets: batch.targets, rows: batch.rows),
      validation: .init(input: held.input, targets: held.targets, rows: held.rows),
      ahead: .init(
        learningRate: learningRate, momentum: (description as? SGD)?.momentum ?? 0,
        decay: description.weightDecay.rate, optimizer: optimizer),
      step: state.step)
    return true
  }

  /// What the architecture that would be derived now consists of.
  struct DerivedArchitecture {
    let tables: [MixtureTable]

    var keptCount: Int { tables.reduce(0) { $0 + $1.keptCount } }
    var skipCount: Int { tables.reduce(0) { $0 + $1.skipCount } }
    /// Mean over all edges, in nats.
    var entropy: Double {
      let edges = tables.reduce(0) { $0 + $1.edges.count }
      return tables.reduce(0) { $0 + $1.entropy * Double($1.edges.count) } / Double(max(1, edges))
    }
    /// Half of the edges and more give their input as it is: the collapse that differentiable
    /// search is known for (Zela et al., "Understanding and robustifying differentiable
    /// architecture search", ICLR 2020).
    var isTakenOverBySkips: Bool { keptCount > 0 && 2 * skipCount >= keptCount }
  }

  /// nil where nothing of the architecture is learned.
  var derivedArchitecture: DerivedArchitecture? {
    learner.architecture == nil ? nil : DerivedArchitecture(tables: network.mixtures)
  }
}
