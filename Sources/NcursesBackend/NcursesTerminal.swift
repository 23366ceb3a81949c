import CNcurses
import Glibc
import TerminalUI

/// The screen and keyboard of this process, through ncurses. One at a time; every call belongs on
/// the thread that opened it. While it is open, standard error goes to memory and is printed when
/// the terminal is given back, so that no message spoils the screen. A crash gives it back too.
///
/// Signals are the caller's: on SIGWINCH call `resized`, on SIGTSTP `suspend`, on SIGCONT `redraw`,
/// on SIGTERM and SIGHUP `close`. Signals that end the program and that the caller neither handles
/// nor ignores when this is made give the terminal back first, and so does exit(3).
public final class NcursesTerminal: Terminal {
  /// The characters it can draw.
  public let glyphs: GlyphSet
  /// The colours it can show.
  public let colorDepth: ColorDepth
  /// Something that the user should know about the terminal.
  public let notice: String?
  /// Readable when there is input; a descriptor of our own.
  public let inputDescriptor: Int32
  /// The terminal description in use, which is `$TERM` unless that is unknown.
  public let terminalName: String
  /// Whether the terminal's own background is light or dark.
  public let assumedBackground: AssumedBackground
  /// The colours; a change shows with the next `present`.
  public var theme: Theme {
    didSet {
      guard theme != oldValue else { return }
      appearances = [:]
      blanks = [:]
      shown = nil
    }
  }

  private let colors: Int
  private let hasDefaultColors: Bool
  private let isUTF8: Bool
  private var title = ""
  private var pairs: ColorPairs
  private var appearances: [Style: Appearance] = [:]
  private var blanks: [Style: Appearance] = [:]
  private var cells: [nc_cell] = []
  private var shown: Buffer?
  private var reportedSize: Size
  private var isOpen = true

  /// A style as curses takes it.
  private struct Appearance {
    var pair: UInt16
    var attributes: UInt8
  }

