import JSONText
import RunLog

extension Run {
  /// What a person is told that the run does.
  public enum State: Sendable, Equatable {
    /// Its files are there, but nothing has been logged.
    case waiting
    case starting
    case training
    case paused
    case validating
    case finished
    case stopped
    case failed
    /// It said that it trains, but no engine lives.
    case dead
    /// Somebody else's log that still grows, or may.
    case watched
    /// Somebody else's log that has not grown for longer than it usually pauses.
    case stale
  }

  /// What the log tells, whatever time it is.
  public var state: State {
    guard let phase else { return foreignState }
    switch phase.name {
    case .finished: return .finished
    case .stopped: return .stopped
    case .failed: return .failed
    case .starting: return liveness == .dead ? .dead : .starting
    case .training: return liveness == .dead ? .dead : .training
    case .paused: return liveness == .dead ? .dead : .paused
    case .validating: return liveness == .dead ? .dead : .validating
    }
  }

  private var foreignState: State {
    switch outcome {
    case .finished: .finished
    case .failed: .failed
    case .stopped: .stopped
    case .running, nil: isEmpty ? .waiting : .watched
    }
  }

  private var isEmpty: Bool {
    series.isEmpty && texts.isEmpty && lines.isEmpty && grids.isEmpty && histograms.isEmpty
      && candidates.isEmpty
  }

  /// What the log tells at a time.
  /// - Parameter wallSeconds: since 1970, by the clock of this machine; 0: not known.
  public func state(at wallSeconds: Double) -> State {
    state == .watched && isQuiet(at: wallSeconds) ? .stale : state
  }

  /// Takes note that the log has grown while it was followed: the clocks that wrote the times in it
  /// may be wrong.
  public mutating func heard(at wallSeconds: Double) {
    guard wallSeconds.isFinite else { return }
    heardAt = max(heardAt ?? wallSeconds, wallSeconds)
  }

  /// When the run was heard of last, seconds since 1970; nil while that is not known.
  public var lastHeard: Double? {
    let newest = max(lastWallTime, heardAt ?? 0)
    return newest > 0 ? newest : nil
  }

  /// TensorBoard's writers keep what is logged for up to two minutes.
  private static let quietSecondsMin = 150.0
  private static let quietGaps = 5.0

  private func isQuiet(at wallSeconds: Double) -> Bool {
    guard wallSeconds > 0, let lastHeard else { return false }
    let silence = wallSeconds - lastHeard
    return silence > Self.quietSecondsMin && !usuallyPauses(seconds: silence / Self.quietGaps)
  }

  /// Whether the median gap between the newest points is at least so long.
  private func usuallyPauses(seconds: Double) -> Bool {
    let pointsMax = 64
    guard let times = series.longest?.wallTimes, var later = times.last else { return false }
    var (gaps, longGaps) = (0, 0)
    for earlier in times.suffix(pointsMax).reversed() where earlier.isFinite {
      let gap = later - earlier
      later = earlier
      // What was read at once has one time.
      guard gap > 0 else { continue }
      gaps += 1
      if gap >= seconds { longGaps += 1 }
    }
    return 2 * longGaps > gaps
  }

  /// True while an engine is there to obey.
  public var isObeying: Bool {
    switch state {
    case .training, .paused, .validating, .starting: liveness == .alive
    default: false
    }
  }

  /// Steps a second over the newest stretch of the log; nil while it cannot be told.
  public var stepsPerSecond: Double? {
    guard let longest = series["train/loss"] ?? series.longest,
      longest.count > 1
    else { return nil }
    let last = longest.count - 1
    let windowSeconds = 10.0
    var first = last
    var stride = 1
    // Points come at a bounded rate, so a few doublings reach back far enough.
    while first > 0 && longest.wallTimes[last] - longest.wallTimes[first] < windowSeconds {
      let next = max(0, first - stride)
      if longest.wallTimes[next] >= trainingSince {
        first = next
        stride *= 2
      } else if stride > 1 {
        stride = 1
      } else {
        break  // before that it rested
      }
    }
    let seconds = longest.wallTimes[last] - longest.wallTimes[first]
    guard seconds > 0 else { return nil }
    return (Double(longest.steps[last]) - Double(longest.steps[first])) / seconds
  }

  /// Seconds until the run is complete at its present speed; nil while it does not train.
  /// - Parameter wallSeconds: since 1970, by the clock of this machine; 0: not known.
  public func remainingSeconds(at wallSeconds: Double = 0) -> Double? {
    let state = state(at: wallSeconds)
    guard state == .training || state == .watched, let finalStep, let speed = stepsPerSecond,
      speed > 0
    else { return nil }
    return max(0, Double(finalStep) - Double(lastStep)) / speed
  }

  /// The learning rate that holds: of the last step, or what was set since.
  public var learningRate: Double? {
    let logged = series["optimizer/learning_rate"]
    let changed = commands.last { command in
      guard let answer = command.answer, answer.status == .applied, answer.new != nil else {
        return false
      }
      let name = answer.request?["command"]?.string
      return name == "set_learning_rate"
        || (name == "undo" && answer.reason?.hasPrefix("learning rate") == true)
    }
    if let changed, let step = changed.answeredStep, step >= logged?.lastStep ?? 0 {
      return changed.answer?.new?.double
    }
    // By way of its shortest digits, so that 0.1 stays 0.1.
    return logged?.last.flatMap { Double("\($0)") }
  }

  /// The command with an id, answered or not.
  public func command(_ id: String) -> Command? {
    commands.last { $0.id == id }
  }

  /// What undo would take back of what people asked for; nil when nothing of that is left.
  public var undoable: String? {
    // Prunes that the experiment itself does stand on the engine's stack, too.
    guard manifest?.experiment["pruning"]?.array?.isEmpty ?? true else { return nil }
    // An applied change gives a reason only when it cannot be undone.
    var stack: [String] = []
    for command in commands {
      guard let answer = command.answer, answer.status == .applied,
        let name = answer.request?["command"]?.string
      else { continue }
      switch name {
      case "set_learning_rate":
        guard answer.reason == nil else { return nil }
        let restores = manifest?.undoRestoresWeights(of: name) ?? true
        stack.append(
          "the learning rate back to \(Self.number(answer.old))"
            + (restores ? "; weights go back to step \(command.answeredStep ?? 0)" : ""))
      case "set":
        guard answer.reason == nil else { return nil }
        stack.append(
          "\(answer.request?["name"]?.string ?? "a number") back to \(Self.number(answer.old))")
      case "prune":
        guard answer.reason == nil else { return nil }
        stack.append(
          "the prune at step \(command.answeredStep ?? 0); weights go back to that step")
      case "finish_pruning":
        stack.append("the end of pruning at step \(command.answeredStep ?? 0)")
      case "schedule":
        stack.append("the schedule typed at step \(command.answeredStep ?? 0)")
      case "undo": _ = stack.popLast()
      default: continue
      }
    }
    return stack.last
  }

  private static func number(_ json: JSON?) -> String {
    json?.double.map { "\(Float($0))" } ?? "?"
  }
}
