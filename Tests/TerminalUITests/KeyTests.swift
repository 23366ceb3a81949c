import Testing

@testable import TerminalUI

@Suite struct KeyTests {
  static let labels: [(Key, String, String)] = [
    (.character("P"), "P", "P"), (.character(" "), "Space", "Space"),
    (.control("c"), "Ctrl-C", "Ctrl-C"), (.tab, "Tab", "Tab"),
    (.backTab, "Shift-Tab", "Shift-Tab"), (.left, "←", "Left"), (.up, "↑", "Up"),
    (.pageDown, "PgDn", "PgDn"), (.function(1), "F1", "F1"), (.escape, "Esc", "Esc"),
    (.character("?"), "?", "?"), (.enter, "Enter", "Enter"),
  ]

  @Test(arguments: labels)
  func labelsReadAsPeopleWriteThem(key: Key, label: String, ascii: String) {
    #expect(key.label == label)
    #expect(key.label(glyphs: .ascii) == ascii)
    #expect(Key(label: label) == key)
    #expect(Key(label: ascii) == key)
  }

  @Test func labelsIgnoreCaseExceptForSingleCharacters() {
    #expect(Key(label: "ctrl-l") == .control("l"))
    #expect(Key(label: "PGUP") == .pageUp)
    #expect(Key(label: "f12") == .function(12))
    #expect(Key(label: "p") == .character("p"))
    #expect(Key(label: "f") == .character("f"))
  }

  @Test(arguments: ["", "Ctrl-", "F0", "F99", "nothing", "Ctrl-Left"])
  func whatIsNoKeyIsNil(label: String) {
    #expect(Key(label: label) == nil)
  }
}
