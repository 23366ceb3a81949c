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
    // Column c is in cell c · columns / matrixColumns, so cell k begins at this column.
    let edges = (0...columns).map { ($0 * matrixColumns + columns - 1) / columns }
    var alive = [Int](repeating: 0, count: rows * columns)
    var rowsOfCell = [Int](repeating: 0, count: rows)
    for row in 0..<matrixRows {
      let cellRow = row * rows / matrixRows
      rowsOfCell[cellRow] += 1
      let weights = parameter.value.scalars + row * matrixColumns
      for cell in 0..<columns {
        var count: Int32 = 0
        for column in edges[cell]..<edges[cell + 1] { count &+= weights[column] != 0 ? 1 : 0 }
        alive[cellRow * columns + cell] += Int(count)
      }
    }
    let values = alive.indices.map { index in
      let cell = index % columns
      let size = rowsOfCell[index / columns] * (edges[cell + 1] - edges[cell])
      return Float(alive[index]) / Float(size)
    }
    return Grid(rows: rows, columns: columns, values: values)
  }
}
