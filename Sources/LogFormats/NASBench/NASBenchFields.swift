/// The five fields of a row as every writer of JSON writes them: without escapes. Anything else is
/// left to the general reader, which takes several times as long.
struct NASBenchFields {
  private(set) var hash, adjacency, operations, metrics: UnsafeRawBufferPointer
  private(set) var epochs: Int64 = 0

  /// nil when it is not written so.
  init?(_ payload: UnsafeRawBufferPointer) {
    var scanner = Scanner(payload)
    guard scanner.take(UInt8(ascii: "[")), let hash = scanner.string(),
      scanner.take(UInt8(ascii: ",")), let epochs = scanner.integer(),
      scanner.take(UInt8(ascii: ",")), let adjacency = scanner.string(),
      scanner.take(UInt8(ascii: ",")), let operations = scanner.string(),
      scanner.take(UInt8(ascii: ",")), let metrics = scanner.string(),
      scanner.take(UInt8(ascii: "]")), scanner.isAtEnd
    else { return nil }
    (self.hash, self.adjacency, self.operations) = (hash, adjacency, operations)
    (self.metrics, self.epochs) = (metrics, epochs)
  }

  private struct Scanner {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
      self.bytes = bytes
    }

    var isAtEnd: Bool {
      mutating get {
        skipBlanks()
        return position == bytes.count
      }
    }

    mutating func skipBlanks() {
      while position < bytes.count {
        switch bytes[position] {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
          position += 1
        default: return
        }
      }
    }

    mutating func take(_ byte: UInt8) -> Bool {
      skipBlanks()
      guard position < bytes.count, bytes[position] == byte else { return false }
      position += 1
      return true
    }

    /// A string of printable ASCII without escapes.
    mutating func string() -> UnsafeRawBufferPointer? {
      guard take(UInt8(ascii: "\"")) else { return nil }
      let start = position
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        if byte == UInt8(ascii: "\"") {
          return UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1])
        }
        guard byte != UInt8(ascii: "\\"), 0x20..<0x7f ~= byte else { return nil }
      }
      return nil
    }

    /// Digits without a sign or a zero before them.
    mutating func integer() -> Int64? {
      skipBlanks()
      let start = position
      var value: Int64 = 0
      let digitsMax = 15
      while position < bytes.count, position - start < digitsMax,
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position]
      {
        value = value * 10 + Int64(bytes[position] - UInt8(ascii: "0"))
        position += 1
      }
      return position > start && bytes[start] != UInt8(ascii: "0") ? value : nil
    }
  }
}
