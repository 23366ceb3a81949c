import ArchitectureSearch
import Glibc
import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors

/// A search's directory taken into possession by a coordinator: locked, and its strategy where the
/// journal says that it was.
struct OpenedSearch {
  let lock: FileLock
  let search: SearchDescription
  let log: EngineLog
  let history: RunHistory
  /// nil where nothing is trained.
  let factory: CandidateFactory?
  let replay: SearchReplay
  let workerCount, threadsPerWorker: Int

  private static let lockPatienceSeconds = 1.0

  init(
    _ directory: RunDirectory, staff: SearchEngine.Staff, files: any FileSystem,
    clock: any Clock
  ) throws {
    guard let manifest = try directory.readManifest(files), SearchCreation.isSearch(manifest)
    else { throw EngineError("\(directory.path) is no search of nntop") }
    guard
      let lock = try FileLock.take(
        directory.lockPath, patienceSeconds: Self.lockPatienceSeconds)
    else { throw EngineError("\(directory.path) is being searched by another engine") }
    self.lock = lock
    do {
      let history = try RunHistory.read(directory, files: files)
      self.history = history
      if history.lastPhase == .finished {
        throw EngineError("\(directory.path) is finished: there is nothing to resume")
      }
      let journal = try JSONLinesWriter(path: directory.journalPath, files: files)
      func note(_ phase: JournalRecord.Phase) throws(SystemError) {
        try journal.append(
          JournalRecord(
            wallTime: clock.wallSeconds(), step: Int64(history.lastStep), .phase(phase)
          ).json)
      }
      try note(.init(.starting))
      do {
        search = try SearchDescription(
          try ExperimentText.recorded(manifest.experiment, source: directory.manifestPath))
        let cores = Environment.processorCount
        workerCount = staff.evaluator == nil ? (search.workers > 0 ? search.workers : cores) : 1
        threadsPerWorker = max(1, cores / workerCount)
        ArithmeticLibrary.prepare()
        let sampler: ArchitectureSampler
        (factory, sampler) = try Self.sampler(search, staff, directory, files, clock)
        replay = try SearchReplay(search, sampler, directory, files: files)
        log = try Self.beginLog(
          directory, manifest, journal, step: replay.step, files: files, clock: clock)
      } catch {
        try note(.init(.failed, reason: "\(error)"))
        journal.close()
        throw error
      }
    } catch {
      lock.release()
      throw error
    }
  }

  private static func sampler(
    _ search: SearchDescription, _ staff: SearchEngine.Staff, _ directory: RunDirectory,
    _ files: any FileSystem, _ clock: any Clock
  ) throws -> (CandidateFactory?, ArchitectureSampler) {
    if let evaluator = staff.evaluator {
      let (limits, epochs) = (search.limits, search.epochs)
      return (
        nil,
        ArchitectureSampler(search.space) { architecture in
          // What a table does not know, or what breaks a limit, is never asked for.
          guard let known = evaluator.evaluate(architecture, epochs: epochs) else { return false }
          return known.parameters <= limits.parameters ?? .max
        }
      )
    }
    let latency = LatencyTable(
      path: SearchPaths.latencies(of: directory), files: files, clock: clock)
    let factory = try CandidateFactory(search, latency: latency, files: files)
    let dataset =
      search.sieve == nil
      ? nil
      : try Dataset.load(
        search.experiment.data, pool: WorkerPool(threadCount: 1), files: files)
    return (factory, factory.sampler(dataset))
  }

  private static func beginLog(
    _ directory: RunDirectory, _ manifest: RunManifest, _ journal: JSONLinesWriter, step: Int,
    files: any FileSystem, clock: any Clock
  ) throws(SystemError) -> EngineLog {
    let now = clock.wallSeconds()
    let name = try directory.newEventFileName(
      files, wallTime: now, host: Environment.hostName, process: getpid())
    let events = try EventFileWriter(
      path: name, files: files, firstStep: step == 0 ? 0 : Int64(step) + 1, wallTime: now)
    try files.synchronizeDirectory(directory.path)
    let log = EngineLog(events: events, journal: journal, clock: clock)
    if step > 0 { log.note(.note("resumed after \(step) results"), step: step) }
    log.flush()
    return log
  }
}

/// The books of a search as its journal makes them: the strategy is asked and told once more, in
/// the same order.
struct SearchReplay {
  private(set) var process: SearchProcess
  private(set) var candidates: [SearchedCandidate] = []
  /// Results that the strategy was told.
  private(set) var step = 0
  private(set) var epochsSpent = 0.0

  private let search: SearchDescription
  private let place: String

  /// The kind of records that tell of the search itself.
  static let kind = "search"

  init(
    _ search: SearchDescription, _ sampler: ArchitectureSampler, _ directory: RunDirectory,
    files: any FileSystem
  ) throws {
    self.search = search
    place = directory.path
    process = SearchProcess(
      search.strategy,
      SearchTask(
        sampler: sampler, candidates: search.candidates, epochs: search.epochs,
        epochsMin: search.minimumEpochs, seed: search.seed))
    var journal = JSONLinesReader(path: directory.journalPath, files: files)
    while true {
      let batch = try journal.read()
      for node in batch.records {
        if let record = JournalRecord(node) { try take(record) }
      }
      if !batch.hasMore { return }
    }
  }

  private mutating func take(_ record: JournalRecord) throws {
    if case .other(Self.kind, let json) = record.entry, json["waited"] != nil {
      _ = process.next()
    }
    guard let told = CandidateRecord(record), let number = Int(told.id) else { return }
    if told.isAsked { try ask(told, number) }
    guard candidates.indices.contains(number) else { throw mismatch(told.id) }
    candidates[number].take(told)
    if told.isTold {
      let isFinished = candidates[number].phase == .finished
      let score = isFinished ? told.score.map(search.merit) : nil
      process.finish(
        candidate: number, score: score, parameters: candidates[number].parameters,
        derived: told.derived)
      step += 1
      epochsSpent += told.epochs ?? 0
    }
  }

  private mutating func ask(_ told: CandidateRecord, _ number: Int) throws {
    guard number <= candidates.count, case .train(number, let epochs) = process.next(),
      epochs == told.epochsTarget
    else {
      throw mismatch(told.id)
    }
    guard number == candidates.count else {
      if candidates[number].phase.isOpen { candidates[number].awaitedEpochs = epochs }
      return
    }
    let architecture = process.candidates[number].architecture
    guard told.choices == architecture.choices else { throw mismatch(told.id) }
    candidates.append(
      SearchedCandidate(number: number, architecture: architecture, epochsTarget: epochs))
  }

  private func mismatch(_ id: String) -> SearchError {
    SearchError(
      "\(place) cannot be continued: from candidate \(id) on its journal tells of another search "
        + "than its run.json; was it made by another version of nntop?")
  }
}

extension SearchDescription {
  /// A score as strategies want it: larger is better.
  func merit(_ score: Double) -> Double {
    evaluator == .training ? objective.merit(score) : score
  }
}
