import Tensors

/// Gives batches. While the trainer works on one, the next is filled by another thread; what is in
/// a batch is a pure function of the seed and its number, whoever fills it and in whatever order,
/// so a resumed run sees what an undisturbed one would.
final class DataLoader {
  let dataset: Dataset
  let batchSize: Int
  /// Updates of an epoch; the last batch may be smaller.
  let stepsPerEpoch: Int

  private let filler: BatchFiller
  private var current, spare: BatchSlot
  private let preparation: BatchPreparation?

  /// Numbers of a batch below which filling it takes less time than waking up a thread for it.
  private static let preparedNumbersMin = 8_192

  /// - Parameters:
  ///   - seed: of the run: decides order and augmentation.
  ///   - preparesAhead: whether a thread may fill batches before they are asked for.
  init(_ dataset: Dataset, batchSize: Int, seed: UInt64, preparesAhead: Bool = true) {
    self.dataset = dataset
    filler = BatchFiller(dataset, batchSize: batchSize, seed: seed)
    self.batchSize = filler.batchSize
    stepsPerEpoch = filler.stepsPerEpoch
    current = BatchSlot(dataset, batchSize: filler.batchSize)
    spare = BatchSlot(dataset, batchSize: filler.batchSize)
    let isWorthIt = filler.batchSize * dataset.sampleSize >= Self.preparedNumbersMin
    preparation = preparesAhead && isWorthIt ? BatchPreparation(filler) : nil
  }

  /// The batch that update `step`, counted from 0, trains on.
  func trainingBatch(step: Int) -> Batch {
    take(.training(step: step), before: .training(step: step + 1))
  }

  /// Batches of the validation samples; at least 1.
  var validationBatchCount: Int {
    max(1, (dataset.count - dataset.trainingCount + batchSize - 1) / batchSize)
  }

  /// A batch of the validation samples, counted from 0; nil behind the last.
  func validationBatch(_ number: Int) -> Batch? {
    let batch = take(.validation(number), before: .validation(number + 1))
    return batch.rows == 0 ? nil : batch
  }

  private func take(_ request: BatchRequest, before next: BatchRequest) -> Batch {
    preparation?.finish()
    if spare.content == request {
      swap(&current, &spare)
    } else if current.content != request {
      filler.fill(current, request)
    }
    if current.rows > 0, spare.content != next { preparation?.begin(spare, next) }
    return current.batch
  }
}
