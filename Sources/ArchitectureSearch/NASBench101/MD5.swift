/// The MD5 message digest (Rivest, RFC 1321). Good for addressing published data by it, not for
/// security.
enum MD5 {
  /// Free bytes that a message needs behind itself.
  static let paddingMax = 72

  static func digest(_ bytes: some Sequence<UInt8>) -> MD5Digest {
    var message = Array(bytes)
    let count = message.count
    message.append(contentsOf: repeatElement(0, count: paddingMax))
    return message.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return MD5Digest(MD5State()) }
      return digest(padding: start, count: count)
    }
  }

  /// The digest of the bytes at `message`; the padding is written behind them.
  static func digest(padding message: UnsafeMutableRawPointer, count: Int) -> MD5Digest {
    let end = (count + 72) & ~63
    message.storeBytes(of: 0x80, toByteOffset: count, as: UInt8.self)
    (message + count + 1).initializeMemory(as: UInt8.self, repeating: 0, count: end - count - 1)
    message.storeBytes(
      of: (UInt64(count) << 3).littleEndian, toByteOffset: end - 8, as: UInt64.self)
    var state = MD5State()
    var offset = 0
    while offset < end {
      state.take(UnsafeRawPointer(message + offset))
      offset += 64
    }
    return MD5Digest(state)
  }
}

/// Sixteen bytes; their order is that of the hexadecimal texts.
public struct MD5Digest: Sendable, Hashable, Comparable {
  let high, low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  fileprivate init(_ state: MD5State) {
    high = UInt64(state.a.byteSwapped) << 32 | UInt64(state.b.byteSwapped)
    low = UInt64(state.c.byteSwapped) << 32 | UInt64(state.d.byteSwapped)
  }

  public static func < (one: MD5Digest, other: MD5Digest) -> Bool {
    one.high == other.high ? one.low < other.low : one.high < other.high
  }

  /// Characters of the hexadecimal text.
  static let textCount = 32

  /// 32 hexadecimal digits.
  public var text: String {
    String(unsafeUninitializedCapacity: Self.textCount) { buffer in
      if let start = buffer.baseAddress { write(to: UnsafeMutableRawPointer(start)) }
      return Self.textCount
    }
  }

  /// Writes the 32 hexadecimal digits.
  func write(to target: UnsafeMutableRawPointer) {
    for (index, word) in [high >> 32, high, low >> 32, low].enumerated() {
      target.storeBytes(of: Self.digits(word), toByteOffset: 8 * index, as: UInt64.self)
    }
  }

  /// Eight digits of the lower 32 bits, the first one in the lowest byte.
  private static func digits(_ word: UInt64) -> UInt64 {
    var bytes = UInt64(UInt32(truncatingIfNeeded: word).byteSwapped)
    bytes = (bytes | bytes << 16) & 0x0000_FFFF_0000_FFFF
    bytes = (bytes | bytes << 8) & 0x00FF_00FF_00FF_00FF
    let nibbles = bytes >> 4 & 0x000F_000F_000F_000F | (bytes & 0x000F_000F_000F_000F) << 8
    let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return (nibbles + 0x3030_3030_3030_3030 + letters * 39).littleEndian
  }
}

private struct MD5State {
  var a: UInt32 = 0x6745_2301
  var b: UInt32 = 0xefcd_ab89
  var c: UInt32 = 0x98ba_dcfe
  var d: UInt32 = 0x1032_5476

  /// Takes in a block of 64 bytes.
  mutating func take(_ block: UnsafeRawPointer) {
    var (a, b, c, d) = (a, b, c, d)
    @inline(__always)
    func step(_ value: UInt32, _ word: Int, _ sine: Int, _ shift: UInt32) {
      let message = UInt32(
        littleEndian: block.loadUnaligned(fromByteOffset: 4 * (word & 15), as: UInt32.self))
      let sum = a &+ value &+ message &+ Self.sines[sine]
      (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
    }
    for index in stride(from: 0, to: 16, by: 4) {
      step(d ^ (b & (c ^ d)), index, index, 7)
      step(d ^ (b & (c ^ d)), index + 1, index + 1, 12)
      step(d ^ (b & (c ^ d)), index + 2, index + 2, 17)
      step(d ^ (b & (c ^ d)), index + 3, index + 3, 22)
    }
    for index in stride(from: 16, to: 32, by: 4) {
      step(c ^ (d & (b ^ c)), 5 * index + 1, index, 5)
      step(c ^ (d & (b ^ c)), 5 * index + 6, index + 1, 9)
      step(c ^ (d & (b ^ c)), 5 * index + 11, index + 2, 14)
      step(c ^ (d & (b ^ c)), 5 * index + 16, index + 3, 20)
    }
    for index in stride(from: 32, to: 48, by: 4) {
      step(b ^ c ^ d, 3 * index + 5, index, 4)
      step(b ^ c ^ d, 3 * index + 8, index + 1, 11)
      step(b ^ c ^ d, 3 * index + 11, index + 2, 16)
      step(b ^ c ^ d, 3 * index + 14, index + 3, 23)
    }
    for index in stride(from: 48, to: 64, by: 4) {
      step(c ^ (b | ~d), 7 * index, index, 6)
      step(c ^ (b | ~d), 7 * index + 7, index + 1, 10)
      step(c ^ (b | ~d), 7 * index + 14, index + 2, 15)
      step(c ^ (b | ~d), 7 * index + 21, index + 3, 21)
    }
    self.a &+= a
    self.b &+= b
    self.c &+= c
    self.d &+= d
  }

  /// The whole parts of 2³² · |sin i|, i = 1…64 in radians.
  private static let sines: InlineArray<64, UInt32> = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a,
    0xa830_4613, 0xfd46_9501, 0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be,
    0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821, 0xf61e_2562, 0xc040_b340,
    0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
    0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8,
    0x676f_02d9, 0x8d2a_4c8a, 0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c,
    0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70, 0x289b_7ec6, 0xeaa1_27fa,
    0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92,
    0xffef_f47d, 0x8584_5dd1, 0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1,
    0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
  ]
}
