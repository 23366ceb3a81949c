import TerminalUI
import Testing

@testable import Dashboard

struct KeymapTests {
  private let bindings = Keymap.standardSections.flatMap(\.bindings)

  @Test func everyKeyDoesOneThing() {
    let keymap = Keymap()
    for view in DashboardState.viewNames {
      var owners: [Key: Action] = [:]
      for binding in keymap.sections(in: view).flatMap(\.bindings) {
        #expect(!binding.keys.isEmpty)
        for key in binding.keys {
          // A view may have a key for itself that elsewhere does something else.
          let isNew = owners.updateValue(binding.action, forKey: key) == nil
          let own = Views.named(view).bindings.contains { $0.keys.contains(key) }
          #expect(isNew || own, "\(key) is bound twice in \(view)")
        }
      }
      for binding in Views.named(view).bindings {
        for key in binding.keys { #expect(keymap.action(for: key, in: view) == binding.action) }
      }
      #expect(keymap.action(for: .character("ß"), in: view) == nil)
    }
  }

  @Test func everyActionHasItsKeyAndItsHelp() {
    let help = HelpTextLines.of(Desk().state)
    for binding in bindings {
      #expect(!binding.help.isEmpty)
      #expect(help.contains { $0.contains(binding.help) })
      for key in binding.keys {
        #expect(!key.label.isEmpty)
        #expect(Key(label: key.label) == key)
        #expect(key.label(glyphs: .ascii).unicodeScalars.allSatisfy { $0.isASCII })
      }
    }
  }

  /// So that no slip of a finger touches a training.
  @Test func onlyCapitalsSteer() {
    for binding in bindings where Action.steering.contains(binding.action) {
      for key in binding.keys {
        guard case .character(let letter) = key else {
          Issue.record("\(key) steers")
          continue
        }
        #expect(letter.isUppercase)
      }
    }
  }

  @Test(arguments: [Key.character("q"), .control("c")])
  func leaving(key: Key) {
    var desk = Desk()
    #expect(desk.press(key) == [.quit])
  }

  @Test func theTerminalIsServedEvenInADialog() {
    var desk = Desk.steering()
    for dialog in [nil, "?", "L", "X", "K"] as [Character?] {
      if let dialog { desk.press(.character(dialog)) }
      #expect(desk.press(.control("l")) == [.redraw])
      #expect(desk.press(.control("z")) == [.suspend])
      #expect(desk.press(.control("c")) == [.quit])
      desk.press(.escape)
      #expect(desk.state.dialog == nil)
    }
  }

  @Test func everyStartHasItsKeyWhereThereIsNoRun() {
    var desk = Desk()
    #expect(desk.press(.enter) == [])
    desk.state.startChoices = [
      StartChoice(title: "built in", detail: "", start: .experiment(path: nil)),
      StartChoice(title: "sample", detail: "", start: .target(path: "samples/a")),
    ]
    #expect(desk.press(.enter) == [.start(.experiment(path: nil))])
    #expect(desk.press(.character("a")) == [.start(.experiment(path: nil))])
    #expect(desk.press(.character("b")) == [.start(.target(path: "samples/a"))])
    #expect(desk.press(.character("c")) == [])
    #expect(desk.screen.contains { $0.contains("b  sample") })
    desk.find(Desk.path)
    #expect(desk.press(.enter) == [])
  }

  // MARK: A person's own keys

  @Test func overridesReplaceAndDisable() {
    let keymap = Keymap(overrides: [
      "pause": [.function(9)], "quit": [], "smoother": [.character("P")],
    ])
    #expect(keymap.action(for: .function(9), in: "curves") == .pauseOrResume)
    #expect(keymap.action(for: .character("q"), in: "curves") == nil)
    #expect(keymap.action(for: .character("P"), in: "curves") == .smoother)
    #expect(keymap.action(for: .character("P"), in: "runs") == nil)
    #expect(keymap.action(for: .character("s"), in: "curves") == nil)
  }

  @Test func aKeyThatWasGivenToOneActionIsNoOthers() {
    let keymap = Keymap(overrides: ["help": [.character("q")]])
    #expect(keymap.action(for: .character("q"), in: "curves") == .help)
    #expect(keymap.action(for: .control("c"), in: "curves") == .quit)
  }

  /// Whatever is configured, there is a way out.
  @Test func controlCAlwaysLeaves() {
    var desk = Desk()
    desk.keymap = Keymap(overrides: ["quit": []])
    #expect(desk.press(.control("c")) == [.quit])
  }
}

/// The whole help as text.
enum HelpTextLines {
  static func of(_ state: DashboardState) -> [String] {
    var tall = state
    tall.size = Size(rows: 200, columns: 100)
    _ = update(&tall, .input(.key(.character("?"))), at: 0)
    return render(tall).textLines()
  }
}
