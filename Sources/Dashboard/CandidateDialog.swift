import RunLog
import TerminalUI

/// Something that is about to be done to a candidate.
public struct CandidateDialog: Sendable, Equatable {
  public let id: String
  public let searchPath: String
  public let deed: String
  public let question: String
  let purpose: Purpose
  /// How many epochs; nil: that is not asked.
  public var field: TextField?
  public var problem: String?

  enum Purpose: Sendable, Equatable {
    case kill
    /// Those that it has been trained for.
    case promote(epochs: Int)
    case run
  }

  private static let epochsMax = 1_000_000
  private static let usualFactor = 3

  /// - Parameter epochs: those that the candidate has been trained for.
  init(_ purpose: Purpose, id: String, searchPath: String, epochs: Int) {
    (self.purpose, self.id, self.searchPath) = (purpose, id, searchPath)
    let name = SafeText.cleaned(id, maxLength: 40)
    switch purpose {
    case .kill:
      deed = "kills it"
      question = "Kill candidate \(name)? Its training ends, and its place goes to another."
    case .promote:
      deed = "trains it longer"
      question = "Train candidate \(name) longer, to so many epochs in all. It has \(epochs) now."
    case .run:
      deed = "starts it"
      question =
        "Start a run of its own of candidate \(name), from the beginning, for so many epochs."
    }
    let epochs = max(1, min(epochs, Self.epochsMax / Self.usualFactor))
    field =
      purpose == .kill ? nil : TextField("\(Self.usualFactor * epochs)", isProposal: true)
  }

  /// The epochs that were typed, or what is wrong with them.
  var epochs: Result<Int, Problem> {
    let text = (field?.text ?? "").filter { $0 != " " }
    guard let count = Int(text), (1...Self.epochsMax).contains(count) else {
      return .failure(Problem(text: "type a number of epochs, such as 30"))
    }
    if case .promote(let present) = purpose, count <= present {
      return .failure(Problem(text: "it has \(present) epochs already; type a larger number"))
    }
    return .success(count)
  }

  struct Problem: Error {
    let text: String
  }
}

extension DialogUpdate {
  static func handleCandidate(
    _ key: Key, _ dialog: CandidateDialog, _ state: inout DashboardState
  ) -> [Effect] {
    var dialog = dialog
    guard key == .enter else {
      let isLeft = dialog.field == nil && (key == .character("q") || key == .character("n"))
      _ = dialog.field?.handle(key)
      dialog.problem = nil
      state.dialog = isLeft ? nil : .candidate(dialog)
      return []
    }
    func send(_ action: ControlCommand.CandidateAction) -> [Effect] {
      state.dialog = nil
      return CandidatesSteering.send(action, to: dialog.id, of: dialog.searchPath, &state)
    }
    if dialog.purpose == .kill { return send(.kill) }
    switch dialog.epochs {
    case .failure(let problem):
      dialog.problem = problem.text
      state.dialog = .candidate(dialog)
      return []
    case .success(let epochs):
      if case .promote = dialog.purpose { return send(.promote(epochs: epochs)) }
      state.dialog = nil
      return [
        .startRunOfCandidate(searchPath: dialog.searchPath, id: dialog.id, epochs: epochs)
      ]
    }
  }
}
