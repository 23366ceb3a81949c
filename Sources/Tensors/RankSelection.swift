/// Finds the `rank` smallest of very many scores without holding, copying or sorting them: the
/// scores come twice, in pieces.
///
/// A score is the absolute value of a Float, so that weights can be given as they are; what is not
/// a number counts as infinite. The bits of such numbers are ordered as the numbers are: the first
/// pass counts their upper halves, the second the lower halves of those that share the upper half
/// of the one looked for.
///
///     var selection = RankSelection(rank: 1000)
///     while !selection.isDone {
///       for piece in pieces { selection.count(piece) }
///       selection.endPass()
///     }
///     var cutoff = selection.cutoff
///     for piece in pieces { cutoff.mark(piece, into: mask) }
///
/// Equal scores are told apart by their order: those that come first are the smaller ones.
public struct RankSelection: Sendable {
  /// How many of the smallest are looked for.
  public let rank: Int
  /// Both passes are over.
  public private(set) var isDone = false
  /// Scores of a pass, once it is over.
  public private(set) var total = 0

  /// The upper half of the score looked for; nil in the first pass.
  private var upper: UInt32?
  /// Scores that are smaller than all with that upper half.
  private var below = 0
  private var counts: [Int]
  private var found = RankCutoff(bits: 0, ties: 0)

  private static let infinity = Float.infinity.bitPattern
  private static let binCount = 1 << 16

  /// - Parameter rank: from 0; more than there are scores means all of them.
  public init(rank: Int) {
    precondition(rank >= 0, "a number of scores is not negative")
    self.rank = rank
    counts = Array(repeating: 0, count: Self.binCount)
  }

  /// Counts some scores of the present pass.
  public mutating func count(_ scores: UnsafeBufferPointer<Float>) {
    precondition(!isDone, "two passes are enough")
    let upper = upper
    counts.withUnsafeMutableBufferPointer { counts in
      guard let bins = counts.baseAddress else { return }
      if let upper {
        for score in scores {
          let bits = Self.bits(of: score)
          if bits >> 16 == upper { bins[Int(bits & 0xffff)] &+= 1 }
        }
      } else {
        for score in scores { bins[Int(Self.bits(of: score) >> 16)] &+= 1 }
      }
    }
  }

  /// Ends a pass over all scores.
  public mutating func endPass() {
    if upper == nil { total = counts.reduce(0, +) }
    let wanted = min(rank, total) - below
    guard wanted > 0 else {
      isDone = true
      return
    }
    var (bin, before) = (0, 0)
    while bin < Self.binCount - 1, before + counts[bin] < wanted {
      before += counts[bin]
      bin += 1
    }
    if let upper {
      found = RankCutoff(bits: upper << 16 | UInt32(bin), ties: wanted - before)
      isDone = true
    } else {
      upper = UInt32(bin)
      below = before
      for index in counts.indices { counts[index] = 0 }
    }
  }

  /// What tells the smallest from the others; only when both passes are over.
  public var cutoff: RankCutoff {
    precondition(isDone, "the scores must come twice")
    return found
  }

  @inline(__always)
  fileprivate static func bits(of score: Float) -> UInt32 {
    min(score.bitPattern & 0x7fff_ffff, infinity)
  }
}

/// Which scores are among the smallest: those below a threshold, and the first few that equal it.
public struct RankCutoff: Sendable, Equatable {
  /// The absolute value of the largest score that goes; 0 when none goes.
  public var threshold: Float { Float(bitPattern: bits) }
  /// How many of the scores that equal the threshold, and have not been seen yet, go.
  public private(set) var ties: Int
  private let bits: UInt32

  fileprivate init(bits: UInt32, ties: Int) {
    self.bits = bits
    self.ties = ties
  }

  /// Whether the next score goes. All scores must be asked about once, in the order of the passes.
  @inline(__always)
  public mutating func removes(_ score: Float) -> Bool {
    let bits = RankSelection.bits(of: score)
    guard bits == self.bits else { return bits < self.bits }
    guard ties > 0 else { return false }
    ties -= 1
    return true
  }

  /// Marks the next scores: 0 for those that go, 1 for those that stay.
  /// - Parameter mask: as many places as there are scores.
  public mutating func mark(
    _ scores: UnsafeBufferPointer<Float>, into mask: UnsafeMutablePointer<Float>
  ) {
    guard let first = scores.baseAddress else { return }
    // The bits of numbers from 0 are ordered as integers with a sign, too, which processors compare
    // several at a time; those of NaN lie above infinity.
    let bits = Int32(bitPattern: bits)
    let one = Int32(bitPattern: Float(1).bitPattern)
    for index in 0..<scores.count {
      let score = Int32(bitPattern: first[index].bitPattern & 0x7fff_ffff)
      let stays: Int32 = score < bits ? 0 : one
      mask[index] = Float(bitPattern: UInt32(bitPattern: stays))
    }
    guard ties > 0 else { return }
    var index = 0
    while index < scores.count, ties > 0 {
      if RankSelection.bits(of: first[index]) == self.bits {
        mask[index] = 0
        ties -= 1
      }
      index += 1
    }
  }
}
