import TerminalUI

/// The help, made from the key table: what holds in this view, then what the other views add. What
/// is not possible now is faint, with the reason.
enum HelpText {
  static func lines(_ keymap: Keymap, _ state: DashboardState) -> [StyledText] {
    let here = keymap.sections(in: state.view)
    let elsewhere = keymap.sections.filter { $0.view != nil && $0.view != state.view }
    // The keys of the view come first: they are what the question is about.
    let ordered = here.filter { $0.view != nil } + here.filter { $0.view == nil }
    var lines: [StyledText] = []
    for section in ordered { lines += self.lines(of: section, state, isHere: true) }
    for section in elsewhere { lines += self.lines(of: section, state, isHere: false) }
    lines += [
      "", StyledText("Filter", .title),
      StyledText(
        "  two words   both; \"as one\"; !not; /regex/; loss<0.1 and state:finished", .text),
    ]
    lines += ["", StyledText("Palette (:)", .title)]
    lines += PaletteCommand.all.map {
      StyledText([
        .init("  " + padded($0.name, keyColumns), Style(.hotKey)), .init($0.help, .text),
      ])
    }
    return lines.first == "" ? Array(lines.dropFirst()) : lines
  }

  private static let keyColumns = 12

  private static func lines(
    of section: Keymap.Section, _ state: DashboardState, isHere: Bool
  ) -> [StyledText] {
    let obstacle = state.steeringObstacle
    let title = isHere ? section.title : "\(section.title) (another view)"
    var lines: [StyledText] = ["", StyledText(title, isHere ? .title : Style(.dim, .bold))]
    let isRun = section.bindings.contains { Action.steering.contains($0.action) }
    if isRun, let obstacle { lines.append(StyledText("not now: \(obstacle)", .dim)) }
    let view = Views.named(state.view)
    for binding in section.bindings {
      let isSteering = Action.steering.contains(binding.action)
      // What stands in the way of all of them is told once, above.
      let own =
        isHere && (!isSteering || obstacle == nil) ? state.obstacle(to: binding.action) : nil
      let isOff =
        !isHere || own != nil
        || (isSteering ? obstacle != nil : !view.isUseful(binding.action, state))
      let keys = binding.keys.map { $0.label(glyphs: state.glyphs) }.joined(separator: " ")
      let shown = keys.isEmpty ? "(disabled)" : keys
      lines.append(
        StyledText([
          .init("  " + padded(shown, keyColumns), isOff ? .dim : Style(.hotKey)),
          .init(binding.help + (own.map { ": " + $0 } ?? ""), isOff ? .dim : .text),
        ]))
    }
    return lines
  }

  private static func padded(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(1, columns - SafeText.displayWidth(of: text)))
  }
}
