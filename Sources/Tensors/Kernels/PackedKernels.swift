import CKernels

/// Products of few rows with one small matrix, many times over. The matrix is packed once into the
/// order in which the product reads it; each number of the result is the same whatever the rows
/// beside it.
public protocol PackedKernels: MatrixKernels {
  /// Copies or, with `adds`, adds a matrix to another of the same extents.
  static func copy(
    _ source: StridedMatrix<Self>, to target: StridedMatrix<Self>, rows: Int, columns: Int,
    adds: Bool)

  /// Scalars that a packed matrix takes.
  static func packedCount(inner: Int, columns: Int) -> Int

  /// Packs a matrix [inner, columns].
  static func pack(
    _ matrix: StridedMatrix<Self>, inner: Int, columns: Int,
    into packed: UnsafeMutablePointer<Self>)

  /// c = a·b, or c += a·b; a is [rows, inner], b packed [inner, columns]. Columns of a and c have
  /// no gaps.
  static func multiply(
    _ a: StridedMatrix<Self>, packed b: UnsafePointer<Self>, into c: StridedMatrix<Self>,
    rows: Int, inner: Int, columns: Int, adds: Bool)

  /// c = aᵀ·b; a is [inner, rows], b is [inner, columns]. Columns have no gaps.
  static func multiplyTransposed(
    _ a: StridedMatrix<Self>, _ b: StridedMatrix<Self>, into c: StridedMatrix<Self>, rows: Int,
    inner: Int, columns: Int)
}

/// A matrix within a greater one: element [r, c] is scalars[r · rowStride + c · columnStride].
public struct StridedMatrix<Scalar: TensorArithmetic>: @unchecked Sendable {
  public var scalars: UnsafeMutablePointer<Scalar>
  public var rowStride: Int
  public var columnStride: Int

  public init(
    _ scalars: UnsafeMutablePointer<Scalar>, rowStride: Int, columnStride: Int = 1
  ) {
    self.scalars = scalars
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  /// The matrix that begins at a row and a column of this one.
  public func from(row: Int = 0, column: Int = 0) -> StridedMatrix {
    StridedMatrix(
      scalars + row * rowStride + column * columnStride, rowStride: rowStride,
      columnStride: columnStride)
  }

  /// The same scalars, with rows and columns exchanged.
  public var transposed: StridedMatrix {
    StridedMatrix(scalars, rowStride: columnStride, columnStride: rowStride)
  }
}

extension PackedKernels {
  public static func copy(
    _ source: StridedMatrix<Self>, to target: StridedMatrix<Self>, rows: Int, columns: Int,
    adds: Bool
  ) {
    for row in 0..<rows {
      var (from, to) = (source.from(row: row).scalars, target.from(row: row).scalars)
      for _ in 0..<columns {
        to.pointee = adds ? to.pointee + from.pointee : from.pointee
        from += source.columnStride
        to += target.columnStride
      }
    }
  }

  public static func packedCount(inner: Int, columns: Int) -> Int { inner * columns }

  public static func pack(
    _ matrix: StridedMatrix<Self>, inner: Int, columns: Int,
    into packed: UnsafeMutablePointer<Self>
  ) {
    copy(
      matrix, to: StridedMatrix(packed, rowStride: columns), rows: inner, columns: columns,
      adds: false)
  }

  public static func multiply(
    _ a: StridedMatrix<Self>, packed b: UnsafePointer<Self>, into c: StridedMatrix<Self>,
    rows: Int, inner: Int, columns: Int, adds: Bool
  ) {
    var operands = MatrixOperands(
      m: rows, n: columns, k: inner, .plain(a.scalars), times: .plain(b), into: c.scalars,
      keeping: adds ? 1 : 0)
    operands.aStride = a.rowStride
    operands.cStride = c.rowStride
    multiplyMatrices(operands)
  }

  public static func multiplyTransposed(
    _ a: StridedMatrix<Self>, _ b: StridedMatrix<Self>, into c: StridedMatrix<Self>, rows: Int,
    inner: Int, columns: Int
  ) {
    var operands = MatrixOperands(
      m: rows, n: columns, k: inner, .transposed(a.scalars), times: .plain(b.scalars),
      into: c.scalars)
    operands.aStride = a.rowStride
    operands.bStride = b.rowStride
    operands.cStride = c.rowStride
    multiplyMatrices(operands)
  }
}

extension Float {
  public static func packedCount(inner: Int, columns: Int) -> Int {
    let panel = nn_recurrent_kernels_best().pointee.panel_columns
    return inner * ((columns + panel - 1) / panel * panel)
  }

  public static func pack(
    _ matrix: StridedMatrix<Float>, inner: Int, columns: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    nn_recurrent_kernels_best().pointee.pack(
      matrix.scalars, matrix.rowStride, matrix.columnStride, inner, columns, packed)
  }

  public static func multiply(
    _ a: StridedMatrix<Float>, packed b: UnsafePointer<Float>, into c: StridedMatrix<Float>,
    rows: Int, inner: Int, columns: Int, adds: Bool
  ) {
    nn_recurrent_kernels_best().pointee.multiply_packed(
      a.scalars, a.rowStride, b, c.scalars, c.rowStride, rows, inner, columns, adds ? 1 : 0)
  }

  public static func multiplyTransposed(
    _ a: StridedMatrix<Float>, _ b: StridedMatrix<Float>, into c: StridedMatrix<Float>, rows: Int,
    inner: Int, columns: Int
  ) {
    nn_recurrent_kernels_best().pointee.multiply_transposed(
      a.scalars, a.rowStride, b.scalars, b.rowStride, c.scalars, c.rowStride, rows, inner,
      columns)
  }
}
