import Glibc
import TerminalUI
import Testing

@testable import NcursesBackend

/// What ncurses does not do by itself: titles, pasted text, drags, and counting.
extension NcursesTerminalTests {
  /// What arrives for some typed bytes; waits a little for each.
  private static func inputs(
    _ terminal: NcursesTerminal, _ pseudo: PseudoTerminal, _ typed: String
  ) -> [TerminalInput] {
    pseudo.type(typed)
    var found: [TerminalInput] = []
    var silence = 0
    while silence < 100 {
      if let input = terminal.nextInput() {
        found.append(input)
        silence = 0
      } else {
        usleep(1000)
        silence += 1
      }
    }
    return found
  }

  @Test func theTitleIsSetOnceAndGivenBack() throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    let terminal = try Self.open(pseudo)
    terminal.present(Self.text("x", terminal.size))
    _ = pseudo.drawn()
    terminal.setTitle("nntop: run")
    #expect(pseudo.drawn() == "\u{1B}[22;0t\u{1B}]2;nntop: run\u{7}")
    terminal.setTitle("nntop: run")
    #expect(pseudo.drawn() == "")
    terminal.setTitle("two\u{7}")
    #expect(pseudo.drawn() == "\u{1B}]2;two\\x07\u{7}")
    terminal.release()
    #expect(pseudo.drawn().contains("\u{1B}[23;0t"))
    terminal.restore()
    #expect(pseudo.drawn().contains("\u{1B}[22;0t\u{1B}]2;two"))
    NcursesTerminal.emergencyRestore()
    #expect(pseudo.drawn().contains("\u{1B}[23;0t"))
    terminal.close()
  }

  @Test(arguments: ["vt100", "linux"])
  func noPrivateModesWhereTheyMayHarm(name: String) throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    let terminal = try Self.open(pseudo, type: name)
    terminal.setTitle("title")
    terminal.present(Self.text("x", terminal.size))
    terminal.redraw()
    terminal.present(Self.text("y", terminal.size))
    NcursesTerminal.emergencyRestore()
    terminal.close()
    let drawn = pseudo.drawn()
    for unwanted in ["title", "\u{1B}]", "?2004", "?2026", "?1002", "$<"] {
      #expect(!drawn.contains(unwanted), "\(unwanted)")
    }
    // No other screen to go back to: the shell goes on at the bottom.
    #expect(drawn.contains("\u{1B}[999;1H\u{1B}[K"))
  }

  @Test func pastedTextIsNoTyping() throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    terminal.present(Self.text("x", terminal.size))
    #expect(pseudo.drawn().contains("\u{1B}[?2004h"))
    let paste = "\u{1B}[200~ 0.8\r\nq\u{3}\u{1B}[Aé \n\u{1B}[201~z"
    #expect(
      Self.inputs(terminal, pseudo, paste)
        == [.paste("0.8  q[Aé"), .key(.character("z"))])
    #expect(Self.inputs(terminal, pseudo, "\u{1B}[200~\r\u{1B}[201~").isEmpty)
    let long = String(repeating: "0123456789", count: 100)
    pseudo.type("\u{1B}[200~")
    var found: [TerminalInput] = []
    for _ in 0..<8 { found += Self.inputs(terminal, pseudo, long) }
    found += Self.inputs(terminal, pseudo, "\u{1B}[201~k")
    #expect(found.count == 2 && found.last == .key(.character("k")))
    if case .paste(let text) = found.first { #expect(text.count == 4096) }
  }

  @Test func aPasteWithoutAnEndEnds() throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    #expect(Self.inputs(terminal, pseudo, "\u{1B}[200~abc").isEmpty)
    usleep(1_000_000)
    #expect(terminal.nextInput() == .paste("abc"))
    #expect(Self.inputs(terminal, pseudo, "q") == [.key(.character("q"))])
  }

  @Test(arguments: ["xterm-256color", "screen-256color", "vt100"])
  func keysOfLessCommonKinds(name: String) throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    let terminal = try Self.open(pseudo, type: name)
    defer { terminal.close() }
    let typed = "\u{1B}[1;2D\u{1B}[1;2C"
    #expect(Self.inputs(terminal, pseudo, typed) == [.key(.shiftLeft), .key(.shiftRight)])
    // Insert, Ctrl-Left, focus, an unknown one, a cursor report: nothing of them is a key.
    let unknown = "\u{1B}[2~\u{1B}[1;5D\u{1B}[I\u{1B}[99;99x\u{1B}[12;40Rk"
    #expect(Self.inputs(terminal, pseudo, unknown) == [.key(.character("k"))])
    let alt = "\u{1B}j\u{1B}"
    #expect(
      Self.inputs(terminal, pseudo, alt)
        == [.key(.escape), .key(.character("j")), .key(.escape)])
  }

  @Test(arguments: [true, false])
  func aDragIsReported(hasDescription: Bool) throws {
    let pseudo = try #require(PseudoTerminal(rows: 30, columns: 100))
    let terminal = try Self.open(pseudo, type: hasDescription ? "xterm-256color" : "tmux-256color")
    defer { terminal.close() }
    terminal.setMouse(true)
    #expect(pseudo.drawn().contains("\u{1B}[?1002h"))
    // Sequences of SGR and of the oldest kind: press, two motions, release.
    let typed =
      hasDescription
      ? "\u{1B}[<0;12;3M\u{1B}[<32;13;3M\u{1B}[<32;14;4M\u{1B}[<0;14;4m"
      : "\u{1B}[M ,#\u{1B}[M@-#\u{1B}[M@.$\u{1B}[M#.$"
    let expected: [MouseEvent] = [
      .init(row: 2, column: 11, kind: .press), .init(row: 2, column: 12, kind: .drag),
      .init(row: 3, column: 13, kind: .drag), .init(row: 3, column: 13, kind: .release),
    ]
    #expect(Self.inputs(terminal, pseudo, typed) == expected.map(TerminalInput.mouse))
    terminal.release()
    #expect(pseudo.drawn().contains("\u{1B}[?1002l"))
    terminal.restore()
    #expect(pseudo.drawn().contains("\u{1B}[?1002h"))
    terminal.redraw()
    #expect(pseudo.drawn().contains("\u{1B}[?1002h"))
    terminal.setMouse(false)
    #expect(pseudo.drawn().contains("\u{1B}[?1002l"))
  }

  @Test func everyByteIsCounted() throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    let terminal = try Self.open(pseudo)
    var count = pseudo.drawn().utf8.count
    #expect(terminal.bytesSent == count)
    let steps: [() -> Void] = [
      { terminal.present(Self.text("loss ⣿⣀", terminal.size, Style(.series1))) },
      { terminal.present(Self.text("loss ⣿⣀", terminal.size, Style(.series1))) },
      { terminal.setTitle("é") }, { terminal.setMouse(true) }, { terminal.redraw() },
      { terminal.present(Self.text("loss ⣿⣀", terminal.size, Style(.series1))) },
      { terminal.release() }, { terminal.restore() }, { terminal.close() },
    ]
    for (index, step) in steps.enumerated() {
      step()
      count += pseudo.drawn().utf8.count
      #expect(terminal.bytesSent == count, "step \(index)")
    }
    #expect(count > 200)
  }

  @Test func signalsThatWouldEndTheProgramAreTakenMeanwhile() throws {
    func isDefault(_ number: Int32) -> Bool {
      var action = sigaction()
      sigaction(number, nil, &action)
      return action.__sigaction_handler.sa_handler == nil
    }
    let pseudo = try #require(PseudoTerminal(rows: 5, columns: 40))
    let taken = [SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU]
    for number in taken { signal(number, SIG_DFL) }
    signal(SIGUSR2, SIG_IGN)
    let terminal = try Self.open(pseudo)
    for number in taken { #expect(!isDefault(number), "signal \(number)") }
    var action = sigaction()
    sigaction(SIGUSR2, nil, &action)
    #expect(action.sa_flags & SA_SIGINFO == 0)
    terminal.close()
    for number in taken { #expect(isDefault(number), "signal \(number)") }
    signal(SIGUSR2, SIG_DFL)
  }
}
