import NeuralNetwork
import OperatingSystem
import RunLog

/// Prunes: by command, by the experiment's schedule, while the network learns, and in rounds.
extension Engine {
  typealias PruneRequest = ControlCommand.PruneRequest
  typealias Refusal = ControlCommand.Request.Refusal

  /// What a prune would do.
  enum PlannedPrune {
    case cut(PrunePlan)
    /// Pruning that goes on from now, with a line that tells how.
    case process(PruningInProgress, words: String)
  }

  /// - Throws: `Refusal`, with nothing changed.
  func planned(_ request: PruneRequest) throws(Refusal) -> PlannedPrune {
    let method = try checked(request)
    do throws(PruningRefusal) {
      switch method {
      case let method as any OneShotPruning:
        let needsSamples = type(of: method).looksAtSamples
        let decision = try method.decide(session.task(request, needsSamples: needsSamples))
        return .cut(session.plan(decision))
      case let method as any TrainingPruning:
        return try plannedProcess(request, method)
      case let method as any RoundPruning: return try plannedRounds(request, method)
      default: throw PruningRefusal("\(request.method) cannot be used here")
      }
    } catch { throw Refusal(error.reason) }
  }

  /// The method that is asked for, when it may be used now.
  private func checked(_ request: PruneRequest) throws(Refusal) -> any PruningMethod {
    if let present = session.state.pruning {
      throw Refusal(
        "\(present.request.method) goes on until step \(endStep(of: present)): finish it first "
          + "(X, or nntop ctl RUN prune finish)")
    }
    guard session.isFinite else { throw Self.nonFiniteRefusal }
    let method = try PruningMethods.method(request)
    try PruningMethods.checkLayers(
      request, method, session.network, session.learner.graph)
    return method
  }

  // MARK: At once

  /// Prunes by command.
  func prune(
    _ request: PruneRequest, _ command: ControlCommand,
    _ commit: (JournalRecord.Answer) throws(SystemError) -> Void
  ) throws {
    let planned = try planned(request)
    let (undo, problem) = keepForUndo(command.request.name)
    var answer = JournalRecord.Answer(
      id: command.id, status: .applied, request: command.request.json, reason: problem)
    fill(&answer, planned)
    try commit(answer)
    session.pushUndo(undo)
    noteChange(command)
    try perform(planned, request)
  }

  /// Answers what a prune would do; nothing is changed. What takes long is found out while the
  /// training goes on.
  func preview(_ request: PruneRequest, _ command: ControlCommand) {
    do throws(Refusal) {
      if let method = try checked(request) as? any OneShotPruning {
        do throws(NetworkError) {
          previews.append(
            PruningPreview(command, work: try session.previewing(request, method)))
        } catch { throw Refusal("\(error)") }
        return
      }
      answerPreview(command, try planned(request))
    } catch { return refuse(command.id, error.reason) }
  }

  private func answerPreview(_ command: ControlCommand, _ planned: PlannedPrune) {
    var answer = JournalRecord.Answer(
      id: command.id, status: .previewed, request: command.request.json)
    fill(&answer, planned)
    log.note(.answer(answer), step: session.state.step)
  }

  /// Answers the previews that are ready, in the order in which they were asked for.
  func answerPreviews(waiting: Bool = false) {
    while let first = previews.first {
      guard let result = waiting ? first.plan() : first.planIfDone() else { return }
      previews.removeFirst()
      switch result {
      case .success(let plan): answerPreview(first.command, .cut(plan))
      case .failure(let refusal): refuse(first.command.id, refusal.reason)
      }
    }
  }

  /// Says in an answer what a prune does.
  func fill(_ answer: inout JournalRecord.Answer, _ planned: PlannedPrune) {
    switch planned {
    case .cut(let plan):
      (answer.old, answer.new) = (.number(plan.before), .number(plan.after))
      answer.layers = plan.changes
    case .process(_, let words):
      answer.reason = [answer.reason, words].compactMap { $0 }
        .joined(separator: "; ")
    }
  }

  private func perform(_ planned: PlannedPrune, _ request: PruneRequest) throws {
    switch planned {
    case .cut(let plan): try perform(plan, request)
    case .process(let pruning, _):
      try session.begin(pruning)
      keepRewindPoint()
      note(pruning, isOver: false)
    }
  }

  /// Makes the network smaller and tells of it.
  private func perform(_ plan: PrunePlan, _ request: PruneRequest) throws {
    let accuracyBefore = presentValidation().accuracy
    try apply(plan)
    tell(
      .init(
        method: request.method, scope: Self.words(request), before: plan.before,
        after: plan.after, sizeBefore: plan.sizeBefore, size: plan.size,
        accuracyBefore: accuracyBefore, accuracy: validate().accuracy))
  }

