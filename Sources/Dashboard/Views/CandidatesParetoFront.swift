/// Which points no other one beats: none costs as little or less and scores as much or more, one of
/// both better.
enum CandidatesParetoFront {
  /// The indices of the front in ascending order; points that are not finite are on no front.
  /// O(n log n).
  static func indices(
    _ points: [(cost: Double, score: Double)], isBetterWhenSmaller: Bool = false
  ) -> [Int] {
    func score(_ index: Int) -> Double {
      isBetterWhenSmaller ? -points[index].score : points[index].score
    }
    let sorted = points.indices
      .filter { points[$0].cost.isFinite && points[$0].score.isFinite }
      .sorted { one, other in
        points[one].cost == points[other].cost
          ? score(one) > score(other) : points[one].cost < points[other].cost
      }
    var best: (cost: Double, score: Double)?
    var front: [Int] = []
    for index in sorted {
      let point = (cost: points[index].cost, score: score(index))
      let isEqual = best.map { $0 == point } ?? false
      guard isEqual || point.score > best?.score ?? -.infinity else { continue }
      best = point
      front.append(index)
    }
    return front.sorted()
  }
}
