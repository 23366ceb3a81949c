/// Turns the bytes of tensors of one type into numbers.
///
/// Types of 8 and 16 bits are looked up in a table of all their values. Of the 8-bit floats E4M3
/// and E5M2 are those of the OCP specification (E4M3 has no infinities), the FNUZ ones those of
/// Noune et al. 2022, arXiv 2206.02915 (one zero, one NaN), and E8M0 the powers of two of the OCP
/// specification of microscaling formats.
public struct ElementDecoder: Sendable {
  public let type: ElementType
  /// The value of every bit pattern; empty for wider types.
  private let table: [Float]

  /// nil for types that are not read as numbers: 4 and 6 bits, and complex ones.
  public init?(_ type: ElementType) {
    guard type.isReadable else { return nil }
    self.type = type
    switch type.bitCount {
    case 8: table = (0...UInt8.max).map { Self.value($0, type) }
    case 16: table = (0...UInt16.max).map { Self.value($0, type) }
    default: table = []
    }
  }

  /// Converts as many elements as there are places.
  ///
  /// Wide integers and doubles are rounded; what is not 0 or is finite in a file stays so.
  /// - Parameter bytes: little-endian, at any address; as many elements as there are numbers.
  public func decode(
    _ bytes: UnsafeRawBufferPointer, into numbers: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      bytes.count == numbers.count * type.bitCount / 8, "an element for each number")
    switch type {
    case .float32: convert(bytes, UInt32.self, numbers) { Float(bitPattern: $0) }
    case .float64: convert(bytes, UInt64.self, numbers) { Self.rounded(Double(bitPattern: $0)) }
    case .int32: convert(bytes, Int32.self, numbers) { Float($0) }
    case .uint32: convert(bytes, UInt32.self, numbers) { Float($0) }
    case .int64: convert(bytes, Int64.self, numbers) { Float($0) }
    case .uint64: convert(bytes, UInt64.self, numbers) { Float($0) }
    default: look(up: bytes, numbers)
    }
  }

  @inline(__always)
  private func convert<Raw: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ raw: Raw.Type,
    _ numbers: UnsafeMutableBufferPointer<Float>, _ number: (Raw) -> Float
  ) {
    guard let from = bytes.baseAddress, let to = numbers.baseAddress else { return }
    for index in 0..<numbers.count {
      let offset = index &* MemoryLayout<Raw>.size
      to[index] = number(from.loadUnaligned(fromByteOffset: offset, as: Raw.self))
    }
  }

  private func look(
    up bytes: UnsafeRawBufferPointer, _ numbers: UnsafeMutableBufferPointer<Float>
  ) {
    table.withUnsafeBufferPointer { table in
      guard let values = table.baseAddress else { return }
      if type.bitCount == 8 {
        convert(bytes, UInt8.self, numbers) { values[Int($0)] }
      } else {
        convert(bytes, UInt16.self, numbers) { values[Int($0)] }
      }
    }
  }

  /// The nearest Float that is 0 only for 0, and infinite only for infinity.
  static func rounded(_ value: Double) -> Float {
    let float = Float(value)
    if float == 0, value != 0 { return value < 0 ? -smallest : smallest }
    if float.isInfinite, value.isFinite { return value < 0 ? -largest : largest }
    return float
  }

  private static let smallest = Float.leastNonzeroMagnitude
  private static let largest = Float.greatestFiniteMagnitude

  // MARK: Tables

  private static func value(_ bits: UInt8, _ type: ElementType) -> Float {
    switch type {
    case .boolean: bits == 0 ? 0 : 1
    case .int8: Float(Int8(bitPattern: bits))
    case .float8E5M2: Float(Float16(bitPattern: UInt16(bits) << 8))
    case .float8E4M3: bits & 0x7f == 0x7f ? .nan : float8(bits, mantissaBits: 3, bias: 7)
    case .float8E4M3FNUZ: bits == 0x80 ? .nan : float8(bits, mantissaBits: 3, bias: 8)
    case .float8E5M2FNUZ: bits == 0x80 ? .nan : float8(bits, mantissaBits: 2, bias: 16)
    case .float8E8M0:
      bits == 0xff ? .nan : Float(sign: .plus, exponent: Int(bits) - 127, significand: 1)
    default: Float(bits)
    }
  }

  private static func value(_ bits: UInt16, _ type: ElementType) -> Float {
    switch type {
    case .float16: Float(Float16(bitPattern: bits))
    case .bfloat16: Float(bitPattern: UInt32(bits) << 16)
    case .int16: Float(Int16(bitPattern: bits))
    default: Float(bits)
    }
  }

  /// A float without infinities.
  private static func float8(_ bits: UInt8, mantissaBits: Int, bias: Int) -> Float {
    let mantissa = Float(bits & (1 << UInt8(mantissaBits) - 1))
    let exponent = Int(bits & 0x7f) >> mantissaBits
    let unit = Float(sign: .plus, exponent: -mantissaBits, significand: 1)
    let magnitude =
      exponent == 0
      ? Float(sign: .plus, exponent: 1 - bias, significand: 1) * mantissa * unit
      : Float(sign: .plus, exponent: exponent - bias, significand: 1) * (1 + mantissa * unit)
    return bits & 0x80 == 0 ? magnitude : -magnitude
  }
}

extension ElementType {
  /// Whether its elements are read as numbers.
  public var isReadable: Bool {
    switch self {
    case .float4, .float6E2M3, .float6E3M2, .complex64: false
    default: true
    }
  }

  /// Whether weights of it can be pruned: the floats that networks are trained in.
  public var isPrunable: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}
