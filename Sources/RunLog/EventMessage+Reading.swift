import JSONText

extension EventMessage {
  /// The facts in one record. Throws when the bytes are no Event; what an Event holds beyond our
  /// interest is passed over.
  static func read(
    _ payload: UnsafeRawBufferPointer
  ) throws(ProtobufReader.Malformed) -> [RunEvent] {
    var wallTime = 0.0
    var step: Int64 = 0
    var summary: UnsafeRawBufferPointer?
    var session: UnsafeRawBufferPointer?
    var reader = ProtobufReader(payload)
    while let (field, value) = try reader.next() {
      switch field {
      case 1: wallTime = value.double ?? wallTime
      case 2: step = value.integer ?? step
      case 5: (summary, session) = (value.data, nil)
      case 7: (summary, session) = (nil, value.data)
      default: break
      }
    }
    guard wallTime.isFinite else { return [] }
    if let session { return try readSession(session, step: step, wallTime: wallTime) }
    guard let summary else { return [] }
    var events: [RunEvent] = []
    var values = ProtobufReader(summary)
    while let (field, value) = try values.next() {
      guard field == 1, let data = value.data else { continue }
      if let event = try readValue(data, step: step, wallTime: wallTime) { events.append(event) }
    }
    return events
  }

  private static func readSession(
    _ data: UnsafeRawBufferPointer, step: Int64, wallTime: Double
  ) throws(ProtobufReader.Malformed) -> [RunEvent] {
    var status: Int64 = 0
    var reader = ProtobufReader(data)
    while let (field, value) = try reader.next() {
      if field == 1 { status = value.integer ?? status }
    }
    return status == 1 ? [.sessionStarted(step: step, wallTime: wallTime)] : []
  }

  private static func readValue(
    _ data: UnsafeRawBufferPointer, step: Int64, wallTime: Double
  ) throws(ProtobufReader.Malformed) -> RunEvent? {
    var tag = ""
    var number: Float?
    var tensor: UnsafeRawBufferPointer?
    var plugin = (name: "", content: UnsafeRawBufferPointer(start: nil, count: 0))
    var reader = ProtobufReader(data)
    while let (field, value) = try reader.next() {
      switch field {
      case 1: tag = value.string ?? tag
      case 2: (number, tensor) = (value.float, nil)
      case 8: (number, tensor) = (nil, value.data)
      case 9: if let metadata = value.data { plugin = try readPlugin(metadata) }
      default: break
      }
    }
    if let number {
      return .scalar(ScalarPoint(tag: tag, step: step, wallTime: wallTime, value: number))
    }
    if plugin.name == "hparams" { return try readHyperparameters(plugin.content) }
    guard let tensor else { return nil }
    let content = try TensorMessage(tensor)
    switch plugin.name {
    case "scalars":
      guard let value = content.singleNumber else { return nil }
      return .scalar(ScalarPoint(tag: tag, step: step, wallTime: wallTime, value: value))
    case gridPlugin:
      guard let grid = content.grid else { return nil }
      return .grid(tag: tag, step: step, wallTime: wallTime, grid)
    case "histograms":
      guard let histogram = content.histogram else { return nil }
      return .histogram(tag: tag, step: step, wallTime: wallTime, histogram)
    case "text":
      guard let text = content.strings.first else { return nil }
      let suffix = "/text_summary"
      let name = tag.hasSuffix(suffix) ? String(tag.dropLast(suffix.count)) : tag
      return .text(tag: name, step: step, wallTime: wallTime, text)
    default:
      return nil
    }
  }

  private static func readPlugin(
    _ metadata: UnsafeRawBufferPointer
  ) throws(ProtobufReader.Malformed) -> (name: String, content: UnsafeRawBufferPointer) {
    var name = ""
    var content = UnsafeRawBufferPointer(start: nil, count: 0)
    var reader = ProtobufReader(metadata)
    while let (field, value) = try reader.next() {
      guard field == 1, let plugin = value.data else { continue }
      var fields = ProtobufReader(plugin)
      while let (field, value) = try fields.next() {
        if field == 1 { name = value.string ?? name }
        if field == 2 { content = value.data ?? content }
      }
    }
    return (name, content)
  }

  private static func readHyperparameters(
    _ content: UnsafeRawBufferPointer
  ) throws(ProtobufReader.Malformed) -> RunEvent? {
    var hyperparameters: [Hyperparameter] = []
    var reader = ProtobufReader(content)
    while let (field, value) = try reader.next() {
      guard field == 3, let start = value.data else { continue }
      var fields = ProtobufReader(start)
      while let (field, value) = try fields.next() {
        guard field == 1, let entry = value.data else { continue }
        if let one = try readHyperparameter(entry) { hyperparameters.append(one) }
      }
    }
    return hyperparameters.isEmpty ? nil : .hyperparameters(hyperparameters)
  }

