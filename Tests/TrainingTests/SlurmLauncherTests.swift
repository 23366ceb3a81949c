import OperatingSystem
import Testing

@testable import Training

/// Programs in the place of Slurm's. They note how they are called, and say what a test wrote down
/// for them.
private final class FakeSlurm {
  let directory: TemporaryDirectory
  let clock = ScriptedClock()
  /// What the launcher waited for, in seconds.
  var pauses: [Double] = []

  init(_ programs: [String] = ["sbatch", "squeue", "scancel"]) throws {
    directory = try TemporaryDirectory()
    for name in programs {
      try say("", as: name)
      _ = try directory.file(
        name,
        """
        #!/bin/sh
        here=$(dirname "$0")
        printf '%s\\0' "$@" END >>"$here/\(name).calls"
        [ ! -s "$here/\(name).fails" ] || { cat "$here/\(name).fails" >&2; exit 1; }
        cat "$here/\(name).says"

        """)
      let answer = try ChildProcess.run(
        "chmod", arguments: ["+x", Path.join(directory.path, name)], outputLimit: 1 << 10)
      try #require(answer.ending == .exited(0))
    }
  }

  func say(_ text: String, as name: String) throws {
    _ = try directory.file(name + ".says", text)
  }

  func fail(_ text: String, as name: String) throws {
    _ = try directory.file(name + ".fails", text)
  }

  /// The arguments of each call.
  func calls(of name: String) throws -> [[String]] {
    let path = Path.join(directory.path, name + ".calls")
    guard LocalFileSystem().exists(path) else { return [] }
    let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 20)
    let words = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
      String(decoding: $0, as: UTF8.self)
    }
    return words.split(separator: "END", omittingEmptySubsequences: false).dropLast().map(
      Array.init)
  }

  /// A launcher that asks these programs.
  func launcher(
    _ settings: String = "{}", program: String = "/bin/true", arguments: [String] = [],
    search: String? = nil
  ) throws -> SlurmWorkers {
    let text = try ExperimentText(
      source: "search.json", directory: ".", bytes: Array(settings.utf8), overrides: [])
    return SlurmWorkers(
      try SlurmLauncher(ExperimentObject(root: text)),
      WorkerPlace(
        program: program, arguments: arguments, directory: search ?? directory.path, threads: 2),
      slurm: SlurmCommands(directory: directory.path), clock: clock
    ) { seconds in
      self.pauses.append(seconds)
      self.clock.advance(by: seconds)
    }
  }

  /// One look later.
  func tend(_ launcher: SlurmWorkers, after seconds: Double = 5) throws {
    clock.advance(by: seconds)
    try launcher.tend()
  }
}

