import TerminalUI

/// What a key can do.
public enum Action: String, CaseIterable, Sendable {
  case quit, help, back, redraw, suspend, resetLayout
  case showCurves
  case previousRun, nextRun
  case focusNext, focusPrevious, open
  case up, down, pageUp, pageDown, first, last
  case cursorLeft, cursorRight, logarithmicY
  case pauseOrResume, learningRate, prune, undo, checkpoint, stop
}

/// Keys, what they do, and the words for it: keyboard, footer and help all come from this table.
public struct Keymap: Sendable {
  public struct Binding: Sendable {
    public let keys: [Key]
    public let action: Action
    /// The line in the help.
    public let help: String
    /// The word in the footer; nil: not shown there.
    public let footer: String?
  }

  public struct Section: Sendable {
    public let title: String
    public let bindings: [Binding]
  }

  public let sections: [Section]
  private let actions: [Key: Action]

  public init(sections: [Section] = Keymap.standardSections) {
    self.sections = sections
    var actions: [Key: Action] = [:]
    for binding in sections.flatMap(\.bindings) {
      for key in binding.keys { actions[key] = binding.action }
    }
    self.actions = actions
  }

  public func action(for key: Key) -> Action? { actions[key] }

  /// The bindings that the footer names, in order.
  public var footerBindings: [Binding] {
    sections.flatMap(\.bindings).filter { $0.footer != nil }
  }

  /// Actions that change a run, for which a reason is shown when they cannot be taken.
  public static let steeringActions: Set<Action> = [
    .pauseOrResume, .learningRate, .prune, .undo, .checkpoint, .stop,
  ]

  private static func bind(
    _ keys: [Key], _ action: Action, _ help: String, footer: String? = nil
  ) -> Binding {
    Binding(keys: keys, action: action, help: help, footer: footer)
  }

  public static let standardSections: [Section] = [
    Section(
      title: "The run",
      bindings: [
        bind([.character("P")], .pauseOrResume, "pause, or go on", footer: "Pause"),
        bind([.character("L")], .learningRate, "change the learning rate", footer: "LR"),
        bind(
          [.character("X")], .prune, "prune to a sparsity, previewed a layer at a time",
          footer: "Prune"),
        bind(
          [.character("U")], .undo, "undo the last prune or learning-rate change",
          footer: "Undo"),
        bind([.character("C")], .checkpoint, "write a checkpoint", footer: "Ckpt"),
        bind([.character("K")], .stop, "stop the run, with a checkpoint", footer: "Stop"),
      ]),
    Section(
      title: "Charts",
      bindings: [
        bind([.tab], .focusNext, "next chart"),
        bind([.backTab], .focusPrevious, "previous chart"),
        bind([.enter], .open, "the chart alone, or all again", footer: "Zoom"),
        bind(
          [.left], .cursorLeft, "cursor to the left: values of every curve at a step",
          footer: "Cursor"),
        bind([.right], .cursorRight, "cursor to the right"),
        bind([.character("y")], .logarithmicY, "logarithmic y axis, on or off", footer: "Log y"),
        bind([.pageDown, .character(" ")], .pageDown, "next page of charts", footer: "More"),
        bind([.pageUp], .pageUp, "previous page of charts"),
        bind([.down, .character("j")], .down, "chart below"),
        bind([.up, .character("k")], .up, "chart above"),
        bind([.home, .character("g")], .first, "first chart"),
        bind([.end, .character("G")], .last, "last chart"),
      ]),
    Section(
      title: "Everywhere",
      bindings: [
        bind([.character("1")], .showCurves, "Curves"),
        bind([.character("[")], .previousRun, "previous run"),
        bind([.character("]")], .nextRun, "next run", footer: "Run"),
        bind([.character("0")], .resetLayout, "back to the first layout"),
        bind([.escape], .back, "back"),
        bind([.character("?"), .function(1)], .help, "this help", footer: "Help"),
        bind([.control("l")], .redraw, "paint the screen again"),
        bind([.control("z")], .suspend, "to the shell; fg comes back"),
        bind(
          [.character("q"), .control("c")], .quit, "leave; the training goes on", footer: "Quit"),
      ]),
  ]
}
