import Dashboard
import LogFormats
import OperatingSystem
import TerminalUI

/// `nntop snapshot TARGET`
enum SnapshotCommand {
  static let command = Command(
    name: "snapshot", usage: "TARGET", summary: "one frame of the dashboard without a terminal",
    options: [
      .init("size", value: "COLUMNSxROWS", "its size (default 120x36)"),
      .init("format", value: "FORMAT", "text, ansi, svg or json (default text)"),
      .init(
        "view", value: "NAME", "which view: " + DashboardState.viewNames.joined(separator: ", ")),
      .init("theme", value: "NAME", "the colours of ansi and svg; nntop themes shows them"),
      .init("ascii", "draw with ASCII characters only"),
      LogOptions.option("log-format"),
    ]
  ) { arguments in
    let targets = arguments.positional
    guard !targets.isEmpty else { throw UsageError("usage: nntop snapshot TARGET") }
    let format = try arguments.choice("format", of: ["text", "ansi", "svg", "json"]) ?? "text"
    let view = try arguments.choice("view", of: DashboardState.viewNames)
    let logs = try LogOptions(arguments, formatOption: "log-format")
    let settings = UserSettings.load()
    for problem in settings.problems { Output.error("nntop: " + problem) }
    let theme = try arguments.last("theme").map { try settings.theme($0) } ?? .standard
    let size = try size(arguments.last("size") ?? "120x36")
    logs.waitForInput()
    var state = try Snapshot.state(
      of: targets, size: size, glyphs: arguments.has("ascii") ? .ascii : .braille, readsAll: true,
      finder: logs.finder)
    state.view = view ?? state.view
    state.settings = settings.display
    state.isMonochrome = theme.isMonochrome
    switch format {
    case "svg": Output.write(Snapshot.svg(state, theme: theme))
    case "json": Output.write(FrameJSON(render(state)).text)
    case "ansi": Output.write(FrameText(render(state)).ansi(theme: theme))
    default: Output.write(FrameText(render(state)).text)
    }
    return 0
  }

  private static func size(_ text: String) throws -> Size {
    let parts = text.split(separator: "x").compactMap { Int($0) }
    guard parts.count == 2, (1...1000).contains(parts[0]), (1...1000).contains(parts[1]) else {
      throw UsageError("--size \(text): expected columns and rows, as 120x36, up to 1000x1000")
    }
    return Size(rows: parts[1], columns: parts[0])
  }
}

/// `nntop export TARGET`
enum ExportCommand {
  static let command = Command(
    name: "export", usage: "TARGET", summary: "every point on standard output as CSV or JSON lines",
    options: [
      .init("format", value: "FORMAT", "csv or jsonl (default csv)"),
      .init("tag", value: "PATTERN", "only tags that match, * and ? as in file names"),
      LogOptions.option("log-format"),
    ]
  ) { arguments in
    let targets = arguments.positional
    guard !targets.isEmpty else { throw UsageError("usage: nntop export TARGET") }
    let isCSV = try arguments.choice("format", of: ["csv", "jsonl"]) ?? "csv" == "csv"
    let pattern = arguments.last("tag")
    let logs = try LogOptions(arguments, formatOption: "log-format")
    logs.waitForInput()
    var finder = logs.finder
    let runs = try targets.flatMap { try finder.runs(at: $0) }
    guard !runs.isEmpty else {
      throw Failure("\(targets.joined(separator: ", ")): no runs and no logs lie there")
    }
    if isCSV { Output.line("run,tag,step,wall_time,value") }
    let names = Dictionary(grouping: runs, by: \.name).mapValues(\.count)
    for found in runs {
      let run = Snapshot.run(found)
      // What is called the same is told apart by its place.
      let name = names[found.name, default: 1] > 1 ? found.path : nil
      PointWriter(run: run, name: name, isCSV: isCSV, pattern: pattern).write()
      for trouble in run.troubles {
        Output.error("nntop: \(found.path): \(TroubleText.of(trouble))")
      }
    }
    return 0
  }
}
