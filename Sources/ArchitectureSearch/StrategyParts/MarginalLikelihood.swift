import Glibc
import Tensors

/// How likely some values at some points are under a Gaussian process, as a function of its
/// kernel's logarithms, with its gradient (Rasmussen and Williams, "Gaussian processes for machine
/// learning", 2006, equations 2.30 and 5.9).
struct MarginalLikelihood {
  static let log2Pi = log(2 * Double.pi)

  private let values: [Double]
  private let groupCount: Int
  private let jitter: Double
  /// Squared differences, [pairs, groups]; the pairs are those below the diagonal, row by row.
  private let squares: [Double]

  /// - Parameters:
  ///   - points: one for each value.
  ///   - groups: for each coordinate the index of its length.
  init(
    points: [[Double]], values: [Double], groups: [Int],
    jitter: Double = GaussianProcess.jitterMin
  ) {
    precondition(points.count == values.count, "a value for each point")
    let groupCount = (groups.max() ?? -1) + 1
    var squares: [Double] = []
    squares.reserveCapacity(points.count * max(0, points.count - 1) / 2 * groupCount)
    for row in points.indices {
      for column in 0..<row {
        let start = squares.count
        squares.append(contentsOf: repeatElement(0, count: groupCount))
        for (index, group) in groups.enumerated() {
          let difference = points[row][index] - points[column][index]
          squares[start + group] += difference * difference
        }
      }
    }
    self.values = values
    self.groupCount = groupCount
    self.jitter = jitter
    self.squares = squares
  }

  /// ln σ², ln noise, then ln ℓ of each group.
  static func parameters(_ kernel: MaternKernel) -> [Double] {
    ([kernel.amplitude, kernel.noise] + kernel.lengths).map { log($0) }
  }

  static func kernel(_ parameters: [Double]) -> MaternKernel {
    let values = parameters.map { exp($0) }
    return MaternKernel(amplitude: values[0], lengths: Array(values[2...]), noise: values[1])
  }

  /// - Returns: nil where the points cannot be told apart.
  func evaluate(_ parameters: [Double]) -> (value: Double, gradient: [Double])? {
    let kernel = Self.kernel(parameters)
    let count = values.count
    let pairs = count * max(0, count - 1) / 2
    let weights = kernel.lengths.map { 1 / ($0 * $0) }
    let distances = SymmetricMatrix.product(
      squares, weights, rows: pairs, inner: groupCount, columns: 1)
    var matrix = SymmetricMatrix(size: count)
    var slopes = Array(repeating: 0.0, count: pairs)
    var pair = 0
    for row in 0..<count {
      for column in 0..<row {
        matrix[row, column] = kernel.covariance(distances[pair])
        slopes[pair] = kernel.slope(distances[pair])
        pair += 1
      }
      matrix[row, row] = kernel.amplitude + kernel.noise + jitter
    }
    guard let factor = CholeskyFactor(matrix) else { return nil }
    let whitened = factor.solved(values, columns: 1)
    let solution = factor.solvedTransposed(whitened, columns: 1)
    let value =
      -0.5 * CholeskyFactor.dot(whitened, whitened) - 0.5 * factor.logDeterminant
      - 0.5 * Double(count) * Self.log2Pi
    guard value.isFinite else { return nil }

    // Half of what the likelihood gains by an entry of the matrix: ααᵀ - K⁻¹.
    let inverse = factor.inverse
    var (byAmplitude, byNoise) = (0.0, 0.0)
    pair = 0
    for row in 0..<count {
      for column in 0..<row {
        let gain = solution[row] * solution[column] - inverse[row, column]
        byAmplitude += gain * matrix[row, column]
        slopes[pair] *= gain
        pair += 1
      }
      let gain = 0.5 * (solution[row] * solution[row] - inverse[row, row])
      byAmplitude += gain * kernel.amplitude
      byNoise += gain * kernel.noise
    }
    let byWeights = SymmetricMatrix.product(
      slopes, squares, rows: 1, inner: pairs, columns: groupCount)
    return (value, [byAmplitude, byNoise] + zip(byWeights, weights).map { -2 * $0 * $1 })
  }
}
