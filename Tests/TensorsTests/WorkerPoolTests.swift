import CSystem
import Glibc
import Synchronization
import Testing

@testable import Tensors

/// Serialized: the tests want the processors, and one looks at the heap of the whole process.
@Suite(.serialized) struct WorkerPoolTests {
  /// Counts how often each block was done.
  private final class Counting: ParallelWork {
    let done: UnsafeMutablePointer<Int>
    let capacity: Int
    let total = Atomic<Int>(0)

    init(capacity: Int) {
      self.capacity = capacity
      done = .allocate(capacity: capacity)
      done.initialize(repeating: 0, count: capacity)
    }

    deinit { done.deallocate() }

    func perform(block: Int) {
      done[block] += 1
      total.add(1, ordering: .relaxed)
    }

    /// Whether exactly the first `count` blocks were done once each; forgets them.
    func takeDone(_ count: Int) -> Bool {
      defer { for block in 0..<capacity { done[block] = 0 } }
      return (0..<capacity).allSatisfy { done[$0] == ($0 < count ? 1 : 0) }
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 3, 4, 8])
  func everyBlockIsDoneOnce(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    #expect(pool.threadCount == threads)
    let work = Counting(capacity: 40)
    var expected = 0
    for round in 0..<5_000 {
      let blocks = round % 41
      pool.run(work, blocks: blocks)
      expected += blocks
      guard work.takeDone(blocks) else {
        Issue.record("round \(round)")
        return
      }
    }
    #expect(work.total.load(ordering: .relaxed) == expected)
  }

  @Test(.timeLimit(.minutes(1))) func differentWorkInTurn() {
    let pool = WorkerPool(threadCount: 3)
    let works = (0..<3).map { _ in Counting(capacity: 8) }
    for round in 0..<3_000 {
      let work = works[round % 3]
      pool.run(work, blocks: 8)
      #expect(work.takeDone(8))
    }
  }

  @Test(.timeLimit(.minutes(1))) func manyPoolsComeAndGo() {
    for round in 0..<300 {
      let pool = WorkerPool(threadCount: 1 + round % 4)
      let work = Counting(capacity: 5)
      if round % 3 > 0 { pool.run(work, blocks: 5) }
      #expect(work.takeDone(round % 3 > 0 ? 5 : 0))
    }
  }

  @Test(.timeLimit(.minutes(1))) func poolsSideBySide() async {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<3 {
        group.addTask {
          let pool = WorkerPool(threadCount: 2)
          let work = Counting(capacity: 6)
          return (0..<1_000).allSatisfy { _ in
            pool.run(work, blocks: 6)
            return work.takeDone(6)
          }
        }
      }
      for await isSound in group { #expect(isSound) }
    }
  }

  /// Owns the pool that does it, as layers do.
  private final class Owning: ParallelWork {
    let pool: WorkerPool

    init(threadCount: Int) {
      pool = WorkerPool(threadCount: threadCount)
    }

    func perform(block: Int) {}

    static func comeAndGo(_ rounds: Int) {
      for _ in 0..<rounds {
        let work = Owning(threadCount: 4)
        work.pool.run(work, blocks: 4)
      }
    }
  }

  /// A thread that is late may be the last to hold the work, and the pool with it. A thread that
  /// nobody waited for keeps its stack, which can be told in a process of its own.
  @Test(.timeLimit(.minutes(1))) func aPoolMayEndOnItsOwnThread() async {
    await #expect(processExitsWith: .success) {
      Owning.comeAndGo(100)
      let before = try Self.mappedStacks()
      Owning.comeAndGo(10_000)
      // The C library keeps a few for the next threads.
      #expect(try Self.mappedStacks() < before + 8)
    }
  }

  /// The stacks that this process has in its memory, by their usual size of 8 MiB.
  private static func mappedStacks() throws -> Int {
    let file = try #require(fopen("/proc/self/maps", "r"))
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 1024)
    var stacks = 0
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let bounds = text.prefix { $0 != " " }.split(separator: "-").compactMap { Int($0, radix: 16) }
      if bounds.count == 2, bounds[1] - bounds[0] == 8 << 20 { stacks += 1 }
    }
    return stacks
  }

  /// Notes how much memory is in use while it is done.
  private final class HeapWatching: ParallelWork {
    let bytesMax = Atomic<UInt64>(0)

    func perform(block: Int) {
      bytesMax.max(nn_heap_bytes_in_use(), ordering: .relaxed)
    }
  }

  /// In a process of its own, since other tests use the heap at the same time.
  @Test func aDispatchAllocatesNothing() async {
    await #expect(processExitsWith: .success) {
      let pool = WorkerPool(threadCount: 3)
      let work = HeapWatching()
      for _ in 0..<100 { pool.run(work, blocks: 16) }
      let before = nn_heap_bytes_in_use()
      work.bytesMax.store(0, ordering: .relaxed)
      for _ in 0..<1_000 { pool.run(work, blocks: 16) }
      #expect(work.bytesMax.load(ordering: .relaxed) <= before)
    }
  }
}

struct TensorTests {
  @Test func beginsWithZerosAligned() {
    for shape in [[], [0], [3], [2, 3, 4]] as [[Int]] {
      let tensor = Tensor<Float>(shape: shape)
      #expect(tensor.count == shape.reduce(1, *))
      #expect(tensor.array == [Float](repeating: 0, count: tensor.count))
      #expect(UInt(bitPattern: tensor.scalars) % 64 == 0)
    }
  }

  @Test func holdsWhatItIsGiven() {
    let tensor = Tensor<Double>(shape: [2, 2], [1, 2, 3, 4])
    tensor[3] = 9
    #expect(tensor.array == [1, 2, 3, 9])
    let other = Tensor<Double>(shape: [4])
    other.copy(from: tensor)
    tensor.fill(5)
    #expect(other.array == [1, 2, 3, 9])
    #expect(tensor.array == [5, 5, 5, 5])
  }

  @Test func aWrongIndexIsAProgrammersError() async {
    await #expect(processExitsWith: .failure) {
      let tensor = Tensor<Float>(shape: [2])
      _ = tensor[2]
    }
  }
}
