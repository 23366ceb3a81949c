import Dashboard
import LogFormats
import OperatingSystem
import RunModel
import TerminalUI
import TestSupport
import Testing

/// One frame of a log without a terminal, from files to text.
struct SnapshotTests {
  private let path = Repository.path("sample-runs/glyphs")

  private func state(_ targets: String...) throws -> DashboardState {
    try Snapshot.state(
      of: targets, size: Size(rows: 24, columns: 80), glyphs: .braille,
      finder: RunFinder(files: LocalFileSystem(), clock: ManualClock()))
  }

  @Test func theRecordedRunIsShown() throws {
    let state = try state(path)
    let run = try #require(state.selected?.run)
    #expect(run.troubles == [])
    #expect(run.series["train/loss"]?.count ?? 0 > 100)
    let screen = render(state).textLines()
    #expect(screen[0].contains(run.name))
    #expect(screen.joined().contains("loss"))
    #expect(Set(run.marks.map(\.kind)).isSuperset(of: [.checkpoint, .prune]))
  }

  @Test func severalTargetsAreShownTogether() throws {
    let (first, second) = (try TemporaryDirectory(), try TemporaryDirectory())
    for home in [first, second] { try home.write("", to: "events.out.tfevents.1.box") }
    let state = try state(first.path, second.path, first.path)
    #expect(Set(state.runs.map(\.run.path)) == [first.path, second.path])
    #expect(state.runs.count == 2)
    #expect(throws: RunFinderError.self) { try self.state(first.path, "/nowhere/at/all") }
  }
}
