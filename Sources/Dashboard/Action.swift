/// What a key, a click or a word in the palette can do, by its name: `learning-rate`.
///
/// Actions that every view knows stand here; a view names its own in its own file.
public struct Action: Hashable, Sendable {
  public let name: String

  public init(_ name: String) {
    self.name = name
  }

  // Everywhere.
  static let quit = Action("quit")
  static let help = Action("help")
  static let palette = Action("palette")
  static let back = Action("back")
  static let open = Action("open")
  static let focusNext = Action("focus-next")
  static let focusPrevious = Action("focus-previous")
  static let previousRun = Action("previous-run")
  static let nextRun = Action("next-run")
  static let filter = Action("filter")
  static let nextMatch = Action("next-match")
  static let previousMatch = Action("previous-match")
  static let freeze = Action("freeze")
  static let mouse = Action("mouse")
  static let nextTheme = Action("next-theme")
  static let resetLayout = Action("reset-layout")
  static let redraw = Action("redraw")
  static let suspend = Action("suspend")

  // Moving about: what is moved is up to the view.
  static let up = Action("up")
  static let down = Action("down")
  static let left = Action("left")
  static let right = Action("right")
  static let farLeft = Action("far-left")
  static let farRight = Action("far-right")
  static let pageUp = Action("page-up")
  static let pageDown = Action("page-down")
  static let first = Action("first")
  static let last = Action("last")
  static let mark = Action("mark")

  // The run.
  static let pauseOrResume = Action("pause")
  static let learningRate = Action("learning-rate")
  static let setValue = Action("set-value")
  static let prune = Action("prune")
  /// No key of its own: that of `prune`, while pruning goes on.
  static let finishPruning = Action("finish-pruning")
  static let undo = Action("undo")
  static let checkpoint = Action("checkpoint")
  static let branch = Action("branch")
  static let stop = Action("stop")

  /// Actions that change a run, for which a reason is shown when they cannot be taken.
  public static let steering: Set<Action> = [
    .pauseOrResume, .learningRate, .setValue, .prune, .undo, .checkpoint, .branch, .stop,
  ]

  /// The command that a run has to declare for it; nil: it changes no run.
  func command(isPaused: Bool) -> String? {
    switch self {
    case .pauseOrResume: isPaused ? "resume" : "pause"
    case .learningRate: "set_learning_rate"
    case .setValue: "set"
    case .finishPruning: "finish_pruning"
    case .prune, .undo, .checkpoint, .branch, .stop: name
    default: nil
    }
  }

  /// Shows the view of a name.
  static func view(_ name: String) -> Action { Action("view-" + name) }
}
