import Glibc
import Synchronization

/// Work that falls into blocks which may run at the same time, in any order.
public protocol ParallelWork: AnyObject {
  /// Does block `block`; blocks write to different places.
  func perform(block: Int)
}

/// The threads of a training run.
///
/// Work is cut into blocks by its shape alone, never by the number of threads, so results do not
/// depend on how many there are. Threads that have nothing to do sleep. A dispatch allocates
/// nothing.
public final class WorkerPool {
  /// Threads that take part, the caller of `run` included.
  public let threadCount: Int

  private let dispatch: Dispatch
  private var threads: [pthread_t] = []

  /// - Parameter threadCount: at least 1; one less is started.
  public init(threadCount: Int) {
    precondition(threadCount >= 1, "work needs a thread")
    self.threadCount = threadCount
    dispatch = Dispatch()
    for _ in 1..<threadCount {
      var thread = pthread_t()
      let argument = Unmanaged.passRetained(dispatch).toOpaque()
      let result = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          let dispatch = Unmanaged<Dispatch>.fromOpaque(argument).takeRetainedValue()
          SubnormalNumbers.flushed { dispatch.workUntilClosed() }
          return nil
        }, argument)
      if result == 0 {
        threads.append(thread)
      } else {
        Unmanaged<Dispatch>.fromOpaque(argument).release()
      }
    }
  }

  deinit {
    dispatch.close()
    for thread in threads {
      // A thread may let go of the last work, and of the pool with it; it cannot wait for itself.
      if pthread_equal(thread, pthread_self()) != 0 {
        pthread_detach(thread)
      } else {
        pthread_join(thread, nil)
      }
    }
  }

  /// Does all blocks of some work and returns when they are done. Call from one thread only.
  /// Subnormal numbers count as 0 meanwhile, on all threads alike.
  public func run(_ work: any ParallelWork, blocks: Int) {
    SubnormalNumbers.flushed {
      if blocks <= 1 || threads.isEmpty {
        for block in 0..<blocks { work.perform(block: block) }
      } else {
        dispatch.run(work, blocks: blocks)
      }
    }
  }
}

/// How the threads of a pool meet.
private final class Dispatch: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let workArrived: UnsafeMutablePointer<pthread_cond_t>
  private let workDone: UnsafeMutablePointer<pthread_cond_t>
  private var work: (any ParallelWork)?
  private var isClosing = false

  /// The dispatch's number in the upper 32 bits, its next block in the lower: a thread that wakes
  /// late cannot take a block of a dispatch that it does not know.
  private let ticket = Atomic<UInt64>(0)
  private let blockCount = Atomic<Int>(0)
  private let blocksDone = Atomic<Int>(0)

  init() {
    mutex = .allocate(capacity: 1)
    workArrived = .allocate(capacity: 1)
    workDone = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(workArrived, nil)
    pthread_cond_init(workDone, nil)
  }

  deinit {
    pthread_cond_destroy(workDone)
    pthread_cond_destroy(workArrived)
    pthread_mutex_destroy(mutex)
    workDone.deallocate()
    workArrived.deallocate()
    mutex.deallocate()
  }

  func run(_ newWork: any ParallelWork, blocks: Int) {
    pthread_mutex_lock(mutex)
    work = newWork
    blocksDone.store(0, ordering: .relaxed)
    blockCount.store(blocks, ordering: .relaxed)
    let number = (ticket.load(ordering: .relaxed) >> 32) &+ 1
    ticket.store(number << 32, ordering: .releasing)
    pthread_mutex_unlock(mutex)
    // Behind the unlocking: who wakes need not wait for the lock again.
    pthread_cond_broadcast(workArrived)
    takeBlocks(of: newWork, dispatch: number, count: blocks)
    pthread_mutex_lock(mutex)
    while blocksDone.load(ordering: .acquiring) < blocks { pthread_cond_wait(workDone, mutex) }
    work = nil
    pthread_mutex_unlock(mutex)
  }

  func close() {
    pthread_mutex_lock(mutex)
    isClosing = true
    pthread_cond_broadcast(workArrived)
    pthread_mutex_unlock(mutex)
  }

  func workUntilClosed() {
    var lastDispatch: UInt64 = 0
    while true {
      pthread_mutex_lock(mutex)
      while !isClosing && (work == nil || ticket.load(ordering: .relaxed) >> 32 == lastDispatch) {
        pthread_cond_wait(workArrived, mutex)
      }
      lastDispatch = ticket.load(ordering: .relaxed) >> 32
      let current = work
      let count = blockCount.load(ordering: .relaxed)
      let isOver = isClosing
      pthread_mutex_unlock(mutex)
      if isOver { return }
      if let current { takeBlocks(of: current, dispatch: lastDispatch, count: count) }
    }
  }

  private func takeBlocks(of work: any ParallelWork, dispatch number: UInt64, count: Int) {
    while true {
      let current = ticket.load(ordering: .acquiring)
      let block = Int(current & 0xffff_ffff)
      guard current >> 32 == number, block < count else { return }
      let taken = ticket.weakCompareExchange(
        expected: current, desired: current + 1, ordering: .acquiringAndReleasing)
      guard taken.exchanged else { continue }
      work.perform(block: block)
      if blocksDone.add(1, ordering: .acquiringAndReleasing).newValue == count {
        pthread_mutex_lock(mutex)
        pthread_cond_signal(workDone)
        pthread_mutex_unlock(mutex)
      }
    }
  }
}
