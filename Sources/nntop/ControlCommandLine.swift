import Dashboard
import Glibc
import JSONText
import OperatingSystem
import RunLog
import RunModel
import TerminalUI
import Training

/// `nntop ctl RUN COMMAND`: the dashboard's commands for scripts.
enum ControlCommandLine {
  static let command = Command(
    name: "ctl", usage: "RUN COMMAND …",
    summary: "steers a run: pause, resume, stop, lr, set, prune, undo, checkpoint, branch, status",
    details: """
      commands:
        pause | resume | stop | checkpoint | undo | status
        lr VALUE | lr xFACTOR              as lr 0.01, lr x0.5
        schedule KIND [SETTING=VALUE]…     as schedule multiStep epochs=[3,5]; from the next step
        set NAME VALUE                     a number that the run declares
        prune METHOD SPARSITY              as prune magnitude 0.8, prune l2 50%
              [SETTING=VALUE]… [--layer NAME]… [--preview]
        prune finish                       ends the pruning that goes on, with what it has reached
        branch [NAME]                      a second run from the present state, started at once
              [--lr VALUE|xFACTOR] [--prune "[METHOD] SPARSITY …" [--layer NAME]…]
        candidate ID pause | resume | kill of a search; trained longer: promote [EPOCHS]
      Waits for the engine's answer; exit status 1 when it is refused or none comes.
      """,
    options: [
      .init("json", "print the answer as JSON"),
      .init("timeout", value: "SECONDS", "how long to wait for the answer (default 30)"),
      .init("at-step", value: "N", "obey after that step"),
      .init("lr", value: "VALUE", "the branch's learning rate, or xFACTOR"),
      .init("prune", value: "PRUNE", "prune the branch: 80%, or \"l2 50%\""),
      .init("layer", value: "NAME", "prune this layer only; may be given again"),
      .init("preview", "say what the prune would do, change nothing"),
      .init("steer", "allow it on another user's run"),
    ]
  ) { arguments in
    guard arguments.positional.count >= 2 else {
      throw UsageError("usage: nntop ctl RUN COMMAND …; see nntop ctl --help")
    }
    let directory = RunDirectory(path: try RunPath.existing(arguments.positional[0]))
    let words = Array(arguments.positional.dropFirst())
    if words == ["status"] { return try StatusReport.print(directory, arguments.has("json")) }
    let request = try request(words, arguments)
    return try Conversation(directory: directory, arguments: arguments).ask(request)
  }

  static func request(
    _ words: [String], _ arguments: Arguments
  ) throws -> ControlCommand.Request {
    func expect(_ count: Int, _ usage: String) throws {
      guard words.count == count else { throw UsageError("usage: nntop ctl RUN \(usage)") }
    }
    switch words[0] {
    case "lr":
      try expect(2, "lr VALUE, or lr xFACTOR")
      guard let change = LearningRateText.change(words[1]) else {
        throw UsageError("lr \(words[1]): expected a number from 0, or a factor such as x0.5")
      }
      return .setLearningRate(change)
    case "schedule":
      let text = words.dropFirst().joined(separator: " ")
      guard let schedule = ScheduleText.schedule(text) else {
        throw UsageError(
          "schedule \(text): expected a kind and settings, as cosine finalFactor=0.1")
      }
      return .schedule(schedule)
    case "prune":
      if words.count > 1, words[1] == "finish" {
        try expect(2, "prune finish")
        if let option = ["preview", "layer"].first(where: arguments.has) {
          throw UsageError("prune finish takes no --\(option)")
        }
        return .finishPruning
      }
      return .prune(try prune(Array(words.dropFirst()), arguments))
    case "set":
      try expect(3, "set NAME VALUE")
      guard let value = Double(words[2]), value.isFinite else {
        throw UsageError("set \(words[1]) \(words[2]): expected a number")
      }
      return .set(name: words[1], value: value)
    case "candidate": return try candidate(words)
    case "branch":
      guard words.count <= 2 else { throw UsageError("usage: nntop ctl RUN branch [NAME]") }
      return .branch(try branch(words.count == 2 ? words[1] : nil, arguments))
    default:
      let simple: [String: ControlCommand.Request] = [
        "pause": .pause, "resume": .resume, "stop": .stop, "checkpoint": .checkpoint,
        "undo": .undo,
      ]
      guard let request = simple[words[0]] else {
        let near = NearestName.of(
          words[0],
          among: simple.keys.sorted() + [
            "branch", "candidate", "lr", "prune", "schedule", "set", "status",
          ])
        throw UsageError(
          "ctl knows no command \(words[0])"
            + (near.map { "; did you mean \($0)?" } ?? "; see nntop ctl --help"))
      }
      try expect(1, words[0])
      return request
    }
  }

