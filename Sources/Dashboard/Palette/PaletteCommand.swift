import RunModel
import TerminalUI

/// A command of the palette that takes an argument.
struct PaletteCommand: Sendable {
  let name: String
  /// What follows the name.
  let usage: String
  let help: String
  /// What can follow, for completion.
  let arguments: @Sendable (DashboardState) -> [String]
  let perform: @Sendable (String, inout DashboardState) throws(PaletteProblem) -> [Effect]

  func run(_ argument: String, _ state: inout DashboardState) throws(PaletteProblem) -> [Effect] {
    try perform(argument, &state)
  }

  private init(
    _ name: String, _ usage: String, _ help: String,
    arguments: @escaping @Sendable (DashboardState) -> [String] = { _ in [] },
    perform:
      @escaping @Sendable (String, inout DashboardState) throws(PaletteProblem) -> [Effect]
  ) {
    self.name = name
    self.usage = usage
    self.help = help + ": \(name) \(usage)"
    self.arguments = arguments
    self.perform = perform
  }

  static let all: [PaletteCommand] = [
    PaletteCommand(
      "view", "NAME", "show a view", arguments: { _ in Views.all.map(\.name) }
    ) { (text, state) throws(PaletteProblem) in
      guard Views.all.contains(where: { $0.name == text }) else {
        throw PaletteProblem("view is one of " + Views.all.map(\.name).joined(separator: ", "))
      }
      state.view = text
      return []
    },
    PaletteCommand(
      "run", "NAME", "show a run", arguments: { $0.runs.map { SafeText.cleaned($0.run.name) } }
    ) { (text, state) throws(PaletteProblem) in
      guard let run = state.runs.first(where: { SafeText.cleaned($0.run.name) == text }) else {
        throw PaletteProblem("there is no run of that name")
      }
      Update.select(run.run.path, &state)
      return []
    },
    PaletteCommand("filter", "TEXT", "filter what the view shows") {
      (text, state) throws(PaletteProblem) in
      let before = state.filterText
      state.setFilter(text)
      guard let problem = state.filterProblem else { return [] }
      state.setFilter(before)
      throw PaletteProblem(problem)
    },
    PaletteCommand(
      "sort", "COLUMN", "sort the list", arguments: { Views.named($0.view).filterColumns($0) }
    ) { (text, state) throws(PaletteProblem) in
      let columns = (Views.named(state.view) as? any ListView)?.model(state).columns ?? []
      guard let column = columns.first(where: { $0.name == text || $0.alias == text }) else {
        throw PaletteProblem("there is no column of that name here")
      }
      state.lists[state.view, default: ListState()].sortColumn = column.name
      return []
    },
    PaletteCommand(
      "theme", "NAME", "choose a theme", arguments: { $0.themes }
    ) { (text, state) throws(PaletteProblem) in
      guard state.themes.contains(text) else {
        throw PaletteProblem("theme is one of " + state.themes.joined(separator: ", "))
      }
      guard state.hasColors else { throw PaletteProblem("this terminal has no colours to choose") }
      state.show(theme: text)
      return [.setTheme(text)]
    },
    PaletteCommand(
      "axis", "NAME", "what the x axis counts",
      arguments: { _ in TimeAxis.allCases.map(\.rawValue) }
    ) { (text, state) throws(PaletteProblem) in
      guard let axis = TimeAxis(rawValue: text) else {
        throw PaletteProblem(
          "axis is one of " + TimeAxis.allCases.map(\.rawValue).joined(separator: ", "))
      }
      CurvesView.setAxis(axis, &state)
      return []
    },
    PaletteCommand(
      "smoothing", "0…0.999", "smooth the curves", arguments: { _ in ["0", "0.6", "0.9", "0.99"] }
    ) { (text, state) throws(PaletteProblem) in
      guard let weight = Float(text), weight >= 0, weight < 1 else {
        throw PaletteProblem("smoothing is a number from 0 (none) to 0.999")
      }
      CurvesView.setSmoothing(weight, &state)
      return []
    },
    PaletteCommand(
      "grid", "ROWSxCOLUMNS|auto", "how many charts there are at a time",
      arguments: { _ in ["auto", "1x1", "2x1", "2x2", "3x2", "3x3", "4x3"] }
    ) { (text, state) throws(PaletteProblem) in
      let parts = text.split(separator: "x").map { Int($0) ?? 0 }
      if text == "auto" {
        (state.curves.gridRows, state.curves.gridColumns) = (0, 0)
      } else if parts.count == 2, parts.allSatisfy({ (1...RememberedView.gridMax).contains($0) }) {
        (state.curves.gridRows, state.curves.gridColumns) = (parts[0], parts[1])
      } else {
        throw PaletteProblem("grid is auto, or rows and columns such as 3x2")
      }
      return []
    },
    PaletteCommand("go", "X", "put the cursor to a place on the x axis") {
      (text, state) throws(PaletteProblem) in
      guard let place = Double(text), place.isFinite else {
        throw PaletteProblem("go needs a number on the x axis")
      }
      state.view = CurvesView().name
      CurvesView.setCursor(place, &state)
      return []
    },
    PaletteCommand(
      "write", "FILE.csv|FILE.svg", "write the charts that are shown",
      arguments: { state in ["csv", "svg"].map { CurvesView.fileName(state, $0) } }
    ) { (text, state) throws(PaletteProblem) in
      [try CurvesView.writing(to: text, state)]
    },
    PaletteCommand("lr", "VALUE|x0.5|SCHEDULE", "change the learning rate, after a look at it") {
      (text, state) in
      let effects = Update.perform(.learningRate, &state)
      if case .learningRate(_, let old, let problem) = state.dialog, !text.isEmpty {
        state.dialog = .learningRate(field: TextField(text), old: old, problem: problem)
      }
      return effects
    },
    PaletteCommand(
      "set", "NAME VALUE|x0.5", "set a declared value, after a look at it",
      arguments: { state in
        (state.selected?.run.manifest?.declaredNumbers ?? []).map { SafeText.cleaned($0.name) }
      }
    ) { (text, state) in
      if let obstacle = state.obstacle(to: .setValue) {
        state.tell("not now: \(obstacle)", .statusBad)
        return []
      }
      // A name may hold spaces, a value none.
      let names = (state.selected?.run.manifest?.declaredNumbers ?? []).map(\.name)
      let name = names.filter { text == $0 || text.hasPrefix($0 + " ") }
        .max { $0.count < $1.count }
      let value = name.map { String(text.dropFirst($0.count)).trimmed } ?? ""
      DialogUpdate.openSet(&state, name: text.isEmpty ? nil : name ?? text, text: value)
      return []
    },
    PaletteCommand(
      "prune", "[METHOD] SPARSITY", "prune, after a preview",
      arguments: { state in
        (state.selected?.run.manifest?.pruningMethods ?? []).map { SafeText.cleaned($0.name) }
      }
    ) { (text, state) in
      let effects = Update.perform(.prune, &state)
      if case .prune(var dialog) = state.dialog, !text.isEmpty {
        dialog.choose(PruneText(text)?.method ?? text)
        if dialog.method.name != text { dialog.field = TextField(text) }
        state.dialog = .prune(dialog)
      }
      return effects
    },
  ]
}
