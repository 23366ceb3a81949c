/// The checksum of zlib, gzip and PNG: CRC-32 with the reflected polynomial 0xEDB88320.
enum CRC32 {
  /// - Parameter first: a byte that stands before the others.
  static func checksum(first: UInt8, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    table.withUnsafeBufferPointer { table in
      var crc = ~UInt32(0)
      crc = (crc >> 8) ^ table[Int((crc ^ UInt32(first)) & 0xff)]
      for byte in bytes { crc = (crc >> 8) ^ table[Int((crc ^ UInt32(byte)) & 0xff)] }
      return ~crc
    }
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in
      (crc >> 1) ^ (crc & 1 == 1 ? 0xedb8_8320 : 0)
    }
  }
}
