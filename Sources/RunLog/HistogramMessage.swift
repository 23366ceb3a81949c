/// A HistogramProto: counts between limits. The first bucket reaches down to the smallest value,
/// the last up to the largest; empty ones at both ends are left out, as TensorBoard does.
struct HistogramMessage {
  private(set) var histogram: Histogram?

  private static let bucketsMax = 1 << 20

  init(_ data: UnsafeRawBufferPointer) throws(ProtobufReader.Malformed) {
    var (smallest, largest) = (-Double.infinity, Double.infinity)
    var limits: [Double] = []
    var counts: [Double] = []
    var reader = ProtobufReader(data)
    while let (field, value) = try reader.next() {
      switch field {
      case 1: smallest = value.double ?? smallest
      case 2: largest = value.double ?? largest
      case 6: Self.add(value, to: &limits)
      case 7: Self.add(value, to: &counts)
      default: break
      }
    }
    guard limits.count == counts.count else { return }
    guard let first = counts.firstIndex(where: { $0 > 0 }),
      let last = counts.lastIndex(where: { $0 > 0 })
    else {
      histogram = Histogram(bins: [])
      return
    }
    let bins = (first...last).map { index in
      let lower = index == 0 ? smallest : limits[index - 1]
      return Histogram.Bin(
        lower: index == first ? max(lower, smallest) : lower,
        upper: index == last ? min(limits[index], largest) : limits[index], count: counts[index])
    }
    histogram = Histogram(bins: bins)
  }

  private static func add(_ value: ProtobufReader.Value, to list: inout [Double]) {
    if let one = value.double, list.count < bucketsMax { list.append(one) }
    guard let packed = value.data else { return }
    let size = MemoryLayout<UInt64>.size
    for index in 0..<min(packed.count / size, bucketsMax - list.count) {
      let bits = packed.loadUnaligned(fromByteOffset: index * size, as: UInt64.self)
      list.append(Double(bitPattern: UInt64(littleEndian: bits)))
    }
  }
}
