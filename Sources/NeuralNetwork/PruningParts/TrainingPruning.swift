import Tensors

/// A method that works while the network learns.
public protocol TrainingPruning: PruningMethod {
  /// The part of the training that is left which the work takes, when nobody says for how long.
  var span: Double { get }

  /// Throws why the work would make no sense on the network as it is now.
  func check<Scalar: TensorScalar>(_ task: PruningTask<Scalar>) throws(PruningRefusal)

  /// Begins work on a network. Everything that is not a tensor of `PruningProcess.state` has to
  /// follow from the arguments alone, so that a resumed run finds it again.
  func makeProcess<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>, _ stage: PruningStage<Scalar>
  ) throws(PruningRefusal) -> any PruningProcess<Scalar>
}

extension TrainingPruning {
  public static var pace: PruningPace { .training }
  public var span: Double { 1 }
  public func check<Scalar: TensorScalar>(_ task: PruningTask<Scalar>) throws(PruningRefusal) {}
}

/// Where a process works.
public struct PruningStage<Scalar: TensorScalar> {
  public let optimizer: any Optimizer<Scalar>
  /// Updates that the process takes.
  public let length: Int
  public let updatesPerEpoch: Int
  /// The sum over its updates of the learning rates that are scheduled.
  public let learningRateSum: Double

  public init(
    optimizer: any Optimizer<Scalar>, length: Int, updatesPerEpoch: Int, learningRateSum: Double
  ) {
    self.optimizer = optimizer
    self.length = length
    self.updatesPerEpoch = updatesPerEpoch
    self.learningRateSum = learningRateSum
  }
}

/// Pruning at work while a network learns. It changes weights, masks and gradients itself, and asks
/// for channels to be removed by what it returns.
public protocol PruningProcess<Scalar>: LayerInterceptor {
  /// All that a resumed run needs, by names of its own. A tensor of one number for each channel of
  /// the graph follows when channels go; any other keeps its shape.
  var state: [(name: String, tensor: Tensor<Scalar>)] { get }

  /// True when it stands between the layers.
  var intercepts: Bool { get }

  /// Once, when the work begins; not when a run resumes.
  func begin()

  /// Before a training step's forward pass.
  func willStep(_ moment: PruningMoment)

  /// When all gradients are there: they may be changed.
  func didDerive(_ moment: PruningMoment)

  /// Updates the weights in the optimizer's place; false: the optimizer does.
  func update(_ moment: PruningMoment) -> Bool

  /// After an update, also the last of an epoch, before validation.
  /// - Parameter samples: makes copies of training samples, when they are needed.
  func didStep(
    _ moment: PruningMoment, _ samples: () -> PruningSamples<Scalar>
  ) -> PruningAction<Scalar>

  /// The last cut, when the work's time is over or somebody ends it.
  func finish(_ samples: () -> PruningSamples<Scalar>) -> PruningDecision<Scalar>
}

extension PruningProcess {
  public var state: [(name: String, tensor: Tensor<Scalar>)] { [] }
  public var intercepts: Bool { false }
  public func begin() {}
  public func willStep(_ moment: PruningMoment) {}
  public func didDerive(_ moment: PruningMoment) {}
  public func update(_ moment: PruningMoment) -> Bool { false }
  public func finish(_ samples: () -> PruningSamples<Scalar>) -> PruningDecision<Scalar> {
    PruningDecision()
  }
}

/// A step of a process.
public struct PruningMoment: Sendable {
  /// Updates since the process began; this one's number from 0.
  public let index: Int
  /// Updates that the process takes.
  public let length: Int
  /// The run's step, for random numbers.
  public let step: Int
  public let learningRate: Double
  /// True behind the last update of an epoch of the process, counted from its beginning.
  public let endsEpoch: Bool
  /// Epochs since it began, this one's number from 0.
  public let epoch: Int
  /// Epochs that it takes, rounded up.
  public let epochs: Int

  public init(
    index: Int, length: Int, updatesPerEpoch: Int, step: Int, learningRate: Double
  ) {
    self.index = index
    self.length = length
    self.step = step
    self.learningRate = learningRate
    endsEpoch = (index + 1) % updatesPerEpoch == 0 || index + 1 == length
    epoch = index / updatesPerEpoch
    epochs = (length + updatesPerEpoch - 1) / updatesPerEpoch
  }

  public var isLast: Bool { index + 1 >= length }
}

/// What a process asks for after an update.
public enum PruningAction<Scalar: TensorScalar> {
  case nothing
  /// Masks, or channels that go now; the work goes on.
  case cut(PruningDecision<Scalar>)
  /// The target is reached: `finish` comes next, before the process's time is over.
  case finish
}
