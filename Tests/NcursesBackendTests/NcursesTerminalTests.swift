import CNcurses
import Glibc
import TerminalUI
import Testing

@testable import NcursesBackend

/// One screen at a time, because ncurses has but one.
@Suite(.serialized) struct NcursesTerminalTests {
  static func open(
    _ pseudo: PseudoTerminal, type name: String = "xterm-256color", locale: String = "C.UTF-8",
    glyphs: GlyphSet? = nil, isMonochrome: Bool = false
  ) throws -> NcursesTerminal {
    setenv("LC_ALL", locale, 1)
    return try NcursesTerminal(
      options: NcursesOptions(
        glyphs: glyphs, isMonochrome: isMonochrome, terminalName: name,
        descriptors: (pseudo.program, pseudo.program)))
  }

  static func text(_ text: String, _ size: Size, _ style: Style = .text) -> Buffer {
    var buffer = Buffer(size: size)
    buffer.write(text, row: 0, column: 0, style: style)
    return buffer
  }

  @Test func anUnchangedFrameSendsNothing() throws {
    let pseudo = try #require(PseudoTerminal(rows: 24, columns: 80))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    #expect(terminal.size == Size(rows: 24, columns: 80))
    #expect(terminal.glyphs == .braille && terminal.colorDepth == .indexed256)
    #expect(terminal.notice == nil)
    let buffer = Self.text("loss ⣿⣀ 日本 x", terminal.size, Style(.series1))
    terminal.present(buffer)
    let first = pseudo.drawn()
    #expect(first.contains("\u{1B}[?1049h"))
    #expect(first.contains("loss ⣿⣀ 日本 x"))
    #expect(first.contains("\u{1B}[38;5;"))
    terminal.present(buffer)
    #expect(pseudo.drawn() == "")
    terminal.present(Self.text("loss ⣿⣀ 日本 y", terminal.size, Style(.series1)))
    let change = pseudo.drawn()
    #expect(change.utf8.count < 60 && change.contains("y"))
    #expect(change.hasPrefix("\u{1B}[?2026h") && change.hasSuffix("\u{1B}[?2026l"))
    terminal.redraw()
    terminal.present(Self.text("loss ⣿⣀ 日本 y", terminal.size, Style(.series1)))
    #expect(pseudo.drawn().contains("loss ⣿⣀ 日本 y"))
  }

