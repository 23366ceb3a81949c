import RunLog
import RunModel
import TerminalUI
import Testing

@testable import Dashboard

struct PaletteTests {
  private func desk() -> Desk {
    var desk = Desk(rows: 24, columns: 120)
    desk.find(Desk.path)
    desk.log(Samples.training)
    desk.state.themes = ["standard", "light"]
    return desk
  }

  /// Types a line and presses Enter.
  @discardableResult
  private func run(_ line: String, _ desk: inout Desk) -> [Effect] {
    desk.press(.character(":"))
    desk.type(line)
    return desk.press(.enter)
  }

  private func completions(_ typed: String, _ desk: Desk) -> [String] {
    Palette.completions(typed, desk.state).map(\.line)
  }

  // MARK: Actions

  @Test func everyActionRunsByItsName() {
    // The command of the same name comes first: it takes what is to be filtered.
    for name in Set(Keymap.actionNames).subtracting(["filter"]) {
      for view in DashboardState.viewNames {
        var (typed, performed) = (desk(), desk())
        typed.state.view = view
        performed.state.view = view
        let effects = run(name, &typed)
        let expected = Update.perform(Action(name), &performed.state)
        #expect(effects.map(\.kind) == expected.map(\.kind), "\(name) in \(view)")
        #expect(typed.state.prompt?.problem == nil, "\(name) in \(view)")
        #expect(typed.screen == performed.screen, "\(name) in \(view)")
        #expect(typed.state.paletteHistory == [name])
      }
    }
  }

  @Test func whatCannotBeDoneSaysWhy() {
    for action in Action.steering {
      var desk = desk()
      desk.log([.liveness(.dead)])
      #expect(run(action.name, &desk) == [])
      #expect(desk.told == ["not now: no engine is running; nntop resume continues it"])
      desk = Desk()
      #expect(run(action.name, &desk) == [])
      #expect(desk.told == ["not now: there is no run"])
    }
  }

  @Test func actionsTakeNothing() {
    var desk = desk()
    #expect(run("quit now", &desk) == [])
    #expect(desk.state.prompt?.problem == "quit takes nothing after it")
    #expect(run("", &desk) == [])
  }

  // MARK: Commands

