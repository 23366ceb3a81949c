import RunLog
import RunModel
import TerminalUI

/// Lines above the view about what is wrong with the shown run, if anything.
enum Warnings {
  private static let engineLinesMax = 4

  static func lines(_ state: DashboardState) -> [StyledText] {
    guard let run = state.selected?.run else { return [] }
    var lines: [StyledText] = []
    if let notice = state.notice { lines.append(StyledText(SafeText.cleaned(notice), .dim)) }
    switch run.state {
    case .dead:
      lines.append(
        StyledText(
          "The engine died; nntop resume \(SafeText.cleaned(run.path)) goes on.",
          Style(.statusBad, .bold)))
      lines += engineLines(run)
    case .failed:
      let reason = run.phase?.reason.map { SafeText.cleaned($0) } ?? "no reason was logged"
      lines.append(StyledText("Failed: \(reason)", Style(.statusBad, .bold)))
      lines += engineLines(run)
    case .paused:
      if let reason = run.phase?.reason {
        lines.append(
          StyledText("Paused: \(SafeText.cleaned(reason))", Style(.statusWarning, .bold)))
      }
    default: break
    }
    lines += run.troubles.suffix(3).map {
      StyledText(TroubleText.of($0), Style(.statusWarning))
    }
    return lines
  }

  private static func engineLines(_ run: Run) -> [StyledText] {
    run.engineOutput.suffix(engineLinesMax).map {
      StyledText("engine.log: " + SafeText.cleaned($0, maxLength: 400), .dim)
    }
  }
}
