import RunModel

/// Which points no other one beats: none costs as little or less and scores as much or more, one of
/// both better.
enum CandidatesParetoFront {
  /// The indices of the front in ascending order; points that are not finite are on no front. Takes
  /// a time that grows with their number alone.
  static func indices(
    _ points: [(cost: Double, score: Double)], isBetterWhenSmaller: Bool = false
  ) -> [Int] {
    func score(_ index: Int) -> Double {
      isBetterWhenSmaller ? -points[index].score : points[index].score
    }
    let finite = points.indices.lazy
      .filter { points[$0].cost.isFinite && points[$0].score.isFinite }.map { Int32($0) }
    let byScore = RadixSort.sorted(Array(finite)) {
      SortKey(score(Int($0)), isReversed: true).bits
    }
    let sorted = RadixSort.sorted(byScore) {
      SortKey(points[Int($0)].cost, isReversed: false).bits
    }
    var best: (cost: Double, score: Double)?
    var front: [Int] = []
    for index in sorted {
      let point = (cost: points[Int(index)].cost, score: score(Int(index)))
      let isEqual = best.map { $0 == point } ?? false
      guard isEqual || point.score > best?.score ?? -.infinity else { continue }
      best = point
      front.append(Int(index))
    }
    return front.sorted()
  }
}
