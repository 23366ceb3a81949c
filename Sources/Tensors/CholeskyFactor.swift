import COpenBLAS
import Glibc

/// Cholesky's factor of a symmetric positive definite matrix: lower triangular L with L·Lᵀ the
/// matrix. It grows by a row at a time, at the price of one triangular solution.
public struct CholeskyFactor: Sendable {
  /// Rows, and columns.
  public private(set) var size = 0
  /// Row-major, rows `stride` apart; what is above the diagonal is not looked at.
  private var values: [Double] = []
  private var stride = 0

  /// Of the matrix without rows.
  public init() {}

  /// - Returns: nil where the matrix is not positive definite.
  public init?(_ matrix: SymmetricMatrix) {
    var lower = matrix
    guard lower.decompose() else { return nil }
    size = matrix.size
    stride = matrix.size
    values = lower.values
  }

  public subscript(row: Int, column: Int) -> Double {
    precondition(row < size && column <= row, "the lower triangle")
    return values[row * stride + column]
  }

  /// A row up to the diagonal.
  public func row(_ row: Int) -> [Double] {
    precondition(row < size, "a row of the factor")
    return Array(values[row * stride...row * (stride + 1)])
  }

  /// Adds a row and the same column to the matrix.
  /// - Parameters:
  ///   - row: what stands left of the diagonal, `size` values.
  ///   - diagonal: the value on it.
  /// - Returns: false, and nothing is changed, where the larger matrix is not positive definite.
  public mutating func append(_ row: [Double], diagonal: Double) -> Bool {
    precondition(row.count == size, "a row that fits")
    let solved = solved(row, columns: 1)
    let rest = diagonal - Self.dot(solved, solved)
    guard rest > 0, rest.isFinite else { return false }
    if size == stride { widen() }
    let start = size * stride
    values.replaceSubrange(start..<start + size, with: solved)
    values[start + size] = rest.squareRoot()
    size += 1
    return true
  }

  private mutating func widen() {
    let wider = max(16, 2 * stride)
    var moved = Array(repeating: 0.0, count: wider * wider)
    for row in 0..<size {
      for column in 0...row { moved[row * wider + column] = values[row * stride + column] }
    }
    (values, stride) = (moved, wider)
  }

  /// L⁻¹·B.
  /// - Parameter right: B, [size, columns], row-major.
  public func solved(_ right: [Double], columns: Int) -> [Double] {
    solved(right, columns: columns, CblasNoTrans)
  }

  /// L⁻ᵀ·B; after `solved` it makes the solution of the equations with the matrix itself.
  public func solvedTransposed(_ right: [Double], columns: Int) -> [Double] {
    solved(right, columns: columns, CblasTrans)
  }

  private func solved(
    _ right: [Double], columns: Int, _ transposition: CBLAS_TRANSPOSE
  ) -> [Double] {
    precondition(right.count == size * columns, "right sides that fit")
    var result = right
    guard !result.isEmpty else { return result }
    let (rows, stride) = (blasint(size), blasint(stride))
    if columns == 1 {
      cblas_dtrsv(
        CblasRowMajor, CblasLower, transposition, CblasNonUnit, rows, values, stride, &result, 1)
    } else {
      cblas_dtrsm(
        CblasRowMajor, CblasLeft, CblasLower, transposition, CblasNonUnit, rows,
        blasint(columns), 1, values, stride, &result, blasint(columns))
    }
    return result
  }

  /// Of the matrix; its natural logarithm.
  public var logDeterminant: Double {
    var sum = 0.0
    for row in 0..<size { sum += log(values[row * (stride + 1)]) }
    return 2 * sum
  }

  /// Of the matrix: L⁻ᵀ·L⁻¹.
  public var inverse: SymmetricMatrix {
    var inverse = SymmetricMatrix(size: size)
    inverse.addToDiagonal(1)
    guard size > 0 else { return inverse }
    let root = solved(inverse.values, columns: size)
    let n = blasint(size)
    cblas_dgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, n, n, n, 1, root, n, root, n, 0, &inverse.values, n)
    return inverse
  }

  /// Sum of the products of two arrays' elements; the longer one's end is left out.
  public static func dot(_ one: [Double], _ other: [Double]) -> Double {
    cblas_ddot(blasint(min(one.count, other.count)), one, 1, other, 1)
  }
}
