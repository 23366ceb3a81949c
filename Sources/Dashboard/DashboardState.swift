import LogFormats
import OperatingSystem
import RunLog
import RunModel
import TerminalUI

/// All that the dashboard knows. Changed by `update` alone.
public struct DashboardState: Sendable {
  public var size: Size
  public var glyphs: GlyphSet
  /// Seconds that never go back; of the newest message.
  public var now = 0.0
  /// Seconds since 1970; 0: not known.
  public var wallNow = 0.0
  /// The runs, oldest name first.
  public var runs: [FollowedRun] = []
  /// Path of the run that is shown.
  public var selectedPath: String?
  /// Paths of runs whose curves are shown beside those of the chosen one.
  public var marked: Set<String> = []
  /// The colour that a run got when it was first marked, by path.
  public var runColors: [String: Int] = [:]
  /// The name of the view.
  public var view: String
  public var curves = CurvesState()
  public var layers = LayersState()
  public var system = SystemState()
  /// How busy this machine was when it was last looked at; nil: not yet.
  public var machine: MachineReading?
  /// What the lists remember, by the name of their view.
  public var lists: [String: ListState] = [:]
  /// What the views are drawn from, each with a key that tells whether it still holds; nil: not
  /// made yet.
  var cachedList: ListModel?
  var cachedCharts: ChartPlans?
  var cachedCandidates: CandidatesTable?
  var cachedHeadline: Headline?
  var cachedLayers: KnownLayers?
  var cachedSystem: SystemMetrics?
  public var dialog: Dialog?
  /// A line in which something is typed, in the place of the footer.
  public var prompt: Prompt?
  /// What was typed into the palette before, newest first.
  public var paletteHistory: [String] = []
  public var toasts: [Toast] = []
  /// The pruning method that was used last.
  public var pruningMethod: String?
  /// Marked layers, by the path of their run.
  public var markedLayers: [String: Set<String>] = [:]
  /// Commands that have no answer yet.
  public var pending: [PendingCommand] = []
  /// Where runs are looked for; shown while there are none.
  public var places: [String]
  /// What can be begun where there is no run.
  public var startChoices: [StartChoice] = []
  /// Whether curves have to be told apart without colours.
  public var isMonochrome = false
  /// Whether the terminal has any.
  public var hasColors = true
  /// Something about the terminal that the user should know.
  public var notice: String?
  /// Whether the display stands still; the logs are read on when it goes on.
  public var isFrozen = false
  public var hasMouse = false
  /// The name of the theme.
  public var theme = "standard"
  /// The names of the themes that can be chosen.
  public var themes: [String] = []
  public var settings = DisplaySettings()

  public init(size: Size, glyphs: GlyphSet, places: [String] = []) {
    self.size = size
    self.glyphs = glyphs
    self.places = places
    view = Views.all[0].name
  }

  /// A run with what may be done to it.
  public struct FollowedRun: Sendable {
    public var run: Run
    public var access: Access
    /// How much of its log is read, while it is read for the first time.
    public var reading: LogBatch.Progress?
    /// Whether its log was read to the end once.
    public var isCaughtUp = false
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

    public init(id: String, runPath: String, request: ControlCommand.Request) {
      self.id = id
      self.runPath = runPath
      self.request = request
    }
  }

  /// The names of all views, in the order of their keys.
  public static var viewNames: [String] { Views.all.map(\.name) }

  mutating func show(theme name: String) {
    theme = name
    isMonochrome = !hasColors || name == Theme.monochrome.name
  }

  public var selectedIndex: Int? {
    runs.firstIndex { $0.run.path == selectedPath }
  }

  public var selected: FollowedRun? {
    selectedIndex.map { runs[$0] }
  }

  /// Why a key of steering does nothing now; nil when it acts, and for every other key.
  public func obstacle(to action: Action) -> String? {
    if let obstacle = Views.named(view).obstacle(to: action, self) { return obstacle }
    let isPaused = selected?.run.state == .paused
    guard let command = action.command(isPaused: isPaused) else { return nil }
    if let steeringObstacle { return steeringObstacle }
    guard selected?.run.manifest?.declares(command) == true else {
      return "this run does not take \(command)"
    }
    return nil
  }

  /// Why the shown run cannot be steered; nil when it can.
  public var steeringObstacle: String? {
    selected.map { $0.steeringObstacle } ?? "there is no run"
  }
}

extension DashboardState.FollowedRun {
  /// Why it cannot be steered; nil when it can.
  var steeringObstacle: String? {
    if case .readOnly(let reason) = access { return reason }
    guard let manifest = run.manifest, !manifest.declares.isEmpty else {
      return "this run takes no commands"
    }
    let remedy = manifest.engine == nil ? "; nntop resume continues it" : ""
    switch run.state {
    case .finished: return "the run is finished"
    case .stopped: return "the run is stopped" + remedy
    case .failed: return "the run has failed"
    case .dead: return "no engine is running" + remedy
    default: return run.liveness == .alive ? nil : "no engine is running"
    }
  }
}

/// What the configuration and the place decide about how things are shown.
public struct DisplaySettings: Sendable, Equatable {
  /// All points are kept up to so many bytes over all runs, then thinned.
  public var memoryBudgetBytes = 1_000_000_000
  /// The theme that is configured; another one is worth remembering.
  public var theme = "standard"
  /// What local time is ahead of UTC.
  public var utcOffsetSeconds = 0
  public var usesDecimalBytes = false
  /// Whether charts have a logarithmic y axis until somebody changes it.
  public var isYLogarithmic = false

  public init() {}
}

/// Something that can be begun with one key where there is no run.
public struct StartChoice: Sendable, Equatable {
  public let title: String
  public let detail: String
  public let start: Start

  public enum Start: Sendable, Equatable {
    /// Train an experiment: a file, or the built-in one.
    case experiment(path: String?)
    /// Show what is there already.
    case target(path: String)
  }

  public init(title: String, detail: String, start: Start) {
    self.title = title
    self.detail = detail
    self.start = start
  }
}

/// A question or a page over the view.
public enum Dialog: Sendable, Equatable {
  case help(firstLine: Int)
  case learningRate(field: TextField, old: Double?, problem: String?)
  case prune(PruneDialog)
  /// The pruning that goes on.
  case pruning
  case branch(field: TextField, problem: String?)
  case set(SetDialog)
  case candidate(CandidateDialog)
  /// A line that Enter confirms.
  case confirmation(title: String, lines: [String], request: ControlCommand.Request)
}
