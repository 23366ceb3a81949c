import JSONText
import NeuralNetwork

/// The architectures that a search chooses from. An architecture is one choice for each variable.
public protocol SearchSpace: Settable, Sendable {
  var variables: [SearchVariable] { get }

  /// What the choices make; nil: they make no architecture.
  /// - Parameter choices: for each variable the index of its choice.
  func architecture(_ choices: [Int]) -> Architecture?

  /// The model of an architecture as experiments write it, for data with such targets.
  func model(of architecture: Architecture, for targets: TargetShape) -> JSON

  /// A network that mixes all architectures of the space and learns by how much; nil: there is
  /// none. It has no choices.
  var supernet: Architecture? { get }
}

extension SearchSpace {
  public var supernet: Architecture? { nil }

  /// Whether it is the supernet.
  public func isSupernet(_ architecture: Architecture) -> Bool {
    architecture.identity == supernet?.identity
  }

  /// The choices for each variable that a supernet's words say; nil: they are not of this space.
  public func choices(of words: [String]) -> [Int]? {
    guard words.count == variables.count else { return nil }
    let choices = zip(words, variables).compactMap { $1.choices.firstIndex(of: $0) }
    return choices.count == words.count ? choices : nil
  }
}

/// One thing about an architecture that can be chosen.
public struct SearchVariable: Sendable, Equatable {
  public let name: String
  /// What can be chosen, in words.
  public let choices: [String]
  /// Whether the choices are sizes of one thing, from small to large.
  public let isOrdered: Bool

  public init(_ name: String, choices: [String], isOrdered: Bool) {
    precondition(!choices.isEmpty, "a variable has something to choose from")
    self.name = name
    self.choices = choices
    self.isOrdered = isOrdered
  }
}

/// A point of a search space.
public struct Architecture: Sendable, Equatable {
  /// For each variable of the space the index of its choice.
  public let choices: [Int]
  /// The same for all choices that compute the same.
  public let identity: String
  /// On one line, for people.
  public let text: String
  /// What is drawn of it; nil where it is a chain of layers.
  public let cell: NASBenchCell?

  public init(choices: [Int], identity: String, text: String, cell: NASBenchCell? = nil) {
    self.choices = choices
    self.identity = identity
    self.text = text
    self.cell = cell
  }
}

/// All search spaces, by the kind under which search files name them.
public enum SearchSpaceCatalogue {
  public static let all: [any SearchSpace.Type] = [
    LayerSpace.self,
    NASBench101Space.self,
    DifferentiableSpace.self,
  ]
}
