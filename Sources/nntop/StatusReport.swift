import Dashboard
import JSONText
import LogFormats
import OperatingSystem
import RunLog
import RunModel
import TerminalUI
import Training

/// What is known of runs, for `ls` and `ctl status`.
enum StatusReport {
  /// The word for a state in tables and JSON.
  static func word(_ state: Run.State) -> String {
    switch state {
    case .waiting: "waiting"
    case .starting: "starting"
    case .training: "training"
    case .paused: "paused"
    case .validating: "validating"
    case .finished: "finished"
    case .stopped: "stopped"
    case .failed: "failed"
    case .dead: "dead"
    case .watched: "watched"
    case .stale: "quiet"
    }
  }

  static func json(_ run: Run, now: Double) -> JSON {
    var json: JSON = [
      "name": .string(run.name), "path": .string(run.path),
      "state": .string(word(run.state(at: now))),
      "step": .integer(run.lastStep),
    ]
    json["finalStep"] = run.finalStep.map { .integer($0) }
    json["reason"] = run.phase?.reason.map { .string($0) }
    let values = [
      ("loss", RunsMetric.tag(of: run) ?? ""), ("validationLoss", "val/loss"),
      ("validationAccuracy", "val/accuracy"),
      ("sparsity", "sparsity/total"), ("samplesPerSecond", "throughput/samples_per_second"),
    ]
    for (name, tag) in values {
      // By way of its shortest digits, so that 0.1 stays 0.1.
      json[name] = run.series[tag]?.last.map { .number(Double("\($0)") ?? Double($0)) }
    }
    if let (pruning, since) = run.pruning {
      json["pruning"] = .string(pruning.method)
      json["pruningTarget"] = .number(pruning.target)
      json["pruningSinceStep"] = .integer(since)
      json["pruningFinalStep"] = pruning.finalStep.map { .integer($0) }
    }
    if let size = run.stages.last?.size {
      json["parameters"] = .integer(size.parameters)
      json["flops"] = .integer(size.flops)
    }
    json["learningRate"] = run.learningRate.map { .number($0) }
    if run.lastWallTime > 0 { json["ageSeconds"] = .number(max(0, now - run.lastWallTime)) }
    return json
  }

  /// `ctl RUN status`.
  static func print(_ directory: RunDirectory, _ asJSON: Bool) throws -> Int32 {
    var finder = RunFinder(files: LocalFileSystem(), clock: SystemClock())
    guard let found = try finder.runs(at: directory.path).first else {
      throw Failure("\(directory.path): this directory holds no run")
    }
    let run = Snapshot.run(found)
    let status = json(run, now: SystemClock().wallSeconds())
    if asJSON {
      var document: JSON = ["schema": 1]
      for member in status.members ?? [] { document[member.name] = member.value }
      Output.line(document.text())
      return 0
    }
    for member in status.members ?? [] {
      let text = member.value.string ?? member.value.text()
      Output.line("\(HelpPage.padded(member.name, 20)) \(SafeText.cleaned(text))")
    }
    return 0
  }
}

/// `nntop ls [DIR]`
enum ListCommand {
  static let command = Command(
    name: "ls", usage: "[DIR]", summary: "a table of runs: state, step, loss, sparsity, age",
    options: [.init("json", "print JSON")]
  ) { arguments in
    let places = try arguments.positional(0...1, "nntop ls [DIR]")
    let place = places.first ?? RunRoots.usual
    let files = LocalFileSystem()
    let clock = SystemClock()
    if places.isEmpty && !files.exists(place) {
      if arguments.has("json") {
        Output.line("{\"schema\":1,\"runs\":[]}")
      } else {
        Output.line("there are no runs in ./runs; nntop run starts one")
      }
      return 0
    }
    var finder = RunFinder(files: files, clock: clock)
    let runs = try finder.runs(at: place).map(Snapshot.run)
    let now = clock.wallSeconds()
    if arguments.has("json") {
      let list = runs.map { StatusReport.json($0, now: now) }
      Output.line((["schema": 1, "runs": .array(list)] as JSON).text())
    } else if runs.isEmpty {
      Output.line("there are no runs in \(place); nntop run starts one")
    } else {
      Output.write(table(runs, now))
    }
    return 0
  }