  private static func candidate(_ words: [String]) throws -> ControlCommand.Request {
    let usage = "usage: nntop ctl SEARCH candidate ID pause|resume|kill|promote [EPOCHS]"
    guard words.count >= 3 else { throw UsageError(usage) }
    let actions: [String: ControlCommand.CandidateAction] = [
      "pause": .pause, "resume": .resume, "kill": .kill, "promote": .promote(epochs: nil),
    ]
    guard var action = actions[words[2]] else {
      let near = NearestName.of(words[2], among: actions.keys.sorted())
      throw UsageError(
        "a candidate cannot \(words[2])" + (near.map { "; did you mean \($0)?" } ?? "; \(usage)"))
    }
    if words.count > 3 {
      guard words[2] == "promote", words.count == 4, let epochs = Int(words[3]), epochs > 0 else {
        throw UsageError(usage)
      }
      action = .promote(epochs: epochs)
    }
    return .candidate(id: words[1], action: action)
  }

  private static func prune(
    _ words: [String], _ arguments: Arguments
  ) throws -> ControlCommand.PruneRequest {
    guard let typed = PruneText(words: words), typed.method != nil else {
      throw UsageError(
        "prune \(words.joined(separator: " ")): expected METHOD SPARSITY [SETTING=VALUE]…, "
          + "with a sparsity between 0 and 1, as prune magnitude 0.8 or prune l2 50%")
    }
    var request = typed.request(isPreview: arguments.has("preview"))
    request.layers = layers(typed, arguments)
    return request
  }

  /// nil: all of them.
  private static func layers(_ typed: PruneText, _ arguments: Arguments) -> [String]? {
    let layers = (typed.layers ?? []) + arguments.all("layer")
    return layers.isEmpty ? nil : layers
  }

  private static func branch(
    _ name: String?, _ arguments: Arguments
  ) throws -> ControlCommand.BranchRequest {
    var branch = ControlCommand.BranchRequest(name: name)
    if let text = arguments.last("lr") {
      guard let change = LearningRateText.change(text) else {
        throw UsageError("--lr \(text): expected a number from 0, or a factor such as x0.5")
      }
      branch.learningRate = change
    }
    if let text = arguments.last("prune") {
      guard let typed = PruneText(text) else {
        throw UsageError("--prune \(text): expected a sparsity such as 80%, or \"l2 50%\"")
      }
      branch.prune = typed.request(isPreview: false)
      branch.prune?.layers = layers(typed, arguments)
    }
    return branch
  }
}

/// One command and its answer.
private struct Conversation {
  let directory: RunDirectory
  let arguments: Arguments
  private let files = LocalFileSystem()
  private let clock = SystemClock()

  init(directory: RunDirectory, arguments: Arguments) {
    self.directory = directory
    self.arguments = arguments
  }

