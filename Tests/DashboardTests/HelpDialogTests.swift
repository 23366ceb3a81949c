import TerminalUI
import Testing

@testable import Dashboard

struct HelpDialogTests {
  private func firstLine(_ desk: Desk) -> Int? {
    if case .help(let line) = desk.state.dialog { line } else { nil }
  }

  @Test func theHelpScrollsToItsEndAndNotBeyond() {
    var desk = Desk.steering()
    desk.press(.character("?"))
    #expect(firstLine(desk) == 0)
    desk.press(.up, .pageUp)
    #expect(firstLine(desk) == 0)
    desk.press(.down, .character("j"))
    #expect(firstLine(desk) == 2)
    desk.press(.end)
    let end = firstLine(desk)
    #expect(desk.screen.contains { $0.contains("prune, after a preview") })
    for _ in 0..<50 { desk.press(.pageDown, .down) }
    #expect(firstLine(desk) == end)
    desk.press(.up)
    #expect(firstLine(desk) == end.map { $0 - 1 })
    desk.press(.home)
    #expect(firstLine(desk) == 0)
  }

  @Test(arguments: [Key.escape, .enter, .character("q"), .character("?"), .function(1)])
  func theHelpCloses(key: Key) {
    var desk = Desk.steering()
    desk.press(.function(1))
    #expect(firstLine(desk) == 0)
    #expect(desk.press(key) == [])
    #expect(desk.state.dialog == nil)
  }

  /// The first page down shows what comes next, nothing skipped.
  @Test(arguments: [8, 15, 24, 60])
  func pagesSkipNoLine(rows: Int) {
    var desk = Desk(rows: rows, columns: 100)
    desk.press(.character("?"))
    var seen = ""
    for _ in 0..<250 {
      seen += desk.screen.joined(separator: "\n")
      desk.press(.pageDown)
    }
    for binding in Keymap.standardSections.flatMap(\.bindings) {
      #expect(seen.contains(binding.help), "\(binding.help)")
    }
  }
}
