import Dashboard
import JSONText
import RunLog
import TerminalUI
import Testing

/// A number that a run of another program declares is chosen, typed, confirmed.
struct SetDialogTests {
  private static let number: JSON = [
    "name": "temperature", "value": 1, "minimum": 0, "maximum": 2, "description": "of the softmax",
  ]

  /// A run of another program with some numbers.
  private func desk(_ numbers: JSON...) -> Desk {
    var desk = Desk.steering()
    var manifest = Samples.manifest
    manifest.engine = "loop.py"
    manifest.declares += numbers.map { .init(command: "set", details: $0) }
    manifest.declares.removeAll { $0.command == "undo" }
    manifest.declares.append(.init(command: "undo", details: ["restores_weights": ["prune"]]))
    desk.log([.manifest(manifest)])
    return desk
  }

  private func applied(
    _ id: String, _ value: Double, old: Double, name: String = "temperature"
  ) -> RunEvent {
    Samples.answer(id, .set(name: name, value: value), old: old, new: value)
  }

  @Test func oneNumberIsTypedAtOnce() {
    var desk = desk(Self.number)
    #expect(desk.press(.character("V")) == [])
    let screen = desk.screen.joined(separator: "\n")
    for text in ["Set temperature", "of the softmax", "1 → 1   from 0 to 2", "new, or x0.5:  1"] {
      #expect(screen.contains(text), "\(text)")
    }
    desk.type("0.5")
    #expect(desk.screen.contains { $0.contains("1 → 0.5 ") })
    let effects = desk.press(.enter)
    #expect(effects.request == .set(name: "temperature", value: 0.5))
    #expect(effects.first?.sent?.path == Desk.path && desk.state.dialog == nil)
    let id = desk.deliver(effects).first ?? ""
    #expect(desk.told == ["asked: set temperature to 0.5"])
    desk.log([applied(id, 0.5, old: 1)])
    #expect(desk.told == ["temperature 1 → 0.5 at step 42"])
  }

  @Test func manyNumbersAreChosenFrom() {
    var desk = desk(Self.number, ["name": "free", "value": -3], ["name": "c", "value": 1e-7])
    desk.press(.character("V"))
    let screen = desk.screen.joined(separator: "\n")
    for text in ["> temperature", "from 0 to 2", "  free", "-3", "1e-07"] {
      #expect(screen.contains(text), "\(text)")
    }
    desk.press(.up, .down)
    #expect(desk.screen.contains { $0.contains("> free") })
    desk.press(.end, .down)
    #expect(desk.screen.contains { $0.contains("> c") })
    desk.press(.home, .character("j"), .enter)
    desk.type("1e9")
    #expect(desk.press(.enter).request == .set(name: "free", value: 1e9))
    for key in [Key.escape, .character("q")] {
      desk.press(.character("V"), key)
      #expect(desk.state.dialog == nil)
    }
  }

  @Test(arguments: [
    ("0.5", 0.5), ("x0.5", 0.75), ("× 0.5", 0.75), ("*0", 0), ("0", 0), ("2", 2), (" 1e-3", 0.001),
  ])
  func aValueIsANumberOrAFactor(text: String, value: Double) {
    var desk = desk(Self.number)
    desk.log([applied("00000000000000aa", 1.5, old: 1)])
    desk.press(.character("V"))
    #expect(desk.screen.contains { $0.contains("1.5 → 1.5") })
    desk.type(text)
    #expect(desk.press(.enter).request == .set(name: "temperature", value: value))
  }

  @Test(arguments: ["abc", "x", "nan", "inf", "1e999", "0.1.2", "1%", "0,5", "xx1"])
  func junkIsNoValue(text: String) {
    var desk = desk(Self.number)
    desk.press(.character("V"))
    desk.type(text)
    #expect(desk.screen.contains { $0.contains("1 → ?") })
    #expect(desk.press(.enter) == [])
    #expect(desk.screen.contains { $0.contains("type a number, such as 0.5") })
    desk.press(.control("u"))
    #expect(!desk.screen.contains { $0.contains("type a number") })
    desk.type("0.25")
    #expect(desk.press(.enter).request == .set(name: "temperature", value: 0.25))
  }

