import OperatingSystem
import RunLog

/// The published table of NAS-Bench-101 in memory: what each cell reached with each budget, the
/// mean of its repeats, found by the cell's hash. A search can ask it instead of training.
public struct NASBenchTable: Sendable {
  /// The epochs that cells were trained for, the shortest first.
  public var budgets: [Int] { budgetColumns.map(\.epochs).sorted() }
  public var count: Int { hashes.count }
  /// What could not be used of the file it comes from, a line each.
  public private(set) var notes: [String] = []

  private var hashes: [NASBenchHash] = []
  private var parameterCounts: [Int32] = []
  /// In the order in which they came.
  private(set) var budgetColumns: [Budget] = []
  /// Indices of hashes, in open addressing; -1 is free.
  private var slots = [Int32](repeating: -1, count: 1024)

  struct Budget: Sendable {
    let epochs: Int
    /// For each cell; those that came after the last of them have none.
    var sums: [Sum] = []

    /// nil: it was not trained so.
    func mean(of index: Int) -> NASBenchEvaluation? {
      index < sums.count ? sums[index].mean : nil
    }
  }

  /// Of the repeats of a cell.
  struct Sum: Sendable {
    var repeats: Int32 = 0
    var evaluation = NASBenchEvaluation()

    /// nil: it was not trained.
    var mean: NASBenchEvaluation? {
      guard repeats > 0 else { return nil }
      let count = Double(repeats)
      return NASBenchEvaluation(
        validationAccuracy: evaluation.validationAccuracy / count,
        testAccuracy: evaluation.testAccuracy / count,
        trainAccuracy: evaluation.trainAccuracy / count,
        trainingSeconds: evaluation.trainingSeconds / count)
    }
  }

  /// The published table has four.
  static let budgetsMax = 16
  static let cellsMax = 4_000_000

  public init() {}

  // MARK: Asking

  public func index(of hash: NASBenchHash) -> Int? {
    let index = slots[slot(of: hash)]
    return index < 0 ? nil : Int(index)
  }

  public func hash(at index: Int) -> NASBenchHash { hashes[index] }

  /// The cell's trainable parameters.
  public func parameters(at index: Int) -> Int { Int(parameterCounts[index]) }

  /// The mean of a cell's repeats; nil: it was not trained for so many epochs.
  public func evaluation(at index: Int, epochs: Int) -> NASBenchEvaluation? {
    budgetColumns.first { $0.epochs == epochs }?.mean(of: index)
  }

  private func slot(of hash: NASBenchHash) -> Int {
    // Published hashes are as good as random; what somebody makes up may not be.
    let mixed = (hash.high ^ hash.low) &* 0x9e37_79b9_7f4a_7c15
    var slot = Int(truncatingIfNeeded: mixed >> 20) & (slots.count - 1)
    while slots[slot] >= 0, hashes[Int(slots[slot])] != hash {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  // MARK: Filling

  /// Takes up a training; returns the index of its cell, and whether that is new.
  mutating func add(_ row: NASBenchRow) throws(NASBenchRow.Malformed) -> (index: Int, isNew: Bool) {
    let budget = try budget(row.epochs)
    let (index, isNew) = try cell(row)
    while budgetColumns[budget].sums.count <= index { budgetColumns[budget].sums.append(Sum()) }
    budgetColumns[budget].sums[index].add(row.evaluation)
    return (index, isNew)
  }

  private mutating func budget(_ epochs: Int) throws(NASBenchRow.Malformed) -> Int {
    if let known = budgetColumns.firstIndex(where: { $0.epochs == epochs }) { return known }
    guard budgetColumns.count < Self.budgetsMax else {
      throw NASBenchRow.Malformed(reason: "there are more than \(Self.budgetsMax) budgets")
    }
    budgetColumns.append(Budget(epochs: epochs))
    return budgetColumns.count - 1
  }

  private mutating func cell(
    _ row: NASBenchRow
  ) throws(NASBenchRow.Malformed) -> (index: Int, isNew: Bool) {
    let slot = slot(of: row.hash)
    if slots[slot] >= 0 { return (Int(slots[slot]), false) }
    guard count < Self.cellsMax else {
      throw NASBenchRow.Malformed(reason: "there are more than \(Self.cellsMax) cells")
    }
    slots[slot] = Int32(count)
    hashes.append(row.hash)
    parameterCounts.append(Int32(clamping: row.parameters))
    if count * 2 > slots.count { grow() }
    return (count - 1, true)
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for (index, hash) in hashes.enumerated() { slots[slot(of: hash)] = Int32(index) }
  }
}

extension NASBenchTable.Sum {
  fileprivate mutating func add(_ one: NASBenchEvaluation) {
    repeats += 1
    evaluation.validationAccuracy += one.validationAccuracy
    evaluation.testAccuracy += one.testAccuracy
    evaluation.trainAccuracy += one.trainAccuracy
    evaluation.trainingSeconds += one.trainingSeconds
  }
}

/// Why a file cannot serve as the published table.
public struct NASBenchTableError: Error, Sendable, Equatable, CustomStringConvertible {
  /// In one line that names the file and says what to do.
  public let description: String
}

extension NASBenchTable {
  /// Reads a whole file, such as `nasbench_only108.tfrecord`. Damaged rows and a missing end are
  /// told in `notes`; a file without a single row is an error.
  public init(
    path: String, files: any FileSystem = LocalFileSystem()
  ) throws(NASBenchTableError) {
    self.init()
    let name = Path.name(of: path)
    do throws(SystemError) {
      try read(path, name, files)
    } catch {
      throw NASBenchTableError(description: "\(path): \(error.reason)")
    }
    guard count > 0 else {
      let reason = notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
      throw NASBenchTableError(
        description: "\(path) has no rows of NAS-Bench-101\(reason);"
          + " name nasbench_only108.tfrecord or nasbench_full.tfrecord")
    }
  }

  private mutating func read(
    _ path: String, _ name: String, _ files: any FileSystem
  ) throws(SystemError) {
    var records = NASBenchRecords()
    var file = GrowingFile(path: path, files: files)
    let bytesMax = 4 << 20
    var hasMore = true
    while hasMore && records.unreadable == nil {
      let reading = try file.read(
        bytesMax: bytesMax, recordSizeMax: NASBenchRecords.recordSizeMax
      ) { piece in
        records.take(piece.bytes, at: piece.offset) { row throws(NASBenchRow.Malformed) in
          _ = try add(row)
        }
      }
      hasMore = reading.hasMore || reading.isRestart
      // It was replaced meanwhile.
      if reading.isRestart { (self, records) = (NASBenchTable(), NASBenchRecords()) }
    }
    if records.skipped.count > 0 {
      notes.append(
        "\(name): \(records.skipped.count) rows were skipped, \(records.skipped.reason)")
    }
    if let unreadable = records.unreadable {
      notes.append("\(name) cannot be read from byte \(unreadable.offset): \(unreadable.reason)")
    } else if let size = file.status?.size, file.offset < size {
      notes.append("\(name) breaks off within the row at byte \(file.offset)")
    }
  }
}
