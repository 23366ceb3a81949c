import LogFormats
import RunLog
import TerminalUI

/// Everything that can happen to the dashboard.
public enum Message: Sendable {
  case input(TerminalInput)
  case resized(Size)
  /// Runs that were not known yet, with what may be done to each; `preferred` is the path of the
  /// one to show when none is shown.
  case runsFound(
    [(found: RunFinder.Found, access: DashboardState.Access)], preferred: String? = nil)
  /// A run's directory is gone.
  case runGone(path: String)
  /// What came of a run's log.
  case log(path: String, LogBatch)
  /// A command reached the control file, or did not.
  case sent(DashboardState.PendingCommand)
  case notSent(problem: String)
  /// A new run was started, or could not be.
  case started(path: String)
  case notStarted(problem: String)
  /// Time passed.
  case tick
}

/// What the loop has to do in the world.
public enum Effect: Sendable, Equatable {
  case quit
  case suspend
  case redraw
  /// Append a command to a run's control file.
  case send(id: String, request: ControlCommand.Request, runPath: String)
  /// Start the built-in experiment as a new run.
  case startDefaultRun
}
