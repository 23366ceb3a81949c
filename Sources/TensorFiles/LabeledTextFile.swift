import JSONText
import OperatingSystem

/// A table of numbers with a label in each row, from a text file: comma, semicolon or tab separate
/// the columns (RFC 4180 for quotes), and a header is recognised.
public struct LabeledTextFile: Sendable {
  /// The columns without the label's, as the header names them; "column 0", … without one.
  public let columnNames: [String]
  public let hasHeader: Bool
  /// [rows, columns], row-major, all finite.
  public let features: [Float]
  /// [rows], without the spaces around them, none empty.
  public let labels: [String]
  /// The line of the file in which each row begins, from 1.
  public let lines: [Int]

  /// Which column is the label.
  public enum LabelColumn: Sendable, Equatable {
    case last
    case named(String)
    /// Counted from 0.
    case index(Int)
  }

  /// What a file may hold unless the caller says otherwise: 2 GiB.
  public static let sizeMaxUsual = 2 << 30

  /// - Parameters:
  ///   - path: the file, UTF-8.
  ///   - label: which column is the label.
  ///   - sizeMax: the most bytes to read.
  ///   - files: where to read it.
  /// - Throws: a file without rows, rows of different lengths, missing values, NaN and infinity,
  ///   and what is no number, with the line.
  public static func read(
    _ path: String, label: LabelColumn = .last, sizeMax: Int = sizeMaxUsual,
    files: any FileSystem = LocalFileSystem()
  ) throws(TensorFileError) -> LabeledTextFile {
    let file = try InputFile(path, expected: "a table in a text file", files: files)
    let size = try file.size()
    guard size <= sizeMax else {
      throw TensorFileError(
        path: path, problem: "\(grouped(size)) bytes, at most \(grouped(sizeMax)) are read",
        advice: "save it with np.save")
    }
    let scanner = try LabeledTextFileScanner(file.contents(from: 0, limit: size), path: path)
    var reader = LabeledTextFileReader(scanner, path: path)
    return try reader.read(label)
  }

  /// The number that a field is; nil when it is none. May be infinite when it is too large.
  public static func number(_ text: String) -> Float? {
    let isPlain = text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2B || $0 == 0x2D || $0 | 0x20 == 0x65
    }
    return isPlain ? Float(text) : nil
  }
}

/// Makes rows of records.
struct LabeledTextFileReader {
  private var scanner: LabeledTextFileScanner
  private let path: String

  private var names: [String] = []
  private var hasHeader = false
  private var labelIndex = 0
  private var features: [Float] = []
  private var labels: [String] = []
  private var lines: [Int] = []

  /// What people write for a value that they do not have.
  private static let missing: Set<String> = ["", "?", "na", "n/a", "nan", "null", "none", "-"]

  init(_ scanner: LabeledTextFileScanner, path: String) {
    self.scanner = scanner
    self.path = path
  }

  mutating func read(
    _ label: LabeledTextFile.LabelColumn
  ) throws(TensorFileError) -> LabeledTextFile {
    guard let firstLine = try scanner.next() else {
      throw TensorFileError(path: path, problem: "it is empty", advice: "give a table with rows")
    }
    names = scanner.fields.indices.map { scanner.text($0) }
    guard names.count >= 2 else {
      throw complaint(
        firstLine, "there is one column only; columns are separated by comma, semicolon or tab",
        "give a column for the label and one or more others")
    }
    try findLabel(label, line: firstLine)
    if !hasHeader {
      names = names.indices.map { "column \($0)" }
      try appendRow(firstLine)
    }
    while let line = try scanner.next() { try appendRow(line) }
    guard !labels.isEmpty else {
      throw complaint(firstLine, "there are no rows behind the header", "give a table with rows")
    }
    names.remove(at: labelIndex)
    return LabeledTextFile(
      columnNames: names, hasHeader: hasHeader, features: features, labels: labels, lines: lines)
  }

  /// Finds the label's column and whether the first line is a header: one in which something
  /// besides the label is a word.
  private mutating func findLabel(
    _ label: LabeledTextFile.LabelColumn, line: Int
  ) throws(TensorFileError) {
    func isWord(_ text: String) -> Bool {
      LabeledTextFile.number(text) == nil && !Self.missing.contains(text.lowercased())
    }
    switch label {
    case .last: labelIndex = names.count - 1
    case .index(let index):
      guard names.indices.contains(index) else {
        throw complaint(
          line, "there is no column \(index); the columns are 0 to \(names.count - 1)",
          "give another label")
      }
      labelIndex = index
    case .named(let name):
      guard let index = names.firstIndex(of: name) else {
        let near = NearestName.of(name, among: names).map { "; did you mean '\(shown($0))'?" }
        throw complaint(
          line, "no column is named '\(shown(name))'" + (near ?? ""),
          "name a column of the header, or give its index from 0")
      }
      labelIndex = index
      hasHeader = true
      return
    }
    hasHeader = names.indices.contains { $0 != labelIndex && isWord(names[$0]) }
  }

  private mutating func appendRow(_ line: Int) throws(TensorFileError) {
    guard scanner.fields.count == names.count else {
      throw complaint(
        line, "\(scanner.fields.count) columns, the first line has \(names.count)",
        "quote a text that has the separator in it")
    }
    for column in names.indices {
      let text = scanner.text(column)
      if column != labelIndex, let number = LabeledTextFile.number(text) {
        guard number.isFinite else {
          throw complaint(
            line, "\(shown(names[column])): \(shown(text)) is too large", "use a smaller unit")
        }
        features.append(number)
        continue
      }
      guard !Self.missing.contains(text.lowercased()) else {
        throw complaint(
          line, "\(shown(names[column])): the value is missing ('\(shown(text))')",
          "fill it in, or remove the row")
      }
      guard column == labelIndex else {
        throw complaint(
          line, "\(shown(names[column])): found '\(shown(text))', expected a number such as -1.5e3",
          "turn words into numbers, or remove the column")
      }
      labels.append(text)
    }
    lines.append(line)
  }

  private func complaint(_ line: Int, _ problem: String, _ advice: String) -> TensorFileError {
    TensorFileError(path: "\(path):\(line)", problem: problem, advice: advice)
  }
}
