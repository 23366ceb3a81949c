import JSONText
import OperatingSystem
import RunLog

/// What a search does when it is asked.
extension SearchEngine {
  private static let epochsMax = 1_000_000
  private static let promotionFactor = 3

  /// Answers what was asked while no engine was running.
  func refuseOldCommands() {
    for reading in control.unansweredFromBefore() {
      switch reading {
      case .command(let command): refuse(command.id, "no engine was running")
      case .refusal(let id, _): refuse(id, "no engine was running")
      case .garbage: continue
      }
    }
  }

  func refuseCommandsLeft() {
    for case .command(let command) in control.receive() {
      refuse(command.id, "the search ended after \(step) results")
    }
  }

  func obeyCommands() {
    for reading in control.receive() {
      switch reading {
      case .command(let command):
        do throws(ControlCommand.Request.Refusal) {
          try obey(command)
        } catch { refuse(command.id, error.reason) }
      case .refusal(let id, let reason): refuse(id, reason)
      case .garbage: continue
      }
    }
  }

  private func refuse(_ id: String, _ reason: String) {
    log.note(.answer(.init(id: id, status: .refused, reason: reason)), step: step)
  }

  private func apply(_ command: ControlCommand) {
    log.note(
      .answer(.init(id: command.id, status: .applied, request: command.request.json)),
      step: step)
  }

  private func obey(_ command: ControlCommand) throws(ControlCommand.Request.Refusal) {
    switch command.request {
    case .pause:
      if isPaused { throw .init("is paused already") }
      apply(command)
      setPaused(true)
    case .resume:
      if !isPaused { throw .init("is not paused") }
      apply(command)
      setPaused(false)
    case .stop:
      apply(command)
      stopReason = .stopped
    case .candidate(let id, let action):
      guard let number = Int(id), candidates.indices.contains(number) else {
        throw .init("there is no candidate \(id)")
      }
      guard evaluator == nil else { throw .init("nothing is trained in this search") }
      switch action {
      case .pause: try pause(number, command)
      case .resume: try resume(number, command)
      case .kill: try kill(number, command)
      case .promote(let epochs): try promote(number, epochs, command)
      }
    default: throw .init("a search does not take \(command.request.name)")
    }
  }

  /// Workers keep their candidates while the search is paused.
  private func setPaused(_ isPaused: Bool) {
    self.isPaused = isPaused
    for candidate in candidates where candidate.phase == .running {
      send(isPaused ? .pause : .resume, to: candidate)
    }
    notePhase(isPaused ? .paused : .training)
  }

  // MARK: One candidate

  private func pause(
    _ number: Int, _ command: ControlCommand
  ) throws(ControlCommand.Request.Refusal) {
    guard candidates[number].takesWorker else {
      throw .init("candidate \(number) is \(candidates[number].phase.rawValue)")
    }
    apply(command)
    if candidates[number].phase == .running {
      candidates[number].wish = .pause
      return
    }
    setPhase(.paused, of: number)
  }

  private func resume(
    _ number: Int, _ command: ControlCommand
  ) throws(ControlCommand.Request.Refusal) {
    guard candidates[number].phase == .paused else {
      throw .init("candidate \(number) is not paused")
    }
    apply(command)
    setPhase(.waiting, of: number)
  }

  private func kill(
    _ number: Int, _ command: ControlCommand
  ) throws(ControlCommand.Request.Refusal) {
    guard candidates[number].phase.isOpen else {
      throw .init("candidate \(number) is \(candidates[number].phase.rawValue) already")
    }
    apply(command)
    if candidates[number].phase == .running {
      candidates[number].wish = .kill
    } else {
      finish(number, .killed)
    }
  }

  private func promote(
    _ number: Int, _ wish: Int?, _ command: ControlCommand
  ) throws(ControlCommand.Request.Refusal) {
    let target = candidates[number].epochsTarget
    guard candidates[number].phase == .finished else {
      throw .init(
        "candidate \(number) is \(candidates[number].phase.rawValue); only one that is finished "
          + "can be trained longer")
    }
    let epochs = wish ?? target * Self.promotionFactor
    guard epochs > target, epochs <= Self.epochsMax else {
      throw .init(
        "candidate \(number) has \(target) epochs; more are needed, up to \(Self.epochsMax)")
    }
    apply(command)
    candidates[number].epochsTarget = epochs
    candidates[number].isPromoted = true
    var record = CandidateRecord(id: candidates[number].id)
    (record.isPromoted, record.epochsTarget) = (true, epochs)
    goOn(number, record)
  }

  private func setPhase(_ phase: CandidateRecord.Phase, of number: Int) {
    candidates[number].phase = phase
    var record = CandidateRecord(id: candidates[number].id)
    record.phase = phase
    if phase == .waiting {
      candidates[number].starts = watches[number]?.starts ?? candidates[number].starts
      record.starts = candidates[number].starts
    }
    tell(record)
  }

  /// Asks the worker that has a candidate for what a person wants of it, once a session.
  func fulfilWish(_ number: Int, _ watch: CandidateWatch) {
    guard candidates[number].wish != nil, candidates[number].wishedSession != watch.starts,
      watch.starts > candidates[number].starts
    else { return }
    candidates[number].wishedSession = watch.starts
    send(.stop, to: candidates[number])
  }

  /// Writes a command into the control file of a candidate's run.
  func send(_ request: ControlCommand.Request, to candidate: SearchedCandidate) {
    let run = runDirectory(candidate.number)
    let command = ControlCommand(
      id: ControlCommand.makeID(), wallTime: clock.wallSeconds(), author: "search",
      request: request)
    do throws(SystemError) {
      let writer = try JSONLinesWriter(path: run.controlPath, files: files, permissions: 0o600)
      defer { writer.close() }
      try writer.append(command.json)
    } catch {
      log.note(
        .note("candidate \(candidate.id) could not be asked to \(request.name): \(error)"),
        step: step)
    }
  }
}
