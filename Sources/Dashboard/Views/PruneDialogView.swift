import RunLog
import RunModel
import TerminalUI

/// The dialogs about pruning as boxes.
enum PruneDialogView {
  static func box(_ dialog: PruneDialog, _ state: DashboardState) -> DialogBox {
    switch dialog.stage {
    case .typing:
      return DialogBox(
        title: "Prune", body: form(dialog, state),
        footer: DialogView.keys([
          ("Enter", "previews"), ("Tab", "next field"), ("Esc", "leaves all"),
        ]), minimumColumns: min(formColumns, state.size.columns - frameColumns))
    case .asking(_, let request):
      return DialogBox(
        title: "Prune",
        body: DialogView.wrapped(summary(request, dialog), .dim, state)
          + [StyledText("asking the engine for a preview …", .dim)],
        footer: DialogView.keys([("Esc", "leaves all")]))
    case .previewed(let answer, let request, let firstLine):
      return DialogBox(
        title: "Prune: nothing has changed yet",
        body: DialogView.wrapped(summary(request, dialog), .dim, state)
          + (answer.reason.map {
            DialogView.wrapped(SafeText.cleaned($0), .text, state)
          } ?? [])
          + PruneTable(answer, columns: state.size.columns - frameColumns, state.glyphs).lines,
        footer: DialogView.keys([
          ("Enter", "prunes"), ("Backspace", "goes back"), ("Esc", "leaves all"),
        ]), firstLine: firstLine)
    }
  }

  private static let frameColumns = 4
  private static let formColumns = 60

  /// "l2 to 50% of the channels of linear1, while the network learns"
  private static func summary(
    _ request: ControlCommand.PruneRequest, _ dialog: PruneDialog
  ) -> String {
    let namesMax = 4
    let method = dialog.methods.first { $0.name == request.method }
    let layers = request.layers.map { names in
      let more = names.count > namesMax ? " and \(names.count - namesMax) more" : ""
      return " of " + names.prefix(namesMax).joined(separator: ", ") + more
    }
    return SafeText.cleaned(
      "\(request.method) to \(NumberText.percent(request.sparsity)) "
        + words(method) + (layers ?? ""))
  }

  /// "of the channels, while the network learns"
  private static func words(_ method: RunManifest.PruningMethod?) -> String {
    let unit = method?.unit == .channels ? "of the channels" : "of the weights"
    switch method?.acts {
    case .training: return unit + ", while the network learns"
    case .rounds: return unit + ", in rounds of training"
    case .once, nil: return unit
    }
  }

  // MARK: The form

  private static func form(_ dialog: PruneDialog, _ state: DashboardState) -> [StyledText] {
    let columns = min(formColumns, max(labelColumns + 1, state.size.columns - frameColumns))
    var lines = methodLines(dialog, state, columns)
    lines.append(
      label("target", isFocused: dialog.focus == .target)
        + typed(dialog.field, isFocused: dialog.focus == .target)
        + StyledText("  " + words(dialog.method), .dim))
    if dialog.focus == .target, !dialog.method.settings.isEmpty {
      // The short ones first: a long list of choices must not hide them.
      let settings = dialog.method.settings.map { setting in
        setting.name + (setting.usual.isEmpty ? "" : "=\(setting.usual)")
          + (setting.allowed.isEmpty ? "" : " (\(setting.allowed))")
      }.sorted { $0.count < $1.count }
      lines += indented("behind it: " + settings.joined(separator: ", "), columns, linesMax: 3)
    }
    lines.append(
      label("scope", isFocused: dialog.focus == .scope) + scopeText(dialog, state, columns))
    if let problem = dialog.problem {
      lines += DialogView.wrapped(problem, Style(.statusBad), state)
    }
    return lines
  }

  private static let labelColumns = 9

  private static func label(_ name: String, isFocused: Bool) -> StyledText {
    StyledText([
      .init(isFocused ? "> " : "  ", Style(.hotKey, .bold)),
      .init(name.padding(toColumns: labelColumns - 2), .dim),
    ])
  }

  private static func indented(_ text: String, _ columns: Int, linesMax: Int) -> [StyledText] {
    guard !text.isEmpty else { return [] }
    return WrappedText.lines(text, columns: max(1, columns - labelColumns)).prefix(linesMax).map {
      StyledText(String(repeating: " ", count: labelColumns) + $0, .dim)
    }
  }

