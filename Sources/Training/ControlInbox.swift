import JSONText
import OperatingSystem
import RunLog

/// The commands that come in through `control.jsonl`, each once.
struct ControlInbox {
  /// Records that were neither a command nor anything that could be answered.
  private(set) var garbage = 0

  private var reader: JSONLinesReader
  private var seen: Set<String>
  private var old: [ControlCommand.Reading] = []

  /// - Parameters:
  ///   - answered: ids that have their answer.
  ///   - askedBefore: bytes of the file that were there before this session began: their
  ///     commands, if unanswered, came when no engine was running.
  init(
    _ directory: RunDirectory, files: any FileSystem, answered: Set<String>, askedBefore: Int
  ) {
    seen = answered
    var old = JSONLinesReader(path: directory.controlPath, files: files, end: askedBefore)
    self.old = Self.readAll(&old)
    // A record that was half there belongs to the new ones.
    reader = JSONLinesReader(path: directory.controlPath, files: files, offset: old.offset)
  }

  static func sizeNow(_ directory: RunDirectory, files: any FileSystem) -> Int {
    do { return try files.status(at: directory.controlPath).size } catch { return 0 }
  }

  /// What was asked before this session and never answered, each id once; garbage left out.
  mutating func unansweredFromBefore() -> [ControlCommand.Reading] {
    defer { old = [] }
    return old.filter { reading in
      switch reading {
      case .command(let command): seen.insert(command.id).inserted
      case .refusal(let id, _): seen.insert(id).inserted
      case .garbage: false
      }
    }
  }

  /// What has come since the last call.
  mutating func receive() -> [ControlCommand.Reading] {
    do throws(SystemError) {
      let batch = try reader.read()
      return batch.records.map(ControlCommand.read).filter { reading in
        switch reading {
        case .command(let command): return seen.insert(command.id).inserted
        case .refusal(let id, _): return seen.insert(id).inserted
        case .garbage:
          garbage += 1
          return false
        }
      }
    } catch { return [] }  // not readable now; the next step tries again
  }

  private static func readAll(_ reader: inout JSONLinesReader) -> [ControlCommand.Reading] {
    var readings: [ControlCommand.Reading] = []
    do throws(SystemError) {
      while true {
        let batch = try reader.read()
        readings += batch.records.map(ControlCommand.read)
        if !batch.hasMore { return readings }
      }
    } catch { return readings }
  }
}
