/// Loops that find the least of very many scores.
public protocol SelectionKernels: TensorArithmetic {
  /// magnitudes[i] = |values[i]|
  static func magnitudes(
    _ values: UnsafePointer<Self>, into magnitudes: UnsafeMutablePointer<Self>, count: Int)

  /// Copies the values where a mask is not 0, one behind the other.
  static func compact(
    _ values: UnsafePointer<Self>, where mask: UnsafePointer<Self>, count: Int,
    into compacted: UnsafeMutablePointer<Self>)

  /// The other way: the next value where a mask is not 0, else 0.
  static func spread(
    _ values: UnsafePointer<Self>, where mask: UnsafePointer<Self>, count: Int,
    into spread: UnsafeMutablePointer<Self>)

  /// Fills masks with 0 for the `rank` smallest of all scores, and 1 for the others. Scores are not
  /// negative; what is not a number counts as infinite, of equal ones those that come first go.
  /// - Parameter masks: one for each piece of the scores, of its length.
  /// - Returns: the largest score that goes.
  static func maskLeast(
    _ rank: Int, of scores: [UnsafeBufferPointer<Self>],
    into masks: [UnsafeMutablePointer<Self>]
  ) -> Self
}

extension SelectionKernels {
  public static func magnitudes(
    _ values: UnsafePointer<Self>, into magnitudes: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count { magnitudes[index] = values[index].magnitude }
  }

  public static func compact(
    _ values: UnsafePointer<Self>, where mask: UnsafePointer<Self>, count: Int,
    into compacted: UnsafeMutablePointer<Self>
  ) {
    var next = 0
    for index in 0..<count where mask[index] != 0 {
      compacted[next] = values[index]
      next &+= 1
    }
  }

  public static func spread(
    _ values: UnsafePointer<Self>, where mask: UnsafePointer<Self>, count: Int,
    into spread: UnsafeMutablePointer<Self>
  ) {
    var next = 0
    for index in 0..<count {
      guard mask[index] != 0 else {
        spread[index] = 0
        continue
      }
      spread[index] = values[next]
      next &+= 1
    }
  }

  public static func maskLeast(
    _ rank: Int, of scores: [UnsafeBufferPointer<Self>],
    into masks: [UnsafeMutablePointer<Self>]
  ) -> Self {
    var places: [(score: Self, piece: Int, index: Int)] = []
    for (piece, scores) in scores.enumerated() {
      for (index, score) in scores.enumerated() {
        places.append((score.isNaN ? .infinity : score, piece, index))
        masks[piece][index] = 1
      }
    }
    places.sort { ($0.score, $0.piece, $0.index) < ($1.score, $1.piece, $1.index) }
    for place in places.prefix(rank) { masks[place.piece][place.index] = 0 }
    return places.prefix(rank).last?.score ?? 0
  }
}

extension Float {
  public static func maskLeast(
    _ rank: Int, of scores: [UnsafeBufferPointer<Float>],
    into masks: [UnsafeMutablePointer<Float>]
  ) -> Float {
    var selection = RankSelection(rank: rank)
    while !selection.isDone {
      for piece in scores { selection.count(piece) }
      selection.endPass()
    }
    var cutoff = selection.cutoff
    for (piece, mask) in zip(scores, masks) { cutoff.mark(piece, into: mask) }
    return cutoff.threshold
  }
}
