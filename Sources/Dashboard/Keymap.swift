import TerminalUI

/// Keys, what they do, and the words for it: keyboard, footer, help, palette and the user's own
/// keys all come from this table.
public struct Keymap: Sendable {
  public struct Binding: Sendable {
    public var keys: [Key]
    public let action: Action
    /// The line in the help.
    public let help: String
    /// The word in the footer; nil: not shown there.
    public let footer: String?

    init(_ keys: [Key], _ action: Action, _ help: String, footer: String? = nil) {
      self.keys = keys
      self.action = action
      self.help = help
      self.footer = footer
    }
  }

  public struct Section: Sendable {
    public let title: String
    /// The name of the view in which these keys hold; nil: in every one.
    public let view: String?
    public var bindings: [Binding]
  }

  public let sections: [Section]
  /// What keys do, by the view they do it in; "" in every view.
  private let actions: [String: [Key: Action]]

  /// The usual keys, changed as a person wants them: keys by the name of an action, none to
  /// disable it.
  public init(overrides: [String: [Key]] = [:]) {
    let taken = Set(overrides.values.joined())
    sections = Self.standardSections.map { section in
      var section = section
      for index in section.bindings.indices {
        if let keys = overrides[section.bindings[index].action.name] {
          section.bindings[index].keys = keys
        } else {
          // A key that a person gave to one action is no longer another's.
          section.bindings[index].keys.removeAll { taken.contains($0) }
        }
      }
      return section
    }
    var actions: [String: [Key: Action]] = [:]
    for section in sections {
      for binding in section.bindings {
        for key in binding.keys { actions[section.view ?? "", default: [:]][key] = binding.action }
      }
    }
    self.actions = actions
  }

  /// What a key does in a view.
  public func action(for key: Key, in view: String) -> Action? {
    actions[view]?[key] ?? actions[""]?[key]
  }

  /// The sections whose keys hold in a view.
  public func sections(in view: String) -> [Section] {
    sections.filter { $0.view == nil || $0.view == view }
  }

  /// The bindings that the footer of a view names, in order.
  func footerBindings(in view: String) -> [Binding] {
    sections(in: view).flatMap(\.bindings).filter { $0.footer != nil && !$0.keys.isEmpty }
  }

  /// The keys that a person may press instead of typing an action's name.
  func keys(of action: Action) -> [Key] {
    sections.flatMap(\.bindings).first { $0.action == action }?.keys ?? []
  }

  /// The names of all actions, for the palette and for the configuration.
  public static let actionNames = namedBindings.map(\.action.name)

  /// One binding for each action: several views may share one.
  static let namedBindings: [Binding] = {
    var known: Set<Action> = []
    return standardSections.flatMap(\.bindings).filter { known.insert($0.action).inserted }
  }()

  public static let standardSections: [Section] =
    [Section(title: "The run", view: nil, bindings: runBindings)]
    + Views.all.filter { !$0.bindings.isEmpty }.map {
      Section(title: $0.title, view: $0.name, bindings: $0.bindings)
    }
    + [
      Section(title: "Moving", view: nil, bindings: movingBindings),
      Section(title: "Everywhere", view: nil, bindings: viewBindings + everywhereBindings),
    ]

  private static let runBindings: [Binding] = [
    Binding([.character("P")], .pauseOrResume, "pause, or go on", footer: "Pause"),
    Binding([.character("L")], .learningRate, "change the learning rate", footer: "LR"),
    Binding([.character("V")], .setValue, "set a value that the run declares", footer: "Value"),
    Binding(
      [.character("X")], .prune, "prune by any method, previewed a layer at a time",
      footer: "Prune"),
    Binding(
      [.character("U")], .undo, "undo the last prune, or change of a rate or value",
      footer: "Undo"),
    Binding([.character("C")], .checkpoint, "write a checkpoint", footer: "Ckpt"),
    Binding(
      [.character("B")], .branch, "a second run from this one's state, changed", footer: "Branch"),
    Binding([.character("K")], .stop, "stop the run, with a checkpoint", footer: "Stop"),
  ]

  private static let movingBindings: [Binding] = [
    Binding([.up, .character("k")], .up, "up"),
    Binding([.down, .character("j")], .down, "down"),
    Binding([.left, .character("h")], .left, "left"),
    Binding([.right, .character("l")], .right, "right"),
    Binding([.pageUp], .pageUp, "a page up"),
    Binding([.pageDown], .pageDown, "a page down", footer: "More"),
    Binding([.home, .character("g")], .first, "to the first"),
    Binding([.end, .character("G")], .last, "to the last"),
    Binding([.tab], .focusNext, "next chart or pane"),
    Binding([.backTab], .focusPrevious, "previous chart or pane"),
  ]

  private static let viewBindings: [Binding] = Views.all.enumerated().map { index, view in
    Binding([.character(Character("\(index + 1)"))], .view(view.name), "\(view.title)")
  }

  private static let everywhereBindings: [Binding] = [
    Binding([.character("[")], .previousRun, "previous run"),
    Binding([.character("]")], .nextRun, "next run", footer: "Run"),
    Binding([.character("/")], .filter, "filter: words, /regex/, loss<0.1", footer: "Filter"),
    Binding([.character("n")], .nextMatch, "next match"),
    Binding([.character("N")], .previousMatch, "previous match"),
    Binding([.character(":")], .palette, "every action and command by name"),
    Binding([.character("z")], .freeze, "freeze the display, or let it go on"),
    Binding([.character("m")], .mouse, "mouse on or off"),
    Binding([.character("T")], .nextTheme, "next theme"),
    Binding([.character("0")], .resetLayout, "back to the first layout"),
    Binding([.escape], .back, "back"),
    Binding([.character("?"), .function(1)], .help, "this help", footer: "Help"),
    Binding([.control("l")], .redraw, "paint the screen again"),
    Binding([.control("z")], .suspend, "to the shell; fg comes back"),
    Binding(
      [.character("q"), .control("c")], .quit, "leave; the training goes on", footer: "Quit"),
  ]
}
