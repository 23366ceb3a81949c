/// The framing of a W&B file: that of LevelDB's log, but with zlib's checksum. Records are cut into
/// pieces that do not cross blocks of 32 KiB, counted from the beginning of the file.
struct WandbBlocks: Sendable {
  /// ":W&B", 0xBEE1, version 0.
  static let fileHeader: [UInt8] = [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00]

  /// The pieces so far of a record that is not complete.
  private var assembled: [UInt8] = []
  private var state = State.between
  /// What lies before it is passed over: the rest of a damaged block.
  private var resumption = 0

  private enum State {
    case between
    case within
    /// The rest of a record whose beginning is lost.
    case discarding
  }

  private enum Kind: UInt8 {
    case full = 1
    case first, middle, last
  }

  private static let blockSize = 32_768
  private static let headerSize = 7
  /// No record of a run comes near it.
  private static let recordSizeMax = 64 << 20

  /// Takes the complete pieces of some bytes; returns how many bytes they took.
  /// - Parameters:
  ///   - offset: where in the file the bytes begin, behind its header.
  ///   - damage: is told what is wrong and where.
  ///   - record: takes a whole record and where its last piece stands.
  mutating func take(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, damage: (String, Int) -> Void,
    record: (UnsafeRawBufferPointer, Int) -> Void
  ) -> Int {
    var position = 0
    while position < bytes.count {
      let place = offset + position
      let left = Self.blockSize - place % Self.blockSize
      let available = bytes.count - position
      if place < resumption || left < Self.headerSize {
        let passed = place < resumption ? resumption - place : left
        position += min(passed, available)
        continue
      }
      guard available >= Self.headerSize else { break }
      let checksum = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self).littleEndian
      let size = Int(
        bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt16.self).littleEndian)
      let type = bytes[position + 6]
      if checksum == 0 && size == 0 && type == 0 {
        // Room that was made and never filled.
        resumption = place + left
        continue
      }
      guard let kind = Kind(rawValue: type), Self.headerSize + size <= left else {
        lose("a record of no known kind, or longer than its block", place, left, damage)
        continue
      }
      guard available >= Self.headerSize + size else { break }
      let start = position + Self.headerSize
      let data = UnsafeRawBufferPointer(rebasing: bytes[start..<start + size])
      guard CRC32.checksum(first: type, data) == checksum else {
        lose("a checksum is wrong", place, left, damage)
        continue
      }
      position = start + size
      add(data, kind, place, damage, record)
    }
    return position
  }

  /// Nothing behind it in its block can be trusted.
  private mutating func lose(
    _ reason: String, _ place: Int, _ left: Int, _ damage: (String, Int) -> Void
  ) {
    damage(reason, place)
    resumption = place + left
    (state, assembled) = (.discarding, [])
  }

  private mutating func add(
    _ data: UnsafeRawBufferPointer, _ kind: Kind, _ place: Int, _ damage: (String, Int) -> Void,
    _ record: (UnsafeRawBufferPointer, Int) -> Void
  ) {
    switch kind {
    case .full, .first:
      if state == .within { damage("a record has no end", place) }
      assembled = []
      state = kind == .full ? .between : .within
      if kind == .full { record(data, place) } else { assembled += data }
    case .middle, .last:
      if state == .between { damage("a record has no beginning", place) }
      guard state == .within else {
        state = kind == .last ? .between : .discarding
        return
      }
      guard assembled.count + data.count <= Self.recordSizeMax else {
        damage("a record is longer than \(Self.recordSizeMax) bytes", place)
        (state, assembled) = (kind == .last ? .between : .discarding, [])
        return
      }
      assembled += data
      guard kind == .last else { return }
      assembled.withUnsafeBytes { record($0, place) }
      (state, assembled) = (.between, [])
    }
  }
}
