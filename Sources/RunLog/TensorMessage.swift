/// What we use of a TensorProto. Sizes are checked before anything is reserved.
struct TensorMessage {
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
