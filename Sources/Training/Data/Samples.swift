/// The numbers of all samples, [sample, …] in row-major order.
public enum Samples: Sendable, Equatable {
  /// As most images are stored: a quarter of the memory of floats.
  case bytes([UInt8])
  case floats([Float])

  public var count: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .floats(let floats): floats.count
    }
  }

  /// The samples of some numbers, in their order.
  func gathered(_ order: [Int], sampleSize: Int) -> Samples {
    switch self {
    case .bytes(let bytes): .bytes(bytes.gathered(order, rowLength: sampleSize))
    case .floats(let floats): .floats(floats.gathered(order, rowLength: sampleSize))
    }
  }

  /// These, then others of the same kind.
  func joined(with others: Samples) -> Samples {
    switch (self, others) {
    case (.bytes(let first), .bytes(let second)): .bytes(first + second)
    default: .floats(floats + others.floats)
    }
  }

  private var floats: [Float] {
    switch self {
    case .bytes(let bytes): bytes.map { Float($0) }
    case .floats(let floats): floats
    }
  }
}

extension Array {
  /// The rows of some numbers, in their order.
  func gathered(_ order: [Int], rowLength: Int) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(order.count * rowLength)
    for row in order { result.append(contentsOf: self[row * rowLength..<(row + 1) * rowLength]) }
    return result
  }
}
