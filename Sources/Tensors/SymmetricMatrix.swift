import COpenBLAS

/// A symmetric matrix in double precision, for methods that solve equations.
public struct SymmetricMatrix: Sendable {
  /// Rows, and columns.
  public let size: Int
  /// Row-major, all of them.
  public var values: [Double]

  /// All zeros.
  public init(size: Int) {
    self.size = size
    values = Array(repeating: 0, count: size * size)
  }

  public subscript(row: Int, column: Int) -> Double {
    get { values[row * size + column] }
    set { values[row * size + column] = newValue }
  }

  /// Adds rowsᵀ·rows, where rows is [count, size]: sums of products of columns.
  public mutating func addMoments(of rows: UnsafePointer<Double>, count: Int) {
    let n = blasint(size)
    values.withUnsafeMutableBufferPointer { values in
      cblas_dgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, n, n, blasint(count), 1, rows, n, rows, n, 1,
        values.baseAddress, n)
    }
  }

  public mutating func addToDiagonal(_ value: Double) {
    for index in 0..<size { values[index * (size + 1)] += value }
  }

  /// The inverse, by Cholesky's decomposition; nil where the matrix is not positive definite.
  public var inverse: SymmetricMatrix? {
    guard let inverse = CholeskyFactor(self)?.inverse else { return nil }
    return inverse.values.allSatisfy(\.isFinite) ? inverse : nil
  }

  /// Replaces the lower triangle by Cholesky's factor L, with L·Lᵀ the matrix, block by block.
  /// - Returns: false where the matrix is not positive definite.
  mutating func decompose() -> Bool {
    let blockMax = 64
    let (size, stride) = (self.size, blasint(self.size))
    return values.withUnsafeMutableBufferPointer { values in
      guard let start = values.baseAddress else { return true }
      for first in Swift.stride(from: 0, to: size, by: blockMax) {
        let width = min(blockMax, size - first)
        let corner = start + first * (size + 1)
        guard Self.decompose(corner, width, stride: size) else { return false }
        let below = size - first - width
        guard below > 0 else { continue }
        let panel = corner + width * size
        cblas_dtrsm(
          CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, blasint(below),
          blasint(width), 1, corner, stride, panel, stride)
        cblas_dgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, blasint(below), blasint(below),
          blasint(width), -1, panel, stride, panel, stride, 1, panel + width, stride)
      }
      return true
    }
  }

  private static func decompose(
    _ corner: UnsafeMutablePointer<Double>, _ width: Int, stride: Int
  ) -> Bool {
    for column in 0..<width {
      for row in column..<width {
        var sum = corner[row * stride + column]
        for inner in 0..<column {
          sum -= corner[row * stride + inner] * corner[column * stride + inner]
        }
        if row > column {
          corner[row * stride + column] = sum / corner[column * stride + column]
        } else if sum > 0, sum.isFinite {
          corner[row * stride + column] = sum.squareRoot()
        } else {
          return false
        }
      }
    }
    return true
  }
}

extension SymmetricMatrix {
  /// The product of two matrices in double precision, [rows, inner] times [inner, columns].
  public static func product(
    _ one: [Double], _ other: [Double], rows: Int, inner: Int, columns: Int
  ) -> [Double] {
    precondition(one.count == rows * inner && other.count == inner * columns, "matrices that fit")
    var result = Array(repeating: 0.0, count: rows * columns)
    guard rows > 0, inner > 0, columns > 0 else { return result }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns), blasint(inner), 1,
      one, blasint(inner), other, blasint(columns), 0, &result, blasint(columns))
    return result
  }
}
