/// The framing of event files and other tables of records: length (8 bytes, little-endian), its
/// checksum (4), the payload, its checksum (4).
public enum TFRecord {
  public static let headerSize = 12
  static let footerSize = 4
  /// Longer payloads are taken for damage: nothing that is logged comes near it.
  static let payloadSizeMax = 64 << 20
  /// Bytes of the longest record.
  public static let recordSizeMax = payloadSizeMax + headerSize + footerSize

  static func append(_ payload: [UInt8], to bytes: inout [UInt8]) {
    let start = bytes.count
    withUnsafeBytes(of: UInt64(payload.count).littleEndian) { bytes.append(contentsOf: $0) }
    let lengthChecksum = bytes.withUnsafeBytes {
      MaskedCRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[start..<start + 8]))
    }
    withUnsafeBytes(of: lengthChecksum.littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: payload)
    let payloadChecksum = payload.withUnsafeBytes { MaskedCRC32C.checksum($0) }
    withUnsafeBytes(of: payloadChecksum.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// What stands at some place of a file.
  public enum Outcome: Equatable {
    /// A whole record: where its payload lies, and where the next record begins.
    case record(payload: Range<Int>, next: Int)
    /// A record whose payload's checksum is wrong; the next one can still be found.
    case damaged(next: Int)
    /// Not all of it is there yet.
    case incomplete
    /// The length itself is wrong: nothing behind it can be found.
    case unreadable(reason: String)
  }

  /// Whether the header of a record stands at the beginning.
  public static func beginsRecord(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= headerSize else { return false }
    let stored = bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian
    return MaskedCRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<8])) == stored
  }

  /// What stands at a place of some bytes.
  public static func examine(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Outcome {
    guard start + headerSize <= bytes.count else { return .incomplete }
    let length = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self).littleEndian
    let lengthBytes = UnsafeRawBufferPointer(rebasing: bytes[start..<start + 8])
    let stored = bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt32.self).littleEndian
    guard MaskedCRC32C.checksum(lengthBytes) == stored else {
      return .unreadable(reason: "the length of a record does not match its checksum")
    }
    guard length <= UInt64(payloadSizeMax) else {
      return .unreadable(reason: "a record claims \(length) bytes, more than any event has")
    }
    let payloadStart = start + headerSize
    let payloadEnd = payloadStart + Int(length)
    let next = payloadEnd + footerSize
    guard next <= bytes.count else { return .incomplete }
    let payload = UnsafeRawBufferPointer(rebasing: bytes[payloadStart..<payloadEnd])
    let checksum = bytes.loadUnaligned(fromByteOffset: payloadEnd, as: UInt32.self).littleEndian
    guard MaskedCRC32C.checksum(payload) == checksum else { return .damaged(next: next) }
    return .record(payload: payloadStart..<payloadEnd, next: next)
  }
}
