import ArchitectureSearch
import LogFormats
import OperatingSystem
import Training

/// Takes scores from the published table of NAS-Bench-101.
struct TableEvaluator: CandidateEvaluator {
  let scoreName: String
  var notes: [String] { table.notes }
  private let table: NASBenchTable
  private let budgets: [Int]

  /// - Throws: one line, when the file is no such table, or does not know the search's epochs.
  init(path: String, for search: SearchDescription) throws {
    guard search.objective == .accuracy else {
      throw Failure("\(path) tells accuracies only: set objective to \"accuracy\"")
    }
    table = try NASBenchTable(path: path, files: LocalFileSystem())
    budgets = table.budgets
    guard let longest = budgets.last else { throw Failure("\(path) holds no cells") }
    guard budgets.contains(search.epochs) else {
      let known = budgets.map(String.init).joined(separator: ", ")
      throw Failure(
        "\(path) knows what cells reach in \(known) epochs, not in \(search.epochs): set epochs to "
          + "one of these, as --set epochs=\(longest)")
    }
    scoreName = budgets.count == 1 ? "validation accuracy@\(longest)" : "validation accuracy"
  }

  /// What is known for the largest number of epochs up to what is asked for, or else for the
  /// smallest that is known.
  func evaluate(_ architecture: Architecture, epochs: Int) -> Evaluation? {
    guard let hash = NASBenchHash(architecture.identity), let index = table.index(of: hash),
      let budget = budgets.last(where: { $0 <= epochs }) ?? budgets.first,
      let found = table.evaluation(at: index, epochs: budget)
    else { return nil }
    return Evaluation(
      score: found.validationAccuracy, parameters: table.parameters(at: index),
      others: [
        ("test_accuracy", found.testAccuracy), ("training_seconds", found.trainingSeconds),
      ])
  }
}
