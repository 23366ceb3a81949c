import TestSupport
import Testing

@testable import Dashboard

struct RowFilterPatternTests {
  private func pattern(
    _ text: String, ignoresCase: Bool = false
  ) throws(RowFilterError) -> FilterPattern {
    try FilterPattern(Array(text)[...], ignoresCase: ignoresCase, offset: 10)
  }

  @Test(arguments: [
    ("", "x"), ("b", "abc"), ("a.c", "xabcx"), ("^abc$", "abc"), ("a|b", "b"), ("^(a|bc|)$", "bc"),
    ("^(a|bc|)$", ""), ("^a*$", ""), ("^a*$", "aaa"), ("^a+$", "aa"), ("^ab?c$", "ac"),
    ("^a{2}$", "aa"), ("^a{2,}$", "aaaa"), ("^a{1,3}$", "aaa"), ("^a{0}$", ""), ("x{,2}", "x{,2}"),
    ("^[a-c]+$", "abcab"), ("^[^a-c]+$", "xyz"), ("[]]", "]"), ("[a-]", "-"), ("[\\d-]", "-"),
    ("^[\\w.]+$", "a_9."), ("^\\d+\\s\\D$", "12 x"), ("^\\W\\S$", " x"), ("\\.", "."), ("\\/", "/"),
    ("\\bcat\\b", "a cat!"), ("\\Bat", "cat"), ("^(?:ab)+$", "abab"), ("^a+?b*?$", "aab"),
    ("^(a*)*$", "aa"), ("^(a|b)*c$", "ababc"), ("日+", "x日日"), ("^[^\\D]$", "7"), ("^()*$", ""),
    ("^((((((){99}){99}){99}){99}){99}){99}$", ""), ("^[\\t]\\n$", "\t\n"),
    ("^e\u{301}$", "e\u{301}"), ("a{", "a{"),
    ("^a{2}{", "aa{"), ("^((a|b|cd)x|y){2}$", "cdxy"), ("^(ab|c){1,2}$", "abc"),
  ])
  func fits(text: String, subject: String) throws {
    #expect(try pattern(text).matches(subject))
  }

  @Test(arguments: [
    ("b", "ac"), ("a.c", "ac"), ("^b", "ab"), ("b$", "ba"), ("^a+$", ""), ("^a{2}$", "aaa"),
    ("^a{2,}$", "a"), ("^a{1,3}$", "aaaa"), ("^[a-c]+$", "abd"), ("^[^a-c]+$", "xb"), ("A", "a"),
    ("\\bcat\\b", "cats"), ("\\Bat", "at"), ("^(a|b)*c$", "abdc"), ("\\.", "x"), ("^[^\\D]$", "x"),
    ("[^\\d]", "7"), ("^(ab|c){1,2}$", "abcab"), ("^((a|b|cd)x|y){2}$", "cxy"),
  ])
  func misses(text: String, subject: String) throws {
    #expect(try !pattern(text).matches(subject))
  }

  @Test func caseIsIgnoredWhenAsked() throws {
    #expect(try pattern("aÉ[x-z]", ignoresCase: true).matches("AéY"))
    #expect(try !pattern("^[^a]$", ignoresCase: true).matches("A"))
    #expect(try RowFilter("/FAST/i", columns: []).matches(Row(filterText: "a fast one")))
    #expect(try !RowFilter("/FAST/", columns: []).matches(Row(filterText: "a fast one")))
    #expect(try RowFilter("/a b/ /c\\/d/", columns: []).matches(Row(filterText: "a b c/d")))
  }

  @Test(arguments: [
    ("*a", 10, "there is nothing that * could repeat"),
    ("a**", 12, "only one of * + ? {…} can follow another character"),
    ("a{3,2}", 11, "the numbers are in the wrong order"),
    ("a{999}", 11, "more than 100 repetitions"),
    ("ab(c", 12, "this ( has no )"),
    ("a)", 11, "there is no ( before this )"),
    ("(?=a)", 10, "of the groups with (? only (?: is known"),
    ("a[b", 11, "this [ has no ]"),
    ("[b-a]", 13, "a range goes from the smaller to the larger character"),
    ("a\\", 12, "something is missing after \\"),
    ("a\\q", 11, "\\q is not known"),
    ("(a{100}){100}", 10, "the pattern is too long"),
  ])
  func mistakes(text: String, offset: Int, message: String) {
    let error = #expect(throws: RowFilterError.self) { try pattern(text) }
    #expect(error == RowFilterError(offset: offset, message: message))
  }

