import Tensors

/// Fills batches. The order of an epoch is a pure function of the seed and the epoch's number, so
/// a resumed run sees what an undisturbed one would.
final class DataLoader {
  let dataset: Dataset
  let batchSize: Int
  /// Updates of an epoch; the last batch may be smaller.
  let stepsPerEpoch: Int
  /// [batch, sample…]
  let input: Tensor<Float>
  let labels: UnsafeMutablePointer<Int32>

  private let seed: UInt64
  private var order: [Int32]
  private var orderedEpoch = -1

  init(_ dataset: Dataset, batchSize: Int, seed: UInt64) {
    self.dataset = dataset
    self.batchSize = min(batchSize, dataset.trainingCount)
    self.seed = seed
    stepsPerEpoch = (dataset.trainingCount + self.batchSize - 1) / self.batchSize
    input = Tensor(shape: [self.batchSize] + dataset.sampleShape)
    labels = .allocate(capacity: self.batchSize)
    order = Array(0..<Int32(dataset.trainingCount))
  }

  deinit {
    labels.deallocate()
  }

  /// Fills `input` and `labels` with the batch that update `step` (from 0) trains on.
  /// - Returns: the number of samples.
  func fillTrainingBatch(step: Int) -> Int {
    let epoch = step / stepsPerEpoch
    if epoch != orderedEpoch { shuffle(epoch) }
    let first = (step % stepsPerEpoch) * batchSize
    let rows = min(batchSize, dataset.trainingCount - first)
    for row in 0..<rows { fill(row, with: Int(order[first + row])) }
    return rows
  }

  /// Fills the validation batch of some number; 0 samples behind the last.
  func fillValidationBatch(_ batch: Int) -> Int {
    let first = dataset.trainingCount + batch * batchSize
    let rows = max(0, min(batchSize, dataset.labels.count - first))
    for row in 0..<rows { fill(row, with: first + row) }
    return rows
  }

  private func shuffle(_ epoch: Int) {
    for index in order.indices { order[index] = Int32(index) }
    var random = RandomSource(
      seed: seed, purpose: .shuffling, index: UInt32(truncatingIfNeeded: epoch))
    random.shuffle(&order)
    orderedEpoch = epoch
  }

  private func fill(_ row: Int, with sample: Int) {
    let size = dataset.sampleSize
    dataset.samples.withUnsafeBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      Float.convert(
        base + sample * size, into: input.scalars + row * size, count: size,
        scale: dataset.scale, offset: dataset.offset)
    }
    labels[row] = Int32(dataset.labels[sample])
  }
}
