import CSystem
import Glibc

/// Another program, started by this one.
public struct ChildProcess: Sendable {
  public let processIdentifier: Int32

  /// How a program ended.
  public enum Ending: Equatable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)
  }

  /// Starts a program in a session of its own, so that it outlives the terminal: no input, its
  /// output appended to `log`.
  public static func startDetached(
    _ program: String, arguments: [String], environment: [String], log: OpenFile
  ) throws(SystemError) -> ChildProcess {
    try start(
      program, arguments: arguments, environment: environment, input: -1, output: log.descriptor,
      error: log.descriptor, newSession: true)
  }

  /// Starts a program.
  /// - Parameters:
  ///   - environment: "NAME=value" each.
  ///   - input: a descriptor it reads from; -1 for none. `output` and `error` likewise.
  public static func start(
    _ program: String, arguments: [String], environment: [String], input: Int32 = -1,
    output: Int32 = -1, error: Int32 = -1, newSession: Bool = false
  ) throws(SystemError) -> ChildProcess {
    var processIdentifier: pid_t = 0
    let result = withCStrings([program] + arguments) { argumentList in
      withCStrings(environment) { environmentList in
        nn_spawn(
          program, argumentList, environmentList, input, output, error, newSession ? 1 : 0,
          &processIdentifier)
      }
    }
    guard result == 0 else {
      throw SystemError(operation: "start", path: program, code: result)
    }
    return ChildProcess(processIdentifier: processIdentifier)
  }

  /// Waits for its end.
  public func wait() -> Ending {
    var status: Int32 = 0
    while waitpid(processIdentifier, &status, 0) < 0 {
      guard errno == EINTR else { return .exited(-1) }
    }
    return Self.ending(of: status)
  }

  /// Its end, or nil while it runs.
  public func endingIfOver() -> Ending? {
    var status: Int32 = 0
    guard waitpid(processIdentifier, &status, WNOHANG) == processIdentifier else { return nil }
    return Self.ending(of: status)
  }

  public func send(signal: Int32) {
    kill(processIdentifier, signal)
  }

  /// What a program said and how it ended.
  public struct Answer: Sendable {
    public let output: [UInt8]
    public let errorText: String
    public let ending: Ending
    /// True when there was more output than the limit; the rest was not read.
    public let isCut: Bool
    /// True when it took longer than it was given, and was ended.
    public let isLate: Bool
  }

  /// Runs a program to its end and returns what it wrote, at most `outputLimit` bytes. It reads
  /// nothing, has this process's environment, and is looked for in PATH.
  /// - Parameter timeLimitSeconds: it is killed when it takes longer.
  public static func run(
    _ program: String, arguments: [String], outputLimit: Int, timeLimitSeconds: Double? = nil
  ) throws(SystemError) -> Answer {
    var outputPipe: [Int32] = [-1, -1]
    var errorPipe: [Int32] = [-1, -1]
    guard pipe(&outputPipe) == 0, pipe(&errorPipe) == 0 else {
      let code = errno
      for end in outputPipe + errorPipe where end >= 0 { close(end) }
      throw SystemError(operation: "create", path: "a pipe for \(program)", code: code)
    }
    defer { for end in [outputPipe[0], errorPipe[0]] { close(end) } }
    let child: ChildProcess
    do throws(SystemError) {
      child = try start(
        program, arguments: arguments, environment: Environment.list, output: outputPipe[1],
        error: errorPipe[1])
    } catch {
      for end in [outputPipe[1], errorPipe[1]] { close(end) }
      throw error
    }
    for end in [outputPipe[1], errorPipe[1]] { close(end) }
    var output = PipeReader(descriptor: outputPipe[0], limit: outputLimit)
    var errors = PipeReader(descriptor: errorPipe[0], limit: 4096)
    let deadline = timeLimitSeconds.map { SystemClock().monotonicSeconds() + $0 }
    var isLate = false
    while !output.isCut && !isLate && !(output.isDone && errors.isDone) {
      let waiting = [output, errors].filter { !$0.isDone }.map(\.descriptor)
      let ready = Readiness.wait(for: waiting, timeoutSeconds: deadline.map(secondsLeft))
      if ready.contains(outputPipe[0]) { output.readSome() }
      if ready.contains(errorPipe[0]) { errors.readSome() }
      isLate = deadline.map { secondsLeft(until: $0) == 0 } ?? false
    }
    // A program may close its output and go on.
    if let deadline, !output.isCut, !isLate { isLate = !child.isOver(by: deadline) }
    if output.isCut || isLate { child.send(signal: SIGKILL) }
    let ending = child.wait()
    return Answer(
      output: output.bytes, errorText: String(decoding: errors.bytes, as: UTF8.self),
      ending: ending, isCut: output.isCut, isLate: isLate)
  }

  private static func secondsLeft(until deadline: Double) -> Double {
    max(0, deadline - SystemClock().monotonicSeconds())
  }

  /// Waits for the end without taking notice of it; false when the time is over first.
  private func isOver(by deadline: Double) -> Bool {
    let pauseMicroseconds: UInt32 = 200
    while true {
      var information = siginfo_t()
      let options = WEXITED | WNOHANG | WNOWAIT
      let result = waitid(P_PID, id_t(processIdentifier), &information, options)
      if result != 0 || information.si_signo != 0 { return true }
      if Self.secondsLeft(until: deadline) == 0 { return false }
      usleep(pauseMicroseconds)
    }
  }

  private static func ending(of status: Int32) -> Ending {
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
  }
}

/// Reads a pipe to its end and keeps the beginning: a pipe that is not emptied stops its writer.
private struct PipeReader {
  let descriptor: Int32
  let limit: Int
  var bytes: [UInt8] = []
  var isDone = false
  var isCut = false

  init(descriptor: Int32, limit: Int) {
    self.descriptor = descriptor
    self.limit = limit
  }

  mutating func readSome() {
    let chunk = 1 << 16
    var piece = [UInt8](repeating: 0, count: chunk)
    let count = read(descriptor, &piece, chunk)
    if count < 0 && errno == EINTR { return }
    guard count > 0 else {
      isDone = true
      return
    }
    bytes.append(contentsOf: piece[..<count])
    if bytes.count > limit {
      bytes.removeLast(bytes.count - limit)
      isCut = true
    }
  }
}

/// Calls `body` with a NULL-terminated list of C strings.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeMutableBufferPointer { buffer in
    // The list is never empty: it ends with nil.
    guard let base = buffer.baseAddress else { preconditionFailure("a list without its end") }
    return body(UnsafePointer(base))
  }
}
