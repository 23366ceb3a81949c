import OperatingSystem
import TerminalUI

/// The lines of what goes on without a dashboard: a bar on a terminal, now and then a plain line
/// otherwise.
struct ProgressLines {
  let isTerminal: Bool
  private let clock = SystemClock()
  private var nextSeconds = 0.0
  /// What was not shown yet.
  private var last: (text: () -> String, fraction: Double)?
  private var isLineOpen = false
  /// False once the other side of a pipe is gone: the work goes on without being read.
  private var isRead = true

  private static let barSeconds = 0.2
  private static let lineSeconds = 5.0

  init(isTerminal: Bool) {
    self.isTerminal = isTerminal
  }

  /// - Parameter fraction: what is done of all, 0 to 1.
  mutating func show(_ text: @autoclosure @escaping () -> String, fraction: Double) {
    let now = clock.monotonicSeconds()
    guard now >= nextSeconds else {
      last = (text, fraction)
      return
    }
    last = nil
    nextSeconds = now + (isTerminal ? Self.barSeconds : Self.lineSeconds)
    write(text(), fraction)
  }

  mutating func finish() {
    if let last { write(last.text(), last.fraction) }
    if isLineOpen { write("\n") }
    isLineOpen = false
  }

  mutating func line(_ text: String) { write(text + "\n") }

  private mutating func write(_ text: String) {
    if isRead { isRead = Output.offer(text) }
  }

  private mutating func write(_ text: String, _ fraction: Double) {
    guard isTerminal else { return line(text) }
    var buffer = Buffer(rows: 1, columns: 24)
    Gauge(fraction: fraction).draw(
      into: &buffer, row: 0, column: 0, width: 24, glyphs: LocaleGlyphs.glyphs)
    // Back to the margin, the new line, and the rest of the old one erased.
    let bar = FrameText(buffer).text.filter { !$0.isNewline }
    let columns = TerminalWindow.size(of: 1)?.columns ?? 80
    let line = SafeText.truncated(bar + " " + text, columns: columns - 1)
    write("\r" + line + "\u{1b}[K")
    isLineOpen = true
  }
}
