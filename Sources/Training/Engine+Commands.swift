import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog

/// What the engine does when it is asked.
///
/// A command that changes the training is answered on the disk before it takes effect: the journal
/// is the log from which a resumed run does it again.
extension Engine {
  /// Commands that wait for their step or for the disk, at most.
  private static let deferredMax = 10_000

  static let nonFiniteRefusal = ControlCommand.Request.Refusal(
    "a weight is not a finite number: undo what made it so first")

  /// Answers what was asked while no engine was running.
  func refuseOldCommands() {
    for reading in control.unansweredFromBefore() {
      switch reading {
      case .command(let command):
        if case .branch(let wish) = command.request, answerBranchMadeBefore(wish, command) {
          continue
        }
        refuse(command.id, "no engine was running")
      case .refusal(let id, _): refuse(id, "no engine was running")
      case .garbage: continue
      }
    }
  }

  /// Obeys or refuses, between two steps, what has been asked.
  func obeyCommands() {
    receiveCommands()
    guard !log.isWaitingForDisk else { return }
    while let index = deferred.firstIndex(where: { $0.atStep ?? 0 <= Int64(session.state.step) }) {
      do throws(SystemError) {
        try obey(deferred[index])
        deferred.remove(at: index)
      } catch {
        return  // the answer could not be written, so nothing was done; it is tried again later
      }
    }
  }

  /// Answers, when the training ends, what can be obeyed no more.
  func refuseCommandsLeft() {
    receiveCommands()
    for command in deferred {
      refuse(command.id, "the training ended at step \(session.state.step)")
    }
    deferred = []
  }

  private func receiveCommands() {
    for reading in control.receive() {
      switch reading {
      case .command(let command):
        if deferred.count < Self.deferredMax {
          deferred.append(command)
        } else {
          refuse(command.id, "more than \(Self.deferredMax) commands wait already")
        }
      case .refusal(let id, let reason): refuse(id, reason)
      case .garbage: continue
      }
    }
  }

  /// Does again what was promised for this step.
  func keepPromises() {
    while let promise = promises.first, promise.step <= session.state.step {
      promises.removeFirst()
      guard promise.step == session.state.step else { continue }
      do {
        try change(promise.command) { _ throws(SystemError) in }
      } catch {
        log.note(
          .alert("a command could not be done again: \(error)"), step: session.state.step)
      }
    }
  }

  private func obey(_ command: ControlCommand) throws(SystemError) {
    switch command.request {
    case .pause:
      if isPaused { return refuse(command.id, "is paused already") }
      try answer(command, .applied)
      pause()
    case .resume:
      if !isPaused { return refuse(command.id, "is not paused") }
      try answer(command, .applied)
      goOn()
    case .stop:
      try answer(command, .applied)
      stopReason = .stopped
    case .checkpoint:
      do {
        let name = try writeCheckpoint()
        try answer(command, .applied, new: .string(name))
      } catch let error as SystemError {
        throw error
      } catch {
        refuse(command.id, "no checkpoint was written: \(error)")
      }
    case .prune(let prune) where prune.isPreview:
      preview(prune, command)
    case .branch(let wish): branch(wish, command)
    case .set, .candidate:
      refuse(command.id, "this run does not take \(command.request.name)")
    case .setLearningRate, .schedule, .prune, .finishPruning, .undo:
      do {
        try change(command) { (answer) throws(SystemError) in
          try log.commit(.answer(answer), step: session.state.step)
        }
      } catch let error as SystemError {
        throw error
      } catch let refusal as ControlCommand.Request.Refusal {
        refuse(command.id, refusal.reason)
      } catch {
        refuse(command.id, "\(error)")
      }
    }
  }

  /// Changes the training. `commit` gets the answer when nothing can go wrong any more, and the
  /// change happens after it returns.
  private func change(
    _ command: ControlCommand,
    commit: (JournalRecord.Answer) throws(SystemError) -> Void
  ) throws {
    switch command.request {
    case .setLearningRate(let wish): try setLearningRate(wish, command, commit)
    case .schedule(let wish): try setSchedule(wish, command, commit)
    case .prune(let wish): try prune(wish, command, commit)
    case .finishPruning: try finishPruning(command, commit)
    case .undo: try undo(command, commit)
    case .pause, .resume, .stop, .checkpoint, .branch, .set, .candidate:
      preconditionFailure("only commands that change the training come here")
    }
    log.flush()
  }

  func noteChange(_ command: ControlCommand) {
    session.state.changesAtStep += 1
    session.state.commandsAtStep.append(command.id)
  }

  private func setLearningRate(
    _ wish: ControlCommand.LearningRateChange, _ command: ControlCommand,
    _ commit: (JournalRecord.Answer) throws(SystemError) -> Void
  ) throws {
    let change = try planned(wish)
    let (undo, problem) = keepForUndo(command.request.name)
    try commit(
      .init(
        id: command.id, status: .applied, request: command.request.json, reason: problem,
        old: .number(change.old), new: .number(change.new)))
    session.pushUndo(undo)
    session.state.learningRateScale = change.newScale
    noteChange(command)
  }

