import NeuralNetwork
import Tensors

/// Samples that a network takes at once. Valid until its loader is asked for the next batch, or is
/// gone.
struct Batch {
  /// [batch, sample…]; the first `rows` are filled.
  let input: Tensor<Float>
  let rows: Int
  /// Of the first `rows`.
  let targets: Targets<Float>
  /// The valid steps of each of the first `rows`; nil: all of them.
  let lengths: UnsafePointer<Int32>?
}

/// Which batch of the whole run.
enum BatchRequest: Equatable {
  /// The one that an update, counted from 0, trains on.
  case training(step: Int)
  /// Of the validation samples, counted from 0.
  case validation(Int)
}

/// Memory for a batch.
final class BatchSlot: @unchecked Sendable {
  let input: Tensor<Float>
  /// [batch, perSample]; of zeros when the targets are values.
  let classes: UnsafeMutablePointer<Int32>
  /// [batch, perSample]; nil when the targets are classes.
  let values: Tensor<Float>?
  /// [batch]; nil when all sequences are whole.
  let lengths: UnsafeMutablePointer<Int32>?
  private let perSample: Int
  /// What is in it; nil: nothing yet.
  fileprivate(set) var content: BatchRequest?
  fileprivate(set) var rows = 0

  init(_ dataset: Dataset, batchSize: Int) {
    input = Tensor(shape: [batchSize] + dataset.sampleShape)
    perSample = dataset.targets.perSample
    classes = .allocate(capacity: batchSize * perSample)
    classes.initialize(repeating: 0, count: batchSize * perSample)
    lengths = dataset.lengths == nil ? nil : .allocate(capacity: batchSize)
    lengths?.initialize(repeating: 0, count: batchSize)
    if case .values = dataset.targets {
      values = Tensor(shape: [batchSize, perSample])
    } else {
      values = nil
    }
  }

  deinit {
    classes.deallocate()
    lengths?.deallocate()
  }

  var batch: Batch {
    let targets: Targets<Float> =
      if let values {
        .values(values.scalars, perSample: perSample)
      } else {
        .classes(classes, perSample: perSample)
      }
    return Batch(
      input: input, rows: rows, targets: targets, lengths: lengths.map { UnsafePointer($0) })
  }
}

/// Fills slots. Batches are pure functions of seed and request; the order of an epoch is kept, so
/// one thread at a time.
final class BatchFiller: @unchecked Sendable {
  let dataset: Dataset
  let batchSize: Int
  /// Updates of an epoch; the last batch may be smaller.
  let stepsPerEpoch: Int

  private let seed: UInt64
  private let copying: SampleCopying
  private var order: [Int32]
  private var orderedEpoch: Int?

  init(_ dataset: Dataset, batchSize: Int, seed: UInt64) {
    self.dataset = dataset
    self.batchSize = min(batchSize, dataset.trainingCount)
    self.seed = seed
    stepsPerEpoch = (dataset.trainingCount + self.batchSize - 1) / self.batchSize
    copying = SampleCopying(dataset)
    order = Array(0..<Int32(dataset.trainingCount))
  }

  /// Fills a slot; with 0 rows when there is no such batch.
  func fill(_ slot: BatchSlot, _ request: BatchRequest) {
    slot.content = request
    switch request {
    case .training(let step):
      let epoch = step / stepsPerEpoch
      arrange(epoch)
      let first = (step % stepsPerEpoch) * batchSize
      slot.rows = min(batchSize, dataset.trainingCount - first)
      for row in 0..<slot.rows {
        let sample = Int(order[first + row])
        fill(slot, row, sample)
        copying.copy(sample, to: slot.input.scalars + row * copying.size, change(sample, epoch))
      }
    case .validation(let number):
      let first = dataset.trainingCount + number * batchSize
      slot.rows = max(0, min(batchSize, dataset.count - first))
      for row in 0..<slot.rows {
        fill(slot, row, first + row)
        copying.copy(first + row, to: slot.input.scalars + row * copying.size, nil)
      }
    }
  }

  /// Puts the training samples into the order of an epoch.
  private func arrange(_ epoch: Int) {
    guard dataset.isShuffled, epoch != orderedEpoch else { return }
    for index in order.indices { order[index] = Int32(index) }
    var random = RandomSource(
      seed: seed, purpose: .shuffling, index: UInt32(truncatingIfNeeded: epoch))
    random.shuffle(&order)
    orderedEpoch = epoch
  }

  private func change(_ sample: Int, _ epoch: Int) -> Augmentation.Change? {
    guard let augmentation = dataset.augmentation else { return nil }
    var random = RandomSource(
      seed: seed, purpose: .augmentation,
      index: UInt32(truncatingIfNeeded: epoch &* dataset.trainingCount &+ sample))
    return augmentation.change(
      height: dataset.sampleShape[0], width: dataset.sampleShape[1], &random)
  }

  private func fill(_ slot: BatchSlot, _ row: Int, _ sample: Int) {
    if let lengths = dataset.lengths { slot.lengths?[row] = lengths[sample] }
    switch dataset.targets {
    case .classes(let classes, let perSample, _):
      classes.withUnsafeBufferPointer { classes in
        guard let start = classes.baseAddress else { return }
        (slot.classes + row * perSample)
          .update(from: start + sample * perSample, count: perSample)
      }
    case .values(let values, let perSample):
      guard let target = slot.values else { return }
      values.withUnsafeBufferPointer { values in
        guard let start = values.baseAddress else { return }
        (target.scalars + row * perSample)
          .update(from: start + sample * perSample, count: perSample)
      }
    }
  }
}
