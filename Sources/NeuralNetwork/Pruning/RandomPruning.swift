import Tensors

/// Removes weights by chance: what other methods have to be better than.
///
/// The number that a weight draws is a function of the seed, the tensor's name and the weight's
/// place alone.
public struct RandomPruning: WeightPruning {
  public static let kind = "random"
  public static let summary = "removes weights by chance: what others have to be better than"
  public static let scoresPieces = true

  public let isPerLayer: Bool

  public init(perLayer: Bool = false) {
    isPerLayer = perLayer
  }

  public init(_ settings: some Settings) throws {
    isPerLayer = try settings.flag("perLayer", default: false)
  }

  /// What `fillUniform` adds to its key from one number to the next.
  private static let stride: UInt64 = 0x9e37_79b9_7f4a_7c15

  public func score<Scalar: TensorScalar>(
    _ weights: WeightView<Scalar>, into scores: UnsafeMutablePointer<Scalar>
  ) {
    var random = RandomSource(seed: weights.seed, purpose: .pruning, name: weights.name)
    let key = UInt64(random.next()) << 32 | UInt64(random.next())
    Scalar.fillUniform(
      scores, count: weights.count, key: key &+ UInt64(weights.offset) &* Self.stride)
  }
}

extension RandomSource {
  /// A sequence for a thing that has a name: a tensor, a layer.
  init(seed: UInt64, purpose: Purpose, name: String) {
    // FNV-1a.
    let index = name.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
    self.init(seed: seed, purpose: purpose, index: index)
  }
}
