import Testing

@testable import TerminalUI

@Suite struct TextFieldTests {
  @Test func editingLikeALineEditor() {
    var field = TextField("hello world")
    func after(_ keys: Key...) -> String {
      for key in keys {
        let isHandled = field.handle(key)
        #expect(isHandled)
      }
      return field.text
    }
    #expect(after(.control("w")) == "hello ")
    #expect(after(.character("x"), .left, .left, .character("-")) == "hello- x")
    #expect(after(.home, .delete) == "ello- x")
    #expect(after(.end, .backspace) == "ello- ")
    #expect(after(.control("a"), .right, .control("k")) == "e")
    #expect(after(.control("u")) == "")
    #expect(after(.backspace, .delete, .left, .right, .control("w")) == "")
    #expect(field.cursor == 0)
  }

  @Test func keysThatMeanNothingHereAreLeftToOthers() {
    var field = TextField()
    for key: Key in [.enter, .escape, .tab, .up, .function(1), .control("c")] {
      let isHandled = field.handle(key)
      #expect(!isHandled)
    }
  }

  @Test func pastedTextIsCleanedAndCapped() {
    var field = TextField("ab")
    _ = field.handle(.left)
    field.insert("\u{1B}x")
    #expect(field.text == "a\\x1bxb" && field.cursor == 6)
    field.insert(String(repeating: "y", count: 5000))
    #expect(field.text.count == TextField.lengthMax)
  }

  @Test(arguments: [(10, "hello"), (6, "hello"), (4, "llo"), (1, ""), (0, "")])
  func theEndStaysVisible(width: Int, shown: String) {
    let lines = drawn(rows: 1, columns: 12) {
      TextField("hello").draw(into: &$0, row: 0, column: 0, width: width)
    }
    #expect(lines == [shown])
  }

  @Test func wideCharactersScrollWhole() {
    let lines = drawn(rows: 1, columns: 12) {
      TextField("日本語").draw(into: &$0, row: 0, column: 0, width: 4)
    }
    #expect(lines == ["語"])
  }
}
