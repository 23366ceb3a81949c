/// A file that somebody else writes: read on from where the last reading stopped, and from its
/// beginning when it was replaced, shortened, or rewritten in its place. Holds no descriptor
/// between two readings, so that thousands can be followed, and looks only at its status while
/// nothing changed.
public struct GrowingFile: Sendable {
  public let path: String
  /// Where the next reading begins, in bytes.
  public private(set) var offset = 0
  /// When it was looked at last.
  public private(set) var status: FileStatus?

  private let files: any FileSystem
  /// Its first bytes, as they were when they were read: a rewritten file begins otherwise.
  private var head: [UInt8] = []
  /// Those before `offset`: they are others when it was rewritten behind a long beginning.
  private var tail: [UInt8] = []
  private var mayHaveMore = false

  private static let headSize = 512
  private static let tailSize = 512

  public init(path: String, files: any FileSystem, offset: Int = 0) {
    self.path = path
    self.files = files
    self.offset = offset
  }

  /// What a reading found.
  public struct Reading: Sendable {
    /// True when the file has more that can be read now.
    public var hasMore = false
    /// True when what was read of the file before is void: the next reading begins anew.
    public var isRestart = false
    /// True when nothing about the file changed since the last reading.
    public var isUnchanged = false
  }

  /// Bytes that have come.
  public struct Piece {
    public let bytes: UnsafeRawBufferPointer
    /// Where in the file they begin.
    public let offset: Int
    /// When the file was written last, seconds since 1970.
    public let modifiedSeconds: Double
  }

  /// Reads what has come.
  /// - Parameters:
  ///   - bytesMax: how many bytes one call looks at.
  ///   - recordSizeMax: bytes of the longest record; when nothing could be used of some bytes, more
  ///     are read, up to this.
  ///   - use: takes bytes and says how many of them it used up; the rest comes again.
  public mutating func read(
    bytesMax: Int, recordSizeMax: Int, use: (Piece) -> Int
  ) throws(SystemError) -> Reading {
    var reading = Reading()
    let now = try files.status(at: path)
    guard now.kind == .file else { throw SystemError.notAFile(path) }
    let before = status
    if before == now && !mayHaveMore {
      reading.isUnchanged = true
      return reading
    }
    let file = try files.open(path, for: .reading)
    defer { files.close(file) }
    if let before, try isOther(file, before, now) {
      rewind()
      reading.isRestart = true
      return reading
    }
    // Until this reading has succeeded.
    (status, mayHaveMore) = (now, true)
    var wanted = bytesMax
    while true {
      let bytes = try files.contents(of: file, from: offset, limit: wanted)
      let used = bytes.withUnsafeBytes {
        $0.isEmpty
          ? 0
          : use(Piece(bytes: $0, offset: offset, modifiedSeconds: now.modifiedSeconds))
      }
      precondition(0...bytes.count ~= used, "of some bytes no more can be used than there are")
      note(bytes.prefix(used))
      offset += used
      reading.hasMore = bytes.count == wanted
      mayHaveMore = reading.hasMore
      guard used == 0, reading.hasMore, wanted < recordSizeMax else { return reading }
      wanted = min(wanted * 4, recordSizeMax)
    }
  }

  /// The bytes behind the last ones that were used up, when there are no more than `limit`.
  public func rest(limit: Int) throws(SystemError) -> [UInt8] {
    guard let status, status.size > offset, status.size - offset <= limit else { return [] }
    return try files.contents(of: path, from: offset, limit: limit)
  }

  /// Has it read from its beginning the next time.
  public mutating func rewind() {
    (offset, head, tail, status, mayHaveMore) = (0, [], [], nil, false)
  }

  /// Whether it is another file than before, or no longer begins as it did.
  private func isOther(
    _ file: OpenFile, _ before: FileStatus, _ now: FileStatus
  ) throws(SystemError) -> Bool {
    if (before.device, before.inode) != (now.device, now.inode) || now.size < offset { return true }
    guard before != now else { return false }
    if try files.contents(of: file, from: 0, limit: head.count) != head { return true }
    return try files.contents(of: file, from: offset - tail.count, limit: tail.count) != tail
  }

  private mutating func note(_ used: ArraySlice<UInt8>) {
    if offset == head.count, head.count < Self.headSize {
      head += used.prefix(Self.headSize - head.count)
    }
    tail = Array((tail + used.suffix(Self.tailSize)).suffix(Self.tailSize))
  }
}
