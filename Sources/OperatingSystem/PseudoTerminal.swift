import CSystem
import Glibc

/// A terminal that a program is given and another reads: for measurements and tests.
public enum PseudoTerminal {
  /// Starts a program on a terminal of its own.
  /// - Returns: its process, and the descriptor at which its keys are written and its output read.
  public static func start(
    _ program: String, arguments: [String], environment: [String], rows: Int, columns: Int
  ) throws(SystemError) -> (processIdentifier: Int32, master: Int32) {
    var processIdentifier: pid_t = 0
    let master = withCStrings([program] + arguments) { argumentList in
      withCStrings(environment) { environmentList in
        nn_spawn_on_terminal(
          program, argumentList, environmentList, Int32(rows), Int32(columns),
          &processIdentifier)
      }
    }
    guard master >= 0 else {
      throw SystemError(operation: "start", path: program, code: errno)
    }
    return (processIdentifier, master)
  }
}
