/// Turns the bytes of an event file, as they come, into events.
public struct EventFileParser: Sendable {
  /// Records skipped because their checksum or their message was wrong.
  public private(set) var skippedRecords = 0
  /// What was wrong with the first of them, and where.
  public private(set) var skipReason = ""
  /// Set when the file cannot be read on: where and why.
  public private(set) var unreadable: (offset: Int, reason: String)?

  private var tags = TagTable()
  /// Per tag, what its first metadata said (TensorBoard's rule: later ones are ignored).
  private var plugins: [Int32: String] = [:]

  /// Bytes of the longest record.
  public static let recordBytesMax = TFRecord.recordSizeMax
  /// More tags than any log means: what the damaged bytes of one may spell.
  private static let tagsMax = 200_000

  public init() {}

  /// Whether bytes begin with a record, as an event file does.
  public static func begins(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { TFRecord.beginsRecord($0) }
  }

  /// Takes the complete records of some bytes; returns how many bytes they took.
  /// - Parameter offset: where in the file the bytes begin, for what is said of damage.
  public mutating func take(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, into events: inout [RunEvent]
  ) -> Int {
    guard unreadable == nil else { return bytes.count }
    var position = 0
    var points: [ScalarBlock.Entry] = []
    let scalarSize = 55
    points.reserveCapacity(bytes.count / scalarSize)
    defer { flush(&points, into: &events) }
    while unreadable == nil {
      switch TFRecord.examine(bytes, at: position) {
      case .incomplete:
        return position
      case .unreadable(let reason):
        unreadable = (offset + position, reason)
      case .damaged(let next):
        skip("a checksum is wrong", at: offset + position)
        position = next
      case .record(let payload, let next):
        let message = UnsafeRawBufferPointer(rebasing: bytes[payload])
        if let point = plainScalar(message) {
          points.append(point)
        } else {
          read(message, at: offset + position, &points, into: &events)
        }
        position = next
      }
    }
    return position
  }

  private mutating func read(
    _ message: UnsafeRawBufferPointer, at offset: Int, _ points: inout [ScalarBlock.Entry],
    into events: inout [RunEvent]
  ) {
    do throws(ProtobufReader.Malformed) {
      for fact in try EventMessage.read(message, plugin: { plugin(of: $0, first: $1) }) {
        switch fact {
        case .number(let tag, let step, let wallTime, let value):
          guard let number = number(of: tag) else { continue }
          points.append(.init(tag: number, step: step, wallTime: wallTime, value: value))
        case .event(let event):
          flush(&points, into: &events)
          events.append(event)
        case .unusable(let reason): skip(reason, at: offset)
        }
      }
    } catch {
      skip("it is no event", at: offset)
    }
  }

  private mutating func flush(_ points: inout [ScalarBlock.Entry], into events: inout [RunEvent]) {
    guard !points.isEmpty else { return }
    events.append(.scalars(ScalarBlock(tags: tags.names, entries: points)))
    points.removeAll(keepingCapacity: true)
  }

  private mutating func skip(_ reason: String, at offset: Int) {
    if skippedRecords == 0 { skipReason = "the first at byte \(offset): \(reason)" }
    skippedRecords += 1
  }

  private mutating func number(of tag: UnsafeRawBufferPointer) -> Int32? {
    let number = tags.number(of: tag)
    return Int(number) < Self.tagsMax ? number : nil
  }

  /// The plugin whose metadata a tag had first.
  private mutating func plugin(of tag: UnsafeRawBufferPointer, first name: String) -> String {
    guard let number = number(of: tag) else { return name }
    if let known = plugins[number] { return known }
    if !name.isEmpty { plugins[number] = name }
    return name
  }

  /// The message of one scalar as torch, tensorboardX and nntop write it: wall time, step, and a
  /// summary of one value that has a tag and a simple value. nil for all others.
  private mutating func plainScalar(_ message: UnsafeRawBufferPointer) -> ScalarBlock.Entry? {
    let wallTimeSize = 9
    guard message.count > wallTimeSize + 9, message[0] == 0x09 else { return nil }
    let wallTime = Double(
      bitPattern: message.loadUnaligned(fromByteOffset: 1, as: UInt64.self).littleEndian)
    guard wallTime.isFinite else { return nil }
    var position = wallTimeSize
    var step: UInt64 = 0
    if message[position] == 0x10 {
      position += 1
      var shift: UInt64 = 0
      while true {
        guard position < message.count, shift < 63 else { return nil }
        let byte = message[position]
        position += 1
        step |= UInt64(byte & 0x7f) &<< shift
        shift += 7
        if byte < 0x80 { break }
      }
    }
    // Lengths of one byte each: 2a n 0a n 0a n tag 15 value.
    guard position + 6 < message.count, message[position] == 0x2a,
      Int(message[position + 1]) == message.count - position - 2, message[position + 1] < 0x80,
      message[position + 2] == 0x0a, Int(message[position + 3]) == message.count - position - 4,
      message[position + 4] == 0x0a
    else { return nil }
    let start = position + 6
    let end = start + Int(message[position + 5])
    guard message[position + 5] < 0x80, end + 5 == message.count, message[end] == 0x15 else {
      return nil
    }
    guard let tag = number(of: UnsafeRawBufferPointer(rebasing: message[start..<end])) else {
      return nil
    }
    let bits = message.loadUnaligned(fromByteOffset: end + 1, as: UInt32.self).littleEndian
    return ScalarBlock.Entry(
      tag: tag, step: Int64(bitPattern: step), wallTime: wallTime, value: Float(bitPattern: bits))
  }
}
