/// What is wrong with files of samples that are readable one by one.
enum FileMistake {
  /// More classes than any set has; a larger label is a mistake.
  static let classesMax = 100_000

  static func wrong(_ path: String, _ problem: String) -> ExperimentError {
    ExperimentError(place: path, problem: problem)
  }

  /// Samples and targets must pair up.
  static func checkCounts(
    samples: Int, of shape: [Int], in path: String, targets: Int, called name: String,
    in targetPath: String
  ) throws {
    guard samples == targets else {
      throw wrong(targetPath, "holds \(targets) \(name), but \(path) holds \(samples) samples")
    }
    guard samples > 0, !shape.contains(0) else {
      throw wrong(path, "is empty: it holds \(samples) samples of \(shape)")
    }
  }

  /// The number of classes of labels that are classes themselves.
  static func classCount(_ labels: [Int32], in path: String) throws -> Int {
    if let index = labels.firstIndex(where: { $0 < 0 || $0 >= classesMax }) {
      throw wrong(path, "label \(index) is \(labels[index]), labels are 0 to \(classesMax - 1)")
    }
    return Int(labels.max() ?? 0) + 1
  }

  /// What is to be told apart must differ.
  static func checkVariety(_ labels: [Int32], in path: String) throws {
    guard let first = labels.first, labels.allSatisfy({ $0 == first }) else { return }
    throw wrong(path, "all \(labels.count) labels are \(first); 2 or more classes are needed")
  }

  static func checkFinite(_ values: [Float], sampleSize: Int, in path: String) throws {
    guard let index = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw wrong(
      path, "sample \(index / max(1, sampleSize)) has \(values[index]) in it; remove or replace it")
  }
}
