import Tensors

/// Draws architectures of a space that a search may train.
public struct ArchitectureSampler: Sendable {
  public let space: any SearchSpace
  /// Whether the search's limits let an architecture through.
  private let allows: @Sendable (Architecture) -> Bool
  private let sieve: Sieve?

  /// Of several architectures that are drawn only the most promising one is taken.
  public struct Sieve: Sendable {
    /// Drawn for each that is taken.
    public let draws: Int
    /// Larger is more promising.
    let score: @Sendable (Architecture) -> Double

    public init(draws: Int, score: @escaping @Sendable (Architecture) -> Double) {
      precondition(draws > 0, "a sieve needs something to choose from")
      self.draws = draws
      self.score = score
    }
  }

  /// How often a draw is tried that makes no architecture, or one that is not allowed.
  static let attemptsMax = 10_000

  public init(
    _ space: any SearchSpace, sieve: Sieve? = nil,
    allows: @escaping @Sendable (Architecture) -> Bool = { _ in true }
  ) {
    self.space = space
    self.sieve = sieve
    self.allows = allows
  }

  /// An architecture, uniform over the choices that make one; nil: none of many was allowed.
  /// - Parameter known: identities that are not wanted.
  public func draw(
    _ random: inout RandomSource, except known: Set<String> = []
  ) -> Architecture? {
    guard let sieve, sieve.draws > 1 else { return drawOne(&random, known) }
    var best: (architecture: Architecture, score: Double)?
    for _ in 0..<sieve.draws {
      guard let drawn = drawOne(&random, known) else { break }
      let score = sieve.score(drawn)
      if best.map({ score > $0.score }) ?? true { best = (drawn, score) }
    }
    return best?.architecture
  }

  private func drawOne(
    _ random: inout RandomSource, _ known: Set<String>
  ) -> Architecture? {
    let counts = space.variables.map { UInt32($0.choices.count) }
    for _ in 0..<Self.attemptsMax {
      let choices = counts.map { Int(random.integer(below: $0)) }
      guard let architecture = allowed(choices) else { continue }
      if !known.contains(architecture.identity) { return architecture }
    }
    return nil
  }

  /// One that differs from `parent` in one choice and computes something else; nil: none of many
  /// was allowed.
  public func mutated(
    _ parent: Architecture, _ random: inout RandomSource
  ) -> Architecture? {
    let variables = space.variables
    let free = variables.indices.filter { variables[$0].choices.count > 1 }
    guard !free.isEmpty else { return nil }
    for _ in 0..<Self.attemptsMax {
      let variable = free[Int(random.integer(below: UInt32(free.count)))]
      var choices = parent.choices
      let shift = 1 + Int(random.integer(below: UInt32(variables[variable].choices.count - 1)))
      choices[variable] = (choices[variable] + shift) % variables[variable].choices.count
      if let child = allowed(choices), child.identity != parent.identity { return child }
    }
    return nil
  }

  /// What the choices make, when it may be trained.
  public func allowed(_ choices: [Int]) -> Architecture? {
    space.architecture(choices).flatMap { allows($0) ? $0 : nil }
  }
}
