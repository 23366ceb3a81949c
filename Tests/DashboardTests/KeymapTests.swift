import Dashboard
import TerminalUI
import Testing

struct KeymapTests {
  private let bindings = Keymap.standardSections.flatMap(\.bindings)

  @Test func everyKeyDoesOneThing() {
    let keymap = Keymap()
    var owners: [Key: Action] = [:]
    for binding in bindings {
      #expect(!binding.keys.isEmpty)
      for key in binding.keys {
        #expect(owners.updateValue(binding.action, forKey: key) == nil, "\(key) is bound twice")
        #expect(keymap.action(for: key) == binding.action)
      }
    }
    #expect(keymap.action(for: .character("ß")) == nil)
  }

  @Test func everyActionHasItsKeyAndItsHelp() {
    #expect(Set(bindings.map(\.action)) == Set(Action.allCases))
    #expect(bindings.count == Action.allCases.count)
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
    for binding in bindings where Keymap.steeringActions.contains(binding.action) {
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

  @Test func enterStartsTheBuiltInExperimentWhereThereIsNoRun() {
    var desk = Desk()
    #expect(desk.press(.enter) == [.startDefaultRun])
    desk.find(Desk.path)
    #expect(desk.press(.enter) == [])
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
