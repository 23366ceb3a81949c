import Tensors

/// Keeps the n largest in absolute value of every m weights that follow each other along the input
/// axis, such as 2 of every 4: what some processors multiply twice as fast (Zhou et al., "Learning
/// N:M fine-grained structured sparse neural networks from scratch", 2021).
///
/// The target is the fraction that goes of every group: k/m for a whole k. A convolution's groups
/// lie along its input channels, for each output and each tap of the kernel. Where the inputs are
/// no multiple of m the last group is shorter, and ⌊length · k / m⌋ go from it: never more than the
/// target. Weights that are gone already count; of equal ones the first go.
public struct NMPruning: OneShotPruning {
  public static let kind = "nm"
  public static let summary = "keeps the n largest of every m weights along the input axis"
  public static let paper: String? = "Zhou et al. 2021, arXiv 2102.04010"
  public static let unit = PruningUnit.weights

  /// Weights in a group.
  public let m: Int

  public init(m: Int = 4) {
    self.m = m
  }

  public init(_ settings: some Settings) throws {
    m = try settings.integer("m", in: 2...32, default: 4)
  }

  /// Weights that go from each group.
  /// - Throws: `PruningRefusal` when the target is not a fraction of the group.
  public func removedCount(target: Double) throws(PruningRefusal) -> Int {
    let removed = (target * Double(m)).rounded()
    // As exact as somebody writes a third.
    guard abs(target - removed / Double(m)) < 0.005, removed > 0, removed < Double(m) else {
      let possible = (1..<m).map { "\((Double($0) / Double(m) * 10_000).rounded() / 10_000)" }
      throw PruningRefusal(
        "of every \(m) weights whole ones go: sparsity can be \(possible.joined(separator: ", "))")
    }
    return Int(removed)
  }

  public func decide<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> PruningDecision<Scalar> {
    let removed = try removedCount(target: task.target)
    var decision = PruningDecision<Scalar>()
    var (total, gone) = (0, 0)
    for (name, parameter) in task.weights {
      let size = task.origin.weightCounts[name] ?? parameter.value.count
      let alive = parameter.value.count - parameter.prunedCount
      (total, gone) = (total + size, gone + size - alive)
      let mask = Tensor<Scalar>(shape: parameter.value.shape)
      let view = WeightView(
        name: name, values: UnsafePointer(parameter.value.scalars), shape: parameter.value.shape,
        seed: task.seed, mask: parameter.mask.map { UnsafePointer($0.scalars) })
      guard self.mask(view, removing: removed, into: mask.scalars) < alive else { continue }
      decision.masks[parameter.name] = mask
    }
    guard !decision.isEmpty else {
      throw .reached(Double(gone) / Double(max(1, total)), target: task.target)
    }
    return decision
  }

  /// Fills a mask of 0 and 1 for one tensor.
  /// - Parameter removed: weights that are gone from each group then, at least.
  /// - Returns: how many weights stay.
  public func mask<Scalar: TensorScalar>(
    _ weights: WeightView<Scalar>, removing removed: Int, into mask: UnsafeMutablePointer<Scalar>
  ) -> Int {
    if let present = weights.mask {
      mask.update(from: present, count: weights.count)
    } else {
      mask.update(repeating: 1, count: weights.count)
    }
    let inputs = weights.shape.count > 1 ? weights.shape[1] : 1
    let taps = weights.shape.dropFirst(2).reduce(1, *)
    return Scalar.maskGroups(
      weights.values, rows: weights.count / max(1, inputs * taps), inputs: inputs, taps: taps,
      group: m, removed: removed, mask: mask)
  }
}
