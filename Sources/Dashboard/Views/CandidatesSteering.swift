import RunLog
import RunModel
import TerminalUI

/// What a person can do to the chosen candidate, and why not.
struct CandidatesSteering {
  let search: DashboardState.FollowedRun
  let id: String
  /// As the search calls it; empty: it does not tell.
  let condition: String
  /// Trained so far.
  let epochs: Int

  static let actions: Set<Action> = [
    .pauseCandidate, .killCandidate, .promoteCandidate, .runCandidate,
  ]
  /// Words of conditions in which a candidate is still to be trained.
  private static let open: Set<String> = ["waiting", "running", "paused", ""]
  private static let hopeless: Set<String> = ["failed", "killed", "skipped"]

  /// nil when there is no search or no candidate.
  init?(_ state: DashboardState) {
    let view = CandidatesView()
    let model = state.listModel(of: view)
    guard let search = state.search, let index = view.chosenIndex(model, state) else { return nil }
    let table = state.candidatesTable
    self.search = search
    id = model.rows.id(index)
    let candidate = table.candidates.row(ofID: id)
    condition = candidate.flatMap { table.meanings.state?.word($0) }?.lowercased() ?? ""
    epochs = candidate.flatMap { table.meanings.epochs?.value($0) }.flatMap(Self.whole) ?? 0
  }

  private static func whole(_ number: Double) -> Int? {
    let epochsMax = 1e9
    return number >= 0 && number <= epochsMax ? Int(number.rounded(.up)) : nil
  }

  var isPaused: Bool { condition == "paused" }

  /// Why an action cannot be taken; nil when it can.
  func obstacle(to action: Action) -> String? {
    let name = "candidate \(SafeText.cleaned(id, maxLength: 40))"
    if action == .runCandidate {
      return search.run.manifest == nil ? "this log is no search of nntop" : nil
    }
    if let obstacle = search.steeringObstacle { return obstacle }
    guard search.run.manifest?.declares("candidate") == true else {
      return "this run does not take candidate"
    }
    if action == .promoteCandidate {
      return Self.hopeless.contains(condition) ? "\(name) is \(condition)" : nil
    }
    return Self.open.contains(condition)
      ? nil : "\(name) is \(SafeText.cleaned(condition, maxLength: 20))"
  }

  /// Does it at once, or opens a line about it.
  func perform(_ action: Action, _ state: inout DashboardState) -> [Effect] {
    func ask(_ purpose: CandidateDialog.Purpose) {
      state.dialog = .candidate(
        CandidateDialog(purpose, id: id, searchPath: search.run.path, epochs: epochs))
    }
    // What a person steers stays chosen, wherever its row goes.
    state.lists[CandidatesView().name, default: ListState()].selectedID = id
    switch action {
    case .pauseCandidate:
      return Self.send(isPaused ? .resume : .pause, to: id, of: search.run.path, &state)
    case .killCandidate: ask(.kill)
    case .promoteCandidate: ask(.promote(epochs: epochs))
    case .runCandidate: ask(.run)
    default: break
    }
    return []
  }

  /// The effect that sends a command about a candidate, unless the search takes none any more or
  /// was asked just now.
  static func send(
    _ action: ControlCommand.CandidateAction, to id: String, of searchPath: String,
    _ state: inout DashboardState
  ) -> [Effect] {
    let request = ControlCommand.Request.candidate(id: id, action: action)
    let isAsked = state.pending.contains { $0.runPath == searchPath && $0.request == request }
    let search = state.runs.first { $0.run.path == searchPath }
    if let obstacle = search.map({ $0.steeringObstacle }) ?? "the search is gone" {
      state.tell("not now: \(obstacle)", .statusBad)
      return []
    }
    return isAsked
      ? [] : [.send(id: ControlCommand.makeID(), request: request, runPath: searchPath)]
  }
}

extension Action {
  static let pauseCandidate = Action("pause-candidate")
  static let killCandidate = Action("kill-candidate")
  static let promoteCandidate = Action("promote-candidate")
  static let runCandidate = Action("train-candidate")
}
