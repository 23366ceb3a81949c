import OperatingSystem

/// The program that reads SQLite databases for us. It runs without a shell, opens the database
/// for reading only, and can neither load code nor touch another file, whatever the database holds.
struct SQLiteProgram: Sendable {
  let name: String

  private static let outputBytesMax = 64 << 20
  private static let timeLimitSeconds = 10.0
  /// How long it waits for a writer.
  private static let lockMilliseconds = 250

  init(name: String = "sqlite3") {
    self.name = name
  }

  enum Failure: Error, Equatable {
    case missingProgram
    /// In words.
    case other(String)
  }

  /// Runs statements and returns the rows of all of them. Texts must come as hexadecimal digits, so
  /// that no text is taken for a separator and no version of the program escapes any.
  func rows(
    of sql: String, in path: String, files: any FileSystem
  ) throws(Failure) -> SQLiteRows {
    let answer: ChildProcess.Answer
    do throws(SystemError) {
      answer = try ChildProcess.run(
        name,
        arguments: [
          "-init", "/dev/null", "-batch", "-bail", "-safe", "-readonly", "-list", "-noheader",
          "-separator", "|", "-cmd", ".timeout \(Self.lockMilliseconds)",
          try Self.fileName(path, files), "PRAGMA trusted_schema=0; BEGIN; " + sql,
        ], outputLimit: Self.outputBytesMax, timeLimitSeconds: Self.timeLimitSeconds)
    } catch {
      throw error.operation == "start" && error.isMissing
        ? .missingProgram : .other(error.reason)
    }
    if answer.isLate {
      throw .other("\(name) took longer than \(Int(Self.timeLimitSeconds)) seconds")
    }
    guard answer.isCut || answer.ending == .exited(0) else {
      throw .other(Self.words(answer, name))
    }
    return SQLiteRows(output: answer.output, isCut: answer.isCut)
  }

  /// What the database is called for the program. One with a write-ahead log that nobody has open
  /// is read as if it could not change: else two empty files would be left beside it.
  private static func fileName(
    _ path: String, _ files: any FileSystem
  ) throws(SystemError) -> String {
    // An absolute path is neither an option nor a URI.
    let absolute = Path.resolved(path)
    let isLogged = try SQLiteHeader.hasWriteAheadLog(absolute, files)
    guard isLogged, SQLiteHeader.logSize(of: absolute, files) == 0 else { return absolute }
    return "file:\(percentEncoded(absolute))?immutable=1"
  }

  private static func percentEncoded(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return path.utf8.reduce(into: "") { text, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
        UInt8(ascii: "-"), UInt8(ascii: "_"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
  }

  private static func words(_ answer: ChildProcess.Answer, _ name: String) -> String {
    if case .killed(let signal) = answer.ending { return "\(name) was ended by signal \(signal)" }
    let line = answer.errorText.split(separator: "\n").first ?? "it failed without a word"
    let text = line.hasPrefix("Error: ") ? line.dropFirst("Error: ".count) : line
    return "\(name): \(text)"
  }
}

/// How an SQLite database begins.
enum SQLiteHeader {
  static let signature = Array("SQLite format 3\0".utf8)

  /// Whether it is written by way of a write-ahead log.
  static func hasWriteAheadLog(
    _ path: String, _ files: any FileSystem
  ) throws(SystemError) -> Bool {
    // https://www.sqlite.org/fileformat2.html: the file format's version for readers.
    let place = 19
    return try files.contents(of: path, from: place, limit: 1).first == 2
  }

  /// Bytes in the write-ahead log beside a database; 0 when there is none.
  static func logSize(of path: String, _ files: any FileSystem) -> Int {
    do throws(SystemError) { return try files.status(at: path + "-wal").size } catch { return 0 }
  }
}

/// What the program answered: rows of fields.
struct SQLiteRows: Sendable {
  fileprivate let output: [UInt8]
  /// Whether there were more than could be taken.
  let isCut: Bool

  /// Calls `body` with each complete row.
  func forEach(_ body: (SQLiteRow) -> Void) {
    output.withUnsafeBytes { bytes in
      var row = SQLiteRow()
      var fieldStart = 0
      for index in bytes.indices {
        let byte = bytes[index]
        guard byte == UInt8(ascii: "|") || byte == UInt8(ascii: "\n") else { continue }
        row.fields.append(UnsafeRawBufferPointer(rebasing: bytes[fieldStart..<index]))
        fieldStart = index + 1
        guard byte == UInt8(ascii: "\n") else { continue }
        body(row)
        row.fields.removeAll(keepingCapacity: true)
      }
    }
  }
}

/// The fields of a row; those that are absent or NULL are nil.
struct SQLiteRow {
  fileprivate(set) var fields: [UnsafeRawBufferPointer] = []

  subscript(index: Int) -> UnsafeRawBufferPointer? {
    fields.indices.contains(index) && !fields[index].isEmpty ? fields[index] : nil
  }

  func integer(_ index: Int) -> Int64? {
    self[index].flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
  }

  /// NaN does not occur: SQLite stores it as NULL.
  func number(_ index: Int) -> Double? {
    self[index].flatMap { Double(String(decoding: $0, as: UTF8.self)) }
  }

  /// The text whose hexadecimal digits these are; "" for NULL. Invalid UTF-8 becomes U+FFFD.
  func text(_ index: Int) -> String {
    String(decoding: bytes(index), as: UTF8.self)
  }

  /// The bytes whose hexadecimal digits these are.
  func bytes(_ index: Int) -> [UInt8] {
    guard let digits = self[index] else { return [] }
    return [UInt8](unsafeUninitializedCapacity: digits.count / 2) { bytes, count in
      for place in 0..<digits.count / 2 {
        bytes[place] = Self.value(digits[2 * place]) << 4 | Self.value(digits[2 * place + 1])
      }
      count = digits.count / 2
    }
  }

  private static func value(_ digit: UInt8) -> UInt8 {
    digit <= UInt8(ascii: "9") ? digit &- UInt8(ascii: "0") : (digit &- UInt8(ascii: "A")) &+ 10
  }
}
