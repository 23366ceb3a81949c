/// A Summary.Value: a tag with something under it.
struct SummaryValue {
  private(set) var tag = UnsafeRawBufferPointer(start: nil, count: 0)
  /// The plugin that its metadata names; "" without any.
  private(set) var plugin = ""
  private var pluginContent = UnsafeRawBufferPointer(start: nil, count: 0)
  private var number: Float?
  private var tensor: UnsafeRawBufferPointer?
  private var histogram: UnsafeRawBufferPointer?

  init(_ data: UnsafeRawBufferPointer) throws(ProtobufReader.Malformed) {
    var reader = ProtobufReader(data)
    while let (field, value) = try reader.next() {
      switch field {
      case 1: tag = value.data ?? tag
      case 2: (number, tensor, histogram) = (value.float, nil, nil)
      case 5: (number, tensor, histogram) = (nil, nil, value.data)
      case 8: (number, tensor, histogram) = (nil, value.data, nil)
      case 9: if let metadata = value.data { try readPlugin(metadata) }
      default: break
      }
    }
  }

  private mutating func readPlugin(
    _ metadata: UnsafeRawBufferPointer
  ) throws(ProtobufReader.Malformed) {
    var reader = ProtobufReader(metadata)
    while let (field, value) = try reader.next() {
      guard field == 1, let data = value.data else { continue }
      var fields = ProtobufReader(data)
      while let (field, value) = try fields.next() {
        if field == 1 { plugin = value.string ?? plugin }
        if field == 2 { pluginContent = value.data ?? pluginContent }
      }
    }
  }

  func fact(
    plugin: String, step: Int64, wallTime: Double
  ) throws(ProtobufReader.Malformed) -> EventMessage.Fact? {
    if let number { return .number(tag, step: step, wallTime: wallTime, number) }
    if plugin == "hparams" {
      return try HyperparameterContent(pluginContent).event.map { .event($0) }
    }
    let name = String(decoding: tag.prefix(TagTable.tagSizeMax), as: UTF8.self)
    if let histogram {
      guard let bins = try HistogramMessage(histogram).histogram else {
        return .unusable(reason: "its histogram has edges and counts that do not match")
      }
      return .event(.histogram(tag: name, step: step, wallTime: wallTime, bins))
    }
    guard let tensor else { return nil }
    let content = try TensorMessage(tensor)
    switch plugin {
    case "scalars":
      guard let value = content.singleNumber else {
        return .unusable(reason: "it holds a scalar that is no single number")
      }
      return .number(tag, step: step, wallTime: wallTime, value)
    case EventMessage.gridPlugin:
      guard let grid = content.grid else { return .unusable(reason: "its grid's shape is wrong") }
      return .event(.grid(tag: name, step: step, wallTime: wallTime, grid))
    case "histograms":
      guard let histogram = content.histogram else {
        return .unusable(reason: "its histogram's shape is wrong")
      }
      return .event(.histogram(tag: name, step: step, wallTime: wallTime, histogram))
    case "text":
      guard !content.strings.isEmpty else { return nil }
      let suffix = "/text_summary"
      let short = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
      let text = content.strings.joined(separator: "\n")
      return .event(.text(tag: short, step: step, wallTime: wallTime, text))
    default:
      return nil
    }
  }
}
