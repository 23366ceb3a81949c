import Glibc
import OperatingSystem
import RunLog
import TerminalUI
import Training

/// Trains in this very process: a progress bar on a terminal, plain lines otherwise.
enum HeadlessTraining {
  static func run(_ directory: RunDirectory) throws -> Int32 {
    let signals = try SignalPipe([SIGTERM, SIGINT, SIGHUP])
    var display = ProgressDisplay(isTerminal: Output.isTerminal)
    display.line("training \(directory.path)")
    let engine = try Engine(
      directory, signals: signals, isHeadless: true, onProgress: { display.show($0) },
      startEngine: EngineProcess.start)
    let outcome = engine.run()
    display.finish()
    switch outcome {
    case .finished: display.line("finished \(directory.path)")
    case .stopped: display.line("stopped; nntop resume \(directory.path) continues it")
    case .stoppedBySignal:
      display.line("interrupted; nntop resume \(directory.path) continues it")
    case .failed(let reason): Output.error("nntop: \(directory.path) failed: \(reason)")
    }
    return ExitStatus.of(outcome)
  }
}

/// The lines of a headless run.
private struct ProgressDisplay {
  let isTerminal: Bool
  private let clock = SystemClock()
  private var nextSeconds = 0.0
  private var last: Engine.Progress?
  private var isLineOpen = false
  /// False once the other side of a pipe is gone: the training goes on without being read.
  private var isRead = true

  private static let barSeconds = 0.2
  private static let lineSeconds = 5.0

  init(isTerminal: Bool) {
    self.isTerminal = isTerminal
  }

  mutating func show(_ progress: Engine.Progress) {
    last = progress
    let now = clock.monotonicSeconds()
    guard now >= nextSeconds else { return }
    nextSeconds = now + (isTerminal ? Self.barSeconds : Self.lineSeconds)
    write(progress)
  }

  mutating func finish() {
    if let last { write(last) }
    if isLineOpen { write("\n") }
    isLineOpen = false
  }

  mutating func line(_ text: String) { write(text + "\n") }

  private mutating func write(_ text: String) {
    if isRead { isRead = Output.offer(text) }
  }

  private mutating func write(_ progress: Engine.Progress) {
    let text = Self.text(progress)
    guard isTerminal else { return line(text) }
    let fraction = Double(progress.step) / Double(max(1, progress.finalStep))
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

  private static func text(_ progress: Engine.Progress) -> String {
    var text =
      "step \(progress.step)/\(progress.finalStep)"
      + "  epoch \(NumberText.fixed(progress.epoch, decimals: 1))/\(progress.epochs)"
      + "  loss \(NumberText.significant(Double(progress.loss)))"
    if let validation = progress.validation {
      text += "  val loss \(NumberText.significant(validation.loss))"
      if let accuracy = validation.accuracy {
        text += "  val accuracy \(NumberText.percent(accuracy, decimals: 2))"
      }
    }
    return text + "  \(Int(progress.samplesPerSecond)) samples/s"
  }
}
