import NeuralNetwork
import RunLog
import Tensors

/// How a network does on the validation samples.
struct Validation {
  var told = LossResult()
  /// [right class, told class]: how often each was told for each; empty where it makes no sense.
  private(set) var confusion: [Float] = []
  private let classCount: Int

  /// More classes make a matrix that nobody reads.
  private static let confusedClassesMax = 100
  /// With as few classes the five most likely say nothing.
  private static let fewClasses = 10

  init(targets: TargetShape) {
    if case .classes(let count, _) = targets { classCount = count } else { classCount = 0 }
    if (2...Self.confusedClassesMax).contains(classCount) {
      confusion = Array(repeating: 0, count: classCount * classCount)
    }
  }

  var loss: Double { told.mean }
  /// nil where there are no classes.
  var accuracy: Double? {
    told.positions > 0 ? Double(told.correct) / Double(told.positions) : nil
  }
  /// The fraction of positions whose class is among the five most likely; nil where that says
  /// nothing.
  var accuracyInFive: Double? { Self.accuracyInFive(told, classCount: classCount) }

  static func accuracyInFive(_ told: LossResult, classCount: Int) -> Double? {
    guard classCount > fewClasses, told.positions > 0 else { return nil }
    return Double(told.correctInFive) / Double(told.positions)
  }

  /// Counts what the outputs, [rows, …, classes], tell.
  mutating func note(_ output: Tensor<Float>, _ targets: Targets<Float>, rows: Int) {
    guard !confusion.isEmpty, case .classes(let labels, let perSample) = targets else { return }
    for position in 0..<rows * perSample {
      let scores = output.scalars + position * classCount
      var best = 0
      for index in 1..<classCount where scores[index] > scores[best] { best = index }
      confusion[Int(labels[position]) * classCount + best] += 1
    }
  }

  /// The confusion matrix as fractions of each right class; nil where there is none.
  var confusionGrid: Grid? {
    guard !confusion.isEmpty else { return nil }
    var values = confusion
    for row in 0..<classCount {
      let range = row * classCount..<(row + 1) * classCount
      let total = values[range].reduce(0, +)
      if total > 0 { for index in range { values[index] /= total } }
    }
    return Grid(rows: classCount, columns: classCount, values: values)
  }
}
