import TerminalUI
import Testing

@testable import Dashboard

struct FilterPromptTests {
  /// Three runs in their list, with losses 1, 2 and 3.
  private func desk() -> Desk {
    var desk = Desk(rows: 24, columns: 140)
    for (name, loss) in [("alpha", Float(1)), ("beta", 2), ("gamma", 3)] {
      desk.find("runs/\(name)", name: name)
      desk.log([Samples.scalar("train/loss", 8, loss)], path: "runs/\(name)")
    }
    desk.press(.character("4"))
    return desk
  }

  private func shown(_ desk: Desk) -> [String] {
    desk.state.listModel(of: RunsView()).rows.map { String($0.id.dropFirst("runs/".count)) }
  }

  @Test func itNarrowsWhileItIsTyped() {
    var desk = desk()
    desk.press(.character("/"))
    var counts: [Int] = []
    for letter in "gam" {
      desk.type(String(letter))
      counts.append(shown(desk).count)
    }
    #expect(counts == [3, 1, 1])
    desk.press(.backspace, .backspace, .backspace)
    #expect(shown(desk).count == 3)
    desk.type("last>1.5")
    #expect(shown(desk) == ["beta", "gamma"])
    // Letters are typed here and do nothing else.
    #expect(desk.state.view == "runs" && desk.state.marked.isEmpty && !desk.state.isFrozen)
  }

  @Test func escapeBringsBackWhatWasThere() {
    var desk = desk()
    desk.press(.character("/"))
    desk.type("beta")
    desk.press(.enter)
    #expect(desk.state.prompt == nil && desk.state.filterText == "beta")
    desk.press(.character("/"))
    #expect(desk.state.prompt?.field.text == "beta")
    desk.type("nothing")
    #expect(desk.state.prompt?.field.text == "nothing")
    #expect(shown(desk) == [])
    desk.press(.escape)
    #expect(desk.state.prompt == nil)
    #expect(desk.state.filterText == "beta" && shown(desk) == ["beta"])
  }

  @Test func enterKeepsItUntilEscape() {
    var desk = desk()
    desk.press(.character("/"))
    desk.type("alpha or gamma")
    #expect(desk.press(.enter) == [])
    #expect(shown(desk) == ["alpha", "gamma"])
    #expect(desk.screen[2].contains("/alpha or gamma"))
    #expect(desk.screen.last?.contains("2 of 3 rows match") == true)
    desk.press(.escape)
    #expect(desk.state.filterText.isEmpty && shown(desk).count == 3)
  }

  @Test(arguments: [
    ("last>", "a value is missing"), ("lsat>1", "did you mean last?"), ("(alpha", ")"),
    ("/[/", "["),
  ])
  func aWrongFilterSaysSoAndHidesNothing(text: String, word: String) {
    var desk = desk()
    desk.press(.character("/"))
    desk.type(text)
    let problem = desk.state.prompt?.problem ?? ""
    #expect(problem.contains(word), "\(problem)")
    #expect(desk.screen.last?.contains(problem.prefix(20)) == true)
    #expect(shown(desk) == ["alpha", "beta", "gamma"])
    // It is not left standing as if it held.
    desk.press(.enter)
    #expect(desk.state.prompt?.problem == problem)
    desk.press(.control("u"))
    #expect(desk.state.prompt?.problem == nil)
    #expect(desk.screen.last?.contains("Enter keeps") == true)
  }

  @Test func everyViewHasAFilterOfItsOwn() {
    var desk = desk()
    desk.press(.character("/"))
    desk.type("beta")
    desk.press(.enter, .character("1"))
    #expect(desk.state.filterText.isEmpty)
    desk.press(.character("/"))
    desk.type("los")
    desk.press(.enter, .character("4"))
    #expect(desk.state.filterText == "beta")
    #expect(desk.state.lists["curves"]?.filterText == "los")
  }

  @Test func chartsAreFiltered() {
    var desk = Desk.steering()
    desk.log(Samples.training)
    func titles() -> [String] { desk.state.chartPlans.charts.map(\.title) }
    let all = titles()
    desk.press(.character("/"))
    desk.type("/^gradient/")
    #expect(titles() == ["gradient_norm"])
    desk.press(.control("u"))
    desk.type("/(/")
    #expect(titles() == all && desk.state.prompt?.problem != nil)
    desk.press(.control("u"))
    desk.type("no such metric")
    #expect(titles() == [])
    #expect(desk.screen.contains { $0.contains("No chart matches /no such metric; Esc shows") })
    desk.press(.escape)
    #expect(titles() == all)
  }

  @Test func pastedTextIsTyped() {
    var desk = desk()
    desk.press(.character("/"))
    desk.send(.input(.paste("beta")))
    #expect(desk.state.prompt?.field.text == "beta")
    #expect(shown(desk) == ["beta"])
  }
}
