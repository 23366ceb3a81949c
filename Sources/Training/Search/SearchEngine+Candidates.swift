import ArchitectureSearch
import JSONText
import OperatingSystem
import RunLog

/// Candidates on their way: asked for, handed out, followed, told.
extension SearchEngine {
  /// Evaluations of a table or formula between two looks at the control file.
  private static let evaluationsPerTurn = 100
  private static let progressSeconds = 1.0
  private static let makingSeconds = 10.0
  /// A candidate whose worker vanished is handed out again so often.
  private static let vanishedMax = 1

  // MARK: Asking

  /// Asks the strategy while there are workers without work.
  func handOut() throws {
    while isAskingDue, !isExhausted, candidates.count(where: \.takesWorker) < workerCount {
      let proposals = process.proposals
      switch process.next() {
      case .finished: isExhausted = true
      case .wait:
        isAskingDue = false
        // The strategy went on without anything to show for it; a resumed search has to do so too.
        if process.proposals != proposals {
          log.note(.other(kind: SearchReplay.kind, ["waited": true]), step: step)
        }
      case .train(let number, let epochs):
        try ask(number, epochs)
        nextTending = 0
      }
    }
  }

  private func ask(_ number: Int, _ epochs: Int) throws {
    if number == candidates.count {
      try tell(newCandidate(number, epochs))
      makeRun(number)
      return
    }
    var record = CandidateRecord(id: "\(number)")
    record.isAsked = true
    record.epochsTarget = epochs
    // A person may have had it trained longer, or be at it.
    if candidates[number].phase.isOpen {
      candidates[number].awaitedEpochs = epochs
      return tell(record)
    }
    if candidates[number].epochs >= Double(epochs) {
      tell(record)
      return tellStrategy(number, candidates[number].phase)
    }
    candidates[number].epochsTarget = epochs
    goOn(number, record)
  }

  private func newCandidate(_ number: Int, _ epochs: Int) throws -> CandidateRecord {
    let architecture = process.candidates[number].architecture
    var candidate = SearchedCandidate(
      number: number, architecture: architecture, epochsTarget: epochs)
    var record = CandidateRecord(id: candidate.id)
    (record.isAsked, record.phase, record.epochsTarget) = (true, .waiting, epochs)
    (record.starts, record.choices) = (0, architecture.choices)
    record.facts = [
      "architecture": .string(architecture.text), "score_name": .string(scoreName),
    ]
    if let cell = architecture.cell {
      record.facts["adjacency"] = .string(cell.adjacencyDigits)
      record.facts["operations"] = .string(cell.operationNames)
    }
    if let census = try factory?.census(of: architecture) {
      candidate.parameters = census.parameters
      record.facts["flops"] = .integer(Int64(census.flops))
      noteLatency(of: architecture, in: &record)
    }
    record.parameters = factory == nil ? nil : candidate.parameters
    candidates.append(candidate)
    return record
  }

  /// A table that cannot be saved is measured again by the next session.
  private func noteLatency(of architecture: Architecture, in record: inout CandidateRecord) {
    do {
      let latency = try factory?.latency(of: architecture)
      func milliseconds(_ seconds: Double) -> JSON { .number((seconds * 1e7).rounded() / 1e4) }
      record.facts["latency_ms"] = latency?.predicted.map(milliseconds)
      record.facts["measured_latency_ms"] = latency?.measured.map(milliseconds)
    } catch {
      log.note(.note("no latency of candidate \(record.id): \(error)"), step: step)
    }
  }

  /// Makes the directory of a new candidate's run. One that cannot be made has failed; where only
  /// the disk is full it waits.
  func makeRun(_ number: Int) {
    guard let factory else { return }
    let candidate = candidates[number]
    let run = runDirectory(number)
    do {
      guard try run.readManifest(files) == nil else { return }
      files.discardRun(run)
      let experiment = try factory.experiment(
        of: candidate.architecture, name: candidate.architecture.text,
        epochs: candidate.epochsTarget)
      _ = try RunCreation(
        experiment: experiment, runs: SearchPaths.candidates(of: directory),
        name: candidate.id, arguments: [], version: version
      ).create(try factory.summary(of: experiment), files: files, clock: clock)
      unmade.remove(number)
    } catch let error as SystemError where error.isDiskFull {
      nextMaking = clock.monotonicSeconds() + Self.makingSeconds
      if unmade.insert(number).inserted {
        log.note(
          .alert("candidate \(candidate.id) waits for a disk with room: \(error)"), step: step)
      }
    } catch {
      unmade.remove(number)
      finish(number, .failed, reason: "its run could not be made: \(error)")
    }
  }

  /// Tries again to make runs for which the disk had no room.
  func makeWaitingRuns() {
    guard !unmade.isEmpty, clock.monotonicSeconds() >= nextMaking else { return }
    for number in unmade.sorted() { makeRun(number) }
  }

