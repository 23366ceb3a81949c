import TestSupport
import Testing

@testable import nntop

struct WildcardTests {
  @Test(arguments: [
    ("train/loss", "train/loss", true), ("train/loss", "*", true), ("train/loss", "*loss", true),
    ("train/loss", "train*", true), ("train/loss", "t*/l*s", true), ("train/loss", "*a*n*o*", true),
    ("train/loss", "*?*", true), ("train/loss", "train?loss", true), ("train/loss", "loss", false),
    ("train/loss", "*losses", false), ("train/loss", "?rain", false), ("train/loss", "", false),
    ("", "", true), ("", "*", true), ("", "**", true), ("", "?", false), ("a*b", "a*b", true),
    ("a*", "a**", true), ("aab", "*ab", true), ("mississippi", "m*iss*pi", true),
    ("mississippi", "m*iss*pix", false), ("überall", "?berall", true), ("日本", "??", true),
  ])
  func patternsMatchAsInFileNames(text: String, pattern: String, matches: Bool) {
    #expect(Wildcard.matches(text, pattern) == matches)
  }

  /// By recursion, straight from the definition.
  private static func matches(
    _ text: ArraySlice<Character>, _ rest: ArraySlice<Character>
  ) -> Bool {
    guard let rule = rest.first else { return text.isEmpty }
    if rule == "*" {
      return matches(text, rest.dropFirst())
        || (!text.isEmpty && matches(text.dropFirst(), rest))
    }
    guard let letter = text.first, rule == "?" || rule == letter else { return false }
    return matches(text.dropFirst(), rest.dropFirst())
  }

  @Test func randomPatternsMatchAsDefined() {
    var random = SeededGenerator(seed: 7)
    func word(_ letters: [Character]) -> [Character] {
      (0..<Int.random(in: 0...7, using: &random)).map { _ in
        letters.randomElement(using: &random) ?? "a"
      }
    }
    for _ in 0..<20_000 {
      let (text, pattern) = (word(["a", "b"]), word(["a", "b", "*", "?"]))
      if Wildcard.matches(String(text), String(pattern)) != Self.matches(text[...], pattern[...]) {
        Issue.record("\(String(text)) \(String(pattern))")
      }
    }
  }

  @Test func manyStarsTakeNoTime() {
    let text = String(repeating: "a", count: 2000)
    let pattern = String(repeating: "a*", count: 200) + "b"
    #expect(!Wildcard.matches(text, pattern))
  }
}