  /// Takes the terminal over.
  ///
  /// - Throws: `NcursesFailure` when there is none, or none that can do it; nothing has changed
  ///   then.
  public init(options: NcursesOptions = NcursesOptions()) throws(NcursesFailure) {
    let wantedName = options.terminalName ?? NcursesTerminal.environment("TERM") ?? ""
    let locale = UInt32(truncatingIfNeeded: nc_set_locale())
    var screen = nc_screen()
    let failure = nc_open(
      wantedName, options.descriptors?.input ?? -1, options.descriptors?.output ?? -1,
      options.isMonochrome ? 0 : 1, &screen)
    switch UInt32(truncatingIfNeeded: failure) {
    case NC_OPENED.rawValue: break
    case NC_UNKNOWN_TERMINAL.rawValue: throw .unknownTerminal(wantedName)
    case NC_BUSY.rawValue: throw .alreadyOpen
    case NC_CANNOT_ADDRESS.rawValue: throw .cannotPlaceCursor(wantedName)
    default: throw .noTerminal
    }
    let usedName = withUnsafeBytes(of: screen.terminal_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    terminalName = usedName
    inputDescriptor = screen.input
    colors = Int(screen.colors)
    hasDefaultColors = screen.has_default_colors != 0
    colorDepth = NcursesTerminal.depth(colors: Int(screen.colors))
    pairs = ColorPairs(limit: Int(screen.color_pairs))
    theme = options.theme
    glyphs = options.glyphs ?? NcursesTerminal.glyphs(locale: locale, terminalName: usedName)
    isUTF8 = locale != NC_LOCALE_ASCII.rawValue
    assumedBackground = AssumedBackground(
      colorFGBG: NcursesTerminal.environment("COLORFGBG"))
    notice = NcursesTerminal.notice(wanted: wantedName, used: usedName, locale: locale)
    reportedSize = NcursesTerminal.currentSize()
    if NcursesTerminal.ignoresUnknownModes(usedName) { nc_use_private_modes() }
    if options.hasMouse { nc_set_mouse(1) }
  }

  deinit {
    if isOpen { nc_close() }
  }

  /// Rows and columns now.
  public var size: Size { isOpen ? NcursesTerminal.currentSize() : .zero }

  /// Whether the terminal would take output without making us wait.
  public var isOutputReady: Bool { nc_is_output_ready() != 0 }

  /// Bytes sent to the terminal so far, also after it was closed. Where the system does not count
  /// what a thread writes, only what does not pass through ncurses.
  public var bytesSent: Int { Int(clamping: nc_bytes_sent()) }

  /// Shows a buffer: one call into C, nothing sent when it equals the one that is shown.
  public func present(_ buffer: Buffer) {
    guard isOpen, shown != buffer else { return }
    fillCells(from: buffer)
    let screen = size
    if screen == buffer.size {
      nc_present(cells, Int32(buffer.rows), Int32(buffer.columns))
    } else {
      presentClipped(buffer.size, screen)
    }
    shown = buffer
  }

  /// The next input that has arrived. Does not wait.
  public func nextInput() -> TerminalInput? {
    let unknownMax = 256
    for _ in 0..<unknownMax {
      let input = nc_next_input()
      if UInt32(truncatingIfNeeded: input.kind) == NC_INPUT_NONE.rawValue { return nil }
      let decoded: TerminalInput?
      if UInt32(truncatingIfNeeded: input.kind) == NC_INPUT_PASTE.rawValue {
        decoded = KeyDecoder.pasted(
          UnsafeBufferPointer(start: nc_pasted(), count: Int(input.value)))
      } else {
        decoded = KeyDecoder.decode(input)
      }
      guard let decoded else { continue }
      if decoded == .resized {
        // ncurses announces every resize, also the ones that `resized` has already dealt with.
        let now = size
        guard now != reportedSize else { continue }
        reportedSize = now
      }
      return decoded
    }
    return nil
  }

  /// Learns the window's new size, after SIGWINCH. The caller draws again.
  public func resized() {
    guard isOpen, nc_resize() != 0 else { return }
    reportedSize = size
    shown = nil
    nc_repaint()
  }

  /// Paints everything again with the next `present` and sets all modes again.
  public func redraw() {
    guard isOpen else { return }
    shown = nil
    nc_reclaim()
  }

  /// What Ctrl-Z does; returns when the user has continued the process.
  public func suspend() {
    guard isOpen else { return }
    nc_stop_process()
    shown = nil
    reportedSize = size
  }

  /// Gives the terminal back until `restore`.
  public func release() {
    nc_leave()
  }

  /// Takes the terminal again after `release`.
  public func restore() {
    guard isOpen else { return }
    nc_resume()
    shown = nil
    reportedSize = size
  }

  /// Names the window, where private modes do no harm. The text is cleaned again, cut to 100
  /// columns, and ASCII where the locale is.
  public func setTitle(_ text: String) {
    guard isOpen else { return }
    let wanted = WindowTitle.text(text, isUTF8: isUTF8)
    guard wanted != title else { return }
    title = wanted
    nc_set_title(wanted)
  }

  /// Whether mouse events are reported.
  public func setMouse(_ isOn: Bool) {
    guard isOpen else { return }
    nc_set_mouse(isOn ? 1 : 0)
  }

  /// Gives the terminal back for good and prints what standard error was given meanwhile.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    shown = nil
    nc_close()
  }

  /// Gives the terminal back from an exit path that cannot reach the terminal itself, or from a
  /// signal handler. Nothing may be presented afterwards.
  public static func emergencyRestore() {
    nc_emergency_restore()
  }

  private func fillCells(from buffer: Buffer) {
    cells.removeAll(keepingCapacity: true)
    cells.reserveCapacity(buffer.cells.count)
    // The style of the word that a space stands in, for a space that goes on in it costs nothing.
    var word: Style?
    var last: (style: Style, isBlank: Bool, look: Appearance)?
    for (index, cell) in buffer.cells.enumerated() {
      let isSpace = cell.scalar == 0x20
      if index % max(buffer.columns, 1) == 0 { word = nil }
      word = !isSpace || word == cell.style ? cell.style : nil
      let isBlank = word == nil
      let look: Appearance
      if let last, last.style == cell.style, last.isBlank == isBlank {
        look = last.look
      } else {
        look = isBlank ? blank(of: cell.style) : appearance(of: cell.style)
        last = (cell.style, isBlank, look)
      }
      var scalar = cell.scalar
      if scalar > 0x7E, glyphs == .ascii, let known = Unicode.Scalar(scalar) {
        scalar = glyphs.folded(known).value
      }
      // A wide character folded to one of seven bits is narrow; its second half becomes a space.
      let isFolded = scalar != cell.scalar || (glyphs == .ascii && cell.width == 0)
      cells.append(
        nc_cell(
          scalar: scalar, pair: look.pair, attributes: look.attributes,
          width: isFolded ? 1 : cell.width))
    }
  }

