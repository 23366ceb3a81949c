import Tensors

/// A Gaussian process with mean 0 that was observed at some points (Rasmussen and Williams,
/// "Gaussian processes for machine learning", 2006, algorithm 2.1). The values may change after the
/// points are known: only the points are factored, and one more costs a row of the factor.
struct GaussianProcess {
  let kernel: MaternKernel
  /// Added to the diagonal beside the noise, so that close points can be told apart.
  let jitter: Double
  private let inverseLengths: [Double]
  private let dimensions: Int
  /// Divided by the lengths, [count, dimensions].
  private var points: [Double] = []
  private var factor = CholeskyFactor()

  static let jitterMin = 1e-6

  var count: Int { factor.size }

  /// - Parameter groups: for each coordinate the index of its length.
  init(_ kernel: MaternKernel, groups: [Int], jitter: Double = jitterMin) {
    self.kernel = kernel
    self.jitter = jitter
    inverseLengths = groups.map { 1 / kernel.lengths[$0] }
    dimensions = groups.count
  }

  /// A point that values are foretold for, and what is known of it.
  struct Query {
    fileprivate let point: [Double]
    /// L⁻¹·k.
    fileprivate var whitened: [Double] = []
    fileprivate var explained = 0.0
  }

  func query(_ point: [Double]) -> Query {
    precondition(point.count == dimensions, "a point that fits")
    return Query(point: zip(point, inverseLengths).map { $0 * $1 })
  }

  private func covariances(_ point: [Double], _ rows: Range<Int>) -> [Double] {
    let dimensions = dimensions
    return points.withUnsafeBufferPointer { points in
      point.withUnsafeBufferPointer { point in
        rows.map { row in
          var square = 0.0
          for index in 0..<dimensions {
            let difference = points[row * dimensions + index] - point[index]
            square += difference * difference
          }
          return kernel.covariance(square)
        }
      }
    }
  }

  /// Adds a point.
  /// - Returns: false, and nothing is changed, where it is too close to the others.
  mutating func append(_ point: [Double]) -> Bool {
    let scaled = query(point).point
    guard
      factor.append(
        covariances(scaled, 0..<count), diagonal: kernel.amplitude + kernel.noise + jitter)
    else { return false }
    points += scaled
    return true
  }

  /// Brings queries up to the newest points. One point more costs a query no more than a product
  /// of two rows.
  func update(_ queries: inout [Query]) {
    let late = queries.indices.filter { queries[$0].whitened.isEmpty }
    if count > 1, late.count > 1 { whiten(&queries, late) }
    for known in (queries.map(\.whitened.count).min() ?? count)..<count {
      let row = factor.row(known)
      for index in queries.indices where queries[index].whitened.count == known {
        let own = covariances(queries[index].point, known..<known + 1)[0]
        let value = (own - CholeskyFactor.dot(queries[index].whitened, row)) / row[known]
        queries[index].whitened.append(value)
        queries[index].explained += value * value
      }
    }
  }

  /// Solves for many new queries together.
  private func whiten(_ queries: inout [Query], _ indices: [Int]) {
    let (rows, columns) = (count, indices.count)
    var right = Array(repeating: 0.0, count: rows * columns)
    for (column, index) in indices.enumerated() {
      for (row, value) in covariances(queries[index].point, 0..<rows).enumerated() {
        right[row * columns + column] = value
      }
    }
    let solved = factor.solved(right, columns: columns)
    for (column, index) in indices.enumerated() {
      let whitened = (0..<rows).map { solved[$0 * columns + column] }
      queries[index].whitened = whitened
      queries[index].explained = CholeskyFactor.dot(whitened, whitened)
    }
  }

  /// What has to be known of the points' values to foretell others.
  /// - Parameter values: one for each point, in their order.
  func whiten(_ values: [Double]) -> [Double] {
    factor.solved(values, columns: 1)
  }

  /// Mean and variance of the value itself, without noise.
  /// - Parameters:
  ///   - query: brought up to date.
  ///   - values: from `whiten`.
  func foretell(_ query: Query, _ values: [Double]) -> (mean: Double, variance: Double) {
    precondition(query.whitened.count == count, "a query that is up to date")
    return (
      CholeskyFactor.dot(query.whitened, values),
      max(1e-12, kernel.amplitude - query.explained)
    )
  }

  /// ln of the density of these values at the points.
  func logLikelihood(_ values: [Double]) -> Double {
    let whitened = whiten(values)
    return -0.5 * CholeskyFactor.dot(whitened, whitened) - 0.5 * factor.logDeterminant
      - 0.5 * Double(count) * MarginalLikelihood.log2Pi
  }
}
