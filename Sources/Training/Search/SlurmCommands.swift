import OperatingSystem

/// What is asked of Slurm, by its own programs.
struct SlurmCommands {
  /// Where the programs are; empty: they are looked for in `PATH`.
  let directory: String

  private static let submitSecondsMax = 60.0
  private static let answerSecondsMax = 10.0
  private static let outputMax = 1 << 24

  /// A task of an array job.
  struct Task: Hashable, CustomStringConvertible {
    let job, index: Int

    var description: String { "\(job)_\(index)" }
  }

  /// What Slurm says of a task.
  struct Condition: Equatable {
    /// Its state in Slurm's words.
    let state: String
    /// Why it waits, or ended; empty: Slurm gives no reason.
    let reason: String

    /// Whether it has no machine yet.
    var isWaiting: Bool {
      ["PENDING", "REQUEUED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"].contains(state)
    }

    /// Whether its program ended, or is being ended.
    var isOver: Bool {
      [
        "BOOT_FAIL", "CANCELLED", "COMPLETED", "COMPLETING", "DEADLINE", "FAILED", "NODE_FAIL",
        "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT",
      ].contains(state)
    }

    /// Such as "FAILED, JobLaunchFailure".
    var text: String { reason.isEmpty ? state : "\(state), \(reason)" }
  }

  /// Submits a job and returns its number.
  /// - Throws: a `SearchError`.
  func submit(_ arguments: [String]) throws -> Int {
    let answer = try ask(
      "sbatch", arguments, secondsMax: Self.submitSecondsMax)
    guard answer.ending == .exited(0) else {
      throw SearchError("Slurm refuses the workers: \(Self.complaint(answer))")
    }
    // A site may greet before it answers. After the number may come the cluster's name.
    let lines = String(decoding: answer.output, as: UTF8.self).split(separator: "\n")
    for line in lines.reversed() {
      if let job = Int(line.prefix { $0 != ";" }), job > 0 { return job }
    }
    throw SearchError("sbatch answered no number of a job but \"\(lines.first ?? "")\"")
  }

  /// What Slurm knows of the tasks of jobs; it forgets those that ended after some minutes.
  /// - Throws: a `SearchError`.
  func conditions(of jobs: Set<Int>) throws -> [Task: Condition] {
    let answer = try ask(
      "squeue",
      [
        "--noheader", "--array", "--states=all", "--format=%F_%K|%T|%r",
        "--jobs=\(Self.list(jobs))",
      ], secondsMax: Self.answerSecondsMax)
    guard answer.ending == .exited(0) else {
      // One job alone that it has forgotten is a mistake to it.
      if answer.errorText.contains("Invalid job id") { return [:] }
      throw SearchError("squeue: \(Self.complaint(answer))")
    }
    var conditions: [Task: Condition] = [:]
    for line in String(decoding: answer.output, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
      let numbers = fields[0].split(separator: "_").compactMap { Int($0) }
      guard fields.count == 3, numbers.count == 2 else { continue }
      let reason = fields[2] == "None" ? "" : String(fields[2])
      conditions[Task(job: numbers[0], index: numbers[1])] = Condition(
        state: String(fields[1]), reason: reason)
    }
    return conditions
  }

  /// Ends jobs, or what waits of them.
  /// - Throws: a `SearchError`.
  func cancel(_ jobs: Set<Int>, onlyWaiting: Bool) throws {
    let state = onlyWaiting ? ["--state=PENDING"] : []
    let answer = try ask(
      "scancel", ["--quiet"] + state + jobs.sorted().map(String.init),
      secondsMax: Self.answerSecondsMax)
    guard answer.ending == .exited(0) else {
      throw SearchError("scancel: \(Self.complaint(answer))")
    }
  }

  private func ask(
    _ name: String, _ arguments: [String], secondsMax: Double
  ) throws -> ChildProcess.Answer {
    let answer: ChildProcess.Answer
    do throws(SystemError) {
      answer = try ChildProcess.run(
        Path.join(directory, name), arguments: arguments, outputLimit: Self.outputMax,
        timeLimitSeconds: secondsMax)
    } catch {
      guard error.isMissing else { throw SearchError("\(error)") }
      throw SearchError("\(name) is not here: --launcher local trains on this machine")
    }
    guard !answer.isLate else {
      throw SearchError("\(name) did not answer within \(Int(secondsMax)) s")
    }
    return answer
  }

  /// The first line of what a program complains of, without its own name.
  private static func complaint(_ answer: ChildProcess.Answer) -> String {
    let lines = answer.errorText.split(separator: "\n").map { line in
      line.drop { $0 == " " }
    }
    let mark = "error: "
    for line in lines {
      guard let start = line.ranges(of: mark).first?.upperBound else { continue }
      return String(line[start...])
    }
    if let line = lines.first { return String(line) }
    switch answer.ending {
    case .exited(let status): return "status \(status) without a word"
    case .killed(let signal): return "ended by signal \(signal)"
    }
  }

  private static func list(_ jobs: Set<Int>) -> String {
    jobs.sorted().map(String.init).joined(separator: ",")
  }
}
