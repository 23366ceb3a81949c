import Glibc
import OperatingSystem
import Tensors
import Training

@main
struct Main {
  static func main() {
    exit(runProgram(Array(CommandLine.arguments.dropFirst())))
  }
}

/// Runs the command that the arguments ask for; the exit status: 0 done, 1 failed, 2 used wrongly.
///
/// Not in `main`, whose closures belong to the main actor and die on other threads.
func runProgram(_ arguments: [String]) -> Int32 {
  StandardStreams.fill()
  SignalPipe.ignore(SIGPIPE)
  ArithmeticLibrary.prepare()
  do {
    return try CommandTable.run(arguments)
  } catch let error as ExperimentError where error.place.hasPrefix("--") {
    Output.error("nntop: \(error)")
    return 2
  } catch let error as UsageError {
    Output.error(error.description)
    return 2
  } catch {
    Output.error("nntop: \(error)")
    return 1
  }
}

/// The command line was wrong.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ text: String) {
    description = "nntop: " + text
  }
}

/// Something failed, in one line.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
