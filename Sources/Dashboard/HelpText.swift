import TerminalUI

/// The help, made from the key table; what is not possible now is faint, with the reason.
enum HelpText {
  static func lines(_ keymap: Keymap, _ state: DashboardState) -> [StyledText] {
    var lines: [StyledText] = []
    let obstacle = state.steeringObstacle
    for section in keymap.sections {
      if !lines.isEmpty { lines.append("") }
      lines.append(StyledText(section.title, .title))
      let isRun = section.bindings.contains { Keymap.steeringActions.contains($0.action) }
      if isRun, let obstacle { lines.append(StyledText("not now: \(obstacle)", .dim)) }
      for binding in section.bindings {
        let isOff = obstacle != nil && Keymap.steeringActions.contains(binding.action)
        let keys = binding.keys.map { $0.label(glyphs: state.glyphs) }.joined(separator: " ")
        let padding = String(repeating: " ", count: max(1, 12 - SafeText.displayWidth(of: keys)))
        lines.append(
          StyledText([
            .init("  " + keys + padding, isOff ? .dim : Style(.hotKey)),
            .init(binding.help, isOff ? .dim : .text),
          ]))
      }
    }
    return lines
  }
}
