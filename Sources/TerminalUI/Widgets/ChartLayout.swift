/// Where the parts of a chart are. Depends on the rectangle and the glyphs only, never on data, so
/// that the caller knows how many columns to supply.
struct ChartLayout {
  /// The first row: name and legend.
  let title: Rect
  /// Labels of the y axis, and the axis itself in its last column; may have no columns.
  let gutter: Rect
  /// The cells of the curves.
  let plot: Rect
  /// The line below the plot; no rows when there is no room.
  let axis: Rect
  /// Labels of the x axis; no rows when there is no room.
  let labels: Rect

  /// The layout for a rectangle.
  init(_ rect: Rect) {
    let (title, body) = rect.split(top: 1)
    self.title = title
    let gutterColumns = ChartLayout.gutterColumns(rect.columns)
    let labelRows = rect.rows >= 4 ? 1 : 0
    let axisRows = rect.rows >= 8 ? 1 : 0
    let (labels, upper) = body.split(bottom: labelRows)
    let (axis, middle) = upper.split(bottom: axisRows)
    let (gutter, plot) = middle.split(left: gutterColumns)
    self.labels = labels
    self.axis = axis
    self.gutter = gutter
    self.plot = plot
  }

  private static func gutterColumns(_ columns: Int) -> Int {
    switch columns {
    case ..<16: 0
    case ..<28: 6
    case ..<36: 7
    case ..<64: 8
    default: 9
    }
  }
}
