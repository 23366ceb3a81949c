import Glibc
import NeuralNetwork
import RunLog
import Tensors

/// Pictures of a layer's weights for the log.
enum WeightPictures {
  /// Counts of the values in bins of equal width between the least and the largest; at most 64.
  static func histogram(of tensor: Tensor<Float>) -> Histogram {
    let binsMax = 64
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in tensor.buffer where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    guard low < high else {
      let edge = Double(low.isFinite ? low : 0)
      return Histogram(bins: [.init(lower: edge, upper: edge, count: Double(tensor.count))])
    }
    var counts = [Double](repeating: 0, count: binsMax)
    let scale = Float(binsMax) / (high - low)
    for value in tensor.buffer where value.isFinite {
      counts[min(binsMax - 1, Int((value - low) * scale))] += 1
    }
    let width = Double(high - low) / Double(binsMax)
    return Histogram(
      bins: counts.enumerated().map { index, count in
        let lower = Double(low) + width * Double(index)
        return .init(lower: lower, upper: lower + width, count: count)
      })
  }

  /// The fraction of weights that are not zero in each cell of a grid over a [rows, columns]
  /// matrix; at most 32 × 64 cells.
  static func density(of parameter: Parameter<Float>) -> Grid {
    let shape = parameter.value.shape
    let matrixRows = max(1, shape.first ?? 1)
    let matrixColumns = max(1, parameter.value.count / matrixRows)
    let (rows, columns) = (min(32, matrixRows), min(64, matrixColumns))
    var alive = [Float](repeating: 0, count: rows * columns)
    var size = alive
    for row in 0..<matrixRows {
      for column in 0..<matrixColumns {
        let cell = (row * rows / matrixRows) * columns + column * columns / matrixColumns
        size[cell] += 1
        if parameter.value.scalars[row * matrixColumns + column] != 0 { alive[cell] += 1 }
      }
    }
    return Grid(rows: rows, columns: columns, values: zip(alive, size).map { $0 / $1 })
  }
}
