import Glibc
import LogFormats
import OperatingSystem

/// How the logs of a command are to be read: what the command line says of it.
struct LogOptions {
  /// What every target is taken for; nil: what it holds.
  let format: LogFormat?
  /// What the target "-" reads; nil where it is not among the targets.
  let input: PipedInput?

  /// The option that forces a format, by the name that is free in a command.
  static func option(_ name: String) -> Arguments.Option {
    .init(name, value: "NAME", "the format of targets (default: told by what they hold)")
  }

  static let tee = Arguments.Option(
    "tee", "with -: write the input through to standard output, as it came")

  /// Nothing is said of them.
  static let none = LogOptions(format: nil, input: nil)

  private init(format: LogFormat?, input: PipedInput?) {
    self.format = format
    self.input = input
  }

  init(_ arguments: Arguments, formatOption: String) throws {
    format = try arguments.choice(formatOption, of: LogFormat.all.map(\.name)).flatMap {
      LogFormat.named($0)
    }
    let isPiped = arguments.positional.contains(RunFinder.inputPath)
    let hasTee = arguments.has("tee")
    if hasTee && !isPiped { throw UsageError("--tee needs the target -") }
    if hasTee && isatty(1) != 0 {
      throw UsageError("--tee writes to standard output, which shows the dashboard: add > FILE")
    }
    if isPiped && isatty(0) != 0 { throw RunFinderError.noInput }
    input = isPiped ? PipedInput(descriptor: 0, tee: hasTee ? 1 : nil) : nil
  }

  /// Finds the runs of the targets.
  var finder: RunFinder {
    RunFinder(files: LocalFileSystem(), clock: SystemClock(), format: format, input: input)
  }

  /// The terminal itself, for keyboard and screen, where the standard ones are a pipe and the tee;
  /// nil: the standard ones.
  var terminal: (input: Int32, output: Int32)? {
    guard input?.isTee == true else { return nil }
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    return descriptor >= 0 ? (descriptor, descriptor) : nil
  }

  /// Waits until all of the input has come, where nobody watches it come.
  func waitForInput() {
    guard let input else { return }
    while !input.hasEnded {
      _ = Readiness.wait(for: [input.descriptor], timeoutSeconds: nil)
      input.pump()
    }
  }

  /// Lets whoever writes into the input go on when the dashboard is left: a pipe that nobody reads
  /// would end it.
  func drainInput() {
    guard let input, !input.hasEnded else { return }
    for ending in [SIGINT, SIGTERM, SIGHUP, SIGTSTP] { signal(ending, SIG_DFL) }
    Output.error("nntop: the training goes on; its output is read to the end (Ctrl-C ends both)")
    input.drain()
  }
}
