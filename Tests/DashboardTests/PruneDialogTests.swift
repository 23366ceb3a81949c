import Dashboard
import RunLog
import TerminalUI
import Testing

/// A prune is typed, previewed, confirmed.
struct PruneDialogTests {
  private func stage(_ desk: Desk) -> PruneDialog.Stage? {
    if case .prune(let dialog) = desk.state.dialog { dialog.stage } else { nil }
  }

  private func asking(_ text: String = "90%") -> (desk: Desk, id: String) {
    var desk = Desk.steering()
    desk.press(.character("X"))
    desk.type(text)
    let id = desk.deliver(desk.press(.enter)).first ?? ""
    return (desk, id)
  }

  private func preview(_ id: String, layers: [JournalRecord.LayerChange] = Samples.layers)
    -> RunEvent
  {
    Samples.answer(id, Samples.prune, status: .previewed, old: 0, new: 0.9, layers: layers)
  }

  @Test func thePreviewIsAskedForFirst() throws {
    var desk = Desk.steering()
    #expect(desk.press(.character("X")) == [])
    #expect(stage(desk) == .typing)
    desk.type("90%")
    let effects = desk.press(.enter)
    let request = ControlCommand.PruneRequest(
      method: "magnitude", sparsity: 0.9, isPreview: true)
    #expect(effects.request == .prune(request))
    guard case .send(let id, _, Desk.path)? = effects.first else {
      Issue.record("\(effects)")
      return
    }
    #expect(stage(desk) == .asking(id: id, request: request))
    #expect(desk.press(.enter, .character("y"), .down) == [])
  }

  @Test func confirmingSendsTheSameWithoutPreview() {
    var (desk, id) = asking()
    desk.log([preview(id)])
    let screen = desk.screen.joined(separator: "\n")
    for text in ["layer1", "81.2%", "18 880 weights left", "nothing has changed yet"] {
      #expect(screen.contains(text), "\(text)")
    }
    #expect(desk.told == [])
    let effects = desk.press(.enter)
    #expect(
      effects.request
        == .prune(.init(method: "magnitude", sparsity: 0.9, isPreview: false)))
    #expect(desk.state.dialog == nil)
    let second = desk.deliver(effects).first ?? ""
    #expect(second != id)
    #expect(desk.told == ["asked: prune magnitude to 90%"])
    desk.log([Samples.answer(second, Samples.prune, at: 1240, old: 0, new: 0.9)])
    #expect(desk.told == ["pruned magnitude: sparsity 0.0% → 90.0% at step 1 240"])
  }

  @Test func aRefusedPreviewIsToldWhereItWasTyped() {
    var (desk, id) = asking("0.99")
    desk.log([
      Samples.answer(id, Samples.prune, status: .refused, reason: "a layer would be empty")
    ])
    #expect(stage(desk) == .typing)
    #expect(desk.screen.contains { $0.contains("refused: a layer would be empty") })
    #expect(desk.told == [])
    desk.type("1")
    #expect(!desk.screen.contains { $0.contains("refused") })
    desk.press(.control("u"))
    desk.type("0.5")
    #expect(
      desk.press(.enter).request
        == .prune(.init(method: "magnitude", sparsity: 0.5, isPreview: true)))
  }

  @Test func onlyTheAwaitedAnswerCounts() {
    var (desk, id) = asking()
    let other = desk.deliver([
      .send(id: "00000000000000cc", request: .pause, runPath: Desk.path)
    ])
    desk.log([preview("00000000000000dd"), Samples.answer(other[0], .pause)])
    #expect(desk.told.last == "paused at step 42")
    #expect(stage(desk).map { if case .asking = $0 { true } else { false } } == true)
    desk.log([preview(id)])
    #expect(stage(desk).map { if case .previewed = $0 { true } else { false } } == true)
  }

  @Test func aPreviewThatComesTooLateIsDropped() {
    var (desk, id) = asking()
    desk.press(.escape)
    desk.log([preview(id)])
    #expect(desk.state.dialog == nil)
    #expect(desk.told == [])
    #expect(desk.state.pending == [])
  }

  /// An answer that was read before the loop said that the command was sent.
  @Test func anAnswerMayOvertakeItsCommand() {
    var desk = Desk.steering()
    let effects = desk.press(.character("X"), .enter)
    guard case .send(let id, _, _)? = effects.first else {
      Issue.record("\(effects)")
      return
    }
    desk.log([preview(id)])
    desk.deliver(effects)
    #expect(stage(desk).map { if case .previewed = $0 { true } else { false } } == true)
    #expect(desk.told == [])
  }

  @Test func whatCannotBeSentGoesBackToTyping() {
    var desk = Desk.steering()
    desk.press(.character("X"), .enter)
    desk.send(.notSent(problem: "not sent: the disk is full"))
    #expect(stage(desk) == .typing)
    #expect(desk.told == ["not sent: the disk is full"])
  }

  @Test func thePreviewIsLeftAndScrolled() {
    let layers = (0..<40).map {
      JournalRecord.LayerChange(
        name: "layer\($0)", before: 0, after: 0.5, parameters: 10, flops: 20)
    }
    var (desk, id) = asking()
    desk.log([preview(id, layers: layers)])
    #expect(desk.screen.contains { $0.contains("layer0 ") })
    for _ in 0..<60 { desk.press(.down) }
    #expect(desk.screen.contains { $0.contains("layer39 ") })
    #expect(desk.screen.contains { $0.contains("all ") && $0.contains("90.0%") })
    for _ in 0..<60 { desk.press(.up) }
    #expect(desk.screen.contains { $0.contains("layer0 ") })
    desk.press(.backspace)
    #expect(stage(desk) == .typing)
    #expect(desk.screen.contains { $0.contains("90%") })
    for key in [Key.escape, .character("n"), .character("q")] {
      var (desk, id) = asking()
      desk.log([preview(id)])
      #expect(desk.press(key) == [])
      #expect(desk.state.dialog == nil)
    }
  }

  @Test(arguments: ["0", "1", "100%", "-0.5", "abc", "", "101", "nan", "%"])
  func junkIsNoSparsity(text: String) {
    var desk = Desk.steering()
    desk.press(.character("X"), .control("u"))
    desk.type(text)
    #expect(desk.press(.enter) == [])
    #expect(stage(desk) == .typing)
    #expect(desk.screen.contains { $0.contains("type a sparsity between 0 and 1") })
  }
}
