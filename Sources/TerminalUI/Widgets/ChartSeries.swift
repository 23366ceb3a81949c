/// One curve of a chart, already reduced to dot columns.
public struct ChartSeries: Equatable, Sendable {
  /// The name in the legend.
  public var name: String
  /// The colour.
  public var role: Role
  /// One entry a dot column (`LineChart.plotColumns`), nil where no point falls.
  public var columns: [ColumnExtent?]
  /// The number beside the name, usually the latest value; nil: the middle of the last extent.
  public var value: Double?
  /// The number beside the name while the cursor is shown; nil: the extent under the cursor, or
  /// the last one before it where the curve is a line between two.
  public var cursorValue: Double?
  /// Whether it is drawn behind the others and fainter (a raw curve behind its smoothed one).
  public var isFaint: Bool
  /// Whether the legend names it.
  public var isListed: Bool
  /// How its line is drawn, to be told apart without a colour.
  public var stroke: Stroke

  /// A pattern of dots along a line.
  public enum Stroke: Hashable, Sendable {
    case solid, dashed, dotted

    /// Whether a dot of the line is drawn. By both coordinates, so that steep parts show it, too.
    func hasDot(x: Int, y: Int) -> Bool {
      switch self {
      case .solid: true
      case .dashed: (x + y) % 6 < 4
      case .dotted: (x + y) % 3 == 0
      }
    }

    /// What stands before the name in a legend that strokes are explained in.
    func sample(_ glyphs: GlyphSet) -> String {
      switch (self, glyphs) {
      case (.solid, .ascii): "-"
      case (.dashed, .ascii): "="
      case (.dotted, .ascii): ":"
      case (.solid, _): "─"
      case (.dashed, _): "╌"
      case (.dotted, _): "┈"
      }
    }
  }

  /// A curve.
  public init(
    name: String, role: Role, columns: [ColumnExtent?], value: Double? = nil,
    cursorValue: Double? = nil, isFaint: Bool = false, isListed: Bool = true,
    stroke: Stroke = .solid
  ) {
    self.stroke = stroke
    self.name = name
    self.role = role
    self.columns = columns
    self.value = value
    self.cursorValue = cursorValue
    self.isFaint = isFaint
    self.isListed = isListed
  }

  /// How its dots look.
  var style: Style { Style(role, isFaint ? .faint : []) }

  /// What the legend says after the name; nil when there is no value.
  func legendValue(cursor: Int?) -> String? {
    if let cursor {
      if let cursorValue { return NumberText.significant(cursorValue) }
      guard let extent = extent(at: cursor) else { return nil }
      guard extent.hasFinite else { return "NaN" }
      if extent.minimum == extent.maximum { return NumberText.significant(extent.minimum) }
      return NumberText.significant(extent.minimum, digits: 3) + ".."
        + NumberText.significant(extent.maximum, digits: 3)
    }
    if let value { return NumberText.significant(value) }
    guard let last = columns.last(where: { $0 != nil }), let extent = last else { return nil }
    guard extent.hasFinite else { return "NaN" }
    return NumberText.significant(extent.minimum * 0.5 + extent.maximum * 0.5)
  }

  /// The extent in a column; between two points that are joined by a line, that of the left one.
  private func extent(at column: Int) -> ColumnExtent? {
    guard column >= 0, column < columns.count else { return nil }
    if let extent = columns[column] { return extent }
    guard columns[column...].contains(where: { $0 != nil }) else { return nil }
    return columns[..<column].last { $0 != nil } ?? nil
  }
}