  @Test(arguments: ["2.1", "-0.1", "x3", "1e300"])
  func whatIsOutOfBoundsIsNotSent(text: String) {
    var desk = desk(Self.number)
    desk.press(.character("V"))
    desk.type(text)
    #expect(desk.press(.enter) == [] && desk.state.dialog != nil)
    #expect(desk.screen.contains { $0.contains("temperature is a number from 0 to 2") })
  }

  /// Answers say what a number is now, but those of an earlier session do not.
  @Test func thePresentValueIsWhatWasAnsweredLast() {
    func shown(_ events: [RunEvent]) -> Double? {
      var desk = desk(Self.number)
      desk.log(events)
      desk.press(.character("V"))
      desk.type("x1")
      guard case .set(_, let value)? = desk.press(.enter).request else { return nil }
      return value
    }
    let first = applied("00000000000000aa", 0.5, old: 1)
    #expect(shown([first]) == 0.5)
    #expect(shown([first, applied("00000000000000ab", 0.1, old: 0.5)]) == 0.1)
    #expect(shown([first, applied("00000000000000ab", 0.1, old: 0.5, name: "other")]) == 0.5)
    let refused = Samples.answer(
      "00000000000000ab", .set(name: "temperature", value: 2), status: .refused, new: 2)
    #expect(shown([first, refused]) == 0.5)
    let undone = Samples.answer(
      "00000000000000ac", .undo, reason: "set temperature at step 42", old: 0.5, new: 1)
    #expect(shown([first, undone]) == 1)
    let other = Samples.answer(
      "00000000000000ac", .undo, reason: "set temperature2 at step 42", old: 0.5, new: 1)
    #expect(shown([first, other]) == 0.5)
    #expect(shown([first, Samples.phase(.starting), Samples.phase(.training)]) == 1)
  }

  @Test func undoingAValueIsToldInItsWords() {
    var desk = desk(Self.number)
    desk.log([applied("00000000000000aa", 0.5, old: 1)])
    desk.press(.character("U"))
    let screen = desk.screen.joined(separator: "\n")
    #expect(screen.contains("Undo temperature back to 1.0?"))
    #expect(!screen.contains("weights") && !screen.contains("trained again"))
    let id = desk.deliver(desk.press(.enter)).first ?? ""
    desk.log([
      Samples.answer(id, .undo, reason: "set temperature at step 42", old: 0.5, new: 1)
    ])
    #expect(desk.told == ["undid: set temperature at step 42, 0.5 → 1 at step 42"])
  }

  @Test func confirmingTooLateIsRefused() {
    var desk = desk(Self.number)
    desk.press(.character("V"))
    desk.log([.liveness(.dead)])
    #expect(desk.press(.enter) == [])
    #expect(desk.told == ["not now: no engine is running"])
  }

  @Test func thePaletteOpensTheLine() {
    func after(_ line: String) -> Desk {
      var desk = desk(
        Self.number, ["name": "weight decay", "value": 0.01], ["name": "weight", "value": 4])
      desk.press(.character(":"))
      desk.type(line)
      #expect(desk.press(.enter) == [])
      return desk
    }
    var typed = after("set weight decay x0.5")
    #expect(typed.screen.contains { $0.contains("0.01 → 0.005") })
    #expect(typed.press(.enter).request == .set(name: "weight decay", value: 0.005))
    var other = after("set weight 0.5")
    #expect(other.press(.enter).request == .set(name: "weight", value: 0.5))
    #expect(after("set temperature").screen.contains { $0.contains("1 → 1") })
    #expect(after("set").screen.contains { $0.contains("> temperature") })
    #expect(after("set nothing 1").told == ["this run declares no number nothing 1"])
    var none = Desk.steering()
    none.press(.character(":"))
    none.type("set a 1")
    none.press(.enter)
    #expect(none.told == ["not now: this run does not take set"])
  }

  @Test func namesFromOutsideAreCleaned() {
    var desk = desk(
      ["name": .string(Samples.hostile), "value": 1, "description": .string(Samples.hostile)],
      ["name": "b", "value": 1])
    desk.press(.character("V"))
    for keys in [[], [Key.enter], [.enter]] as [[Key]] {
      for key in keys { desk.press(key) }
      for line in desk.screen {
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
      }
    }
    desk.state.dialog = nil
    desk.press(.character("V"), .down, .enter)
    desk.send(.input(.paste("0.5\u{1B}[2J")))
    #expect(desk.screen.contains { $0.contains("new, or x0.5:  0.5") })
  }
}
