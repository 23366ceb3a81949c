import Tensors

/// A method that gives every weight a score by itself or its tensor and masks the least.
public protocol WeightPruning: OneShotPruning {
  /// One threshold for each tensor, else one over all.
  var isPerLayer: Bool { get }
  /// True when the score of a weight depends on its value, its place and the tensor's name alone: a
  /// tensor may come in pieces then.
  static var scoresPieces: Bool { get }

  /// How much each weight is worth: not negative, the least go first; what is not a number goes
  /// last. The score of a weight that is gone already does not matter.
  func score<Scalar: TensorScalar>(
    _ weights: WeightView<Scalar>, into scores: UnsafeMutablePointer<Scalar>)
}

/// The weights of one tensor or a piece of them, of a live network or of a file.
public struct WeightView<Scalar: TensorScalar> {
  /// Of the layer or tensor: what chance depends on besides the seed.
  public let name: String
  public let values: UnsafePointer<Scalar>
  /// Of the whole tensor: [outputs, inputs, …]
  public let shape: [Int]
  /// The place of the first value in the tensor; not 0 for a later piece.
  public let offset: Int
  public let count: Int
  public let seed: UInt64
  /// 0 where a weight is gone already; nil: none is.
  public let mask: UnsafePointer<Scalar>?

  /// - Parameter piece: the places that the values have in the tensor; nil: all of them.
  public init(
    name: String, values: UnsafePointer<Scalar>, shape: [Int], piece: Range<Int>? = nil,
    seed: UInt64, mask: UnsafePointer<Scalar>? = nil
  ) {
    self.name = name
    self.values = values
    self.shape = shape
    self.seed = seed
    self.mask = mask
    let places = piece ?? 0..<shape.reduce(1, *)
    offset = places.lowerBound
    count = places.count
  }

  public func isAlive(_ index: Int) -> Bool { mask.map { $0[index] != 0 } ?? true }
}

extension WeightPruning {
  public static var unit: PruningUnit { .weights }
  public static var scoresPieces: Bool { false }

  public func decide<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> PruningDecision<Scalar> {
    let weights = task.weights
    var decision = PruningDecision<Scalar>()
    let parts = isPerLayer ? weights.map { [$0] } : [weights]
    var total = 0
    var gone = 0
    for part in parts {
      let selection = WeightSelection(part, method: self, seed: task.seed)
      let size = part.reduce(0) { $0 + (task.origin.weightCounts[$1.name] ?? 0) }
      total += size
      gone += size - selection.alive
      let kept = Int(((1 - task.target) * Double(size)).rounded())
      guard selection.alive > kept else { continue }
      selection.cut(selection.alive - kept, into: &decision)
    }
    for (name, parameter) in weights {
      guard let mask = decision.masks[parameter.name] else { continue }
      let isAlive = (0..<mask.count).contains { mask.scalars[$0] != 0 }
      guard isAlive else { throw .emptied(name) }
    }
    guard !decision.isEmpty else {
      throw .reached(Double(gone) / Double(max(1, total)), target: task.target)
    }
    return decision
  }
}

/// Weights that are compared with each other.
struct WeightSelection<Scalar: TensorScalar> {
  private let weights: [(name: String, parameter: Parameter<Scalar>)]
  private let scores: [Tensor<Scalar>]
  /// Weights that are not masked.
  let alive: Int

  init(
    _ weights: [(name: String, parameter: Parameter<Scalar>)], method: some WeightPruning,
    seed: UInt64
  ) {
    self.weights = weights
    scores = weights.map { name, parameter in
      let scores = Tensor<Scalar>(shape: parameter.value.shape)
      method.score(
        WeightView(
          name: name, values: parameter.value.scalars, shape: parameter.value.shape, seed: seed,
          mask: parameter.mask.map { UnsafePointer($0.scalars) }), into: scores.scalars)
      return scores
    }
    alive = weights.reduce(0) { $0 + $1.parameter.value.count - $1.parameter.prunedCount }
  }

  /// Adds masks that remove the least; of equal scores the ones that come first go first.
  func cut(_ count: Int, into decision: inout PruningDecision<Scalar>) {
    // Of each tensor the scores of what lives, one behind the other.
    let living = zip(weights, scores).map { weight, scores -> Tensor<Scalar> in
      guard let mask = weight.parameter.mask else { return scores }
      let living = Tensor<Scalar>(shape: [scores.count - weight.parameter.prunedCount])
      Scalar.compact(
        scores.scalars, where: mask.scalars, count: scores.count, into: living.scalars)
      return living
    }
    let masks = living.map { Tensor<Scalar>(shape: $0.shape) }
    let threshold = withExtendedLifetime(living) {
      Scalar.maskLeast(
        count, of: living.map { UnsafeBufferPointer($0.buffer) }, into: masks.map(\.scalars))
    }
    for (weight, mask) in zip(weights, masks) {
      decision.thresholds[weight.name] = threshold.double
      guard let present = weight.parameter.mask else {
        decision.masks[weight.parameter.name] = mask
        continue
      }
      let whole = Tensor<Scalar>(shape: present.shape)
      Scalar.spread(
        mask.scalars, where: present.scalars, count: present.count, into: whole.scalars)
      decision.masks[weight.parameter.name] = whole
    }
  }
}

/// The element at a place in the order of size.
enum Rank {
  /// The `rank`-th smallest (from 1), by partition around a median of three; O(n) on average.
  static func smallest<Scalar: TensorScalar>(_ rank: Int, of values: inout [Scalar]) -> Scalar? {
    guard rank >= 1, rank <= values.count else { return nil }
    var (low, high) = (0, values.count - 1)
    let target = rank - 1
    while low < high {
      let (first, middle, last) = (values[low], values[low + (high - low) / 2], values[high])
      let pivot = max(min(first, middle), min(max(first, middle), last))
      var (left, right) = (low, high)
      while left <= right {
        while values[left] < pivot { left += 1 }
        while values[right] > pivot { right -= 1 }
        if left <= right {
          values.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if target <= right {
        high = right
      } else if target >= left {
        low = left
      } else {
        return values[target]
      }
    }
    return values[target]
  }
}
