import Glibc
import NeuralNetwork
import RunLog
import Synchronization
import Tensors

/// What a prune would do, found out on a copy of the network while the training goes on.
final class PruningPreview: @unchecked Sendable {
  typealias Refusal = ControlCommand.Request.Refusal

  let command: ControlCommand
  private let work: () -> Result<PrunePlan, Refusal>
  private let isDone = Atomic(false)
  private var result: Result<PrunePlan, Refusal>?
  private var thread: pthread_t?

  /// - Parameter work: touches nothing that the training does.
  init(_ command: ControlCommand, work: @escaping () -> Result<PrunePlan, Refusal>) {
    self.command = command
    self.work = work
    var started = pthread_t()
    let argument = Unmanaged.passRetained(self).toOpaque()
    let status = pthread_create(
      &started, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<PruningPreview>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument)
    if status == 0 {
      thread = started
    } else {
      Unmanaged<PruningPreview>.fromOpaque(argument).release()
      run()
    }
  }

  private func run() {
    result = work()
    isDone.store(true, ordering: .releasing)
  }

  /// The plan or why there is none; nil while it is worked on.
  func planIfDone() -> Result<PrunePlan, Refusal>? {
    isDone.load(ordering: .acquiring) ? plan() : nil
  }

  /// Waits for the plan.
  func plan() -> Result<PrunePlan, Refusal> {
    if let thread {
      pthread_join(thread, nil)
      self.thread = nil
    }
    return result ?? .failure(Refusal("the preview came to no end"))
  }
}

extension TrainingSession {
  /// What a method that decides at once would do, to be found out on another thread: a copy of
  /// everything that it looks at is taken now.
  func previewing(
    _ request: ControlCommand.PruneRequest, _ method: any OneShotPruning
  ) throws(NetworkError) -> () -> Result<PrunePlan, PruningPreview.Refusal> {
    let copy = try learner.copy(pool: WorkerPool(threadCount: 1))
    let origin = origin
    let present = task(request, needsSamples: type(of: method).looksAtSamples)
    return {
      let task = PruningTask(
        copy.network, copy.graph, origin: origin, target: present.target, layers: present.layers,
        samples: present.samples, seed: present.seed)
      do throws(PruningRefusal) {
        return .success(PrunePlan(try method.decide(task), copy, origin: origin))
      } catch { return .failure(.init(error.reason)) }
    }
  }
}