  private static func readHyperparameter(
    _ entry: UnsafeRawBufferPointer
  ) throws(ProtobufReader.Malformed) -> Hyperparameter? {
    var name = ""
    var result: JSON?
    var reader = ProtobufReader(entry)
    while let (field, value) = try reader.next() {
      if field == 1 { name = value.string ?? name }
      guard field == 2, let data = value.data else { continue }
      var fields = ProtobufReader(data)
      while let (field, value) = try fields.next() {
        switch field {
        case 2: result = value.double.map { .number($0) }
        case 3: result = value.string.map { .string($0) }
        case 4: result = value.integer.map { .boolean($0 != 0) }
        default: break
        }
      }
    }
    return result.map { Hyperparameter(name: name, value: $0) }
  }
}

/// What we use of a TensorProto. Sizes are checked before anything is reserved.
private struct TensorMessage {
  private(set) var strings: [String] = []
  private var type: Int64 = 0
  private var shape: [Int64] = []
  private var content = UnsafeRawBufferPointer(start: nil, count: 0)
  private var listedFloats: [Float] = []
  private var listedDoubles: [Double] = []

  private static let listedMax = 1 << 20

  init(_ data: UnsafeRawBufferPointer) throws(ProtobufReader.Malformed) {
    var reader = ProtobufReader(data)
    while let (field, value) = try reader.next() {
      switch field {
      case 1: type = value.integer ?? type
      case 2: if let dimensions = value.data { shape = try Self.extents(dimensions) }
      case 4: content = value.data ?? content
      case 5: addFloats(value)
      case 6: addDoubles(value)
      case 8: if strings.count < Self.listedMax, let text = value.string { strings.append(text) }
      default: break
      }
    }
  }

  /// The number of a scalar, however it is stored; nil for a tensor of another size or type.
  var singleNumber: Float? {
    guard shape.allSatisfy({ $0 == 1 }) else { return nil }
    switch type {
    case 1:
      if content.count == 4 { return floats(1)?.first }
      return listedFloats.count == 1 ? listedFloats[0] : nil
    case 2:
      if content.count == 8 { return doubles(1)?.first.map { Float($0) } }
      return listedDoubles.count == 1 ? Float(listedDoubles[0]) : nil
    default: return nil
    }
  }

  var grid: Grid? {
    guard type == 1, shape.count == 2, let count = elementCount, let values = floats(count) else {
      return nil
    }
    return Grid(rows: Int(shape[0]), columns: Int(shape[1]), values: values)
  }

  var histogram: Histogram? {
    guard type == 2, shape.count == 2, shape[1] == 3, let count = elementCount,
      let values = doubles(count)
    else { return nil }
    let bins = stride(from: 0, to: values.count, by: 3).map {
      Histogram.Bin(lower: values[$0], upper: values[$0 + 1], count: values[$0 + 2])
    }
    return Histogram(bins: bins)
  }

  /// The product of the extents, when it is no larger than the content can hold.
  private var elementCount: Int? {
    var product: Int64 = 1
    for extent in shape {
      let (result, overflow) = product.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow, result <= Int64(content.count) else { return nil }
      product = result
    }
    return Int(product)
  }

  private func floats(_ count: Int) -> [Float]? {
    guard content.count == count * 4 else { return nil }
    return (0..<count).map {
      let bits = content.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)
      return Float(bitPattern: UInt32(littleEndian: bits))
    }
  }

  private func doubles(_ count: Int) -> [Double]? {
    guard content.count == count * 8 else { return nil }
    return (0..<count).map {
      let bits = content.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)
      return Double(bitPattern: UInt64(littleEndian: bits))
    }
  }

  private mutating func addFloats(_ value: ProtobufReader.Value) {
    guard listedFloats.count < Self.listedMax else { return }
    if let number = value.float { listedFloats.append(number) }
    if let packed = value.data, packed.count == 4 {
      let bits = packed.loadUnaligned(as: UInt32.self)
      listedFloats.append(Float(bitPattern: UInt32(littleEndian: bits)))
    }
  }

  private mutating func addDoubles(_ value: ProtobufReader.Value) {
    guard listedDoubles.count < Self.listedMax else { return }
    if let number = value.double { listedDoubles.append(number) }
    if let packed = value.data, packed.count == 8 {
      let bits = packed.loadUnaligned(as: UInt64.self)
      listedDoubles.append(Double(bitPattern: UInt64(littleEndian: bits)))
    }
  }

  private static func extents(
    _ dimensions: UnsafeRawBufferPointer
  ) throws(ProtobufReader.Malformed) -> [Int64] {
    let rankMax = 16
    var result: [Int64] = []
    var reader = ProtobufReader(dimensions)
    while let (field, value) = try reader.next() {
      guard field == 2, let dimension = value.data, result.count < rankMax else { continue }
      var size: Int64 = 0
      var fields = ProtobufReader(dimension)
      while let (field, value) = try fields.next() {
        if field == 1 { size = value.integer ?? size }
      }
      result.append(size)
    }
    return result
  }
}
