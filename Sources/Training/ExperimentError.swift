/// A mistake in an experiment, in one line: where, what was found, what is allowed.
public struct ExperimentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// "mnist.json:7", "--set epochs", or a data file.
  public let place: String
  /// The dotted path of the field, such as "optimizer.learningRate"; empty for the whole.
  public let field: String
  public let problem: String

  public init(place: String, field: String = "", problem: String) {
    self.place = place
    self.field = field
    self.problem = problem
  }

  public var description: String {
    field.isEmpty ? "\(place): \(problem)" : "\(place): \(field): \(problem)"
  }
}
