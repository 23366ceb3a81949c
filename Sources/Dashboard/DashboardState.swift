import LogFormats
import RunLog
import RunModel
import TerminalUI

/// All that the dashboard knows. Changed by `update` alone.
public struct DashboardState: Sendable {
  public var size: Size
  public var glyphs: GlyphSet
  /// Seconds that never go back; of the newest message.
  public var now = 0.0
  /// The runs, oldest name first.
  public var runs: [FollowedRun] = []
  /// Path of the run that is shown.
  public var selectedPath: String?
  public var view = ViewKind.curves
  public var curves = CurvesState()
  public var dialog: Dialog?
  public var toasts: [Toast] = []
  /// Commands that have no answer yet.
  public var pending: [PendingCommand] = []
  /// Where runs are looked for; shown while there are none.
  public var places: [String]
  /// Whether curves have to be told apart without colours.
  public var isMonochrome = false
  /// Something about the terminal that the user should know.
  public var notice: String?

  public init(size: Size, glyphs: GlyphSet, places: [String] = []) {
    self.size = size
    self.glyphs = glyphs
    self.places = places
  }

  /// A run with what may be done to it.
  public struct FollowedRun: Sendable {
    public var run: Run
    public var access: Access
  }

  /// Whether this person may steer a run.
  public enum Access: Sendable, Equatable {
    case steerable
    case readOnly(reason: String)
  }

  /// A line that tells something and goes.
  public struct Toast: Sendable, Equatable {
    public var text: String
    public var role: Role
    /// Seconds; nil: as long as its command has no answer.
    public var until: Double?
    public var commandID: String?
  }

  /// A command that was sent.
  public struct PendingCommand: Sendable, Equatable {
    public var id: String
    public var runPath: String
    public var request: ControlCommand.Request
  }

  public var selectedIndex: Int? {
    runs.firstIndex { $0.run.path == selectedPath }
  }

  public var selected: FollowedRun? {
    selectedIndex.map { runs[$0] }
  }

  /// Why the shown run cannot be steered; nil when it can.
  public var steeringObstacle: String? {
    guard let selected else { return "there is no run" }
    if case .readOnly(let reason) = selected.access { return reason }
    guard let manifest = selected.run.manifest, !manifest.declares.isEmpty else {
      return "this run takes no commands"
    }
    switch selected.run.state {
    case .finished: return "the run is finished"
    case .stopped: return "the run is stopped; nntop resume continues it"
    case .failed: return "the run has failed"
    case .dead: return "no engine is running; nntop resume continues it"
    default: return selected.run.liveness == .alive ? nil : "no engine is running"
    }
  }
}

/// The views, by the key that opens each.
public enum ViewKind: String, CaseIterable, Sendable {
  case curves
}

/// What the Curves view remembers.
public struct CurvesState: Sendable, Equatable {
  /// Index of the chart that keys go to.
  public var focused = 0
  /// Whether that chart has the whole view.
  public var isFullscreen = false
  /// The step under the cursor; nil: no cursor.
  public var cursorStep: Int64?
  /// Titles of the charts with a logarithmic y axis.
  public var logarithmic: Set<String> = []

  public init() {}
}

/// A question or a page over the view.
public enum Dialog: Sendable, Equatable {
  case help(firstLine: Int)
  case learningRate(field: TextField, old: Double?, problem: String?)
  case prune(PruneDialog)
  /// A line that Enter confirms.
  case confirmation(title: String, lines: [String], request: ControlCommand.Request)
}

/// A prune in the making: a sparsity is typed, its effect on each layer previewed, then confirmed.
public struct PruneDialog: Sendable, Equatable {
  public var field: TextField
  public var problem: String?
  public var stage: Stage

  public enum Stage: Sendable, Equatable {
    case typing
    /// The preview with that command's id was asked for.
    case asking(id: String, request: ControlCommand.PruneRequest)
    case previewed(JournalRecord.Answer, request: ControlCommand.PruneRequest, firstLine: Int)
  }
}
