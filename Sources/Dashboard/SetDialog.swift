import RunLog
import RunModel
import TerminalUI

/// A declared number in the making: chosen from the list, then its new value is typed.
public struct SetDialog: Sendable, Equatable {
  public var entries: [Entry]
  /// Index of the chosen one.
  public var selected: Int
  public var stage: Stage

  /// A number that the run declares, and what it is now.
  public struct Entry: Sendable, Equatable {
    public var number: RunManifest.DeclaredNumber
    public var present: Double
  }

  public enum Stage: Sendable, Equatable {
    case choosing
    case typing(field: TextField, problem: String?)
  }

  /// nil when the run declares no numbers. A single one needs no choice.
  init?(_ run: Run) {
    let numbers = run.manifest?.declaredNumbers ?? []
    guard !numbers.isEmpty else { return nil }
    entries = numbers.map { Entry(number: $0, present: Self.present($0, in: run)) }
    selected = 0
    stage = .choosing
    if entries.count == 1 { type() }
  }

  var chosen: Entry { entries[selected] }

  /// Goes on to typing a value for the chosen number.
  mutating func type() {
    let proposal = NumberText.significant(chosen.present, digits: 6).filter { $0 != " " }
    stage = .typing(field: TextField(proposal, isProposal: true), problem: nil)
  }

  /// The value that some typed text means: a number, or a factor such as `x0.5`.
  func value(_ text: String) -> Double? {
    let trimmed = text.filter { $0 != " " }
    let isFactor = trimmed.first.map { "x×*".contains($0) } ?? false
    guard let number = Double(isFactor ? String(trimmed.dropFirst()) : trimmed) else { return nil }
    let value = isFactor ? chosen.present * number : number
    return value.isFinite ? value : nil
  }

  /// "from 0 to 2", "from 0"; nil where anything goes.
  static func boundsText(_ bounds: ClosedRange<Double>) -> String? {
    let lower = NumberText.significant(bounds.lowerBound, digits: 6)
    let upper = NumberText.significant(bounds.upperBound, digits: 6)
    switch (bounds.lowerBound.isFinite, bounds.upperBound.isFinite) {
    case (true, true): return "from \(lower) to \(upper)"
    case (true, false): return "from \(lower)"
    case (false, true): return "up to \(upper)"
    case (false, false): return nil
    }
  }

  /// What a number is: what the newest answer of this session made of it, else as declared.
  private static func present(_ number: RunManifest.DeclaredNumber, in run: Run) -> Double {
    for record in run.journal.reversed() {
      switch record.entry {
      case .phase(let phase) where phase.name == .starting: return number.value
      case .answer(let answer) where answer.status == .applied:
        guard let new = answer.new?.double, new.isFinite else { continue }
        let request = answer.request
        let isSet =
          request?["command"]?.string == "set" && request?["name"]?.string == number.name
        let isUndo =
          request?["command"]?.string == "undo"
          && answer.reason?.hasPrefix("set \(number.name) at step ") == true
        if isSet || isUndo { return new }
      default: continue
      }
    }
    return number.value
  }
}

extension DialogUpdate {
  /// Opens the list of declared numbers, or the line of the one whose name is given.
  static func openSet(_ state: inout DashboardState, name: String? = nil, text: String = "") {
    guard let run = state.selected?.run, var dialog = SetDialog(run) else {
      state.tell("not now: this run declares no numbers", .statusBad)
      return
    }
    if let name {
      guard let index = dialog.entries.firstIndex(where: { $0.number.name == name }) else {
        state.tell("this run declares no number \(SafeText.cleaned(name))", .statusBad)
        return
      }
      dialog.selected = index
      dialog.type()
      if !text.isEmpty { dialog.stage = .typing(field: TextField(text), problem: nil) }
    }
    state.dialog = .set(dialog)
  }

  static func handleSet(
    _ key: Key, _ dialog: SetDialog, _ state: inout DashboardState
  ) -> [Effect] {
    var dialog = dialog
    defer { if case .set = state.dialog { state.dialog = .set(dialog) } }
    guard case .typing(var field, _) = dialog.stage else {
      switch key {
      case .up, .character("k"): dialog.selected = max(0, dialog.selected - 1)
      case .down, .character("j"):
        dialog.selected = min(dialog.entries.count - 1, dialog.selected + 1)
      case .home, .character("g"): dialog.selected = 0
      case .end, .character("G"): dialog.selected = dialog.entries.count - 1
      case .enter: dialog.type()
      case .character("q"): state.dialog = nil
      default: break
      }
      return []
    }
    guard key == .enter else {
      _ = field.handle(key)
      dialog.stage = .typing(field: field, problem: nil)
      return []
    }
    guard let value = dialog.value(field.text) else {
      dialog.stage = .typing(
        field: field, problem: "type a number, such as 0.5, or a factor, such as x0.5")
      return []
    }
    let number = dialog.chosen.number
    guard number.bounds.contains(value) else {
      let bounds = SetDialog.boundsText(number.bounds) ?? ""
      dialog.stage = .typing(
        field: field, problem: "\(SafeText.cleaned(number.name)) is a number \(bounds)")
      return []
    }
    state.dialog = nil
    return obstructed(to: .setValue, &state)
      ? [] : Update.send(.set(name: number.name, value: value), state)
  }
}