  @Test func groupsNestToALimit() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
    }
    #expect(try pattern(nested(FilterPattern.depthMax)).matches("a"))
    #expect(throws: RowFilterError.self) { try pattern(nested(FilterPattern.depthMax + 1)) }
  }

  /// These take a backtracking search longer than the world stands.
  @Test(arguments: ["(a+)+b", "(a|aa)*b", "(a*)*(a*)*(a*)*b", "(a?){50}(a){50}b", "(a|a|a)*b"])
  func noPatternIsSlow(text: String) throws {
    #expect(try !pattern(text).matches(String(repeating: "a", count: 10_000)))
  }

  @Test func longTextsAreSearchedToTheLimit() throws {
    let text = String(repeating: "a", count: FilterPattern.subjectMax)
    #expect(try pattern("^a+$").matches(text))
    #expect(try !pattern("a$").matches(text + "a"))
    #expect(try !pattern("b").matches(text + "b"))
  }

  /// The set of states against its plain twin, which tries everything.
  @Test(arguments: 0..<4)
  func randomPatterns(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let tree = PatternTree.random(depth: 3, &random)
      let pattern = try pattern("^(" + tree.text + ")$")
      for _ in 0..<8 {
        let length = Int.random(in: 0...5, using: &random)
        let letters = (0..<length).map { _ in Bool.random(using: &random) ? "a" : "b" }
        let ends = tree.ends(of: letters, from: 0)
        #expect(
          pattern.matches(letters.joined()) == ends.contains(length), "\(tree.text) \(letters)")
      }
    }
  }
}

private struct Row: FilterableRow {
  var filterText: String
  func filterNumber(_ column: String) -> Double? { nil }
  func filterWord(_ column: String) -> String? { nil }
}

private indirect enum PatternTree {
  case letter(String)
  case both(PatternTree, PatternTree)
  case either(PatternTree, PatternTree)
  case repeated(PatternTree, Int, Int?)

  static func random(depth: Int, _ random: inout SeededGenerator) -> PatternTree {
    switch depth == 0 ? 0 : Int.random(in: 0..<4, using: &random) {
    case 0: .letter(["a", "b", "."].randomElement(using: &random) ?? "a")
    case 1: .both(.random(depth: depth - 1, &random), .random(depth: depth - 1, &random))
    case 2: .either(.random(depth: depth - 1, &random), .random(depth: depth - 1, &random))
    default:
      .repeated(
        .random(depth: depth - 1, &random), .random(in: 0...2, using: &random),
        Bool.random(using: &random) ? nil : 2)
    }
  }

  var text: String {
    switch self {
    case .letter(let letter): letter
    case .both(let first, let second): "(" + first.text + ")(" + second.text + ")"
    case .either(let first, let second): "(" + first.text + "|" + second.text + ")"
    case .repeated(let tree, let least, let most):
      "(" + tree.text + "){\(least),\(most.map(String.init) ?? "")}"
    }
  }

  /// Where a match that starts at `start` can end.
  func ends(of letters: [String], from start: Int) -> Set<Int> {
    switch self {
    case .letter(let letter):
      let fits = start < letters.count && (letter == "." || letters[start] == letter)
      return fits ? [start + 1] : []
    case .both(let first, let second):
      return Set(
        first.ends(of: letters, from: start).flatMap { second.ends(of: letters, from: $0) })
    case .either(let first, let second):
      return first.ends(of: letters, from: start).union(second.ends(of: letters, from: start))
    case .repeated(let tree, let least, let most):
      var ends: Set<Int> = least == 0 ? [start] : []
      var last: Set<Int> = [start]
      for count in stride(from: 1, through: most ?? letters.count + 3, by: 1) {
        last = Set(last.flatMap { tree.ends(of: letters, from: $0) })
        if count >= least { ends.formUnion(last) }
      }
      return ends
    }
  }
}
