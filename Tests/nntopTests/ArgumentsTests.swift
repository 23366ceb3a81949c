import Testing

@testable import nntop

struct ArgumentsTests {
  private static let options: [Arguments.Option] = [
    .init("json", "a flag"), .init("detach", letter: "d", "a flag with a letter"),
    .init("set", letter: "s", value: "KEY=VALUE", "a value"),
    .init("timeout", value: "SECONDS", "a number"),
  ]

  private func parsed(_ words: String...) throws -> Arguments {
    try Arguments(words, options: Self.options, command: "nntop ctl")
  }

  private func problem(_ words: String...) -> String? {
    let error = #expect(throws: UsageError.self) {
      try Arguments(words, options: Self.options, command: "nntop ctl")
    }
    return error?.description
  }

  @Test func flagsValuesAndWordsInAnyOrder() throws {
    let arguments = try parsed("run", "--json", "--set", "a=1", "pause", "-d", "-s", "b=2")
    #expect(arguments.positional == ["run", "pause"])
    #expect(arguments.has("json"))
    #expect(arguments.has("detach"))
    #expect(!arguments.has("timeout"))
    #expect(arguments.all("set") == ["a=1", "b=2"])
    #expect(arguments.last("set") == "b=2")
    #expect(arguments.last("timeout") == nil)
    #expect(arguments.all("timeout") == [])
  }

  @Test func valuesBehindAnEqualsSign() throws {
    #expect(try parsed("--set=a=1").all("set") == ["a=1"])
    #expect(try parsed("-s=a=1").all("set") == ["a=1"])
    #expect(try parsed("--set=").all("set") == [""])
    #expect(try parsed("--set", "--json").all("set") == ["--json"])
    #expect(try parsed("--set", "-").all("set") == ["-"])
  }

  @Test func negativeNumbersAreNoOptions() throws {
    #expect(try parsed("lr", "-0.5", "-1e-3").positional == ["lr", "-0.5", "-1e-3"])
    #expect(try parsed("--timeout", "-5").last("timeout") == "-5")
    #expect(try parsed("-").positional == ["-"])
  }

  @Test func nothingBehindTwoDashesIsAnOption() throws {
    let arguments = try parsed("--json", "--", "--json", "-d", "--", "--nothing")
    #expect(arguments.positional == ["--json", "-d", "--", "--nothing"])
    #expect(!arguments.has("detach"))
  }

  @Test(arguments: [
    ("--jsno", "nntop: --jsno is no option of nntop ctl; did you mean --json?"),
    ("--jsno=3", "nntop: --jsno is no option of nntop ctl; did you mean --json?"),
    ("--hlep", "nntop: --hlep is no option of nntop ctl; did you mean --help?"),
    ("--Detach", "nntop: --Detach is no option of nntop ctl; did you mean --detach?"),
    ("--xylophone", "nntop: --xylophone is no option of nntop ctl; see nntop ctl --help"),
    ("--d", "nntop: --d is no option of nntop ctl; see nntop ctl --help"),
    ("-json", "nntop: -json is no option of nntop ctl; did you mean --json?"),
    ("---json", "nntop: ---json is no option of nntop ctl; did you mean --json?"),
    ("--json=yes", "nntop: --json takes no value"),
    ("--timeout", "nntop: --timeout needs a value: SECONDS"),
    ("-s", "nntop: --set needs a value: KEY=VALUE"),
  ])
  func mistakesNameTheWayOut(word: String, expected: String) {
    #expect(problem(word) == expected)
  }

  @Test func numbersHaveBounds() throws {
    #expect(try parsed().number("timeout", in: 0...10) == nil)
    #expect(try parsed("--timeout", "2.5").number("timeout", in: 0...10) == 2.5)
    for text in ["-1", "11", "nan", "inf", "x", "", "1 "] {
      let error = #expect(throws: UsageError.self) {
        try parsed("--timeout", text).number("timeout", in: 0...10)
      }
      #expect(
        error?.description == "nntop: --timeout \(text): expected a number from 0.0 to 10.0")
    }
  }

  @Test func choicesAndCounts() throws {
    #expect(try parsed("--set", "csv").choice("set", of: ["csv", "jsonl"]) == "csv")
    #expect(try parsed().choice("set", of: ["csv"]) == nil)
    let error = #expect(throws: UsageError.self) {
      try parsed("--set", "xml").choice("set", of: ["csv", "jsonl"])
    }
    #expect(error?.description == "nntop: --set xml: expected csv, jsonl")
    #expect(try parsed("a").positional(0...1, "nntop x") == ["a"])
    let tooMany = #expect(throws: UsageError.self) {
      try parsed("a", "b").positional(0...1, "nntop x [A]")
    }
    #expect(tooMany?.description == "nntop: usage: nntop x [A]")
  }
}
