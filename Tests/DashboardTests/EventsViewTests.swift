import JSONText
import RunLog
import TerminalUI
import Testing

@testable import Dashboard

struct EventsViewTests {
  private func desk(
    rows: Int = 30, columns: Int = 140, glyphs: GlyphSet = .braille, _ events: [RunEvent]
  ) -> Desk {
    var desk = Desk(rows: rows, columns: columns, glyphs: glyphs)
    desk.find(Desk.path)
    desk.log(events)
    desk.send(.input(.key(.character("5"))))
    return desk
  }

  private func rows(_ desk: Desk) -> [ListRow] {
    Array(desk.state.listModel(of: EventsView()).rows)
  }

  private func kinds(_ desk: Desk) -> [String] { rows(desk).compactMap { $0.filterWord("kind") } }

  private func text(_ desk: Desk) -> String { desk.screen.joined(separator: "\n") }

  private let asked = ControlCommand(
    id: "00000000000000bb", wallTime: 43, author: "ada@tty1", request: Samples.prune)

  /// One of each that can happen.
  private var all: [RunEvent] {
    [
      .manifest(Samples.manifest), .asked(asked), Samples.phase(.training, reason: "went on"),
      Samples.journal(100, .checkpoint(name: "step-100")),
      Samples.journal(130, .alert("gradient norm is not a number")),
      Samples.answer(
        "00000000000000aa", .setLearningRate(.scale(0.5)), at: 250, old: 0.1, new: 0.05),
      Samples.answer(asked.id, Samples.prune, at: 350, old: 0, new: 0.8, layers: Samples.layers),
      Samples.journal(
        350,
        .prune(
          .init(
            method: "magnitude", scope: "global", before: 0, after: 0.8,
            size: .init(parameters: 22_336, flops: 1)))),
      Samples.answer("00000000000000cc", .stop, at: 360, status: .refused, reason: "too early"),
      Samples.answer("00000000000000dd", .branch(.init(name: "child")), at: 370),
      Samples.journal(371, .branch(name: "child", path: "runs/child")),
      Samples.journal(380, .undo(.init(command: "prune", restoredStep: 350, finalStep: 600))),
      Samples.journal(
        382,
        .pruning(
          .init(method: "aofp", target: 0.5, scope: "conv1", isOver: false, finalStep: 500))),
      Samples.journal(
        384,
        .round(
          .init(
            method: "aofp", number: 3, last: 10, sparsity: 0.488, loss: 0.125, accuracy: 0.965,
            epochs: 2.5))),
      Samples.journal(
        386, .pruning(.init(method: "aofp", target: 0.5, scope: "conv1", isOver: true))),
      Samples.journal(390, .restore(name: "step-100")), Samples.journal(391, .note("a note")),
      Samples.journal(392, .other(kind: "rewound", ["by": 3])),
      .text(tag: "log", step: 200, wallTime: 200 / 8, "first line\nsecond line"),
      .asked(.init(id: "00000000000000ee", wallTime: 60, author: "bob", request: .pause)),
      .engineOutput(["out of memory"]),
      .trouble(.skippedRecords(file: "events", count: 2)),
    ]
  }

  @Test func everyKindIsARowByItsTime() {
    let desk = desk(all)
    #expect(
      kinds(desk) == [
        "phase", "checkpoint", "alert", "log", "answer", "answer", "prune", "answer", "answer",
        "branch",
        "undo", "pruning", "round", "pruning", "resumed", "note", "rewound", "command", "log",
        "trouble",
      ])
    let signs = rows(desk).map { $0.cells[2].text }.joined()
    #expect(signs == "●c!>LXX✗BBUxrxR--?>!")
    let screen = text(desk) + rows(desk).map(\.filterText).joined()
    for words in [
      "training: went on", "applied: learning rate 0.1 → 0.05", "refused: stop: too early",
      "sparsity 0.0% → 80.0%, 22 336 weights left", "asked: pause", "log: first line second line",
      "aofp → 50.0%, conv1, begins, until step 500", "aofp → 50.0%, conv1, is over",
      "aofp: round 3 of 10: sparsity 48.8%, accuracy 96.5%, loss 0.125, 2.5 epochs",
      "{\"by\":3}", "00:00:31", "out of memory", "2 damaged records",
    ] { #expect(screen.contains(words), "\(words)") }
  }

  @Test func theMarksOnTheAxisHaveTheSameLetters() {
    let desk = desk(Samples.training)
    let marks = desk.state.selected?.run.marks ?? []
    #expect(!marks.isEmpty)
    for mark in marks {
      let same = rows(desk).filter { $0.step == mark.step }.map { $0.cells[2].text }
      #expect(same.contains(String(mark.glyph)), "\(mark)")
    }
  }

  @Test func alertsOfCurvesAreListed() {
    let loss = (1...300 as ClosedRange<Int64>).map { Samples.scalar("train/loss", $0, 1) }
    let desk = desk(loss + [Samples.scalar("train/loss", 301, .nan)])
    #expect(rows(desk).contains { $0.cells[4].text == "train/loss is NaN" && $0.step == 301 })
  }