  private func apply(_ plan: PrunePlan) throws {
    let learner = session.learner
    try session.apply(plan.decision)
    measure(insteadOf: learner)
  }

  /// The numbers first, so that who reads of it finds them.
  private func tell(_ prune: JournalRecord.Prune) {
    logDensity()
    log.note(.prune(prune), step: session.state.step)
  }

  private static func words(_ request: PruneRequest) -> String {
    request.layers?.joined(separator: " ") ?? "global"
  }

  /// Prunes that the experiment asks for at this epoch.
  func prunesOnSchedule() {
    let prunes = session.experiment.pruning
    while session.state.scheduledPrunesDone < prunes.count {
      let next = prunes[session.state.scheduledPrunesDone]
      guard next.epoch * session.loader.stepsPerEpoch <= session.state.position else { return }
      session.state.scheduledPrunesDone += 1
      do {
        let planned = try planned(next.request)
        session.state.scheduledPrunesDone -= 1
        let (undo, problem) = keepForUndo("prune")
        session.state.scheduledPrunesDone += 1
        session.pushUndo(undo)
        if let problem { log.note(.note(problem), step: session.state.step) }
        session.state.changesAtStep += 1
        try perform(planned, next.request)
      } catch let refusal as Refusal {
        log.note(
          .alert("the prune of epoch \(next.epoch) was left out: \(refusal.reason)"),
          step: session.state.step)
      } catch {
        log.note(
          .alert("the prune of epoch \(next.epoch) failed: \(error)"), step: session.state.step)
      }
    }
  }

  // MARK: While training goes on

  private func plannedProcess(
    _ request: PruneRequest, _ method: any TrainingPruning
  ) throws(PruningRefusal) -> PlannedPrune {
    let left = session.totalPositions - session.state.position
    let length = Int((method.span * Double(left)).rounded(.up))
    guard length > 0 else {
      throw PruningRefusal("no update is left in which \(request.method) could work")
    }
    let pruning = PruningInProgress(
      request: request, start: session.state.position, length: length,
      before: session.sparsities().total, sizeBefore: NetworkCensus(session.learner).size)
    do {
      try method.check(session.task(request, needsSamples: false))
      // What it needs is there: a trial that nobody keeps.
      _ = try session.makeProcess(pruning, for: session.learner)
    } catch let refusal as PruningRefusal {
      throw refusal
    } catch { throw PruningRefusal("\(error)") }
    return .process(
      pruning, words: "works while training goes on, until step \(endStep(of: pruning))")
  }

  func endStep(of pruning: PruningInProgress) -> Int {
    pruning.round == nil
      ? session.state.step + pruning.start + pruning.length - session.state.position
      : session.finalStep
  }

  /// Lets the process at work see the update that was made, and does what it asks for.
  func continuePruning(after moment: PruningMoment?) {
    keepRewindPoint()
    guard let moment, let process = session.process, let pruning = session.state.pruning else {
      return
    }
    do {
      switch process.didStep(moment, session.pruningSamples) {
      case .nothing: if moment.isLast { try finishProcess(process, pruning) }
      case .cut(let decision):
        // Its end tells of all its cuts together.
        try apply(session.plan(decision))
        if moment.isLast, let process = session.process { try finishProcess(process, pruning) }
      case .finish: try finishProcess(process, pruning)
      }
    } catch {
      log.note(.alert("\(pruning.request.method) ended: \(error)"), step: session.state.step)
      session.endPruning()
    }
  }

  private func finishProcess(
    _ process: any PruningProcess<Float>, _ pruning: PruningInProgress
  ) throws {
    let last = session.plan(process.finish(session.pruningSamples))
    session.endPruning()
    try close(pruning, last)
  }

  /// Ends what goes on, by command: a process makes its last cut; behind rounds the training goes
  /// on to its end, from its beginning where the round was a short one.
  func finishPruning(
    _ command: ControlCommand, _ commit: (JournalRecord.Answer) throws(SystemError) -> Void
  ) throws {
    guard let pruning = session.state.pruning else {
      throw Refusal("no pruning goes on")
    }
    let (undo, problem) = keepForUndo("prune")
    let last = session.process.map { session.plan($0.finish(session.pruningSamples)) }
    let present = session.sparsities().total
    try commit(
      .init(
        id: command.id, status: .applied, request: command.request.json, reason: problem,
        old: .number(last?.before ?? present), new: .number(last?.after ?? present),
        layers: last.map { $0.decision.isEmpty ? [] : $0.changes } ?? []))
    session.pushUndo(undo)
    noteChange(command)
    session.endPruning()
    if let last {
      try close(pruning, last)
    } else {
      if let round = pruning.round, round.positions < session.positionsOfTraining {
        session.state.position = round.rewindPosition
      }
      note(pruning, isOver: true)
    }
  }

