/// Walks over the fields of a protocol buffer message. Never traps: whatever the bytes are, it
/// ends with an error or at the end.
public struct ProtobufReader {
  /// The bytes are no message.
  public struct Malformed: Error {}

  /// What a field holds, by its wire type; the accessors are nil for the others.
  public enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// Bytes, a text, a message or packed numbers; valid as long as the message's own bytes.
    case data(UnsafeRawBufferPointer)

    /// An int32, int64, bool or enumeration.
    public var integer: Int64? {
      if case .varint(let value) = self { return Int64(bitPattern: value) }
      return nil
    }
    public var double: Double? {
      if case .fixed64(let value) = self { return Double(bitPattern: value) }
      return nil
    }
    public var float: Float? {
      if case .fixed32(let value) = self { return Float(bitPattern: value) }
      return nil
    }
    public var data: UnsafeRawBufferPointer? {
      if case .data(let value) = self { return value }
      return nil
    }
    /// Invalid UTF-8 becomes U+FFFD.
    public var string: String? {
      data.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  /// - Parameter bytes: a message; they must outlive the reader.
  public init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The next field and its value; nil at the end. Groups are skipped.
  public mutating func next() throws(Malformed) -> (field: Int, value: Value)? {
    while position < bytes.count {
      let tag = try varint()
      let field = tag >> 3
      guard field > 0 && field <= 0x1fff_ffff else { throw Malformed() }
      switch tag & 7 {
      case 0: return (Int(field), .varint(try varint()))
      case 1: return (Int(field), .fixed64(try load(UInt64.self).littleEndian))
      case 2: return (Int(field), .data(try lengthDelimited()))
      case 3: try skipGroup(field)
      case 5: return (Int(field), .fixed32(try load(UInt32.self).littleEndian))
      default: throw Malformed()
      }
    }
    return nil
  }

  private mutating func varint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count && shift < 70 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Malformed()
  }

  private mutating func load<Number: FixedWidthInteger>(
    _ type: Number.Type
  ) throws(Malformed) -> Number {
    let size = MemoryLayout<Number>.size
    guard bytes.count - position >= size else { throw Malformed() }
    defer { position += size }
    return bytes.loadUnaligned(fromByteOffset: position, as: type)
  }

  private mutating func lengthDelimited() throws(Malformed) -> UnsafeRawBufferPointer {
    let length = try varint()
    guard length <= UInt64(bytes.count - position) else { throw Malformed() }
    defer { position += Int(length) }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(length)])
  }

  private mutating func skipGroup(_ group: UInt64) throws(Malformed) {
    let depthMax = 32
    var open = [group]
    while let innermost = open.last {
      let tag = try varint()
      switch tag & 7 {
      case 0: _ = try varint()
      case 1: _ = try load(UInt64.self)
      case 2: _ = try lengthDelimited()
      case 3:
        guard open.count < depthMax else { throw Malformed() }
        open.append(tag >> 3)
      case 4:
        guard tag >> 3 == innermost else { throw Malformed() }
        open.removeLast()
      case 5: _ = try load(UInt32.self)
      default: throw Malformed()
      }
    }
  }
}
