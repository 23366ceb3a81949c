import OperatingSystem
import RunLog

@testable import LogFormats

/// Feeds bytes that libFuzzer makes up to one format, named by NNTOP_FUZZ_FORMAT: in one piece,
/// and in pieces whose sizes the first bytes tell; or, where the format is files, as those files.
/// What it must do is not to trap, to use up no more than there is, and to make the same points and
/// candidates wherever the bytes are cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: data, count: size)
  let headerSize = 4
  guard size > headerSize else { return 0 }
  let log = UnsafeRawBufferPointer(rebasing: input[headerSize...])
  guard format.isStream else {
    let knobs = UnsafeRawBufferPointer(rebasing: input[..<headerSize])
    FuzzFiles(format).read(log, split: Int(input[0]) * 16, knobs: knobs)
    return 0
  }
  let whole = events(log, pieceSizes: [log.count])
  let inPieces = events(log, pieceSizes: input[..<headerSize].map { Int($0) + 1 })
  precondition(
    whole.points.elementsEqual(inPieces.points, by: isSame)
      && lastFields(whole) == lastFields(inPieces), "it depends on where it was cut")
  return 0
}

private let format: LogFormat = {
  let name = Environment.value("NNTOP_FUZZ_FORMAT") ?? ""
  guard let format = LogFormat.named(name) else { fatalError("NNTOP_FUZZ_FORMAT: \(name)?") }
  return format
}()

private func isSame(_ one: ScalarPoint, _ other: ScalarPoint) -> Bool {
  (one.tag, one.step) == (other.tag, other.step)
    && one.value.bitPattern == other.value.bitPattern
}

/// Of each field of each candidate the newest value.
private func lastFields(_ events: [RunEvent]) -> [String: String] {
  var fields: [String: String] = [:]
  for event in events {
    guard case .candidates(let block) = event else { continue }
    for column in block.columns {
      for index in 0..<block.ids.count {
        let place = "\(block.ids[index] ?? "") \(column.name)"
        switch column.values {
        case .numbers(let numbers):
          if !CandidateBlock.isMissing(numbers[index]) { fields[place] = "\(numbers[index])" }
        case .words(let words): if let word = words[index] { fields[place] = word }
        }
      }
    }
  }
  return fields
}

private func events(_ log: UnsafeRawBufferPointer, pieceSizes: [Int]) -> [RunEvent] {
  guard
    var parser = LogFormat.parser(for: LogHead(name: "", bytes: [], isWhole: true), among: [format])
  else { return [] }
  var events: [RunEvent] = []
  var (offset, end, piece) = (0, 0, 0)
  while end < log.count {
    end = min(log.count, end + pieceSizes[piece % pieceSizes.count])
    piece += 1
    let bytes = UnsafeRawBufferPointer(rebasing: log[offset..<end])
    let used = parser.take(
      LogPiece(bytes, offset: offset, wallTime: 1, isEnd: end == log.count), into: &events)
    precondition(0...bytes.count ~= used, "more was used up than there was")
    offset += used
  }
  return events
}