  @Test func closingGivesTheTerminalBack() throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    #expect(pseudo.isCooked())
    let terminal = try Self.open(pseudo)
    terminal.present(Self.text("x", terminal.size))
    #expect(!pseudo.isCooked())
    _ = pseudo.drawn()
    terminal.close()
    terminal.close()
    #expect(pseudo.drawn().contains("\u{1B}[?1049l"))
    #expect(pseudo.isCooked())
    terminal.present(Self.text("y", Size(rows: 10, columns: 40)))
    #expect(terminal.nextInput() == nil && terminal.size == .zero)
    #expect(pseudo.drawn() == "")
  }

  @Test func theEmergencyExitGivesItBackToo() throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    let terminal = try Self.open(pseudo)
    terminal.present(Self.text("x", terminal.size))
    _ = pseudo.drawn()
    NcursesTerminal.emergencyRestore()
    let text = pseudo.drawn()
    #expect(text.contains("\u{1B}[?1049l") && text.contains("\u{1B}[?25h"))
    #expect(pseudo.isCooked())
    NcursesTerminal.emergencyRestore()
    #expect(pseudo.drawn() == "")
    terminal.close()
  }

  @Test func leavingForAWhile() throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    terminal.present(Self.text("first", terminal.size))
    _ = pseudo.drawn()
    terminal.release()
    #expect(pseudo.isCooked())
    #expect(pseudo.drawn().contains("\u{1B}[?1049l"))
    terminal.present(Self.text("hidden", terminal.size))
    #expect(!pseudo.drawn().contains("hidden"))
    terminal.restore()
    #expect(!pseudo.isCooked())
    terminal.present(Self.text("second", terminal.size))
    let back = pseudo.drawn()
    #expect(back.contains("\u{1B}[?1049h") && back.contains("second"))
  }

  @Test func keysArriveAsKeys() throws {
    let pseudo = try #require(PseudoTerminal(rows: 10, columns: 40))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    let typed: [(String, Key)] = [
      ("a", .character("a")), ("é", .character("é")), ("\u{1B}OA", .up), ("\u{1B}OB", .down),
      ("\u{1B}[5~", .pageUp), ("\u{1B}[3~", .delete), ("\u{1B}[Z", .backTab),
      ("\u{1B}OP", .function(1)), ("\u{3}", .control("c")), ("\u{1A}", .control("z")),
      ("\r", .enter), ("\t", .tab), ("\u{7F}", .backspace), ("\u{1B}", .escape),
    ]
    for (text, key) in typed {
      pseudo.type(text)
      var input: TerminalInput?
      for _ in 0..<200 where input == nil {
        usleep(1000)
        input = terminal.nextInput()
      }
      #expect(input == .key(key))
    }
    #expect(terminal.nextInput() == nil)
  }

  @Test func theMouseOnlyWhenAsked() throws {
    let pseudo = try #require(PseudoTerminal(rows: 30, columns: 100))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    #expect(!pseudo.drawn().contains("\u{1B}[?1000h"))
    terminal.setMouse(true)
    terminal.present(Self.text("x", terminal.size))
    #expect(pseudo.drawn().contains("1000h"))
    pseudo.type("\u{1B}[<64;5;7M\u{1B}[<0;12;3M\u{1B}[<0;12;3m")
    usleep(20_000)
    #expect(terminal.nextInput() == .mouse(MouseEvent(row: 6, column: 4, kind: .wheelUp)))
    #expect(terminal.nextInput() == .mouse(MouseEvent(row: 2, column: 11, kind: .press)))
    #expect(terminal.nextInput() == .mouse(MouseEvent(row: 2, column: 11, kind: .release)))
    terminal.setMouse(false)
    terminal.present(Self.text("y", terminal.size))
    #expect(pseudo.drawn().contains("1000l"))
  }

  @Test func everySizeCanBeShown() throws {
    let pseudo = try #require(PseudoTerminal(rows: 24, columns: 80))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    terminal.present(Self.text("wide screen", terminal.size))
    for (rows, columns) in [(30, 100), (1, 1), (2, 3), (3, 1200), (5, 10)] {
      pseudo.resize(rows: rows, columns: columns)
      terminal.resized()
      #expect(terminal.size == Size(rows: rows, columns: columns))
      _ = pseudo.drawn()
      var buffer = Buffer(size: terminal.size)
      buffer.fill(buffer.bounds, with: "#", style: .text)
      terminal.present(buffer)
      // ncurses may repeat a character by a sequence of its own instead of sending it again.
      #expect(pseudo.drawn().contains("#"))
    }
    pseudo.resize(rows: 0, columns: 0)
    terminal.resized()
    #expect(terminal.size == Size(rows: 5, columns: 10))
    terminal.present(Self.text("too large a buffer 日本", Size(rows: 50, columns: 50)))
    #expect(pseudo.drawn().contains("too large"))
    terminal.present(Self.text("small", Size(rows: 1, columns: 5)))
    #expect(pseudo.drawn().contains("small"))
    #expect(terminal.nextInput() == nil)
  }

  @Test func aPlainLocaleGetsSevenBits() throws {
    let pseudo = try #require(PseudoTerminal(rows: 5, columns: 40))
    let terminal = try Self.open(pseudo, locale: "C")
    defer { terminal.close() }
    #expect(terminal.glyphs == .ascii)
    terminal.present(Self.text("naïve 日本 ⣿ … →|", terminal.size))
    let drawn = pseudo.drawn()
    #expect(drawn.utf8.allSatisfy { $0 < 0x80 })
    #expect(drawn.contains("na?ve ? ?  ? ~ >|"))
  }

  static let kinds: [(String, ColorDepth, GlyphSet)] = [
    ("xterm-256color", .indexed256, .braille), ("tmux-256color", .indexed256, .braille),
    ("xterm", .ansi8, .braille), ("linux", .ansi8, .block), ("vt100", .monochrome, .block),
  ]

  @Test(arguments: kinds)
  func terminalsOfEveryKind(name: String, depth: ColorDepth, glyphs: GlyphSet) throws {
    let pseudo = try #require(PseudoTerminal(rows: 5, columns: 40))
    let terminal = try Self.open(pseudo, type: name)
    defer { terminal.close() }
    #expect(terminal.colorDepth == depth && terminal.glyphs == glyphs)
    for role in Role.allCases {
      terminal.present(Self.text("text", terminal.size, Style(role).on(.selection)))
      terminal.present(Self.text("text", terminal.size, Style(.text).on(role)))
    }
    let drawn = pseudo.drawn()
    #expect(drawn.contains("text"))
    #expect(drawn.contains("\u{1B}[?2026h") == NcursesTerminal.ignoresUnknownModes(name))
    #expect(!drawn.contains("\u{1B}]"))
  }

  @Test func noColorsWhenNotWanted() throws {
    let pseudo = try #require(PseudoTerminal(rows: 5, columns: 40))
    let terminal = try Self.open(pseudo, isMonochrome: true)
    defer { terminal.close() }
    #expect(terminal.colorDepth == .monochrome)
    terminal.present(Self.text("bad", terminal.size, Style(.statusBad)))
    let drawn = pseudo.drawn()
    #expect(drawn.contains("bad") && !drawn.contains("[38;5") && !drawn.contains("[31"))
  }

  @Test func anotherThemeShowsAtOnce() throws {
    let pseudo = try #require(PseudoTerminal(rows: 5, columns: 40))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    let buffer = Self.text("bad", terminal.size, Style(.statusBad))
    terminal.present(buffer)
    #expect(pseudo.drawn().contains("38;5;203"))
    terminal.theme = Theme(name: "other", colors: [.statusBad: .indexed(99)])
    terminal.present(buffer)
    #expect(pseudo.drawn().contains("38;5;99"))
  }

  @Test func anUnknownTypeFallsBackAndSaysSo() throws {
    let pseudo = try #require(PseudoTerminal(rows: 5, columns: 40))
    let terminal = try Self.open(pseudo, type: "no-such-terminal")
    #expect(terminal.terminalName == "xterm-256color")
    #expect(terminal.notice?.contains("no-such-terminal") == true)
    terminal.close()
    let unset = try Self.open(pseudo, type: "")
    #expect(unset.notice?.contains("TERM is not set") == true)
    unset.close()
  }

  @Test func whatCannotBeAScreenIsRefused() throws {
    let pseudo = try #require(PseudoTerminal(rows: 5, columns: 40))
    #expect(throws: NcursesFailure.cannotPlaceCursor("dumb")) {
      try Self.open(pseudo, type: "dumb")
    }
    #expect(pseudo.isCooked())
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    #expect(throws: NcursesFailure.noTerminal) {
      try NcursesTerminal(options: NcursesOptions(descriptors: (ends[0], ends[1])))
    }
    let first = try Self.open(pseudo)
    #expect(throws: NcursesFailure.alreadyOpen) { try Self.open(pseudo) }
    first.close()
    for end in ends { close(end) }
  }

  @Test func standardErrorWaitsUntilTheScreenIsGone() throws {
    let pseudo = try #require(PseudoTerminal(rows: 5, columns: 40))
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    let before = dup(2)
    dup2(ends[1], 2)
    let terminal = try Self.open(pseudo)
    let message = Array("nntop-test: oops\n".utf8)
    _ = write(2, message, message.count)
    var waiting = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
    let early = poll(&waiting, 1, 0)
    terminal.close()
    dup2(before, 2)
    close(before)
    var part = [UInt8](repeating: 0, count: 4096)
    let count = read(ends[0], &part, part.count)
    for end in ends { close(end) }
    #expect(early == 0)
    #expect(String(decoding: part.prefix(max(count, 0)), as: UTF8.self).contains("oops"))
  }

  @Test func noSignalHandlersOfNcursesStay() throws {
    let pseudo = try #require(PseudoTerminal(rows: 5, columns: 40))
    let terminal = try Self.open(pseudo)
    defer { terminal.close() }
    terminal.present(Self.text("x", terminal.size))
    for number in [SIGWINCH, SIGTSTP] {
      var action = sigaction()
      sigaction(number, nil, &action)
      #expect(action.__sigaction_handler.sa_handler == nil, "signal \(number)")
    }
  }

  @Test func bothIdeasOfACharactersWidthAgree() {
    setenv("LC_ALL", "C.UTF-8", 1)
    #expect(nc_set_locale() == Int32(NC_LOCALE_UTF8.rawValue))
    var differing: [UInt32] = []
    for value in UInt32(0x20)...0x1FFFF {
      guard let scalar = Unicode.Scalar(value), value < 0x7F || value > 0x9F else { continue }
      let theirs = nc_character_width(value)
      guard theirs >= 0, Int(theirs) != CharacterWidth.columns(of: scalar) else { continue }
      differing.append(value)
    }
    // Whatever differs is drawn as U+FFFD; there must be few of them and none in common use.
    #expect(differing.count < 40, "\(differing.map { String($0, radix: 16) })")
    #expect(differing.allSatisfy { $0 > 0x2FF && !(0x2000...0x2BFF).contains($0) || $0 == 0x2028 })
  }

  static let locales: [(String, UInt32)] = [
    ("C.UTF-8", NC_LOCALE_UTF8.rawValue), ("C", NC_LOCALE_ASCII.rawValue),
    ("POSIX", NC_LOCALE_ASCII.rawValue), ("xx_YY.UTF-8", NC_LOCALE_UTF8_SUBSTITUTED.rawValue),
    ("xx_YY.utf8", NC_LOCALE_UTF8_SUBSTITUTED.rawValue), ("xx_YY", NC_LOCALE_ASCII.rawValue),
  ]

  @Test(arguments: locales)
  func localesDecideAboutTheCharacters(name: String, kind: UInt32) {
    setenv("LC_ALL", name, 1)
    #expect(UInt32(truncatingIfNeeded: nc_set_locale()) == kind)
  }
}
