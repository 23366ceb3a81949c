@testable import LogFormats

/// Writes W&B files for tests: the framing and the messages by hand, without the reader's code.
enum WandbBytes {
  static let header: [UInt8] = [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00]

  // MARK: Messages

  static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + varint(value >> 7)
  }

  static func field(_ number: UInt64, _ data: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(data.count)) + data
  }

  static func field(_ number: UInt64, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  static func field(_ number: UInt64, _ value: Int64) -> [UInt8] {
    varint(number << 3) + varint(UInt64(bitPattern: value))
  }

  static func item(key: String = "", _ nested: [String], _ json: String) -> [UInt8] {
    (key.isEmpty ? [] : field(1, key)) + nested.flatMap { field(2, $0) } + field(16, json)
  }

  /// Record.history.
  static func history(_ items: [([String], String)], step: Int64? = nil) -> [UInt8] {
    let own = step.map { field(2, $0 == 0 ? [] : field(1, $0)) } ?? []
    return field(2, items.flatMap { field(1, item($0.0, $0.1)) } + own)
  }

  /// Record.run.
  static func run(_ name: String, config: [([String], String)] = []) -> [UInt8] {
    field(17, field(4, config.flatMap { field(1, item($0.0, $0.1)) }) + field(8, name))
  }

  static func exit(_ code: Int64) -> [UInt8] { field(18, code == 0 ? [] : field(1, code)) }

  /// Record.output_raw of standard output.
  static func output(_ text: String, seconds: Int64 = 1_700_000_000) -> [UInt8] {
    field(13, field(1, 1) + field(2, field(1, seconds)) + field(3, text))
  }

  // MARK: Framing

  /// CRC-32 bit by bit.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
  }

  static func piece(_ type: UInt8, _ data: [UInt8]) -> [UInt8] {
    let crc = checksum([type] + data)
    let head = (0..<4).map { UInt8(truncatingIfNeeded: crc >> ($0 * 8)) }
    return head + [UInt8(data.count & 0xff), UInt8(data.count >> 8), type] + data
  }

  /// A file of records, cut into pieces as the client cuts them.
  static func file(_ records: [[UInt8]]) -> [UInt8] {
    var bytes = header
    for record in records {
      var rest = record[...]
      var isFirst = true
      repeat {
        var left = 32_768 - bytes.count % 32_768
        if left < 7 {
          bytes += [UInt8](repeating: 0, count: left)
          left = 32_768
        }
        let part = Array(rest.prefix(left - 7))
        rest = rest.dropFirst(part.count)
        let type: UInt8 = isFirst ? (rest.isEmpty ? 1 : 2) : (rest.isEmpty ? 4 : 3)
        bytes += piece(type, part)
        isFirst = false
      } while !rest.isEmpty
    }
    return bytes
  }
}
