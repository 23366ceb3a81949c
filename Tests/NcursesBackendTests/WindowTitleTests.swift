import TerminalUI
import Testing

@testable import NcursesBackend

@Suite struct WindowTitleTests {
  @Test func nothingInATitleCanEndIt() {
    let text = "a\u{7}b\u{1B}\\c\u{9C}d\u{202E}\u{200B}\n"
    let shown = WindowTitle.text(text, isUTF8: true)
    #expect(shown.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F ~= $0.value) })
    #expect(!shown.contains("\u{202E}") && shown.hasPrefix("a"))
  }

  @Test func itIsShortAndInTheCharactersOfTheLocale() {
    let long = String(repeating: "日本⣿x", count: 50)
    let rich = WindowTitle.text(long, isUTF8: true)
    #expect(SafeText.displayWidth(of: rich) <= 100 && rich.hasSuffix("…"))
    let plain = WindowTitle.text(long, isUTF8: false)
    #expect(plain.count <= 100 && plain.utf8.allSatisfy { $0 < 0x7F } && plain.contains("x"))
    #expect(WindowTitle.text("run – 3", isUTF8: false).hasPrefix("run "))
  }
}
