import Glibc
import OperatingSystem
import RunLog
import TerminalUI
import Training

/// Trains in this very process: a progress bar on a terminal, plain lines otherwise.
enum HeadlessTraining {
  static func run(_ directory: RunDirectory) throws -> Int32 {
    let signals = try SignalPipe([SIGTERM, SIGINT, SIGHUP])
    var display = ProgressLines(isTerminal: Output.isTerminal)
    display.line("training \(directory.path)")
    let engine = try Engine(
      directory, signals: signals, isHeadless: true,
      onProgress: {
        display.show(text($0), fraction: Double($0.step) / Double(max(1, $0.finalStep)))
      },
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