  /// The chosen method with its summary; all of them while one is being chosen.
  private static func methodLines(
    _ dialog: PruneDialog, _ state: DashboardState, _ columns: Int
  ) -> [StyledText] {
    let isFocused = dialog.focus == .method
    let name = SafeText.cleaned(dialog.method.name, maxLength: 40)
    let head = label("method", isFocused: isFocused) + StyledText(name, Style(.text, .bold))
    guard isFocused else {
      return [head] + indented(dialog.method.summary, columns, linesMax: 2)
    }
    let otherRows = 10
    let rows = min(dialog.methods.count, max(1, state.size.rows - otherRows))
    let first = min(max(0, dialog.methodIndex - rows / 2), dialog.methods.count - rows)
    let names = dialog.methods.map { SafeText.cleaned($0.name, maxLength: 20) }
    let width = names.map { SafeText.displayWidth(of: $0) }.max() ?? 0
    return [head]
      + (first..<first + rows).map { index in
        let isChosen = index == dialog.methodIndex
        let summary = SafeText.truncated(
          SafeText.cleaned(dialog.methods[index].summary),
          columns: columns - width - labelColumns, glyphs: state.glyphs)
        return StyledText([
          .init(isChosen ? "     > " : "       ", Style(.hotKey, .bold)),
          .init(names[index].padding(toColumns: width), isChosen ? Style(.text, .bold) : .text),
          .init("  " + summary, .dim),
        ])
      }
  }

  /// The line that is typed, with its cursor.
  private static func typed(_ field: TextField, isFocused: Bool) -> StyledText {
    let style = Style(.text, .bold)
    guard isFocused else { return StyledText(field.text, style) }
    if field.isProposal { return StyledText(field.text + " ", style.adding(.reverse)) }
    let characters = Array(field.text) + [" "]
    return StyledText([
      .init(String(characters[..<field.cursor]), style),
      .init(String(characters[field.cursor]), style.adding(.reverse)),
      .init(String(characters[(field.cursor + 1)...]), style),
    ])
  }

  private static func scopeText(
    _ dialog: PruneDialog, _ state: DashboardState, _ columns: Int
  ) -> StyledText {
    let nameColumnsMax = 16
    var text = StyledText()
    for (index, scope) in dialog.scopes.enumerated() {
      let words =
        switch scope {
        case .all: "all layers"
        case .layer(let name):
          SafeText.truncated(
            SafeText.cleaned(name), columns: nameColumnsMax, glyphs: state.glyphs)
        case .marked(let names): "\(names.count) marked"
        }
      if index > 0 { text.append("  ", .dim) }
      let isChosen = index == dialog.scopeIndex
      text.append(
        isChosen ? "[\(words)]" : " \(words) ", isChosen ? Style(.text, .bold) : .dim)
    }
    return text
  }

  // MARK: Pruning that goes on

  static func pruningBox(_ state: DashboardState) -> DialogBox {
    guard let run = state.selected?.run, let (pruning, since) = run.pruning else {
      return DialogBox(
        title: "Pruning", body: [StyledText("it is over", .dim)],
        footer: DialogView.keys([("Esc", "closes")]))
    }
    func step(_ step: Int64) -> String { NumberText.grouped(Int(clamping: step)) }
    let method = run.manifest?.pruningMethods.first { $0.name == pruning.method }
    var lines = [
      "\(pruning.method) prunes to \(NumberText.percent(pruning.target)) \(words(method))"
        + (pruning.scope == "global" ? "" : " (\(pruning.scope))"),
      "since step \(step(since))" + (pruning.finalStep.map { ", until step \(step($0))" } ?? ""),
    ]
    if let sparsity = run.series.last(of: "sparsity/total")?.value {
      lines.append("sparsity now \(NumberText.percent(Double(sparsity)))")
    }
    let roundsMax = 4
    lines += run.rounds.suffix(roundsMax).map { EventsRows.text($0.round) }
    let canFinish = state.obstacle(to: .finishPruning) == nil
    var body = lines.flatMap { DialogView.wrapped(SafeText.cleaned($0), .text, state) }
    body += DialogView.wrapped(
      canFinish
        ? "It can be finished now: it makes its last cut, and training goes on."
        : state.obstacle(to: .finishPruning) ?? "", .dim, state)
    let enter = canFinish ? [("Enter", "finishes it now")] : []
    return DialogBox(
      title: "Pruning goes on", body: body,
      footer: DialogView.keys(enter + [("Esc", "lets it go on")]))
  }
}
