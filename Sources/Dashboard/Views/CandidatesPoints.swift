/// Where candidates stand in a picture of score against cost. Of very many that lie on one place
/// only one is kept, so that a picture costs what it shows.
struct CandidatesPoints: Sendable {
  /// From the left and from below, 0 to 1.
  struct Place: Sendable {
    let across, up: Float
  }

  let costs, scores: ClosedRange<Double>
  private(set) var places: [Place] = []
  /// Those of the Pareto front.
  private(set) var front: [Place] = []

  /// More points are binned, finer than any screen is.
  private static let plainMax = 4096
  private static let binsAcross = 512
  private static let binsUp = 256

  init(_ points: [(cost: Double, score: Double)], front: [Int]) {
    var isFirst = true
    var (costLow, costHigh, scoreLow, scoreHigh) = (0.0, 1.0, 0.0, 1.0)
    for (cost, score) in points where cost.isFinite && score.isFinite {
      if isFirst { (costLow, costHigh, scoreLow, scoreHigh) = (cost, cost, score, score) }
      isFirst = false
      costLow = min(costLow, cost)
      costHigh = max(costHigh, cost)
      scoreLow = min(scoreLow, score)
      scoreHigh = max(scoreHigh, score)
    }
    costs = costLow...costHigh
    scores = scoreLow...scoreHigh
    let isBinned = points.count > Self.plainMax
    var isTaken = Array(repeating: false, count: isBinned ? Self.binsAcross * Self.binsUp : 0)
    for (cost, score) in points {
      guard let place = place(cost: cost, score: score) else { continue }
      if isBinned {
        let across = Int(place.across * Float(Self.binsAcross - 1))
        let bin = Int(place.up * Float(Self.binsUp - 1)) * Self.binsAcross + across
        if isTaken[bin] { continue }
        isTaken[bin] = true
      }
      places.append(place)
    }
    self.front = front.compactMap { place(cost: points[$0].cost, score: points[$0].score) }
  }

  /// nil where one of them is not finite.
  func place(cost: Double, score: Double) -> Place? {
    guard cost.isFinite, score.isFinite else { return nil }
    return Place(across: Self.share(cost, costs), up: Self.share(score, scores))
  }

  private static func share(_ value: Double, _ values: ClosedRange<Double>) -> Float {
    // Halves, because the difference of two finite numbers need not be finite.
    let span = values.upperBound / 2 - values.lowerBound / 2
    return span > 0 ? Float(min(max((value / 2 - values.lowerBound / 2) / span, 0), 1)) : 0.5
  }
}
