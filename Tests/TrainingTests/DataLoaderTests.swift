import CSystem
import Glibc
import NeuralNetwork
import Tensors
import Testing

@testable import Training

/// Batches: which samples are in them, and that a thread that fills them ahead changes nothing.
@Suite struct DataLoaderTests {
  /// Each sample's numbers and class are its own number. Large samples, so that a thread prepares.
  private static func dataset(
    _ count: Int, training: Int, size: Int, channelCount: Int = 1, isShuffled: Bool = true
  ) -> Dataset {
    Dataset(
      SampleSet(
        samples: .bytes((0..<count).flatMap { [UInt8](repeating: UInt8($0), count: size) }),
        sampleShape: [size],
        targets: .classes((0..<Int32(count)).map { $0 }, perSample: 1, count: count),
        channelCount: channelCount, trainingCount: training),
      normalization: .none, isShuffled: isShuffled)
  }

  /// The classes of a batch; -1 where some of the numbers are not the sample's. The last is looked
  /// at first, since it is the last to be filled.
  private static func content(_ batch: Batch?, size: Int) -> [Int32] {
    guard let batch else { return [] }
    let classes = batch.classes
    let rows = (0..<batch.rows).reversed().map { row in
      let numbers = UnsafeBufferPointer(start: batch.input.scalars + row * size, count: size)
      let isRight = stride(from: size - 1, through: 0, by: -(size / 20 + 1)).allSatisfy {
        numbers[$0] == Float(classes[row])
      }
      return isRight ? classes[row] : -1
    }
    return rows.reversed()
  }

  /// Each epoch takes every training sample once, in an order that only seed and epoch decide.
  @Test(arguments: [1, 5_000]) func anEpochIsAPermutationThatSeedAndEpochDecide(size: Int) {
    let dataset = Self.dataset(25, training: 23, size: size)
    func order(_ loader: DataLoader, epoch: Int) -> [Int32] {
      (0..<loader.stepsPerEpoch).flatMap { batch in
        Self.content(
          loader.trainingBatch(step: epoch * loader.stepsPerEpoch + batch), size: size)
      }
    }
    let loader = DataLoader(dataset, batchSize: 5, seed: 1)
    #expect(loader.stepsPerEpoch == 5)
    let (first, second) = (order(loader, epoch: 0), order(loader, epoch: 1))
    #expect(first.sorted() == Array(0..<23) && second.sorted() == Array(0..<23))
    #expect(first != second)
    // A resumed run begins with any epoch.
    #expect(order(DataLoader(dataset, batchSize: 5, seed: 1), epoch: 1) == second)
    #expect(order(loader, epoch: 0) == first)
    #expect(order(DataLoader(dataset, batchSize: 5, seed: 2), epoch: 0) != first)
    let validated = (0..<3).flatMap { Self.content(loader.validationBatch($0), size: size) }
    #expect(validated == [23, 24])
    #expect(loader.validationBatch(1) == nil && loader.validationBatch(1_000) == nil)
    let plain = Self.dataset(25, training: 23, size: size, isShuffled: false)
    #expect(order(DataLoader(plain, batchSize: 5, seed: 1), epoch: 3) == Array(0..<23))
    #expect(DataLoader(plain, batchSize: 100, seed: 1).batchSize == 23)
  }

  /// Batches that take long enough to fill that they are asked for meanwhile.
  @Test func aThreadThatPreparesChangesNothing() {
    let size = 60_000
    let dataset = Self.dataset(60, training: 50, size: size, channelCount: 2)
    let plain = DataLoader(dataset, batchSize: 8, seed: 3, preparesAhead: false)
    let training = (0..<200).map { Self.content(plain.trainingBatch(step: $0), size: size) }
    let validation = (0..<3).map { Self.content(plain.validationBatch($0), size: size) }
    #expect(!(training + validation).contains { $0.contains(-1) })
    let ahead = DataLoader(dataset, batchSize: 8, seed: 3)
    var random = RandomSource(seed: 9, purpose: .noise)
    var step = 0
    for _ in 0..<1_000 {
      // Mostly the next one, which was prepared; also any other, the same again, validation.
      switch random.integer(below: 12) {
      case 0: step = Int(random.integer(below: 199))
      case 1: break
      case 2:
        let number = Int(random.integer(below: 3))
        #expect(Self.content(ahead.validationBatch(number), size: size) == validation[number])
      default: step = (step + 1) % 200
      }
      #expect(Self.content(ahead.trainingBatch(step: step), size: size) == training[step])
      usleep(random.integer(below: 200))
    }
  }