  func runDirectory(_ number: Int) -> RunDirectory {
    RunDirectory(path: SearchPaths.candidate(candidates[number].id, of: directory))
  }

  /// Hands a candidate that was trained already out again, for more epochs.
  func goOn(_ number: Int, _ told: CandidateRecord) {
    var record = told
    do {
      try RunExtension(runDirectory(number), files: files, clock: clock)
        .extend(to: candidates[number].epochsTarget)
    } catch {
      tell(record)
      return finish(number, .failed, reason: "it cannot go on: \(error)")
    }
    look(number)
    candidates[number].phase = .waiting
    candidates[number].starts = watches[number]?.starts ?? 0
    record.phase = .waiting
    record.starts = candidates[number].starts
    tell(record)
  }

  // MARK: Following

  /// Takes up candidates that an earlier session left: those that a worker still has are followed,
  /// the others are handed out again.
  func takeUp() throws {
    guard evaluator == nil else { return }
    for number in candidates.indices where candidates[number].phase.isOpen {
      makeRun(number)
      guard candidates[number].takesWorker else { continue }
      look(number)
      guard let watch = watches[number] else { continue }
      let (isNew, isStarted) = (
        watch.starts < candidates[number].starts, watch.starts > candidates[number].starts
      )
      if isStarted && (watch.isHeld || watch.phase?.name == .finished) { continue }
      if !isStarted && !isNew && candidates[number].phase == .waiting { continue }
      handOutAgain(number, reason: isNew ? "its run was gone: it begins again" : nil)
    }
  }

  private func look(_ number: Int) {
    let run = runDirectory(number)
    if watches[number] == nil { watcher.watch(run.path) }
    var watch =
      watches[number] ?? CandidateWatch(run, tag: search.objective.tag, files: files)
    do throws(SystemError) {
      try watch.look()
    } catch {}  // not there yet, or unreadable now: the next look tells
    watches[number] = watch
  }

  /// Looks what became of the candidates that workers have.
  func follow() {
    makeWaitingRuns()
    for number in candidates.indices where candidates[number].takesWorker {
      look(number)
      guard let watch = watches[number] else { continue }
      fulfilWish(number, watch)
      guard watch.starts > candidates[number].starts else { continue }
      switch watch.phase?.name {
      case .finished: finish(number, .finished)
      case .failed: finish(number, .failed, reason: watch.phase?.reason)
      case .stopped: noteStopped(number)
      default:
        if watch.isHeld { noteRunning(number, watch) } else { noteVanished(number) }
      }
    }
  }

  private func noteRunning(_ number: Int, _ watch: CandidateWatch) {
    let now = clock.monotonicSeconds()
    let isNew = candidates[number].phase == .waiting
    let hasMore = watch.epochs > candidates[number].epochs
    guard isNew || (hasMore && now >= candidates[number].nextTold) else { return }
    candidates[number].nextTold = now + Self.progressSeconds
    candidates[number].phase = .running
    var record = CandidateRecord(id: candidates[number].id)
    record.phase = .running
    if hasMore {
      candidates[number].epochs = watch.epochs
      candidates[number].score = watch.score
      (record.epochs, record.score) = (watch.epochs, watch.score)
    }
    tell(record)
  }

  private func noteStopped(_ number: Int) {
    switch candidates[number].wish {
    case .kill: finish(number, .killed)
    case .pause:
      candidates[number].wish = nil
      candidates[number].phase = .paused
      var record = CandidateRecord(id: candidates[number].id)
      record.phase = .paused
      tell(record)
    case nil: handOutAgain(number, reason: "its worker stopped")
    }
  }

  /// A worker holds the lock for as long as it lives; without it, and without an end in the run's
  /// journal, it is gone.
  private func noteVanished(_ number: Int) {
    look(number)
    guard let watch = watches[number], !watch.isHeld else { return }
    switch watch.phase?.name {
    case .finished, .failed, .stopped: return
    default: break
    }
    if candidates[number].wish == .kill { return finish(number, .killed) }
    candidates[number].vanished += 1
    if candidates[number].vanished > Self.vanishedMax {
      return finish(
        number, .failed, reason: "its worker vanished twice; the workers' log may say why")
    }
    handOutAgain(number, reason: "its worker vanished: handed out again")
  }

  private func handOutAgain(_ number: Int, reason: String?) {
    if !files.exists(runDirectory(number).manifestPath) {
      // Somebody removed it.
      watches[number] = nil
      makeRun(number)
      guard candidates[number].takesWorker else { return }
      look(number)
    }
    candidates[number].phase = .waiting
    candidates[number].starts = watches[number]?.starts ?? 0
    var record = CandidateRecord(id: candidates[number].id)
    (record.phase, record.starts, record.reason) = (.waiting, candidates[number].starts, reason)
    tell(record)
  }

