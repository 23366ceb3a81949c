import LogFormats
import OperatingSystem
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
  /// A new run was started, or a target opened, or it could not be.
  case started(path: String)
  case notStarted(problem: String)
  /// A run that was asked for by its path is followed now, or there is none.
  case followed(path: String, Effect.FollowPurpose)
  case notFollowed(problem: String)
  /// A file was written, or was not.
  case written(path: String)
  case notWritten(problem: String)
  /// What an earlier session left behind.
  case remembered(RememberedView)
  /// A part of a layer's weights was read, or could not be.
  case region(WeightRegion.Request, WeightRegion)
  case noRegion(WeightRegion.Request, problem: String)
  /// Something in the configuration is wrong; the default holds for it.
  case misconfigured(String)
  /// How busy this machine is now.
  case machine(MachineReading)
  /// A frame is about to be drawn: what it needs is made now, once.
  case frame
  /// Time passed.
  case tick
  /// What the calendar's clock says, seconds since 1970.
  case clock(wallSeconds: Double)
}

/// What the loop has to do in the world.
public enum Effect: Sendable, Equatable {
  case quit
  case suspend
  case redraw
  /// Append a command to a run's control file.
  case send(id: String, request: ControlCommand.Request, runPath: String)
  /// Follow one more run: that of a candidate.
  case follow(path: String, FollowPurpose)
  /// Start a training of a candidate's network by itself, for so many epochs.
  case startRunOfCandidate(searchPath: String, id: String, epochs: Int)
  /// Begin what the start screen offers.
  case start(StartChoice.Start)
  case setMouse(Bool)
  case setTheme(String)
  /// Read a part of a layer's weights.
  case readRegion(WeightRegion.Request)
  /// Write a new file; one that exists is not touched.
  case write(path: String, text: String)

  /// What a run is followed for.
  public enum FollowPurpose: Sendable, Equatable {
    /// To show its curves.
    case open
    /// To show its curves beside others.
    case mark
  }
}