  /// A new schedule begins now, at its beginning, and reaches to the end of the run; what people
  /// scaled the learning rate by stays.
  private func setSchedule(
    _ wish: JSON, _ command: ControlCommand,
    _ commit: (JournalRecord.Answer) throws(SystemError) -> Void
  ) throws {
    guard session.isFinite else { throw Self.nonFiniteRefusal }
    let typed = TrainingSession.TypedSchedule(json: wish, start: session.state.position)
    let new = try session.learningRate(under: typed)
    let (undo, problem) = keepForUndo(command.request.name)
    try commit(
      .init(
        id: command.id, status: .applied, request: command.request.json, reason: problem,
        old: .number(session.learningRate), new: .number(new)))
    session.pushUndo(undo)
    try session.follow(typed)
    noteChange(command)
  }

  /// What a change of the learning rate would do: the rates before and after, and the scale of the
  /// schedule after it.
  func planned(
    _ wish: ControlCommand.LearningRateChange
  ) throws(ControlCommand.Request.Refusal) -> (old: Double, new: Double, newScale: Double) {
    guard session.isFinite else { throw Self.nonFiniteRefusal }
    let newScale: Double
    switch wish {
    case .scale(let factor): newScale = session.state.learningRateScale * factor
    case .value(let value):
      let scheduled = session.scheduledLearningRate
      guard scheduled > 0 else {
        throw ControlCommand.Request.Refusal(
          "the schedule's learning rate is 0 here, which nothing can scale")
      }
      newScale = value / scheduled
    }
    var new = session.scheduledLearningRate * newScale
    if case .value(let value) = wish { new = value }
    let learningRateMax = 1e6
    guard new.isFinite, new <= learningRateMax else {
      throw ControlCommand.Request.Refusal("a learning rate is a number from 0 to 1e6")
    }
    return (session.learningRate, new, newScale)
  }

  /// Keeps the present state for an undo. There is an entry even when it cannot be kept, with the
  /// reason: what undo takes back follows from the commands alone, not from the state of a disk.
  func keepForUndo(
    _ command: String
  ) -> (entry: TrainingSession.UndoEntry, problem: String?) {
    let step = session.state.step
    do {
      return (.init(command: command, checkpoint: try writeCheckpoint(), step: step), nil)
    } catch {
      return (
        .init(command: command, checkpoint: nil, step: step),
        "\(command) at step \(step) cannot be undone: \(error)"
      )
    }
  }

  /// Puts the state before the last change back: weights, masks, optimizer state and the place in
  /// the schedule. The step goes on.
  private func undo(
    _ command: ControlCommand, _ commit: (JournalRecord.Answer) throws(SystemError) -> Void
  ) throws {
    guard let entry = session.state.undoStack.last else {
      throw ControlCommand.Request.Refusal("there is nothing to undo")
    }
    guard let checkpoint = entry.checkpoint else {
      throw ControlCommand.Request.Refusal(
        "\(entry.command) at step \(entry.step) cannot be undone: the state before it could not "
          + "be kept")
    }
    guard checkpoints.exists(checkpoint) else {
      throw ControlCommand.Request.Refusal("the checkpoint \(checkpoint) is gone")
    }
    let present = session.state
    // What the answer promises has to be readable before.
    let kept = try Checkpoint(
      checkpoints.path(of: checkpoint), fitting: session, files: files)
    let isPrune = entry.command == "prune"
    let old = isPrune ? session.sparsities().total : session.learningRate
    let new = isPrune ? kept.sparsity(in: session) : try kept.learningRate(in: session)
    try commit(
      .init(
        id: command.id, status: .applied, request: command.request.json,
        reason: "\(isPrune ? "prune" : "learning rate") at step \(entry.step)",
        old: .number(old), new: .number(new)))
    let learner = session.learner
    try kept.restore(session)
    let restored = session.state
    measure(insteadOf: learner)
    forgetNonFinite()
    session.state = present
    session.state.position = restored.position
    session.state.learningRateScale = restored.learningRateScale
    session.state.pruning = restored.pruning
    try session.follow(restored.typedSchedule)
    session.state.undoStack.removeLast()
    noteChange(command)
    logDensity()
    log.note(
      .undo(
        .init(
          command: entry.command, restoredStep: Int64(entry.step),
          finalStep: Int64(session.finalStep))), step: session.state.step)
    // Behind the undo, which takes back what was told before it.
    tellPruning(insteadOf: present.pruning)
  }

  private func answer(
    _ command: ControlCommand, _ status: JournalRecord.Answer.Status, old: JSON? = nil,
    new: JSON? = nil, layers: [JournalRecord.LayerChange] = []
  ) throws(SystemError) {
    try log.commit(
      .answer(
        .init(
          id: command.id, status: status, request: command.request.json, old: old, new: new,
          layers: layers)), step: session.state.step)
  }

  func refuse(_ id: String, _ reason: String) {
    log.note(.answer(.init(id: id, status: .refused, reason: reason)), step: session.state.step)
  }
}