  private static func table(_ runs: [Run], _ now: Double) -> String {
    var rows = [["NAME", "STATE", "STEP", "LOSS", "VAL ACC", "SPARSITY", "AGE"]]
    for run in runs {
      func value(_ tag: String, _ show: (Double) -> String) -> String {
        run.series[tag]?.last.map { show(Double($0)) } ?? "-"
      }
      let final = run.finalStep.map { "/\($0)" } ?? ""
      rows.append([
        SafeText.cleaned(run.name, maxLength: 60), StatusReport.word(run.state(at: now)),
        "\(run.lastStep)\(final)",
        value(RunsMetric.tag(of: run) ?? "") { NumberText.significant($0) },
        value("val/accuracy") { NumberText.percent($0) },
        value("sparsity/total") { NumberText.percent($0) },
        run.lastWallTime > 0 ? NumberText.duration(max(0, now - run.lastWallTime).rounded()) : "-",
      ])
    }
    let widths = rows[0].indices.map { column in
      rows.map { SafeText.displayWidth(of: $0[column]) }.max() ?? 0
    }
    return rows.map { row in
      var line = zip(row, widths).map { HelpPage.padded($0, $1) }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

/// `nntop rm RUN…`
enum RemoveCommand {
  static let command = Command(
    name: "rm", usage: "RUN…", summary: "removes finished or dead runs, after asking",
    options: [.init("yes", letter: "y", "do not ask")]
  ) { arguments in
    guard !arguments.positional.isEmpty else { throw UsageError("usage: nntop rm RUN…") }
    let files = LocalFileSystem()
    var directories: [RunDirectory] = []
    for text in arguments.positional {
      let directory = RunDirectory(path: try RunPath.existing(text))
      guard try directory.readManifest(files) != nil else {
        throw Failure("\(directory.path) has no run.json: not removed")
      }
      guard !isTraining(directory, files) else {
        throw Failure("\(directory.path) is training: stop it first; nothing was removed")
      }
      directories.append(directory)
    }
    for directory in directories {
      if !arguments.has("yes") {
        Output.write("remove \(SafeText.cleaned(directory.path))? [y/N] ")
        guard let reply = readLine(), ["y", "yes"].contains(reply.lowercased()) else {
          Output.line("kept")
          continue
        }
      }
      // Held while it goes, so that no engine begins on it meanwhile.
      guard let lock = try FileLock.take(directory.lockPath, patienceSeconds: 0) else {
        throw Failure("\(directory.path) is training now: it is kept")
      }
      defer { lock.release() }
      try removeTree(directory.path, files)
    }
    return 0
  }

  /// Whether an engine has it, or a worker one of its candidates.
  private static func isTraining(_ run: RunDirectory, _ files: LocalFileSystem) -> Bool {
    var directories = [run]
    do throws(SystemError) {
      directories += try files.entries(of: SearchPaths.candidates(of: run)).map {
        RunDirectory(path: SearchPaths.candidate($0, of: run))
      }
    } catch {}  // it is no search
    return directories.contains { FileLock.probe($0.lockPath) == .held }
  }

  /// Removes what is in a directory and it; links are removed, not followed.
  static func removeTree(_ path: String, _ files: LocalFileSystem) throws(SystemError) {
    for name in try files.entries(of: path) {
      let inner = Path.join(path, name)
      if files.isDirectory(inner) && !Path.isLink(inner) {
        try removeTree(inner, files)
      } else {
        try files.remove(inner)
      }
    }
    try files.removeDirectory(path)
  }
}
