import JSONText
import OperatingSystem
import TensorFiles
import Tensors

/// A table in a text file, one column of which is the label or the value to be met.
struct CSVSource: DataSource {
  static let kind = "csv"
  static let summary = "a table in a text file, with a column of labels or of values to be met"

  private let path: String
  private let validationPath: String?
  private let label: LabeledTextFile.LabelColumn
  private let task: Task

  private enum Task: String, CaseIterable {
    case classification, regression
  }

  var division: DataDivision {
    validationPath == nil ? .fraction(isShuffled: true) : .given
  }

  init(_ object: ExperimentObject) throws {
    path = try object.path("path")
    validationPath = try object.pathIfGiven("validationPath")
    label = try Self.label(object)
    let chosen = try object.choice(
      "task", of: Task.allCases.map(\.rawValue), default: Task.classification.rawValue)
    task = Task(rawValue: chosen) ?? .classification
  }

  private static func label(_ object: ExperimentObject) throws -> LabeledTextFile.LabelColumn {
    guard let node = object.field("label") else { return .last }
    if let name = node.string {
      object.record("label", .string(name))
      return .named(name)
    }
    guard let index = node.integer.flatMap({ Int(exactly: $0) }), index >= 0 else {
      throw object.error(
        "label", "found \(node.kindName), expected a column's name or its index from 0")
    }
    object.record("label", .integer(Int64(index)))
    return .index(index)
  }

  func read(pool: WorkerPool, files: any FileSystem) throws -> SampleSet {
    let table = try LabeledTextFile.read(path, label: label, files: files)
    let other = try validationPath.map {
      (path: $0, table: try LabeledTextFile.read($0, label: label, files: files))
    }
    if let other, table.hasHeader, other.table.hasHeader,
      other.table.columnNames != table.columnNames
    {
      throw FileMistake.wrong(other.path, "its columns are not named as those of \(path)")
    }
    switch task {
    case .regression:
      return try joined(
        table, .values(try Self.values(table, path), perSample: 1), other,
        try other.map { .values(try Self.values($0.table, $0.path), perSample: 1) })
    case .classification:
      let classes = try LabelClasses(table, path, and: other)
      var set = try joined(
        table, classes.targets(of: table), other, other.map { classes.targets(of: $0.table) })
      set.classNames = classes.names
      return set
    }
  }

  private func joined(
    _ table: LabeledTextFile, _ targets: SampleTargets,
    _ other: (path: String, table: LabeledTextFile)?,
    _ otherTargets: SampleTargets?
  ) throws -> SampleSet {
    let set = Self.set(table, targets)
    guard let other, let otherTargets else { return set }
    return try set.validated(
      by: Self.set(other.table, otherTargets), path: path, otherPath: other.path)
  }

  private static func set(_ table: LabeledTextFile, _ targets: SampleTargets) -> SampleSet {
    SampleSet(
      samples: .floats(table.features), sampleShape: [table.columnNames.count], targets: targets,
      channelCount: table.columnNames.count)
  }

  private static func values(_ table: LabeledTextFile, _ path: String) throws -> [Float] {
    try zip(table.labels, table.lines).map { text, line in
      guard let value = LabeledTextFile.number(text), value.isFinite else {
        throw FileMistake.wrong(
          "\(path):\(line)", "the value to be met is '\(text.prefix(40))', expected a number")
      }
      return value
    }
  }
}

/// The classes that words or whole numbers in a column stand for: sorted, by value when all are
/// whole numbers, so that they do not depend on the order of the rows.
private struct LabelClasses {
  let names: [String]
  private let indices: [String: Int32]

  /// More names than a column of classes has; more look like values.
  private static let classesMax = 10_000

  init(
    _ table: LabeledTextFile, _ path: String, and other: (path: String, table: LabeledTextFile)?
  ) throws {
    let own = try Self.distinct(table, path)
    guard own.count > 1 else {
      throw FileMistake.wrong(
        path,
        "all \(table.labels.count) labels are '\(own.first.map { $0.prefix(40) } ?? "")'; "
          + "2 or more classes are needed")
    }
    let all = try own.union(other.map { try Self.distinct($0.table, $0.path) } ?? [])
    let numbers = all.compactMap { Int64($0) }
    let isNumbered = numbers.count == all.count
    names = all.sorted { first, second in
      isNumbered ? (Int64(first) ?? 0, first) < (Int64(second) ?? 0, second) : first < second
    }
    indices = Dictionary(
      uniqueKeysWithValues: names.enumerated().map { ($0.element, Int32($0.offset)) })
  }

  private static func distinct(_ table: LabeledTextFile, _ path: String) throws -> Set<String> {
    var found: Set<String> = []
    for (label, line) in zip(table.labels, table.lines) where found.insert(label).inserted {
      if LabeledTextFile.number(label) != nil, Int64(label) == nil {
        throw FileMistake.wrong(
          "\(path):\(line)",
          "the label '\(label.prefix(40))' is no class; for values to be met say "
            + "\"task\": \"regression\"")
      }
      guard found.count <= classesMax else {
        throw FileMistake.wrong(
          "\(path):\(line)", "more than \(classesMax) different labels; is it the right column?")
      }
    }
    return found
  }

  func targets(of table: LabeledTextFile) -> SampleTargets {
    .classes(table.labels.map { indices[$0] ?? 0 }, perSample: 1, count: names.count)
  }
}