  /// The batch that is worked on is not touched while the next is filled.
  @Test func aBatchHoldsUntilTheNextIsAskedFor() {
    let size = 20_000
    let loader = DataLoader(Self.dataset(60, training: 60, size: size), batchSize: 20, seed: 3)
    for step in 0..<12 {
      let batch = loader.trainingBatch(step: step)
      let before = Self.content(batch, size: size)
      usleep(2_000)
      #expect(Self.content(batch, size: size) == before && !before.contains(-1))
    }
  }

  @Test func loadersEndAtAnyMoment() {
    let dataset = Self.dataset(20, training: 20, size: 10_000)
    for round in 0..<200 {
      let loader = DataLoader(dataset, batchSize: 10, seed: 1)
      for step in 0..<round % 3 { _ = loader.trainingBatch(step: step) }
    }
  }

  @Test func valuesAndStepsComeWithTheirSamples() throws {
    let values = Dataset(
      SampleSet(
        samples: .floats((0..<20).map { Float($0) }), sampleShape: [2],
        targets: .values((0..<30).map { Float($0) }, perSample: 3), trainingCount: 8),
      normalization: .none)
    let loader = DataLoader(values, batchSize: 3, seed: 1)
    for step in 0..<6 {
      let batch = loader.trainingBatch(step: step)
      guard case .values(let targets, 3) = batch.targets else {
        Issue.record("the targets are three values")
        return
      }
      #expect(batch.input.shape == [3, 2])
      for row in 0..<batch.rows {
        let sample = batch.input[row * 2] / 2
        #expect(batch.input[row * 2 + 1] == 2 * sample + 1)
        for index in 0..<3 { #expect(targets[row * 3 + index] == 3 * sample + Float(index)) }
      }
    }
    let steps = Dataset(
      SampleSet(
        samples: .floats((0..<20).map { Float($0) }), sampleShape: [2, 1],
        targets: .classes((0..<20).map { Int32($0) }, perSample: 2, count: 20), trainingCount: 8),
      normalization: .none)
    let stepLoader = DataLoader(steps, batchSize: 2, seed: 1)
    let batch = try #require(stepLoader.validationBatch(0))
    let found = withExtendedLifetime(stepLoader) { (0..<4).map { batch.classes[$0] } }
    #expect(found == [16, 17, 18, 19])
    guard case .classes(_, 2) = batch.targets else {
      Issue.record("every step has a class")
      return
    }
  }

  /// In a process of its own, since other tests use the heap at the same time.
  @Test(arguments: [false, true]) func aBatchAllocatesNothing(isAugmented: Bool) async {
    await #expect(processExitsWith: .success) { [isAugmented] in
      let home = try TemporaryDirectory()
      let augmentation = "\"augmentation\": {\"shift\": 2, \"flip\": true, \"cutout\": 5},"
      let dataset = try DataText(
        "{\(isAugmented ? augmentation : "") \"trainingCount\": 330, \"validationCount\": 70}"
      ).load(in: home)
      let loader = DataLoader(dataset, batchSize: 50, seed: 1)
      func epochs(_ range: Range<Int>) -> UInt64 {
        var largest: UInt64 = 0
        for epoch in range {
          for step in 0..<7 {
            _ = loader.trainingBatch(step: epoch * 7 + step)
            if step % 2 == 0 { usleep(100) }
            largest = max(largest, nn_heap_bytes_in_use())
          }
          for number in 0..<3 { _ = loader.validationBatch(number) }
        }
        return largest
      }
      _ = epochs(0..<2)
      let before = nn_heap_bytes_in_use()
      let (largest, after) = (epochs(2..<30), nn_heap_bytes_in_use())
      #expect(largest <= before)
      #expect(after == before)
    }
  }

  /// A thread that has nothing to do takes no time of a processor.
  @Test func anIdleThreadSleeps() async {
    await #expect(processExitsWith: .success) {
      let loader = DataLoader(
        DataLoaderTests.dataset(20, training: 20, size: 10_000), batchSize: 10, seed: 1)
      _ = loader.trainingBatch(step: 0)
      // However long the machine is busy: at some time a sleeping thread has used none.
      let isAsleep = (0..<100).contains { _ in
        let before = clock()
        usleep(100_000)
        return Double(clock() - before) / Double(CLOCKS_PER_SEC) < 0.01
      }
      #expect(isAsleep)
      _ = loader.trainingBatch(step: 1)
    }
  }
}

extension Batch {
  /// [rows, targets of a sample]
  var classes: UnsafePointer<Int32> {
    guard case .classes(let classes, _) = targets else {
      preconditionFailure("the targets are classes")
    }
    return classes
  }
}