  func ask(_ request: ControlCommand.Request) throws -> Int32 {
    let timeout = try arguments.number("timeout", in: 0...86_400) ?? 30
    let atStep = try arguments.number("at-step", in: 0...1e15).map { Int64($0) }
    guard let manifest = try directory.readManifest(files) else {
      throw Failure("\(directory.path) takes no commands: it has no run.json")
    }
    guard manifest.declares(request.name) else {
      throw Failure("\(directory.path) does not take \(request.name)")
    }
    if FileLock.probe(directory.lockPath) == .free {
      if try RunPhase.last(of: directory, files) == .finished {
        throw Failure("\(directory.path) is finished: it takes no more commands")
      }
      let remedy = manifest.engine == nil ? "; nntop resume \(directory.path) starts one" : ""
      throw Failure("no engine is running on \(directory.path)\(remedy)")
    }
    let status = try files.status(at: directory.controlPath)
    guard status.owner == Environment.userIdentifier || arguments.has("steer") else {
      throw Failure("\(directory.path) is another user's run; --steer allows steering it")
    }
    let command = ControlCommand(
      id: ControlCommand.makeID(), wallTime: clock.wallSeconds(),
      author: "\(Environment.userName)@\(Environment.terminalName)", atStep: atStep,
      request: request)
    let journalSize = try files.status(at: directory.journalPath).size
    var watcher = FileWatcher()
    defer { watcher.close() }
    watcher.watch(directory.path)
    let writer = try JSONLinesWriter(path: directory.controlPath, files: files, permissions: 0o600)
    defer { writer.close() }
    guard command.json.utf8().count < ControlCommand.requestSizeMax else {
      throw Failure("the command is too long: name fewer layers at a time")
    }
    try writer.append(command.json)
    return try wait(
      for: command, from: journalSize, until: clock.monotonicSeconds() + timeout, watcher)
  }

  private func wait(
    for command: ControlCommand, from offset: Int, until deadline: Double,
    _ watcher: FileWatcher
  ) throws -> Int32 {
    var journal = JSONLinesReader(path: directory.journalPath, files: files, offset: offset)
    var layers: [JournalRecord.LayerChange] = []
    var found: (answer: JournalRecord.Answer, step: Int64)?
    var isOver = false
    while true {
      for node in try journal.read().records {
        guard let record = JournalRecord(node) else { continue }
        switch record.entry {
        case .layers(command.id, let more): layers += more
        case .answer(var answer) where answer.id == command.id:
          answer.layers = layers + answer.layers
          guard answer.status == .applied, command.hasRecordOfItsOwn else {
            return report(answer, step: record.step, command)
          }
          found = (answer, record.step)
        // The answer comes before the effect, this behind it.
        case .prune, .pruning, .undo:
          if let found { return report(found.answer, step: found.step, command) }
        default: continue
        }
      }
      let left = deadline - clock.monotonicSeconds()
      if left <= 0 || isOver {
        if let found { return report(found.answer, step: found.step, command) }
        throw Failure(
          isOver
            ? "the engine of \(directory.path) ended before it answered"
            : "no answer from \(directory.path) within the timeout; it may still come")
      }
      // An engine that is gone may have answered since the journal was read: once more.
      isOver = FileLock.probe(directory.lockPath) == .free
      if isOver { continue }
      _ = Readiness.wait(
        for: [watcher.descriptor].compactMap { $0 }, timeoutSeconds: min(left, 0.2))
      watcher.drain()
    }
  }

  private func report(
    _ answer: JournalRecord.Answer, step: Int64, _ command: ControlCommand
  ) -> Int32 {
    let isRefused = answer.status == .refused
    if arguments.has("json") {
      var json: JSON = [
        "schema": 1, "id": .string(answer.id), "status": .string(answer.status.rawValue),
        "step": .integer(step),
      ]
      json["reason"] = answer.reason.map { .string($0) }
      json["old"] = answer.old
      json["new"] = answer.new
      if !answer.layers.isEmpty { json["layers"] = .array(answer.layers.map(\.json)) }
      Output.line(json.text())
    } else if isRefused {
      Output.error("nntop: refused: \(answer.reason ?? "no reason given")")
    } else {
      Output.line("\(AnswerText.sentence(command.request, answer)) at step \(step)")
      guard answer.status == .previewed, !answer.layers.isEmpty else { return 0 }
      let columnsMax = 200
      for line in PruneTable(answer, columns: columnsMax).lines { Output.line("  \(line.text)") }
    }
    return isRefused ? 1 : 0
  }
}

extension ControlCommand {
  /// True when the journal tells of its effect by a record besides the answer.
  fileprivate var hasRecordOfItsOwn: Bool {
    switch request {
    case .prune, .finishPruning, .undo: true
    default: false
    }
  }
}
