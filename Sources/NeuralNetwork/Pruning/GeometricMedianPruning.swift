import Tensors

/// Removes the channels whose weights are nearest to the geometric median of their layer's, which
/// the others can stand for: those with the least sum of Euclidean distances to all other rows
/// (He, Liu, Wang, Hu, Yang, "Filter pruning via geometric median", 2019, section 3.4, equation 6).
/// Where several layers share a channel, the mean over them.
public struct GeometricMedianPruning: ChannelPruning {
  public static let kind = "geometricMedian"
  public static let summary = "removes channels whose weights the others can stand for (FPGM)"
  public static let paper: String? = "He et al. 2019, arXiv 1811.00250"

  public let choice: ChannelChoice

  /// Outputs of a layer: each is compared with each.
  private static let outputsMax = 16_384

  public init(_ choice: ChannelChoice = ChannelChoice()) {
    self.choice = choice
  }

  public init(_ settings: some Settings) throws {
    choice = try ChannelChoice(settings)
  }

  public func scores<Scalar: TensorScalar>(
    _ task: PruningTask<Scalar>
  ) throws(PruningRefusal) -> [Double] {
    var sums = Array(repeating: 0.0, count: task.graph.channelCount)
    var counts = sums
    for producer in task.producers {
      guard producer.channels.count <= Self.outputsMax else {
        throw PruningRefusal(
          "\(producer.weight.name) has more than \(Self.outputsMax) rows to compare")
      }
      let distances = Self.distances(producer.weight.value, rows: producer.channels.count)
      for (row, channel) in producer.channels.enumerated() where channel >= 0 {
        sums[channel] += distances[row]
        counts[channel] += 1
      }
    }
    return zip(sums, counts).map { $0 / max(1, $1) }
  }

  /// For each row of a matrix the sum of its distances to all rows: |a - b|² = |a|² + |b|² - 2a·b,
  /// so that a matrix product does the work.
  private static func distances<Scalar: TensorScalar>(
    _ matrix: Tensor<Scalar>, rows: Int
  ) -> [Double] {
    let length = matrix.count / max(1, rows)
    let squares = (0..<rows).map {
      Scalar.sumOfSquares(matrix.scalars + $0 * length, count: length)
    }
    let blockMax = 64
    let products = Tensor<Scalar>(shape: [min(rows, blockMax), rows])
    defer { withExtendedLifetime(products) {} }
    var row = Array(repeating: 0.0, count: rows)
    var distances = row
    for first in stride(from: 0, to: rows, by: blockMax) {
      let count = min(blockMax, rows - first)
      Scalar.multiplyMatrices(
        MatrixOperands(
          m: count, n: rows, k: length, .plain(matrix.scalars + first * length),
          times: .transposed(matrix.scalars), into: products.scalars))
      for index in 0..<count {
        Scalar.widen(products.scalars + index * rows, count: rows, into: &row)
        for other in 0..<rows where other != first + index {
          let square = squares[first + index] + squares[other] - 2 * row[other]
          distances[first + index] += max(0, square).squareRoot()
        }
      }
    }
    return distances
  }
}
