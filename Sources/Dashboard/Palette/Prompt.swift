import TerminalUI

/// A line that is typed in the place of the footer.
public struct Prompt: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// Narrows what the view shows while it is typed; Esc brings back what was there before.
    case filter(before: String)
    /// An action or a command by name.
    case palette
  }

  public var kind: Kind
  public var field: TextField
  public var problem: String?
  /// What was typed before Up and Down went through the history.
  var draft = ""
  /// Which line of the history is shown; nil: none.
  var historyIndex: Int?
  /// Which of the completions is chosen; nil: none.
  var completionIndex: Int?

  init(_ kind: Kind, text: String = "") {
    self.kind = kind
    field = TextField(text)
    draft = text
  }

  /// A line whose text gives way to what is typed.
  init(_ kind: Kind, proposal: String) {
    self.kind = kind
    field = TextField(proposal, isProposal: !proposal.isEmpty)
  }
}

/// What keys do while a line is typed.
enum PromptUpdate {
  private static let historyMax = 100

  static func handle(_ key: Key, _ state: inout DashboardState) -> [Effect] {
    guard var prompt = state.prompt else { return [] }
    switch prompt.kind {
    case .filter(let before):
      switch key {
      case .escape:
        state.setFilter(before)
        state.prompt = nil
      case .enter:
        // A filter that means nothing is not left standing as if it held.
        if prompt.problem == nil { state.prompt = nil }
      default:
        _ = prompt.field.handle(key)
        takeTyped(prompt, &state)
      }
      return []
    case .palette: return handlePalette(key, prompt, &state)
    }
  }

  private static func handlePalette(
    _ key: Key, _ prompt: Prompt, _ state: inout DashboardState
  ) -> [Effect] {
    var prompt = prompt
    switch key {
    case .escape:
      state.prompt = nil
      return []
    case .backspace where prompt.field.text.isEmpty:
      state.prompt = nil
      return []
    case .enter: return run(prompt, &state)
    case .up: goThroughHistory(&prompt, by: 1, state)
    case .down: goThroughHistory(&prompt, by: -1, state)
    case .tab, .backTab: complete(&prompt, by: key == .tab ? 1 : -1, state)
    default:
      _ = prompt.field.handle(key)
      takeTyped(prompt, &state)
      return []
    }
    state.prompt = prompt
    return []
  }

  /// Puts text into the line.
  static func paste(_ text: String, _ state: inout DashboardState) {
    guard var prompt = state.prompt else { return }
    prompt.field.insert(text)
    takeTyped(prompt, &state)
  }

  /// Does what a changed line asks for: a filter acts at once, a command begins anew.
  private static func takeTyped(_ prompt: Prompt, _ state: inout DashboardState) {
    var prompt = prompt
    switch prompt.kind {
    case .filter:
      state.setFilter(prompt.field.text)
      prompt.problem = state.filterProblem
    case .palette:
      (prompt.problem, prompt.historyIndex, prompt.completionIndex) = (nil, nil, nil)
      prompt.draft = prompt.field.text
    }
    state.prompt = prompt
  }

  private static func run(_ prompt: Prompt, _ state: inout DashboardState) -> [Effect] {
    let line = prompt.field.text.trimmed
    guard !line.isEmpty else {
      state.prompt = nil
      return []
    }
    state.prompt = nil
    do throws(PaletteProblem) {
      let effects = try Palette.run(line, &state)
      state.paletteHistory.removeAll { $0 == line }
      state.paletteHistory.insert(line, at: 0)
      state.paletteHistory = Array(state.paletteHistory.prefix(historyMax))
      return effects
    } catch {
      var again = prompt
      again.problem = error.message
      state.prompt = again
      return []
    }
  }

  private static func goThroughHistory(
    _ prompt: inout Prompt, by offset: Int, _ state: DashboardState
  ) {
    let next = (prompt.historyIndex ?? -1) + offset
    guard next < state.paletteHistory.count else { return }
    prompt.historyIndex = next < 0 ? nil : next
    prompt.field.replace(with: next < 0 ? prompt.draft : state.paletteHistory[next])
  }

  /// Every Tab takes the next completion of what was typed.
  private static func complete(_ prompt: inout Prompt, by offset: Int, _ state: DashboardState) {
    let completions = Palette.completions(prompt.draft, state)
    guard !completions.isEmpty else { return }
    let next = prompt.completionIndex.map { $0 + offset } ?? (offset > 0 ? 0 : -1)
    let index = (next + completions.count) % completions.count
    prompt.completionIndex = index
    prompt.field.replace(with: completions[index].line)
  }
}

extension String {
  /// Without spaces at either end.
  var trimmed: String {
    let start = firstIndex { $0 != " " } ?? endIndex
    let end = lastIndex { $0 != " " }.map { index(after: $0) } ?? start
    return String(self[start..<end])
  }
}

extension DashboardState {
  /// The filter of the shown view.
  var filterText: String { list(view).filterText }

  mutating func setFilter(_ text: String) {
    lists[view, default: ListState()].filterText = text
  }

  /// What is wrong with the filter of the shown view; nil when nothing is.
  var filterProblem: String? {
    do throws(RowFilterError) {
      _ = try RowFilter(filterText, columns: Views.named(view).filterColumns(self))
      return nil
    } catch { return error.message }
  }
}
