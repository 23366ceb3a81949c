import TerminalUI

/// How somebody left the dashboard on one set of targets.
public struct RememberedView: Equatable, Sendable {
  /// By which column a list is sorted.
  public struct Sort: Equatable, Sendable {
    public var column: String
    public var isReversed: Bool

    public init(column: String, isReversed: Bool = false) {
      self.column = column
      self.isReversed = isReversed
    }
  }

  /// The view's name; empty: none was remembered.
  public var view = ""
  /// The x axis's name; empty: none was remembered.
  public var axis = ""
  /// The weight of the past in smoothed curves, 0 to `Configuration.smoothingMax`.
  public var smoothing: Float = 0
  /// The part of the x axis that is shown, in its unit; nil: all.
  public var window: ClosedRange<Double>?
  /// Whether the window moves with the newest points.
  public var followsEnd = true
  /// Titles of the charts with a logarithmic y axis, at most `listMax`.
  public var logarithmic: [String] = []
  /// Whether outliers may lie outside of a chart.
  public var clipsOutliers = false
  /// Charts beside each other, 0 to `gridMax`; 0: as many as fit.
  public var gridColumns = 0
  /// Charts above each other, 0 to `gridMax`; 0: as many as fit.
  public var gridRows = 0
  /// Paths of the marked runs, at most `listMax`.
  public var marked: [String] = []
  /// Marked layers by the path of their run, at most `dictionaryMax` of `listMax` each.
  public var markedLayers: [String: [String]] = [:]
  /// The pruning method that was used last.
  public var pruningMethod: String?
  /// Path of the run that was shown.
  public var selected: String?
  /// The theme's name; nil: none was chosen.
  public var theme: String?
  /// Whether the program takes the mouse.
  public var hasMouse = false
  /// The filters by view, at most `dictionaryMax`.
  public var filters: [String: String] = [:]
  /// The sorted columns by view, at most `dictionaryMax`.
  public var sorts: [String: Sort] = [:]
  /// Each divider's place as a share of the room that it divides, 0 to 1, by the divider's name; at
  /// most `dictionaryMax`.
  public var dividers: [String: Double] = [:]
  /// What was typed into the palette, the newest last; at most `paletteHistoryMax`.
  public var paletteHistory: [String] = []

  /// The most elements of `logarithmic` and `marked`.
  public static let listMax = 64
  /// The most entries of `filters`, `sorts` and `dividers`.
  public static let dictionaryMax = 16
  /// The most lines of `paletteHistory`.
  public static let paletteHistoryMax = 100
  /// The most charts beside or above each other.
  public static let gridMax = 16
  /// The longest name, filter or line, in characters.
  public static let textLengthMax = 1000
  /// The longest path in bytes; longer ones are dropped, since half a path is another one.
  public static let pathBytesMax = 4096
  /// The largest magnitude of a window's ends; seconds and steps stay far below.
  public static let windowMax = 1e18

  /// Nothing remembered.
  public init() {}

  /// The same with every value within its limits, and texts safe to show on a terminal. Paths stay
  /// as they are.
  public var clamped: RememberedView {
    var view = self
    view.view = Self.text(self.view)
    view.axis = Self.text(axis)
    view.smoothing = Self.clampedSmoothing(smoothing)
    view.window = window.flatMap(Self.clampedWindow)
    view.logarithmic = logarithmic.prefix(Self.listMax).map(Self.text)
    view.gridColumns = min(max(gridColumns, 0), Self.gridMax)
    view.gridRows = min(max(gridRows, 0), Self.gridMax)
    view.marked = Array(marked.filter(Self.isPath).prefix(Self.listMax))
    view.pruningMethod = pruningMethod.map(Self.text)
    let pruned = markedLayers.filter { Self.isPath($0.key) }.sorted { $0.key < $1.key }
    view.markedLayers = Dictionary(
      pruned.prefix(Self.dictionaryMax).map { ($0.key, Array($0.value.prefix(Self.listMax))) }
    ) { first, _ in first }
    view.selected = selected.flatMap { Self.isPath($0) ? $0 : nil }
    view.theme = theme.map(Self.text)
    view.filters = Self.entries(filters, Self.text)
    view.sorts = Self.entries(sorts) {
      Sort(column: Self.text($0.column), isReversed: $0.isReversed)
    }
    view.dividers = Self.entries(dividers) { $0.isNaN ? 0.5 : min(max($0, 0), 1) }
    view.paletteHistory = paletteHistory.suffix(Self.paletteHistoryMax).map(Self.text)
    return view
  }

  private static func text(_ text: String) -> String {
    SafeText.cleaned(text, maxLength: textLengthMax)
  }

  private static func isPath(_ path: String) -> Bool {
    !path.isEmpty && path.utf8.count <= pathBytesMax
  }

  private static func clampedSmoothing(_ value: Float) -> Float {
    value.isNaN ? 0 : min(max(value, 0), Configuration.smoothingMax)
  }

  /// Nil when nothing, or nothing but a point, is left.
  private static func clampedWindow(_ window: ClosedRange<Double>) -> ClosedRange<Double>? {
    let lower = max(window.lowerBound, -windowMax)
    let upper = min(window.upperBound, windowMax)
    return lower < upper ? lower...upper : nil
  }

  /// The first entries in the order of their names, so that the same ones stay every time.
  private static func entries<Value>(
    _ values: [String: Value], _ clamped: (Value) -> Value
  ) -> [String: Value] {
    let kept = values.sorted { $0.key < $1.key }.prefix(dictionaryMax)
    return Dictionary(kept.map { (text($0.key), clamped($0.value)) }) { first, _ in first }
  }
}