  /// The curses form of a style; pairs are defined when first met.
  private func appearance(of style: Style) -> Appearance {
    if let known = appearances[style] { return known }
    let look = appearance(theme.resolved(style, depth: colorDepth))
    appearances[style] = look
    return look
  }

  /// The same for a space: what cannot be seen is left away, which saves half of what is sent for
  /// differently coloured ones, as in a heatmap.
  private func blank(of style: Style) -> Appearance {
    if let known = blanks[style] { return known }
    var resolved = theme.resolved(style, depth: colorDepth)
    if resolved.attributes.isDisjoint(with: [.underline, .reverse]) {
      resolved.foreground = .terminalDefault
      resolved.attributes = []
    }
    let look = appearance(resolved)
    blanks[style] = look
    return look
  }

  private func appearance(_ resolved: ResolvedStyle) -> Appearance {
    var look = Appearance(pair: 0, attributes: resolved.attributes.rawValue)
    guard colorDepth > .monochrome else { return look }
    let pair = ColorPairs.pair(of: resolved, colors: colors, hasDefault: hasDefaultColors)
    switch pairs.number(for: pair) {
    case .known(let number), .exhausted(let number):
      look.pair = number
    case .new(let number):
      let isDefined = nc_define_pair(Int32(number), pair.foreground, pair.background) != 0
      look.pair = isDefined ? number : 0
    }
    return look
  }

  /// A buffer of another size than the screen's: the part that both have, blank around it.
  private func presentClipped(_ buffer: Size, _ screen: Size) {
    let blank = nc_cell(scalar: 0x20, pair: 0, attributes: 0, width: 1)
    var clipped = [nc_cell](repeating: blank, count: screen.rows * screen.columns)
    for row in 0..<min(buffer.rows, screen.rows) {
      for column in 0..<min(buffer.columns, screen.columns) {
        var cell = cells[row * buffer.columns + column]
        if cell.width == 2, column + 1 >= screen.columns { cell = blank }
        clipped[row * screen.columns + column] = cell
      }
    }
    nc_present(clipped, Int32(screen.rows), Int32(screen.columns))
  }

  private static func currentSize() -> Size {
    var rows: Int32 = 0
    var columns: Int32 = 0
    nc_size(&rows, &columns)
    return Size(rows: Int(rows), columns: Int(columns))
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}

// MARK: - What can be known without a terminal

extension NcursesTerminal {
  /// The depth for a number of colours.
  static func depth(colors: Int) -> ColorDepth {
    switch colors {
    case ..<8: .monochrome
    case ..<16: .ansi8
    case ..<256: .ansi16
    case 256..<(1 << 24): .indexed256
    default: .direct
    }
  }

  /// Seven bits unless the locale says UTF-8; consoles have no braille.
  static func glyphs(locale: UInt32, terminalName: String) -> GlyphSet {
    guard locale != NC_LOCALE_ASCII.rawValue else { return .ascii }
    let consoles = ["linux", "vt", "cons", "wsvt", "hurd", "mach", "pcansi", "ansi", "sun"]
    return consoles.contains { terminalName.hasPrefix($0) } ? .block : .braille
  }

  /// Whether private modes that a terminal does not know do no harm there.
  static func ignoresUnknownModes(_ terminalName: String) -> Bool {
    let families = [
      "xterm", "tmux", "screen", "rxvt", "alacritty", "foot", "kitty", "wezterm", "ghostty", "st-",
      "vte", "konsole", "gnome", "iterm", "contour", "mintty",
    ]
    return families.contains { terminalName.hasPrefix($0) }
  }

  /// What the user should know: a stand-in for the terminal type or the locale.
  static func notice(wanted: String, used: String, locale: UInt32) -> String? {
    if wanted != used {
      let name = wanted.isEmpty ? "TERM is not set" : "terminal type \"\(wanted)\" is unknown here"
      return "\(name); using \(used)"
    }
    if locale == NC_LOCALE_UTF8_SUBSTITUTED.rawValue {
      return "the locale is not installed here; using C.UTF-8"
    }
    return nil
  }
}
