import OperatingSystem
import RunLog

/// The event files of one directory. They are read in the order of their names: a later one
/// supersedes what it goes back over, so it has to wait until the earlier ones are read.
struct EventFiles {
  private let directory: RunDirectory
  private let files: any FileSystem
  /// Stands before every tag.
  private let prefix: String
  private var readers: [EventFileReader] = []
  private var host: String?

  init(_ directory: RunDirectory, prefix: String = "", files: any FileSystem) {
    self.directory = directory
    self.prefix = prefix
    self.files = files
  }

  /// Bytes that were read, and that there are.
  var progress: LogBatch.Progress {
    readers.reduce(into: .init(read: 0, size: 0)) {
      $0.read += min($1.offset, $1.size)
      $0.size += $1.size
    }
  }

  /// Reads what has come. After a restart what was read is of no use: begin with new ones.
  mutating func read(into batch: inout LogBatch, _ failing: inout FailingFiles) {
    findFiles(into: &batch, &failing)
    let first = batch.events.count
    for index in readers.indices where !batch.isRestart {
      readers[index].read(into: &batch, &failing)
      if batch.hasMore { break }
    }
    guard !prefix.isEmpty else { return }
    for index in batch.events.indices[first...] {
      batch.events[index] = batch.events[index].tagged(with: prefix)
    }
  }

  private mutating func findFiles(into batch: inout LogBatch, _ failing: inout FailingFiles) {
    do throws(SystemError) {
      for name in try directory.eventFiles(files) {
        let path = Path.join(directory.path, name)
        guard !readers.contains(where: { $0.path == path }) else { continue }
        if let last = readers.last, path < last.path { batch.isRestart = true }
        readers.append(EventFileReader(path: path, files: files))
        if let host = EventFileOrigin.host(of: name), host != self.host {
          self.host = host
          batch.events.append(.origin(host: host))
        }
      }
    } catch {
      failing.note(
        .unreadable(file: directory.name, offset: 0, reason: error.reason), of: directory.name)
    }
  }
}

extension EventFileReader {
  /// Reads what has come into a batch, with what is wrong as trouble.
  fileprivate mutating func read(into batch: inout LogBatch, _ failing: inout FailingFiles) {
    let name = Path.name(of: path)
    var (skippedBefore, wasReadable) = (skippedRecords, unreadable == nil)
    do throws(SystemError) {
      let found = try read()
      if found.isRestart {
        batch.isRestart = true
        (skippedBefore, wasReadable) = (0, true)
      }
      batch.events += found.events
      batch.hasMore = batch.hasMore || found.hasMore
    } catch {
      failing.note(.unreadable(file: name, offset: offset, reason: error.reason), of: name)
    }
    if skippedRecords > skippedBefore {
      batch.events.append(
        .trouble(.skippedRecords(file: name, count: skippedRecords, reason: skipReason)))
    }
    if let unreadable, wasReadable {
      batch.events.append(
        .trouble(.unreadable(file: name, offset: unreadable.offset, reason: unreadable.reason)))
    }
  }
}

extension RunEvent {
  /// The same under a longer tag.
  fileprivate func tagged(with prefix: String) -> RunEvent {
    switch self {
    case .scalars(let block):
      .scalars(ScalarBlock(tags: block.tags.map { prefix + $0 }, entries: block.entries))
    case .histogram(let tag, let step, let wallTime, let histogram):
      .histogram(tag: prefix + tag, step: step, wallTime: wallTime, histogram)
    case .grid(let tag, let step, let wallTime, let grid):
      .grid(tag: prefix + tag, step: step, wallTime: wallTime, grid)
    case .text(let tag, let step, let wallTime, let text):
      .text(tag: prefix + tag, step: step, wallTime: wallTime, text)
    default: self
    }
  }
}