  @Test func commandsWithAGoodArgument() {
    func after(_ line: String, view: String = "curves") -> DashboardState {
      var desk = desk()
      desk.state.view = view
      #expect(run(line, &desk).allSatisfy { $0.sent == nil })
      #expect(desk.state.prompt == nil, "\(line)")
      return desk.state
    }
    for view in DashboardState.viewNames { #expect(after("view \(view)").view == view) }
    #expect(after("run digits").selectedPath == Desk.path)
    #expect(after("filter train loss").filterText == "train loss")
    #expect(after("sort step", view: "runs").lists["runs"]?.sortColumn == "step")
    #expect(after("theme light").theme == "light")
    for axis in TimeAxis.allCases {
      #expect(after("axis \(axis.rawValue)").curves.axis == axis)
    }
    #expect(after("smoothing 0.5").curves.smoothing == 0.5)
    #expect(after("smoothing 0.5").runs[0].run.smoothing == 0.5)
    #expect(after("smoothing 0").curves.smoothing == 0)
    #expect(after("grid 3x2").curves.gridRows == 3)
    #expect(after("grid 3x2").curves.gridColumns == 2)
    #expect(after("grid auto").curves.gridRows == 0)
    #expect(after("go 42", view: "runs").view == "curves")
    #expect(after("go 42").curves.cursor == 42)
    #expect(after("go 1e9").curves.cursor == 420)
    #expect(after("go -5").curves.cursor == 1)
    #expect(after("  view   runs  ").view == "runs")
  }

  @Test(arguments: [
    ("view rnus", "view is one of curves, layers, "), ("view", "view is one of curves, "),
    ("run nobody", "there is no run of that name"), ("sort step", "no column of that name here"),
    ("theme octarine", "theme is one of standard, light"), ("axis moons", "axis is one of step,"),
    ("smoothing 1", "a number from 0"), ("smoothing -0.1", "a number from 0"),
    ("smoothing nan", "a number from 0"), ("smoothing x", "a number from 0"),
    ("smoothing", "a number from 0"), ("grid 3", "grid is auto, or"),
    ("grid 0x1", "grid is auto, or"), ("grid 1x21", "grid is auto, or"),
    ("grid axb", "grid is auto, or"), ("go", "go needs a number"), ("go nan", "go needs a number"),
    ("go inf", "go needs a number"), ("write x.txt", "must end in .csv or .svg"),
    ("write", "must end in .csv or .svg"),
  ])
  func commandsWithABadArgument(line: String, problem: String) {
    var desk = desk()
    let before = desk.state.curves
    #expect(run(line, &desk) == [])
    #expect(desk.state.prompt?.problem?.contains(problem) == true)
    #expect(desk.screen.last?.contains(problem) == true)
    #expect(desk.state.prompt?.field.text == line)
    #expect(desk.state.curves == before && desk.state.view == "curves")
    #expect(desk.state.paletteHistory == [])
    // Typing on takes the complaint away.
    desk.type("x")
    #expect(desk.state.prompt?.problem == nil)
  }

  @Test func anAxisThatTheLogDoesNotTellIsRefused() {
    var desk = Desk()
    desk.find(Desk.path)
    desk.log([Samples.scalar("a", 1, 1)])
    run("axis epoch", &desk)
    #expect(desk.state.curves.axis == .step)
    #expect(desk.told == ["this log does not tell the epoch"])
  }

  @Test func chartsAreWritten() throws {
    var desk = desk()
    desk.state.size = Size(rows: 60, columns: 200)
    guard case .write("a.csv", let csv)? = run("write a.csv", &desk).first else {
      Issue.record("nothing to write")
      return
    }
    let lines = csv.split(separator: "\n")
    #expect(lines[0] == "run,tag,step,wall_time,value")
    #expect(lines.count { $0.hasPrefix("digits,train/loss,") } == 420)
    #expect(lines.contains("digits,optimizer/gradient_norm,130,16.25,nan"))
    guard case .write("a.svg", let svg)? = run("write a.svg", &desk).first else {
      Issue.record("nothing to write")
      return
    }
    #expect(svg.hasPrefix("<") && svg.contains("</svg>"))
    desk.state.view = "runs"
    #expect(run("write a.csv", &desk) == [])
    #expect(desk.state.prompt?.problem == "only charts can be written; 1 shows them")
    desk.press(.escape, .character("1"), .character("w"))
    #expect(desk.state.prompt?.field.text == "write digits-420.csv")
  }

  // MARK: Commands that open a dialog

  @Test func aLearningRateIsLookedAtFirst() {
    var desk = desk()
    #expect(run("lr x0.5", &desk) == [])
    #expect(desk.screen.contains { $0.contains("0.05 → 0.025") })
    #expect(desk.press(.enter).request == .setLearningRate(.scale(0.5)))
    #expect(run("lr", &desk) == [])
    guard case .learningRate(let field, _, _) = desk.state.dialog else {
      Issue.record("no dialog")
      return
    }
    #expect(field.text == "0.05" && field.isProposal)
    desk.press(.escape)
    #expect(run("lr junk", &desk) == [])
    #expect(desk.press(.enter) == [])
    #expect(desk.state.dialog != nil)
  }

  @Test func aPruneIsPreviewedFirst() {
    var desk = desk()
    #expect(run("prune 50%", &desk) == [])
    let request = desk.press(.enter).request
    #expect(
      request == .prune(.init(method: "magnitude", sparsity: 0.5, isPreview: true)))
    desk.press(.escape)
    #expect(run("prune junk", &desk) == [])
    #expect(desk.press(.enter) == [])
    #expect(desk.screen.contains { $0.contains("type a sparsity between 0 and 1") })
    desk.press(.escape)
    #expect(run("prune", &desk) == [])
    guard case .prune(let dialog) = desk.state.dialog else {
      Issue.record("no dialog")
      return
    }
    #expect(dialog.field.text == "0.8" && dialog.stage == .typing)
    desk.press(.escape)
    #expect(run("prune l2 30% minKeep=2", &desk) == [])
    #expect(
      desk.press(.enter).request
        == .prune(.init(method: "l2", sparsity: 0.3, settings: ["minKeep": 2], isPreview: true)))
    for line in ["lr 0.1", "prune 0.5"] {
      var dead = self.desk()
      dead.log([.liveness(.dead)])
      #expect(run(line, &dead) == [])
      #expect(dead.state.dialog == nil && dead.told.first?.hasPrefix("not now: ") == true)
    }
  }

  @Test(arguments: [
    ("x0.5", ControlCommand.BranchRequest(learningRate: .scale(0.5))),
    ("0.01", .init(learningRate: .value(0.01))), ("", .init()), ("  ", .init()),
    ("80%", .init(prune: .init(method: "magnitude", sparsity: 0.8, isPreview: false))),
    (" 12.5 % ", .init(prune: .init(method: "magnitude", sparsity: 0.125, isPreview: false))),
  ])
  func aBranchIsTyped(text: String, request: ControlCommand.BranchRequest) {
    var desk = desk()
    #expect(run("branch", &desk) == [])
    desk.press(.control("u"))
    #expect(desk.type(text) == [])
    #expect(desk.press(.enter).request == .branch(request))
    #expect(desk.state.dialog == nil)
  }

  @Test(arguments: ["fast", "x", "-1", "0%", "100%", "150%", "%", "nan%", "inf", "x0.5 l2"])
  func junkIsNoBranch(text: String) {
    var desk = desk()
    run("branch", &desk)
    desk.type(text)
    #expect(desk.press(.enter) == [])
    #expect(desk.screen.contains { $0.contains("type a learning rate, x0.5, a prune") })
    desk.press(.backspace)
    #expect(!desk.screen.contains { $0.contains("type a learning rate, x0.5") })
    desk.press(.control("u"))
    desk.type("x2")
    desk.log([.liveness(.dead)])
    #expect(desk.press(.enter) == [])
    #expect(desk.told == ["not now: no engine is running; nntop resume continues it"])
  }

  // MARK: Completion

  @Test func theBestCompletionComesFirst() {
    let desk = desk()
    #expect(completions("view", desk).first == "view")
    #expect(completions("zzz", desk) == [])
    let runs = ["run", "next-run", "previous-run", "view-runs", "prune"]
    #expect(completions("run", desk).prefix(5) == runs[...])
    // What begins so, what has a word that does, what holds it, what has its letters in order.
    let found = completions("sm", desk)
    #expect(found.prefix(3) == ["smoother", "smoothing", "less-smooth"])
    #expect(found.firstIndex(of: "view-system").map { $0 > 2 } == true)
    #expect(completions("arithm", desk) == ["logarithmic-y"])
    let all = Keymap.actionNames + PaletteCommand.all.map(\.name)
    #expect(Set(completions("", desk)) == Set(all))
    #expect(completions("", desk).count == Set(all).count)
  }

  @Test func argumentsAreCompleted() {
    var desk = desk()
    #expect(completions("view ", desk) == DashboardState.viewNames.map { "view \($0)" })
    #expect(completions("theme l", desk) == ["theme light"])
    #expect(completions("axis w", desk) == ["axis wall"])
    #expect(completions("run d", desk) == ["run digits"])
    #expect(completions("sort ", desk) == [])
    desk.state.view = "runs"
    #expect(completions("sort st", desk).contains("sort step"))
    #expect(completions("quit ", desk).first == "quit")
    for command in PaletteCommand.all {
      #expect(command.help.hasSuffix("\(command.name) \(command.usage)"))
    }
  }

  @Test func tabGoesRound() {
    var desk = desk()
    desk.press(.character(":"))
    desk.type("theme ")
    var lines: [String] = []
    for key in [Key.tab, .tab, .tab, .backTab, .backTab] {
      desk.press(key)
      lines.append(desk.state.prompt?.field.text ?? "")
    }
    #expect(
      lines == ["standard", "light", "standard", "light", "standard"].map { "theme \($0)" })
    desk.press(.escape, .character(":"))
    desk.type("theme ")
    desk.press(.backTab)
    #expect(desk.state.prompt?.field.text == "theme light")
    #expect(desk.press(.enter) == [.setTheme("light")])
    desk.press(.character(":"))
    desk.type("zzz")
    desk.press(.tab)
    #expect(desk.state.prompt?.field.text == "zzz")
  }

  // MARK: History

  @Test func upAndDownGoThroughTheHistory() {
    var desk = desk()
    for line in ["view runs", "grid 2x2", "nonsense", "view curves", "grid 2x2"] {
      run(line, &desk)
      desk.press(.escape)
    }
    #expect(desk.state.paletteHistory == ["grid 2x2", "view curves", "view runs"])
    desk.press(.character(":"))
    desk.type("dra")
    var texts: [String] = []
    for key in [Key.down, .up, .up, .up, .up, .down, .down, .down, .down] {
      desk.press(key)
      texts.append(desk.state.prompt?.field.text ?? "")
    }
    #expect(
      texts == [
        "dra", "grid 2x2", "view curves", "view runs", "view runs", "view curves", "grid 2x2",
        "dra", "dra",
      ])
  }

  @Test func theHistoryIsBounded() {
    var desk = desk()
    for number in 0..<130 { run("go \(number)", &desk) }
    #expect(desk.state.paletteHistory.count == 100)
    #expect(desk.state.paletteHistory.first == "go 129")
  }

  // MARK: Typing

  @Test func anUnknownWordIsTold() {
    var desk = desk()
    run("smooothing 1", &desk)
    #expect(desk.state.prompt?.problem == "no command smooothing")
    desk.press(.escape)
    run("smoo", &desk)
    #expect(desk.state.prompt?.problem == "no command smoo; did you mean smoothing?")
    desk.press(.escape)
    desk.press(.character(":"))
    desk.send(.input(.paste("\u{1B}[2Jx")))
    desk.press(.enter)
    #expect(HostileTextTests.harmful(render(desk.state)).isEmpty)
  }

  @Test func aPasteIsTypedAndRunsNothing() {
    var desk = desk()
    #expect(desk.send(.input(.paste("qK"))) == [])
    #expect(desk.state.prompt == nil && desk.state.dialog == nil)
    desk.press(.character(":"))
    desk.type("view ")
    #expect(desk.send(.input(.paste("runs "))) == [])
    #expect(desk.state.prompt?.field.text == "view runs ")
    #expect(desk.state.view == "curves")
    #expect(completions(desk.state.prompt?.draft ?? "", desk) == ["view runs"])
    desk.press(.enter)
    #expect(desk.state.view == "runs")
  }

  @Test func itIsLeftInThreeWays() {
    for keys in [[Key.escape], [.backspace], [.enter], [.character("x"), .escape]] {
      var desk = desk()
      desk.press(.character(":"))
      #expect(desk.state.prompt?.kind == .palette)
      for key in keys { #expect(desk.press(key) == []) }
      #expect(desk.state.prompt == nil, "\(keys)")
    }
    var desk = desk()
    desk.press(.character(":"), .character("x"), .backspace)
    #expect(desk.state.prompt != nil)
    #expect(desk.press(.control("c")) == [.quit])
  }
}

extension Effect {
  /// What it does, without a random id.
  fileprivate var kind: String {
    sent.map { "\($0.request) \($0.path)" } ?? "\(self)"
  }
}
