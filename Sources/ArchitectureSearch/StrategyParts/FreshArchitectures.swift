import Tensors

/// What a searcher proposed so far, and draws of what it did not: as many different architectures
/// as its task allows.
struct FreshArchitectures {
  /// Their identities.
  private(set) var proposed: Set<String> = []
  var random: RandomSource
  private let sampler: ArchitectureSampler
  private let countMax: Int
  /// Whether a draw found nothing: then the space is used up, and further draws would be slow.
  private var isUsedUp = false

  init(_ task: SearchTask) {
    sampler = task.sampler
    countMax = task.candidates
    random = RandomSource(seed: task.seed, purpose: .search)
  }

  /// How many may still be proposed.
  var countLeft: Int { isUsedUp ? 0 : countMax - proposed.count }

  /// One that was never proposed; nil: there is none, or there were enough.
  mutating func draw() -> Architecture? {
    guard countLeft > 0 else { return nil }
    guard let drawn = sampler.draw(&random, except: proposed) else {
      isUsedUp = true
      return nil
    }
    proposed.insert(drawn.identity)
    return drawn
  }

  /// Takes up a proposal that was made in another way.
  /// - Returns: false where it would be one too many.
  mutating func propose(_ architecture: Architecture) -> Bool {
    guard !proposed.contains(architecture.identity) else { return true }
    guard proposed.count < countMax else { return false }
    proposed.insert(architecture.identity)
    return true
  }
}
