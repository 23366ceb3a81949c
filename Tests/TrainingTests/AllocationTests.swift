import CSystem
import NeuralNetwork
import OperatingSystem
import RunLog
import Synchronization
import Tensors
import Testing

@testable import Training

@Suite struct AllocationTests {
  /// A clock that looks at the heap whenever it is asked the time, which a step does between its
  /// parts.
  private final class HeapWatch: Clock {
    let bytesMax = Atomic<UInt64>(0)

    func wallSeconds() -> Double { 0 }

    func monotonicSeconds() -> Double {
      bytesMax.max(nn_heap_bytes_in_use(), ordering: .relaxed)
      return 0
    }
  }

  /// Batches of 50 of 160 samples: some are smaller, and epochs are shuffled on the way.
  private static func expectNoAllocation(
    _ experiment: String, _ overrides: [String], prunes: Bool
  ) throws {
    let text = try ExperimentText(
      source: "small.json", directory: "/", bytes: Array(experiment.utf8),
      overrides: overrides + ["batchSize=50", "learningRateSchedule.kind=cosine"])
    let experiment = try Experiment(text)
    ArithmeticLibrary.prepare()
    let pool = WorkerPool(threadCount: 2)
    let dataset = try Dataset.load(experiment.data, pool: pool, files: LocalFileSystem())
    let watch = HeapWatch()
    let session = try TrainingSession(experiment, dataset: dataset, pool: pool, clock: watch)
    if prunes {
      let request = ControlCommand.PruneRequest(
        method: "magnitude", sparsity: 0.5, isPreview: false)
      try session.apply(
        MagnitudePruning().decide(session.task(request, needsSamples: false)))
    }
    for _ in 0..<50 { _ = session.advance() }
    let before = nn_heap_bytes_in_use()
    watch.bytesMax.store(0, ordering: .relaxed)
    for _ in 0..<200 { _ = session.advance() }
    // Taken before `#expect`, which uses the heap itself.
    let (largest, after) = (watch.bytesMax.load(ordering: .relaxed), nn_heap_bytes_in_use())
    #expect(largest <= before)
    #expect(after == before)
  }

  /// In a process of its own, since other tests use the heap at the same time.
  @Test(arguments: ["sgd", "adamw"])
  func aStepAllocatesNothing(optimizer: String) async {
    await #expect(processExitsWith: .success) { [optimizer] in
      try Self.expectNoAllocation(
        TestRun.experiment, ["optimizer.kind=\(optimizer)"], prunes: true)
    }
  }

  /// An update of what layers mix does allocate; ordinary training does not.
  @Test(
    arguments: TrainedKind.allCases.filter { !$0.learnsArchitecture }.map(\.rawValue),
    [false, true])
  func aStepOfAnyKindAllocatesNothing(kind: String, prunes: Bool) async {
    await #expect(processExitsWith: .success) { [kind, prunes] in
      let kind = try #require(TrainedKind(rawValue: kind))
      try Self.expectNoAllocation(kind.experiment, kind.threadedOverrides, prunes: prunes)
    }
  }
}
