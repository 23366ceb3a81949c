import Testing

@testable import TerminalUI

@Suite struct FrameJSONTests {
  @Test func linesAndRoles() {
    var buffer = Buffer(rows: 2, columns: 4)
    buffer.write("a\"\\", row: 0, column: 0, style: Style(.dim))
    let role = Role.background.letter
    #expect(
      FrameJSON(buffer).text == """
        {
          "schema": 1,
          "columns": 4,
          "rows": 2,
          "lines": [
            "a\\"\\\\",
            ""
          ],
          "roles": [
            "ddd\(role)",
            "\(role)\(role)\(role)\(role)"
          ]
        }

        """)
    #expect(FrameJSON(Buffer(rows: 0, columns: 0)).text.contains("\"lines\": [],"))
  }

  @Test func controlCharactersAreEscaped() {
    #expect(FrameJSON.quoted("\u{1}\n\u{1F}é日") == "\"\\u0001\\u000a\\u001fé日\"")
  }
}
