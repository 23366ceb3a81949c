import RunLog
import TerminalUI

/// Dialogs as boxes.
enum DialogView {
  static func draw(
    _ state: DashboardState, _ keymap: Keymap, into buffer: inout Buffer, area: Rect
  ) {
    guard let dialog = state.dialog else { return }
    box(dialog, state, keymap).draw(into: &buffer, area: area, glyphs: state.glyphs)
  }

  /// The cells that a dialog takes.
  static func frame(of dialog: Dialog, _ state: DashboardState, _ keymap: Keymap) -> Rect {
    box(dialog, state, keymap).frame(in: Rect(state.size))
  }

  private static func box(
    _ dialog: Dialog, _ state: DashboardState, _ keymap: Keymap
  ) -> DialogBox {
    switch dialog {
    case .help(let firstLine):
      return DialogBox(
        title: "Help", body: HelpText.lines(keymap, state),
        footer: keys([("Esc", "closes"), ("PgDn", "scrolls")]), firstLine: firstLine,
        minimumColumns: 56)
    case .learningRate(let field, let old, let problem):
      return learningRateBox(field, old, problem, state)
    case .prune(let prune): return PruneDialogView.box(prune, state)
    case .pruning: return PruneDialogView.pruningBox(state)
    case .branch(let field, let problem): return branchBox(field, problem, state)
    case .set(let dialog): return setBox(dialog, state)
    case .candidate(let dialog): return candidateBox(dialog, state)
    case .confirmation(let title, let lines, _):
      return DialogBox(
        title: title, body: lines.flatMap { wrapped($0, .text, state) },
        footer: keys([("Enter", "yes"), ("Esc", "no")]))
    }
  }

  private static func learningRateBox(
    _ field: TextField, _ old: Double?, _ problem: String?, _ state: DashboardState
  ) -> DialogBox {
    let new = DialogUpdate.learningRateValue(field.text, old: old)
    let oldText = old.map { NumberText.significant($0) } ?? "?"
    let newText = new.map { NumberText.significant($0) } ?? "?"
    let kinds = state.selected?.run.manifest?.scheduleKinds ?? []
    let typedKind = ScheduleText.schedule(field.text)?["kind"]?.string
    var body = [
      typedKind.map(kinds.contains) ?? false
        ? StyledText("a new schedule begins here and reaches to the end", .dim)
        : StyledText([
          .init("\(oldText) → ", .dim), .init(newText, Style(.text, .bold)),
          .init("   scales the rest of the schedule too", .dim),
        ])
    ]
    if !kinds.isEmpty {
      body += wrapped(
        "Or a schedule from here on: cosine, step everyEpochs=2 factor=0.5, multiStep epochs=[3,5]",
        .dim, state)
    }
    if let problem { body += wrapped(problem, Style(.statusBad), state) }
    return DialogBox(
      title: "Learning rate", body: body,
      input: .init(label: "new, or x0.5: ", field: field),
      footer: keys([("Enter", "sets it"), ("Up/Down", "×1.25"), ("Esc", "leaves it")]))
  }

  /// The lines of a sentence in a box that is no wider than the screen.
  static func wrapped(
    _ text: String, _ style: Style, _ state: DashboardState
  ) -> [StyledText] {
    let (frameColumns, columnsMax) = (4, 68)
    let columns = min(columnsMax, max(1, state.size.columns - frameColumns))
    return WrappedText.lines(text, columns: columns).map { StyledText($0, style) }
  }

  private static func branchBox(
    _ field: TextField, _ problem: String?, _ state: DashboardState
  ) -> DialogBox {
    var body = wrapped(
      "A second run goes on from this one's present state, with a learning rate (0.01, x0.5), "
        + "pruned (80%, l2 50%, magnitude 90% layer=linear1), both, or as it is.", .dim, state)
    if let problem { body += wrapped(problem, Style(.statusBad), state) }
    return DialogBox(
      title: "Branch", body: body, input: .init(label: "changed: ", field: field),
      footer: keys([("Enter", "starts it"), ("Esc", "leaves it")]))
  }

  private static func setBox(_ dialog: SetDialog, _ state: DashboardState) -> DialogBox {
    guard case .typing(let field, let problem) = dialog.stage else {
      return DialogBox(
        title: "Set a value", body: setLines(dialog, state),
        footer: keys([("Up/Down", "chooses"), ("Enter", "types its value"), ("Esc", "leaves it")]),
        firstLine: dialog.selected)
    }
    let entry = dialog.chosen
    let new = dialog.value(field.text).map { NumberText.significant($0, digits: 6) } ?? "?"
    var body = wrapped(SafeText.cleaned(entry.number.description), .text, state)
    body.append(
      StyledText([
        .init("\(NumberText.significant(entry.present, digits: 6)) → ", .dim),
        .init(new, Style(.text, .bold)),
        .init(SetDialog.boundsText(entry.number.bounds).map { "   \($0)" } ?? "", .dim),
      ]))
    if let problem { body += wrapped(problem, Style(.statusBad), state) }
    return DialogBox(
      title: "Set \(SafeText.cleaned(entry.number.name, maxLength: 60))", body: body,
      input: .init(label: "new, or x0.5: ", field: field),
      footer: keys([("Enter", "sets it"), ("Esc", "leaves it")]))
  }

  private static func candidateBox(
    _ dialog: CandidateDialog, _ state: DashboardState
  ) -> DialogBox {
    let name = SafeText.cleaned(dialog.id, maxLength: 40)
    var body = wrapped(dialog.question, .text, state)
    if let problem = dialog.problem { body += wrapped(problem, Style(.statusBad), state) }
    return DialogBox(
      title: "Candidate \(name)", body: body,
      input: dialog.field.map { .init(label: "epochs:", field: $0) },
      footer: keys([("Enter", dialog.deed), ("Esc", "leaves it")]))
  }

  /// A line a number: its name, what it is, its bounds.
  private static func setLines(_ dialog: SetDialog, _ state: DashboardState) -> [StyledText] {
    let (nameColumnsMax, valueColumns) = (32, 10)
    let names = dialog.entries.map { SafeText.cleaned($0.number.name) }
    let width = min(nameColumnsMax, names.map { SafeText.displayWidth(of: $0) }.max() ?? 0)
    return zip(names, dialog.entries).enumerated().map { index, pair in
      let (name, entry) = pair
      let shown = SafeText.truncated(name, columns: width, glyphs: state.glyphs)
      let padding = String(repeating: " ", count: max(0, width - SafeText.displayWidth(of: shown)))
      let value = NumberText.significant(entry.present, digits: 6)
      let gap = String(repeating: " ", count: max(1, valueColumns - value.count))
      let isChosen = index == dialog.selected
      return StyledText([
        .init(isChosen ? "> " : "  ", Style(.hotKey, .bold)),
        .init(shown + padding, isChosen ? Style(.text, .bold) : .text), .init(gap + value, .text),
        .init(SetDialog.boundsText(entry.number.bounds).map { "   \($0)" } ?? "", .dim),
      ])
    }
  }

  static func keys(_ pairs: [(key: String, what: String)]) -> StyledText {
    var text = StyledText()
    for (index, pair) in pairs.enumerated() {
      text.append((index == 0 ? "" : "   ") + pair.key, Style(.hotKey, .bold))
      text.append(" " + pair.what, .dim)
    }
    return text
  }
}
