import Glibc

/// A thread that fills one batch while another is worked on, and sleeps when there is none to fill.
final class BatchPreparation {
  private let desk: Desk
  private var thread: pthread_t?

  init(_ filler: BatchFiller) {
    desk = Desk(filler)
    var started = pthread_t()
    let argument = Unmanaged.passRetained(desk).toOpaque()
    let result = pthread_create(
      &started, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Desk>.fromOpaque(argument).takeRetainedValue().workUntilClosed()
        return nil
      }, argument)
    if result == 0 {
      thread = started
    } else {
      // Without a thread all batches are filled when they are asked for.
      Unmanaged<Desk>.fromOpaque(argument).release()
    }
  }

  deinit {
    guard let thread else { return }
    desk.close()
    pthread_join(thread, nil)
  }

  /// Has a slot filled. Until `finish` returns, slot and filler belong to the thread.
  func begin(_ slot: BatchSlot, _ request: BatchRequest) {
    if thread != nil { desk.begin(slot, request) }
  }

  /// Returns when nothing is being filled. What was not begun yet is given up: on a busy machine
  /// the caller is faster than a thread that has to wait for a core.
  func finish() {
    if thread != nil { desk.finish() }
  }
}

/// Where the trainer and the thread meet.
private final class Desk: @unchecked Sendable {
  private enum State {
    case idle, asked, filling, closed
  }

  private let filler: BatchFiller
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var state = State.idle
  private var slot: BatchSlot?
  private var request = BatchRequest.validation(0)

  init(_ filler: BatchFiller) {
    self.filler = filler
    mutex = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  func begin(_ slot: BatchSlot, _ request: BatchRequest) {
    pthread_mutex_lock(mutex)
    self.slot = slot
    self.request = request
    state = .asked
    pthread_cond_signal(changed)
    pthread_mutex_unlock(mutex)
  }

  func finish() {
    pthread_mutex_lock(mutex)
    while state == .filling { pthread_cond_wait(changed, mutex) }
    state = .idle
    pthread_mutex_unlock(mutex)
  }

  func close() {
    pthread_mutex_lock(mutex)
    while state == .filling { pthread_cond_wait(changed, mutex) }
    state = .closed
    pthread_cond_signal(changed)
    pthread_mutex_unlock(mutex)
  }

  func workUntilClosed() {
    pthread_mutex_lock(mutex)
    while state != .closed {
      guard state == .asked, let slot else {
        pthread_cond_wait(changed, mutex)
        continue
      }
      state = .filling
      let request = request
      pthread_mutex_unlock(mutex)
      filler.fill(slot, request)
      pthread_mutex_lock(mutex)
      state = .idle
      pthread_cond_signal(changed)
    }
    pthread_mutex_unlock(mutex)
  }
}
