import CSystem
import OperatingSystem
import Synchronization
import Testing

@testable import Training

struct PruningProcessAllocationTests {
  /// Looks at the heap whenever it is asked the time, which a step does between its parts.
  private final class HeapWatch: Clock {
    let bytesMax = Atomic<UInt64>(0)

    func wallSeconds() -> Double { 0 }

    func monotonicSeconds() -> Double {
      bytesMax.max(nn_heap_bytes_in_use(), ordering: .relaxed)
      return 0
    }
  }

  private static func expectNoAllocation(_ kind: PrunedKind) throws {
    let watch = HeapWatch()
    let run = try PruningProcessRun(kind.experiment, ["epochs=60"], clock: watch)
    try run.begin(kind.request, length: 400)
    // Behind the warm-up; epochs end, halves are judged and periods begin at steps divisible by 8.
    for _ in 0..<160 { try run.learn(1) }
    for _ in 0..<10 {
      // The first makes ready what an epoch's end may have given back.
      try run.learn(1)
      let before = nn_heap_bytes_in_use()
      watch.bytesMax.store(0, ordering: .relaxed)
      for _ in 0..<6 { try run.learn(1) }
      let (largest, after) = (watch.bytesMax.load(ordering: .relaxed), nn_heap_bytes_in_use())
      #expect(largest <= before && after <= before, "\(before) \(largest) \(after)")
      try run.learn(1)
    }
    #expect(run.session.process != nil)
  }

  /// In a process of its own, since other tests use the heap at the same time.
  @Test(arguments: PrunedKind.all.indices)
  func aStepAllocatesNothing(index: Int) async {
    await #expect(processExitsWith: .success) { [index] in
      var kind = PrunedKind.all[index]
      if kind.method == "aofp" {
        kind.settings["updatesPerHalf"] = 160
        kind.settings["theta"] = 0
        kind.settings["warmUp"] = 0
      }
      if kind.method == "halfSpace" {
        kind.settings["begin"] = 0
        kind.settings["end"] = 1
        kind.settings["periods"] = 1
      }
      try Self.expectNoAllocation(kind)
    }
  }
}
