import Glibc
import OperatingSystem
import TestSupport
import Testing

struct ChildProcessTests {
  private func shell(_ script: String, outputLimit: Int = 1 << 20) throws -> ChildProcess.Answer {
    try ChildProcess.run("/bin/sh", arguments: ["-c", script], outputLimit: outputLimit)
  }

  private func text(_ answer: ChildProcess.Answer) -> String {
    String(decoding: answer.output, as: UTF8.self)
  }

  @Test func runReturnsWhatWasSaid() throws {
    let answer = try shell("echo words; echo trouble >&2; exit 3")
    #expect(text(answer) == "words\n")
    #expect(answer.errorText == "trouble\n")
    #expect(answer.ending == .exited(3))
    #expect(!answer.isCut)
  }

  @Test func aSignalIsTold() throws {
    #expect(try shell("kill -TERM $$").ending == .killed(signal: SIGTERM))
  }

  @Test func programsAreFoundInThePath() throws {
    let answer = try ChildProcess.run("true", arguments: [], outputLimit: 10)
    #expect(answer.ending == .exited(0))
  }

  @Test(arguments: ["/no/such/program", "nntop-no-such-program"])
  func aMissingProgramIsAnError(program: String) throws {
    let error = #expect(throws: SystemError.self) {
      try ChildProcess.run(program, arguments: [], outputLimit: 10)
    }
    #expect(error?.description == "cannot start \(program): No such file or directory")
  }

  @Test func outputUpToTheLimitIsWhole() throws {
    let answer = try shell("head -c 100000 /dev/zero", outputLimit: 100_000)
    #expect(answer.output.count == 100_000)
    #expect(!answer.isCut)
    #expect(answer.ending == .exited(0))
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["head -c 100001 /dev/zero; sleep 60", "yes"])
  func outputBeyondTheLimitIsCutAndEndsTheProgram(script: String) throws {
    let answer = try shell("exec " + script, outputLimit: 100_000)
    #expect(answer.output.count == 100_000)
    #expect(answer.isCut)
  }

  @Test(.timeLimit(.minutes(1))) func talkativeErrorsDoNotStopTheProgram() throws {
    let answer = try shell("head -c 1000000 /dev/zero >&2; echo done")
    #expect(text(answer) == "done\n")
    #expect(answer.errorText.utf8.count == 4096)
    #expect(answer.ending == .exited(0))
    #expect(!answer.isCut)
  }

  @Test(.timeLimit(.minutes(1))) func thereIsNoInput() throws {
    #expect(try shell("cat; echo end").output == Array("end\n".utf8))
  }

  @Test func noDescriptorIsInherited() throws {
    let directory = try TemporaryDirectory()
    let file = Glibc.open(try directory.write("", to: "file"), O_RDONLY)
    try #require(file > 2)
    defer { close(file) }
    let answer = try ChildProcess.run("ls", arguments: ["/proc/self/fd"], outputLimit: 999)
    // The last one is the directory that ls itself reads.
    #expect(text(answer) == "0\n1\n2\n3\n")
  }

  @Test func signalsAreAtTheirDefaults() async {
    await #expect(processExitsWith: .success) {
      SignalPipe.ignore(SIGPIPE)
      var blocked = sigset_t()
      sigemptyset(&blocked)
      sigaddset(&blocked, SIGUSR1)
      pthread_sigmask(SIG_BLOCK, &blocked, nil)
      // Of the 64 bits the lower 31 are ours; glibc keeps 32 and 33 for itself.
      let pattern = "Sig(Ign|Blk):\\s[0-9a-f]{8}[08]0{7}$"
      let answer = try ChildProcess.run(
        "grep", arguments: ["-cE", pattern, "/proc/self/status"], outputLimit: 99)
      #expect(answer.output == Array("2\n".utf8))
    }
  }

  @Test func theEnvironmentIsTheOneGiven() throws {
    let directory = try TemporaryDirectory()
    let log = try LocalFileSystem().open(
      directory.path("log"), for: .appending(permissions: 0o666))
    defer { LocalFileSystem().close(log) }
    let child = try ChildProcess.start(
      "/usr/bin/env", arguments: [], environment: ["A=b c", "Ü=ö"], output: log.descriptor)
    #expect(child.wait() == .exited(0))
    #expect(try directory.text(of: "log") == "A=b c\nÜ=ö\n")
  }

  @Test func aDetachedChildHasASessionOfItsOwn() throws {
    let directory = try TemporaryDirectory()
    try directory.write("before\n", to: "log")
    let log = try LocalFileSystem().open(
      directory.path("log"), for: .appending(permissions: 0o666))
    let child = try ChildProcess.startDetached(
      "/bin/cat", arguments: ["/proc/self/stat"], environment: [], log: log)
    LocalFileSystem().close(log)
    #expect(child.wait() == .exited(0))
    let lines = try directory.text(of: "log").split(separator: "\n")
    #expect(lines.first == "before")
    // pid (name) state parent group session terminal …
    let fields = try #require(lines.last).split(separator: " ")
    try #require(fields.count > 6)
    #expect(fields[5] == "\(child.processIdentifier)")
    #expect(fields[6] == "0", "no terminal")
  }

  @Test func endingIfOver() throws {
    let child = try ChildProcess.start(
      "/bin/sleep", arguments: ["60"], environment: Environment.list)
    #expect(child.endingIfOver() == nil)
    child.send(signal: SIGTERM)
    var ending: ChildProcess.Ending?
    #expect(
      comesTrue {
        ending = child.endingIfOver()
        return ending != nil
      })
    #expect(ending == .killed(signal: SIGTERM))
  }
}