@Suite struct SlurmLauncherTests {
  /// What `body` throws, as text.
  private func complaint(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing"
    } catch { return "\(error)" }
  }

  @Test func workersAreSubmittedAsOneArrayJob() throws {
    let slurm = try FakeSlurm()
    try slurm.say("Welcome to the cluster\n17;other\n", as: "sbatch")
    let launcher = try slurm.launcher(
      """
      {"partition": "-long one", "minutes": 90, "memoryMegabytes": 2000,
       "options": "--qos=high  --constraint=\\"a b\\" --comment='it is'fine"}
      """, search: "/data/it's 50%/tiny")
    try launcher.start(3)
    let call = try #require(try slurm.calls(of: "sbatch").first)
    #expect(
      call == [
        "--qos=high", "--constraint=a b", "--comment=it isfine", "--partition=-long one",
        "--time=90", "--mem=2000M", "--parsable", "--no-requeue", "--array=1-3", "--nodes=1",
        "--ntasks=1", "--cpus-per-task=2", "--job-name=nntop-tiny", "--open-mode=append",
        "--output=/data/it's 50%%/tiny/worker-%A_%a.log",
        "--wrap=unset OPENBLAS_CORETYPE; export OPENBLAS_NUM_THREADS=1; exec '/bin/true'",
      ])
    try slurm.say("17_1|RUNNING|None\n17_2|RUNNING|None\n17_3|RUNNING|None\n", as: "squeue")
    try slurm.tend(launcher)
    #expect(try slurm.calls(of: "squeue").first?.last == "--jobs=17")
    #expect(try slurm.calls(of: "sbatch").count == 1)
  }

  @Test func nothingIsAskedForThatIsNotSet() throws {
    let slurm = try FakeSlurm()
    try slurm.say("17\n", as: "sbatch")
    try slurm.launcher(search: #"/a\b%"#).start(1)
    let call = try #require(try slurm.calls(of: "sbatch").first)
    #expect(call.first == "--parsable")
    #expect(!call.contains { $0.hasPrefix("--time") || $0.hasPrefix("--mem") })
    // Slurm takes every sign for itself when there is a backslash, and one backslash of two.
    #expect(call.contains(#"--output=/a\\b%/worker-%A_%a.log"#))
  }

  @Test func theShellUnderstandsTheCommand() throws {
    let slurm = try FakeSlurm()
    try slurm.say("1\n", as: "sbatch")
    let words = ["worker", "/a b/it's \"$HOME\" `x` \\ * ;\n-end", ""]
    try slurm.launcher(
      program: Path.join(slurm.directory.path, "scancel"), arguments: words
    ).start(1)
    let wrap = try #require(try slurm.calls(of: "sbatch").first?.last?.dropFirst("--wrap=".count))
    let answer = try ChildProcess.run(
      "sh", arguments: ["-c", String(wrap)], outputLimit: 1 << 10)
    #expect(answer.ending == .exited(0), "\(answer.errorText)")
    #expect(try slurm.calls(of: "scancel") == [words])
  }

  @Test func whatSlurmRefusesIsSaidInOneLine() throws {
    let slurm = try FakeSlurm()
    try slurm.fail(
      """
      sbatch: lua: hello
      sbatch: error: invalid partition specified: nowhere
      sbatch: error: Batch job submission failed: Invalid partition name specified

      """, as: "sbatch")
    let launcher = try slurm.launcher()
    #expect(
      complaint { try launcher.start(2) }
        == "Slurm refuses the workers: invalid partition specified: nowhere")
    try slurm.fail("", as: "sbatch")
    try slurm.say("submitted\n", as: "sbatch")
    #expect(
      complaint { try launcher.start(2) }
        == "sbatch answered no number of a job but \"submitted\"")
    let nowhere = try FakeSlurm([]).launcher()
    #expect(
      complaint { try nowhere.start(2) }
        == "sbatch is not here: --launcher local trains on this machine")
  }

  @Test func slurmIsAskedRarely() throws {
    let slurm = try FakeSlurm()
    try slurm.say("1\n", as: "sbatch")
    try slurm.say("1_1|RUNNING|None\n", as: "squeue")
    let launcher = try slurm.launcher()
    try launcher.start(1)
    for _ in 0..<100 { try slurm.tend(launcher, after: 0.1) }
    let looks = try slurm.calls(of: "squeue").count
    #expect((1...3).contains(looks))
  }

  @Test(arguments: ["NODE_FAIL", "COMPLETING", "CANCELLED", ""])
  func aWorkerThatVanishesIsReplaced(state: String) throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(3)
    try slurm.say("5\n", as: "sbatch")
    let others = "4_1|RUNNING|None\n4_3|PENDING|Priority\n9_1|FAILED|None\nnonsense\n"
    try slurm.say(others + (state.isEmpty ? "" : "4_2|\(state)|None\n"), as: "squeue")
    try slurm.tend(launcher)
    let submissions = try slurm.calls(of: "sbatch")
    #expect(submissions.count == 2)
    #expect(submissions.last?.contains("--array=1-1") == true)
    let why = state.isEmpty ? "Slurm forgot it" : state
    #expect(launcher.remark == "worker 4_2 ended (\(why))")
    try slurm.say(others + "5_1|PENDING|None\n", as: "squeue")
    try slurm.tend(launcher)
    #expect(try slurm.calls(of: "squeue").last?.last == "--jobs=4,5")
    #expect(try slurm.calls(of: "sbatch").count == 2)
    #expect(launcher.remark == nil)
  }

  @Test func aJobThatSlurmForgotIsReplaced() throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(3)
    try slurm.fail("slurm_load_jobs error: Invalid job id specified\n", as: "squeue")
    try slurm.tend(launcher)
    #expect(try slurm.calls(of: "sbatch").last?.contains("--array=1-3") == true)
    #expect(try slurm.calls(of: "sbatch").count == 2)
  }

  @Test func slurmMayBeAwayForMinutes() throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(1)
    try slurm.fail(
      "squeue: error: Unable to contact slurm controller (connect failure)\n", as: "squeue")
    for _ in 0..<20 { try slurm.tend(launcher, after: 10) }
    #expect(launcher.remark == "squeue: Unable to contact slurm controller (connect failure)")
    try slurm.fail("", as: "squeue")
    try slurm.say("4_1|RUNNING|None\n", as: "squeue")
    try slurm.tend(launcher)
    #expect(launcher.remark == nil)
    #expect(try slurm.calls(of: "sbatch").count == 1)
    try slurm.fail("squeue: error: away\n", as: "squeue")
    let last = complaint { for _ in 0..<100 { try slurm.tend(launcher, after: 10) } }
    #expect(last == "squeue: away")
    #expect((49...52).contains(try slurm.calls(of: "squeue").count - 1 - 1))
  }

  @Test func whileSomeWorkMoreMayBeRefused() throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(2)
    try slurm.say("4_1|RUNNING|None\n4_2|TIMEOUT|None\n", as: "squeue")
    try slurm.fail("sbatch: error: QOSMaxSubmitJobPerUserLimit\n", as: "sbatch")
    let refusal = "Slurm refuses the workers: QOSMaxSubmitJobPerUserLimit"
    for _ in 0..<100 {
      try slurm.tend(launcher, after: 10)
      #expect(launcher.remark == refusal)
    }
    // Half a minute lies between two attempts.
    #expect((25...40).contains(try slurm.calls(of: "sbatch").count))
    try slurm.tend(launcher, after: 1000)
    try slurm.say("4_1|TIMEOUT|None\n", as: "squeue")
    #expect(
      complaint { for _ in 0..<100 { try slurm.tend(launcher, after: 10) } }
        == refusal)
  }

  @Test func whatWaitsForLongIsRemarkedOn() throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(2)
    try slurm.say("4_1|PENDING|JobHeldUser\n4_2|PENDING|JobHeldUser\n", as: "squeue")
    try slurm.tend(launcher, after: 20)
    #expect(launcher.remark == nil)
    try slurm.tend(launcher, after: 20)
    #expect(launcher.remark == "all workers wait in Slurm's queue: JobHeldUser")
    try slurm.say("4_1|RUNNING|None\n4_2|PENDING|Resources\n", as: "squeue")
    try slurm.tend(launcher)
    #expect(launcher.remark == "some workers wait in Slurm's queue: Resources")
    #expect(try slurm.calls(of: "sbatch").count == 1)
  }

  @Test func workersThatEndAtOnceAreNotReplacedForEver() throws {
    let slurm = try FakeSlurm()
    _ = try slurm.directory.file("worker-4_1.log", "hello\nno such library\n")
    try slurm.say("4\n", as: "sbatch")
    try slurm.say("4_1|FAILED|NonZeroExitCode\n", as: "squeue")
    let launcher = try slurm.launcher()
    try launcher.start(1)
    var looks = 0
    let last = complaint {
      for _ in 0..<1000 {
        looks += 1
        try slurm.tend(launcher)
      }
    }
    #expect(
      last == "its workers end as soon as they begin: worker 4_1 ended (FAILED, NonZeroExitCode)"
        + ": no such library")
    #expect(try slurm.calls(of: "sbatch").count == 5)
    // At once, then after 10, 20 and 40 s.
    #expect((17...23).contains(looks))
  }

  @Test func workersThatWorkForAWhileAreReplacedAtOnce() throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(4)
    let running = (1...4).map { "4_\($0)|RUNNING|None\n" }
    try slurm.say(running.joined(), as: "squeue")
    for _ in 0..<6 { try slurm.tend(launcher) }
    for ended in 1...4 {
      try slurm.say("5\n", as: "sbatch")
      try slurm.say(running[ended...].joined() + "5_1|RUNNING|None\n", as: "squeue")
      try slurm.tend(launcher)
      #expect(try slurm.calls(of: "sbatch").count == ended + 1)
    }
  }

  @Test func aWorkerThatWorksForAWhileMakesUpForOthersThatEnded() throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(1)
    for _ in 0..<10 {
      // Some that end soon, and one that works.
      for state in ["FAILED", "FAILED", "FAILED", "RUNNING"] {
        try slurm.say("4_1|\(state)|None\n", as: "squeue")
        for _ in 0..<(state == "FAILED" ? 1 : 15) { try slurm.tend(launcher, after: 40) }
      }
    }
  }

  @Test func onStopTheyMayLeaveByThemselves() throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(2)
    try slurm.say("4_1|COMPLETED|None\n4_2|CANCELLED|None\n", as: "squeue")
    launcher.stop()
    #expect(try slurm.calls(of: "scancel") == [["--quiet", "--state=PENDING", "4"]])
    #expect(slurm.pauses == [1])
    launcher.stop()
    #expect(try slurm.calls(of: "scancel").count == 1)
  }

  @Test func onStopThoseThatStayAreCancelled() throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(2)
    try slurm.say("4_1|RUNNING|None\n4_2|COMPLETED|None\n", as: "squeue")
    launcher.stop()
    #expect(try slurm.calls(of: "scancel").last == ["--quiet", "4"])
    #expect(try slurm.calls(of: "scancel").count == 2)
    #expect(slurm.pauses.count == 5)
  }

  @Test func onStopSlurmMayBeAway() throws {
    let slurm = try FakeSlurm()
    try slurm.say("4\n", as: "sbatch")
    let launcher = try slurm.launcher()
    try launcher.start(1)
    try slurm.fail("scancel: error: away\n", as: "scancel")
    launcher.stop()
    #expect(launcher.remark == "scancel: away")
  }
}