  // MARK: Results

  /// Notes how a candidate ended, and tells the strategy when it waits for that.
  func finish(_ number: Int, _ phase: CandidateRecord.Phase, reason: String? = nil) {
    let watch = watches[number]
    var (phase, reason) = (phase, reason)
    if phase == .finished, watch?.score == nil {
      (phase, reason) = (.failed, "its log has no \(search.objective.tag)")
    }
    candidates[number].phase = phase
    candidates[number].reason = reason
    candidates[number].wish = nil
    candidates[number].epochs = watch?.epochs ?? 0
    candidates[number].score = watch?.score
    if phase == .finished { candidates[number].epochs = Double(candidates[number].epochsTarget) }
    candidates[number].seconds = watch?.trainedSeconds ?? 0
    if phase == .finished { candidates[number].derived = derived(number, watch) }
    let wasPromoted = candidates[number].isPromoted
    candidates[number].isPromoted = false
    watches[number] = nil
    watcher.unwatch(runDirectory(number).path)
    let awaited = candidates[number].awaitedEpochs
    candidates[number].awaitedEpochs = nil
    if wasPromoted {
      tell(result(number, phase, reason))
      guard awaited != nil else { return noteBest(number) }
    }
    tellStrategy(number, phase, reason)
  }

  /// What a supernet came to; said in a line where that may not be trained.
  private func derived(_ number: Int, _ watch: CandidateWatch?) -> [Int]? {
    guard let watch, search.space.isSupernet(candidates[number].architecture) else { return nil }
    let choices = search.space.choices(of: watch.derivedWords)
    guard let choices, let architecture = search.space.architecture(choices) else {
      log.note(
        .alert("nothing can be derived from the supernet: no edge lets its input through"),
        step: step)
      return choices
    }
    if let reason = factory?.refusal(of: architecture) {
      log.note(.alert("what the supernet came to is not trained: it \(reason)"), step: step)
    }
    return choices
  }

  private func result(
    _ number: Int, _ phase: CandidateRecord.Phase, _ reason: String?
  ) -> CandidateRecord {
    var record = CandidateRecord(id: candidates[number].id)
    (record.phase, record.reason) = (phase, reason)
    (record.score, record.epochs) = (candidates[number].score, candidates[number].epochs)
    (record.seconds, record.isPromoted) = (candidates[number].seconds, false)
    return record
  }

  private func tellStrategy(
    _ number: Int, _ phase: CandidateRecord.Phase, _ reason: String? = nil
  ) {
    step += 1
    epochsSpent += candidates[number].epochs
    var record = result(number, phase, reason)
    record.isTold = true
    record.derived = candidates[number].derived
    tell(record)
    take(number, phase)
    log.flush()
  }

  /// The strategy's side of a result, and the search's curves.
  private func take(_ number: Int, _ phase: CandidateRecord.Phase) {
    let score = phase == .finished ? candidates[number].score : nil
    process.finish(
      candidate: number, score: score.map(merit), parameters: candidates[number].parameters,
      derived: candidates[number].derived)
    isAskingDue = true
    noteBest(number)
    var values: [(tag: String, value: Float)] = [("search/epochs", Float(epochsSpent))]
    if let score { values.append(("search/score", Float(score))) }
    if let score = best.flatMap({ candidates[$0].score }) {
      values.append(("search/best", Float(score)))
    }
    log.events.scalars(values, step: Int64(step), wallTime: clock.wallSeconds())
  }

  // MARK: Without training

  /// Asks the strategy and answers it at once.
  func evaluateSome() throws {
    guard let evaluator else { return }
    for _ in 0..<Self.evaluationsPerTurn where !isExhausted {
      guard case .train(let number, let epochs) = process.next() else {
        isExhausted = true
        return
      }
      var record: CandidateRecord
      if number == candidates.count {
        record = try newCandidate(number, epochs)
      } else {
        record = CandidateRecord(id: "\(number)")
        (record.isAsked, record.epochsTarget) = (true, epochs)
        candidates[number].epochsTarget = epochs
      }
      let found = evaluator.evaluate(candidates[number].architecture, epochs: epochs)
      candidates[number].phase = found == nil ? .failed : .finished
      candidates[number].score = found?.score
      candidates[number].epochs = Double(epochs)
      candidates[number].parameters = found?.parameters ?? 0
      step += 1
      epochsSpent += Double(epochs)
      (record.phase, record.isTold) = (candidates[number].phase, true)
      (record.score, record.epochs) = (found?.score, Double(epochs))
      record.parameters = found?.parameters
      candidates[number].reason = found == nil ? "is not in the table" : nil
      if found == nil { record.reason = "is not in the table" }
      for other in found?.others ?? [] { record.facts[other.name] = .number(other.value) }
      tell(record)
      take(number, candidates[number].phase)
    }
  }
}
