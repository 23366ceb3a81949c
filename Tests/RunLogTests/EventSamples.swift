import JSONText
import OperatingSystem
import TestSupport

@testable import RunLog

/// Bytes from hexadecimal digits; blanks between them do not count.
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] * 16 + digits[$0 + 1])
  }
}

/// A payload in its frame.
func record(_ payload: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = []
  TFRecord.append(payload, to: &bytes)
  return bytes
}

/// An Event that holds one Summary.Value of the fields given.
func summary(
  step: Int64 = 1, wallTime: Double = 10, _ body: (inout ProtobufWriter) -> Void
) -> [UInt8] {
  var event = ProtobufWriter()
  event.double(1, wallTime)
  event.integer(2, step)
  event.message(5) { $0.message(1, body) }
  return event.bytes
}

/// An Event that holds one tensor.
func tensor(
  plugin: String, type: Int64, shape: [Int64], _ body: (inout ProtobufWriter) -> Void
) -> [UInt8] {
  summary { value in
    value.string(1, "tensor")
    value.message(9) { $0.message(1) { $0.string(1, plugin) } }
    value.message(8) { tensor in
      tensor.integer(1, type)
      tensor.message(2) { dimensions in
        for extent in shape { dimensions.message(2) { $0.integer(1, extent) } }
      }
      body(&tensor)
    }
  }
}

func scalar(_ tag: String, _ step: Int64, _ value: Float, wallTime: Double = 10) -> RunEvent {
  .scalar(ScalarPoint(tag: tag, step: step, wallTime: wallTime, value: value))
}

/// The record of such a scalar.
func scalarRecord(_ tag: String, _ step: Int64, _ value: Float) -> [UInt8] {
  record(EventMessage.scalars([(tag, value)], step: step, wallTime: 10))
}

/// A file with some bytes, read to its end: the events, and the reader as it is then.
func readFile(_ bytes: [UInt8]) throws -> (events: [RunEvent], reader: EventFileReader) {
  let directory = try TemporaryDirectory()
  let path = try directory.write(bytes, to: "events.out.tfevents.1")
  var reader = EventFileReader(path: path, files: LocalFileSystem())
  let events = try reader.readAll()
  return (events, reader)
}

extension EventFileReader {
  /// All that can be read now.
  mutating func readAll(bytesMax: Int = bytesPerReadMax) throws -> [RunEvent] {
    var events: [RunEvent] = []
    while true {
      let batch = try read(bytesMax: bytesMax)
      events += batch.events
      if !batch.hasMore { return events.separated }
    }
  }
}

/// A JSON text as a node that was read.
func node(_ text: String) throws -> JSONNode {
  try JSONReader(options: .record).read(text)
}
