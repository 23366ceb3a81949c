import Tensors

/// Climbs to a maximum of a smooth function within bounds, by limited-memory BFGS (Nocedal and
/// Wright, "Numerical optimization", 2006, algorithm 7.4), projected: what stands at a bound and
/// wants to go beyond it stays there.
struct QuasiNewton {
  let bounds: [ClosedRange<Double>]
  let stepsMax: Int
  /// Pairs of steps and changes of slope that are remembered.
  private static let memory = 8

  init(bounds: [ClosedRange<Double>], stepsMax: Int) {
    self.bounds = bounds
    self.stepsMax = stepsMax
  }

  typealias Value = (value: Double, gradient: [Double])

  private struct Turn {
    let step, bend: [Double]
    var product: Double { CholeskyFactor.dot(step, bend) }
  }

  /// - Returns: the best point found; nil where the function has no value at the start.
  func climb(
    from start: [Double], _ function: ([Double]) -> Value?
  ) -> (point: [Double], value: Double)? {
    var point = inside(start)
    guard var here = function(point) else { return nil }
    var turns: [Turn] = []
    for _ in 0..<stepsMax {
      let slope = free(here.gradient, at: point)
      guard let steepest = slope.map(abs).max(), steepest > 1e-5 else { break }
      var direction = free(Self.turned(slope, turns), at: point, by: here.gradient)
      if CholeskyFactor.dot(direction, slope) <= 0 {
        turns = []
        direction = slope
      }
      let length = turns.isEmpty ? min(1, 1 / steepest) : 1
      guard let (next, there) = search(point, here, direction, length, function) else { break }
      let step = zip(next, point).map { $0 - $1 }
      let turn = Turn(step: step, bend: zip(here.gradient, there.gradient).map { $0 - $1 })
      if turn.product > 1e-10 { turns = (turns + [turn]).suffix(Self.memory) }
      let gain = there.value - here.value
      (point, here) = (next, there)
      if gain < 1e-6 * (1 + abs(here.value)) { break }
    }
    return (point, here.value)
  }

  private func inside(_ point: [Double]) -> [Double] {
    zip(point, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
  }

  /// The direction without what leads out of the bounds.
  private func free(
    _ direction: [Double], at point: [Double], by gradient: [Double]? = nil
  ) -> [Double] {
    direction.indices.map { index in
      let slope = (gradient ?? direction)[index]
      let isStopped =
        point[index] <= bounds[index].lowerBound && slope < 0
        || point[index] >= bounds[index].upperBound && slope > 0
      return isStopped ? 0 : direction[index]
    }
  }

  /// Goes back from the whole step until the function has risen enough for its slope.
  private func search(
    _ point: [Double], _ here: Value, _ direction: [Double], _ length: Double,
    _ function: ([Double]) -> Value?
  ) -> (point: [Double], value: Value)? {
    var length = length
    for _ in 0..<16 {
      let next = inside(zip(point, direction).map { $0 + length * $1 })
      let rise = zip(next, point).enumerated().reduce(0) { sum, pair in
        sum + here.gradient[pair.offset] * (pair.element.0 - pair.element.1)
      }
      if let there = function(next), there.value >= here.value + 1e-4 * rise, rise > 0 {
        return (next, there)
      }
      length /= 2
    }
    return nil
  }

  /// The slope times the inverse of the curvature that the turns show.
  private static func turned(_ slope: [Double], _ turns: [Turn]) -> [Double] {
    var result = slope
    var shares: [Double] = []
    for turn in turns.reversed() {
      let share = CholeskyFactor.dot(turn.step, result) / turn.product
      shares.append(share)
      for index in result.indices { result[index] -= share * turn.bend[index] }
    }
    if let last = turns.last {
      let scale = last.product / CholeskyFactor.dot(last.bend, last.bend)
      for index in result.indices { result[index] *= scale }
    }
    for (turn, share) in zip(turns, shares.reversed()) {
      let back = CholeskyFactor.dot(turn.bend, result) / turn.product
      for index in result.indices { result[index] += (share - back) * turn.step[index] }
    }
    return result
  }
}