  @Test func itFollowsTheEndUntilSomebodyMoves() {
    var desk = desk(rows: 12, (1...50).map { Samples.journal($0, .note("note \($0)")) })
    #expect(text(desk).contains("▸") && text(desk).contains("note 50"))
    desk.log([Samples.journal(51, .note("note 51"))])
    #expect(text(desk).contains("note 51"))
    desk.press(.up)
    desk.log([Samples.journal(52, .note("note 52"))])
    #expect(!text(desk).contains("note 52"))
  }

  /// Numbers come many times a second: the rows are made again only when one of them is another.
  @Test func numbersMakeNoRowsAnew() {
    var desk = desk(all)
    let before = EventsView().revision(desk.state)
    desk.log([Samples.scalar("train/loss", 400, 1)])
    #expect(EventsView().revision(desk.state) == before)
    let more: [RunEvent] = [
      Samples.journal(401, .note("x")),
      .text(tag: "log", step: 402, wallTime: 51, "y"), .engineOutput(["z"]),
      .trouble(.diskFull(true)),
      .asked(.init(id: "00000000000000ff", wallTime: 61, author: "", request: .resume)),
      Samples.answer("00000000000000ff", .resume, at: 403),
    ]
    for event in more {
      let before = EventsView().revision(desk.state)
      desk.log([event])
      #expect(EventsView().revision(desk.state) != before, "\(event)")
    }
  }

  @Test func filterByKindStepAndWords() {
    var desk = desk(all)
    for (filter, count) in [("kind=prune", 1), ("step>=380", 7), ("\"second line\"", 1)] {
      desk.state.setFilter(filter)
      #expect(rows(desk).count == count, "\(filter)")
    }
  }

  @Test func enterGoesToTheStep() {
    var desk = desk(Samples.training)
    desk.state.setFilter("kind=prune")
    desk.press(.enter)
    #expect(desk.state.view == "curves" && desk.state.curves.cursor == 350)
  }

  @Test func whatHasNoStepSaysSo() {
    var desk = desk([.engineOutput(["a"])])
    desk.press(.enter)
    #expect(desk.state.view == "events")
    #expect(desk.told == ["this has no step to go to"])
  }

  @Test func nGoesFromAlertToAlert() {
    var desk = desk(all)
    desk.press(.home, .character("n"))
    #expect(desk.state.list("events").selectedIndex == 2)
    desk.press(.character("n"))
    #expect(desk.state.list("events").selectedIndex == 19)
    desk.press(.character("n"))
    #expect(desk.told.last == "no alert below")
    desk.press(.character("N"))
    #expect(desk.state.list("events").selectedIndex == 2)
    desk.state.setFilter("kind=answer")
    desk.press(.home, .character("n"))
    #expect(desk.state.list("events").selectedIndex == 1)
  }

  // MARK: Details

  @Test func thePruneTellsOfItsLayersAndOfWhoAsked() {
    var desk = desk(all)
    desk.state.setFilter("kind=answer pruned")
    let screen = text(desk)
    for words in [
      "asked by ada@tty1 at 1970-01-01 00:00:43", "layer1   0.0% →  81.2%", "18 880",
      "all      0.0% →  80.0%", "command 00000000000000bb",
    ] { #expect(screen.contains(words), "\(words)") }
    desk.state.setFilter("kind=command")
    #expect(text(desk).contains("no answer yet"))
  }

  @Test func aLongTextIsWholeInTheDetails() {
    let long = (0..<120).map { "word\($0)" }.joined(separator: " ") + "\nLAST"
    var desk = desk(rows: 24, [.text(tag: "log", step: 1, wallTime: 1, long)])
    #expect(!text(desk).contains("LAST"))
    desk.press(.tab, .end)
    #expect(text(desk).contains("LAST") && text(desk).contains("word119"))
  }

  @Test(arguments: GlyphSet.allCases)
  func everySizeAndAnyTextIsDrawn(glyphs: GlyphSet) {
    var desk = desk(
      glyphs: glyphs,
      all + [
        .text(tag: Samples.hostile, step: .max, wallTime: .nan, Samples.hostile),
        Samples.journal(.min, .other(kind: Samples.hostile, .string(Samples.hostile))),
        .journal(JournalRecord(wallTime: .infinity, step: -1, .note(Samples.hostile))),
      ])
    for rows in [1, 2, 3, 5, 9, 17, 24, 50, 200] {
      for columns in [1, 2, 3, 7, 20, 40, 80, 101, 500] {
        desk.send(.resized(Size(rows: rows, columns: columns)))
        for focused in [false, true] {
          desk.state.lists["events", default: ListState()].isDetailFocused = focused
          desk.press(.down, .up, .end, .home)
          #expect(desk.screen.count == rows)
        }
      }
    }
  }
}
