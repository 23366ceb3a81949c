import ArchitectureSearch

/// A candidate as the coordinator knows it.
struct SearchedCandidate {
  let number: Int
  let architecture: Architecture
  var phase = CandidateRecord.Phase.waiting
  /// It is trained to so many epochs in all.
  var epochsTarget: Int
  /// Those that it has seen.
  var epochs = 0.0
  /// Of the objective's metric, the newest.
  var score: Double?
  var parameters = 0
  /// Of a supernet the choices that it came to.
  var derived: [Int]?
  /// Sessions of its run when it was handed out: a worker takes it at this number only.
  var starts = 0
  /// That it was trained.
  var seconds = 0.0
  /// Why it failed.
  var reason: String?
  /// Whether a person asked for its epochs, not the strategy.
  var isPromoted = false
  /// Epochs that the strategy asked for while a person had it.
  var awaitedEpochs: Int?
  /// What a person wants of its worker.
  var wish: Wish?
  /// The session that was told so.
  var wishedSession: Int?
  /// Workers that were lost with it since the search was started.
  var vanished = 0
  /// When its progress may be told next, in monotonic seconds.
  var nextTold = 0.0

  enum Wish { case pause, kill }

  var id: String { "\(number)" }

  /// Whether a worker has it, or is to have it.
  var takesWorker: Bool { phase == .waiting || phase == .running }

  mutating func take(_ record: CandidateRecord) {
    phase = record.phase ?? phase
    epochsTarget = record.epochsTarget ?? epochsTarget
    epochs = record.epochs ?? epochs
    score = record.score ?? score
    starts = record.starts ?? starts
    seconds = record.seconds ?? seconds
    reason = record.reason ?? reason
    parameters = record.parameters ?? parameters
    derived = record.derived ?? derived
    isPromoted = record.isPromoted ?? isPromoted
  }
}