  /// Makes the last cut of pruning that is over and tells of all that it did.
  private func close(_ pruning: PruningInProgress, _ last: PrunePlan) throws {
    if !last.decision.isEmpty { try apply(last) }
    tell(
      .init(
        method: pruning.request.method, scope: Self.words(pruning.request),
        before: pruning.before, after: session.sparsities().total,
        sizeBefore: pruning.sizeBefore, size: NetworkCensus(session.learner).size,
        accuracy: validate().accuracy))
    note(pruning, isOver: true)
  }

  /// Tells of pruning that an undo ended or brought back.
  func tellPruning(insteadOf before: PruningInProgress?) {
    let now = session.state.pruning
    if let before, now == nil { note(before, isOver: true) }
    if let now, before == nil { note(now, isOver: false) }
  }

  private func note(_ pruning: PruningInProgress, isOver: Bool) {
    log.note(
      .pruning(
        .init(
          method: pruning.request.method, target: pruning.request.sparsity,
          scope: Self.words(pruning.request), isOver: isOver,
          finalStep: isOver ? nil : Int64(endStep(of: pruning)))), step: session.state.step)
    notePhase(isPaused ? .paused : .training)
  }

  // MARK: In rounds

  private func plannedRounds(
    _ request: PruneRequest, _ method: any RoundPruning
  ) throws(PruningRefusal) -> PlannedPrune {
    let present = session.sparsities().total
    guard request.sparsity > present else {
      throw .reached(present, target: request.sparsity)
    }
    let rounds = method.rounds(target: request.sparsity, from: present)
    let epoch = session.loader.stepsPerEpoch
    let rewindPosition = min(
      session.positionsOfTraining - 1, Int((rounds.rewindEpochs * Double(epoch)).rounded()))
    if rounds.rewinding == .weights, session.state.position > rewindPosition {
      throw PruningRefusal(
        "the weights of epoch \(rounds.rewindEpochs) are not kept any more at step "
          + "\(session.state.step): ask with rewind=learningRate, or in the experiment")
    }
    let pruning = PruningInProgress(
      request: request, start: session.state.position, length: 0, before: present,
      sizeBefore: NetworkCensus(session.learner).size,
      round: .init(
        number: 0, last: rounds.sparsities.count, startStep: session.state.step,
        positions: session.positionsOfTraining,
        rewindPosition: rounds.rewinding == .initial ? 0 : rewindPosition,
        hasRewindPoint: false))
    return .process(
      pruning,
      words: "\(rounds.sparsities.count) rounds of training and cutting follow this training")
  }

  /// Keeps the weights that later rounds go back to, when their step has come.
  private func keepRewindPoint() {
    guard let pruning = session.state.pruning, let round = pruning.round, !round.hasRewindPoint,
      round.number == 0, let rounds = TrainingSession.rounds(of: pruning)
    else { return }
    let isNow =
      switch rounds.rewinding {
      case .weights: session.state.position == round.rewindPosition
      case .initial: true
      case .learningRate, .fineTune: false
      }
    guard isNow else { return }
    session.keepRewindPoint()
  }

  /// Behind a training: notes the round that is over and begins the next; false when the run is
  /// complete.
  func beginNextRound() -> Bool {
    guard var pruning = session.state.pruning, var round = pruning.round,
      let rounds = TrainingSession.rounds(of: pruning)
    else { return false }
    note(round, of: pruning)
    guard round.number < round.last, round.number < rounds.sparsities.count else {
      session.endPruning()
      note(pruning, isOver: true)
      return false
    }
    do {
      var cut = pruning.request
      cut.sparsity = rounds.sparsities[round.number]
      let task = session.task(cut, needsSamples: false)
      try perform(session.plan(try MagnitudePruning().decide(task)), pruning.request)
    } catch {
      log.note(.alert("\(pruning.request.method) ended: \(error)"), step: session.state.step)
      session.endPruning()
      return false
    }
    round.number += 1
    round.startStep = session.state.step
    let epoch = session.loader.stepsPerEpoch
    let isLast = round.number == round.last
    let share = isLast ? 1 : rounds.share
    let epochs = max(1, (share * Double(session.experiment.epochs)).rounded())
    round.positions = min(session.positionsOfTraining, Int(epochs) * epoch)
    pruning.round = round
    session.rewind(to: round, rounds.rewinding, pruning)
    session.state.changesAtStep += 1
    notePhase(.training)
    return true
  }

  private func note(_ round: PruningInProgress.Round, of pruning: PruningInProgress) {
    let validation = presentValidation()
    let updates = session.state.step - round.startStep
    log.note(
      .round(
        .init(
          method: pruning.request.method, number: Int64(round.number), last: Int64(round.last),
          sparsity: session.sparsities().total, loss: validation.loss,
          accuracy: validation.accuracy,
          epochs: Double(updates) / Double(session.loader.stepsPerEpoch))),
      step: session.state.step)
  }
}
