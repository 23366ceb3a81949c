/// What is carried along a curve from point to point.
protocol PointFold: Sendable {
  associatedtype Output
  mutating func next(step: Int64, value: Float) -> Output
}

/// A fold over points that can go back to an earlier point without beginning anew: it keeps a
/// copy of itself at every 256th point.
struct RewindingFold<Fold: PointFold>: Sendable {
  private let initial: Fold
  private(set) var fold: Fold
  private var count = 0
  private var copies = ChunkedArray<(count: Int, fold: Fold)>()

  private static var spacing: Int { 256 }

  init(_ fold: Fold) {
    initial = fold
    self.fold = fold
  }

  var byteCount: Int { copies.count * MemoryLayout<(count: Int, fold: Fold)>.stride }

  mutating func next(step: Int64, value: Float) -> Fold.Output {
    let output = fold.next(step: step, value: value)
    count += 1
    if count % Self.spacing == 0 { copies.append((count, fold)) }
    return output
  }

  /// As it was after the first `kept` of these points.
  mutating func rewind(to kept: Int, steps: ChunkedArray<Int64>, values: ChunkedArray<Float>) {
    while let last = copies.last, last.count > kept { copies.cut(to: copies.count - 1) }
    (count, fold) = copies.last ?? (0, initial)
    while count < kept { _ = next(step: steps[count], value: values[count]) }
  }

  /// Goes on as it is, though of its points only `kept` are left to go back over.
  mutating func forgetPoints(keeping kept: Int) {
    count = kept
    copies = ChunkedArray()
  }
}
