/// Tells scores without training: a published table, or a formula that is made up.
public protocol CandidateEvaluator: Sendable {
  /// What the scores are, in a few words that stand wherever they are shown.
  var scoreName: String { get }
  /// What could not be used of what it knows, a line each.
  var notes: [String] { get }

  /// nil: nothing is known of this architecture for so many epochs.
  func evaluate(_ architecture: Architecture, epochs: Int) -> Evaluation?
}

extension CandidateEvaluator {
  public var notes: [String] { [] }
}

/// What is known of an architecture that was trained.
public struct Evaluation: Sendable, Equatable {
  /// Larger is better.
  public let score: Double
  public let parameters: Int
  /// What else is known, by its name.
  public let others: [(name: String, value: Double)]

  public init(score: Double, parameters: Int, others: [(name: String, value: Double)] = []) {
    self.score = score
    self.parameters = parameters
    self.others = others
  }

  public static func == (one: Evaluation, other: Evaluation) -> Bool {
    one.score == other.score && one.parameters == other.parameters
      && one.others.elementsEqual(other.others, by: ==)
  }
}
