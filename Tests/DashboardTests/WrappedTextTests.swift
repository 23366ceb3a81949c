import Testing

@testable import Dashboard

struct WrappedTextTests {
  @Test func breaksAtSpacesWhereThereAreAny() {
    #expect(WrappedText.lines("one two three", columns: 7) == ["one two", "three"])
    #expect(WrappedText.lines("one two three", columns: 8) == ["one two", "three"])
    #expect(WrappedText.lines("one two three", columns: 6) == ["one", "two", "three"])
    #expect(WrappedText.lines("abcdefgh ij", columns: 3) == ["abc", "def", "gh", "ij"])
    #expect(WrappedText.lines("a\r\n\nb", columns: 3) == ["a", "", "b"])
    #expect(WrappedText.lines("", columns: 3) == [""])
    #expect(WrappedText.lines("日本語", columns: 4) == ["日本", "語"])
  }

  @Test func itEndsSomewhere() {
    #expect(WrappedText.lines(String(repeating: "\n", count: 5000), columns: 9).count == 500)
    #expect(WrappedText.lines("日本", columns: 1) == ["日", "本"])
    #expect(WrappedText.lines("abc", columns: 0) == [])
    #expect(WrappedText.lines("a\u{1B}b", columns: 9) == ["a\\x1bb"])
  }
}
