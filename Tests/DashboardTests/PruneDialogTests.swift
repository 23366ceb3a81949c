import JSONText
import RunLog
import TerminalUI
import Testing

@testable import Dashboard

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
    for text in ["layer1", "81.2%", "18 880", "weights left", "nothing has changed yet"] {
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

  // MARK: Method and scope

  private static let methods: JSON = [
    "methods": [
      ["name": "magnitude", "summary": "the smallest weights go"],
      [
        "name": "l2", "summary": "the rows with the smallest norms go", "unit": "channels",
        "settings": [["name": "minKeep", "allowed": "an integer from 1", "default": 4]],
      ],
      [
        "name": "aofp", "summary": "the filters whose loss hurts least", "unit": "channels",
        "acts": "training",
      ],
    ],
    "scopes": ["global", "layer", "layers"],
  ]

  /// A run with three methods and two layers.
  private func choosing() -> Desk {
    var desk = Desk.steering()
    var manifest = Samples.manifest
    manifest.declares.removeAll { $0.command == "prune" }
    manifest.declares.append(.init(command: "prune", details: Self.methods))
    manifest.declares.append(.init(command: "finish_pruning"))
    manifest.layers = [
      .init(name: "linear1", shape: [300, 784]), .init(name: "linear2", shape: [10, 300]),
    ]
    desk.log([
      .manifest(manifest), Samples.scalar("sparsity/linear1", 1, 0),
      Samples.scalar("sparsity/linear2", 1, 0),
    ])
    return desk
  }

  @Test func aMethodIsChosenFromTheList() {
    var desk = choosing()
    desk.press(.character("X"))
    #expect(desk.screen.contains { $0.contains("magnitude") })
    #expect(desk.screen.contains { $0.contains("of the weights") })
    desk.press(.up)
    for name in ["magnitude", "l2", "aofp", "the rows with the smallest norms go"] {
      #expect(desk.screen.contains { $0.contains(name) }, "\(name)")
    }
    desk.press(.down, .tab)
    #expect(desk.screen.contains { $0.contains("of the channels") })
    #expect(desk.screen.contains { $0.contains("minKeep=4 (an integer from 1)") })
    desk.type("50% minKeep=8 word=abc")
    let effects = desk.press(.enter)
    #expect(
      effects.request
        == .prune(
          .init(
            method: "l2", sparsity: 0.5, settings: ["minKeep": 8, "word": "abc"], isPreview: true)))
    // The one that was used last comes first.
    desk.press(.escape, .character("X"))
    guard case .prune(let dialog) = desk.state.dialog else {
      Issue.record("no dialog")
      return
    }
    #expect(dialog.methods.map(\.name) == ["l2", "magnitude", "aofp"])
    // Letters choose, digits are typed; the ends of the list lead on.
    desk.press(.backTab, .character("a"), .character("7"), .character("%"))
    #expect(
      desk.press(.enter).request
        == .prune(.init(method: "aofp", sparsity: 0.07, isPreview: true)))
    #expect(desk.screen.contains { $0.contains("of the channels, while the network learns") })
  }

  @Test func aScopeIsChosen() {
    func layers(_ choose: (inout Desk) -> Void) -> [String]? {
      var desk = choosing()
      choose(&desk)
      guard case .prune(let request)? = desk.press(.enter).request else { return ["none"] }
      return request.layers
    }
    #expect(layers { $0.press(.character("X"), .down, .left) } == nil)
    #expect(layers { $0.press(.character("X"), .down, .right) } == ["linear1"])
    #expect(
      layers { $0.press(.character("2"), .down, .character("X"), .tab, .character(" ")) }
        == ["linear2"])
    #expect(
      layers { $0.press(.character("X"), .down, .right, .right, .right) } == ["linear1"],
      "nothing is marked")
    #expect(
      layers {
        $0.press(.character("2"), .character(" "), .character(" "), .character("X"), .down)
        $0.press(.right, .right)
      } == ["linear1", "linear2"])
    // What is typed is meant.
    #expect(
      layers { desk in
        desk.press(.character("X"))
        desk.type("50% layer=linear2")
      } == ["linear2"])
  }

  @Test func aMethodMayBeTyped() {
    var desk = choosing()
    desk.press(.character("X"))
    desk.type("l2 50 %")
    #expect(
      desk.press(.enter).request == .prune(.init(method: "l2", sparsity: 0.5, isPreview: true)))
    #expect(desk.state.pruningMethod == "l2")
  }

  @Test func thePreviewOfChannelsTellsOfThem() {
    var desk = choosing()
    let id = desk.deliver(desk.press(.character("X"), .enter)).first ?? ""
    let layers = [
      JournalRecord.LayerChange(
        name: "linear1", before: 0, after: 0.4767, parameters: 123_088, flops: 246_176,
        channelsBefore: 300, channelsAfter: 157, threshold: 0.0312)
    ]
    desk.log([
      Samples.answer(
        id, Samples.prune, status: .previewed, reason: "10 more epochs are worth it", old: 0,
        new: 0.47, layers: layers)
    ])
    let screen = desk.screen.joined(separator: "\n")
    for words in [
      "300 → 157", "0.0% →  47.7%", "123 088", "246k", "0.0312", "10 more epochs are worth it",
    ] { #expect(screen.contains(words), "\(words)") }
    desk.state.size = Size(rows: 15, columns: 60)
    #expect(desk.screen.contains { $0.contains("linear1  0.0% →  47.7%") })
  }

  /// A method that acts in training can tell little before.
  @Test func aPreviewMayBeWordsAlone() {
    var desk = choosing()
    let id = desk.deliver(desk.press(.character("X"), .enter)).first ?? ""
    desk.log([
      Samples.answer(id, Samples.prune, status: .previewed, reason: "it ends at step 900")
    ])
    #expect(desk.screen.contains { $0.contains("it ends at step 900") })
    desk.press(.down, .end)
    #expect(
      desk.press(.enter).request
        == .prune(.init(method: "magnitude", sparsity: 0.8, isPreview: false)))
  }

  // MARK: Pruning that goes on

  private func ongoing(_ desk: Desk) -> Desk {
    var desk = desk
    desk.log([
      Samples.journal(
        40,
        .pruning(
          .init(method: "aofp", target: 0.5, scope: "global", isOver: false, finalStep: 3000)))
    ])
    return desk
  }

  @Test func whatGoesOnCanBeFinished() {
    var desk = ongoing(choosing())
    #expect(desk.screen[1].hasPrefix("pruning aofp → 50%"))
    desk.press(.character("X"))
    for words in [
      "aofp prunes to 50.0% of the channels", "since step 40, until step 3 000",
      "Enter finishes it now",
    ] { #expect(desk.screen.contains { $0.contains(words) }, "\(words)") }
    #expect(desk.press(.down, .character("y")) == [])
    #expect(desk.press(.enter).request == .finishPruning)
    #expect(desk.state.dialog == nil)
    // It may be over before somebody presses Enter.
    desk.press(.character("X"))
    desk.log([
      Samples.journal(
        50, .pruning(.init(method: "aofp", target: 0.5, scope: "global", isOver: true)))
    ])
    #expect(desk.screen.contains { $0.contains("it is over") })
    #expect(desk.press(.enter) == [] && desk.state.dialog == nil)
    #expect(!desk.screen[1].contains("pruning"))
    for key in [Key.escape, .character("q")] {
      var desk = ongoing(choosing())
      desk.press(.character("X"))
      #expect(desk.press(key) == [] && desk.state.dialog == nil)
    }
  }

  @Test func aRunMayNotTakeTheFinish() {
    var desk = ongoing(Desk.steering())
    desk.press(.character("X"))
    #expect(desk.screen.contains { $0.contains("this run does not take finish_pruning") })
    #expect(!desk.screen.contains { $0.contains("Enter finishes") })
    #expect(desk.press(.enter) == [])
    #expect(desk.told == ["not now: this run does not take finish_pruning"])
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
