import JSONText

extension RememberedView {
  /// Everything that the object says about a view; what it does not say, or says wrongly, is as
  /// new.
  init(_ json: JSON) {
    self.init()
    view = json["view"]?.string ?? view
    axis = json["axis"]?.string ?? axis
    smoothing = json["smoothing"]?.double.map { Float($0) } ?? smoothing
    window = Self.window(json["window"])
    followsEnd = json["follows_end"]?.boolean ?? followsEnd
    logarithmic = Self.texts(json["logarithmic"])
    clipsOutliers = json["clips_outliers"]?.boolean ?? clipsOutliers
    gridColumns = json["grid_columns"]?.integer.map { Int($0) } ?? gridColumns
    gridRows = json["grid_rows"]?.integer.map { Int($0) } ?? gridRows
    marked = Self.texts(json["marked"])
    markedLayers = Self.entries(json["marked_layers"]) { Self.texts($0) }
    pruningMethod = json["pruning_method"]?.string
    selected = json["selected"]?.string
    theme = json["theme"]?.string
    hasMouse = json["mouse"]?.boolean ?? hasMouse
    filters = Self.entries(json["filters"], \.string)
    sorts = Self.entries(json["sorts"]) { sort in
      sort["column"]?.string.map {
        Sort(column: $0, isReversed: sort["reversed"]?.boolean ?? false)
      }
    }
    dividers = Self.entries(json["dividers"], \.double)
    paletteHistory = Self.texts(json["palette_history"])
    self = clamped
  }

  /// What `init(_:)` reads.
  var json: JSON {
    var json: JSON = [
      "view": .string(view), "axis": .string(axis), "smoothing": .number(Double(smoothing)),
      "follows_end": .boolean(followsEnd), "logarithmic": Self.json(logarithmic),
      "clips_outliers": .boolean(clipsOutliers), "grid_columns": .integer(Int64(gridColumns)),
      "grid_rows": .integer(Int64(gridRows)), "marked": Self.json(marked),
      "mouse": .boolean(hasMouse), "filters": Self.json(filters) { .string($0) },
      "sorts": Self.json(sorts) {
        ["column": .string($0.column), "reversed": .boolean($0.isReversed)]
      },
      "dividers": Self.json(dividers) { .number($0) }, "palette_history": Self.json(paletteHistory),
    ]
    json["window"] = window.map { [.number($0.lowerBound), .number($0.upperBound)] }
    if !markedLayers.isEmpty { json["marked_layers"] = Self.json(markedLayers) { Self.json($0) } }
    json["pruning_method"] = pruningMethod.map { .string($0) }
    json["selected"] = selected.map { .string($0) }
    json["theme"] = theme.map { .string($0) }
    return json
  }

  private static func window(_ json: JSON?) -> ClosedRange<Double>? {
    guard let ends = json?.array?.map(\.double), ends.count == 2, let lower = ends[0],
      let upper = ends[1], lower <= upper
    else { return nil }
    return lower...upper
  }

  private static func texts(_ json: JSON?) -> [String] {
    (json?.array ?? []).compactMap(\.string)
  }

  private static func entries<Value>(
    _ json: JSON?, _ value: (JSON) -> Value?
  ) -> [String: Value] {
    let entries = (json?.members ?? []).compactMap { member in
      value(member.value).map { (member.name, $0) }
    }
    return Dictionary(entries) { first, _ in first }
  }

  private static func json(_ texts: [String]) -> JSON {
    .array(texts.map { .string($0) })
  }

  /// In the order of the names, so that the same memory is the same text.
  private static func json<Value>(_ values: [String: Value], _ json: (Value) -> JSON) -> JSON {
    .object(
      values.sorted { $0.key < $1.key }.map { JSON.Member(name: $0.key, value: json($0.value)) })
  }
}
