import LogFormats
import OperatingSystem
import RunModel
import TerminalUI

/// One frame of a log without a terminal.
public enum Snapshot {
  private static let roundsMax = 100_000

  /// Finds the runs at some paths and returns the state that shows the liveliest of them.
  /// - Parameter readsAll: whether the other runs are read too, as lists need.
  /// - Throws: `RunFinderError` for a path that holds no log.
  public static func state(
    of targets: [String], size: Size, glyphs: GlyphSet, readsAll: Bool = false,
    finder: RunFinder
  ) throws(RunFinderError) -> DashboardState {
    var state = DashboardState(size: size, glyphs: glyphs, places: targets)
    var finder = finder
    var found: [RunFinder.Found] = []
    for target in targets { found += try finder.runs(at: target) }
    let preferred = finder.liveliest(of: found)?.path
    _ = update(&state, .clock(wallSeconds: finder.clock.wallSeconds()), at: 0)
    // Nobody presses a key on a snapshot; it looks as the screen does.
    _ = update(
      &state,
      .runsFound(
        found.map { (found: $0, access: .steerable) }, preferred: preferred), at: 0)
    for shown in found where readsAll || shown.path == preferred {
      read(shown) { batch in _ = update(&state, .log(path: shown.path, batch), at: 0) }
    }
    return state
  }

  /// A run with all that its log holds now.
  public static func run(_ found: RunFinder.Found) -> Run {
    var run = Run(path: found.path, name: found.name)
    read(found) { batch in
      if batch.isRestart { run = Run(path: found.path, name: found.name) }
      for event in batch.events { run.apply(event) }
    }
    return run
  }

  /// The frame as a picture whose curves are lines.
  public static func svg(_ state: DashboardState, theme: Theme) -> String {
    var shown = state
    shown.refreshView()
    let buffer = render(shown)
    let drawings =
      shown.view == CurvesView().name
      ? CurvesView().drawings(shown, area: Frame(shown).view) : []
    let name = shown.selected.map { SafeText.cleaned($0.run.name, maxLength: 100) } ?? "nntop"
    return FrameSVG(buffer, theme: theme, charts: drawings, title: name).text
  }

  /// Hands over a log batch by batch, to its present end.
  private static func read(_ found: RunFinder.Found, _ take: (LogBatch) -> Void) {
    var reader = found.open()
    for _ in 0..<roundsMax {
      let batch = reader.read()
      take(batch)
      if !batch.hasMore { return }
    }
  }
}
