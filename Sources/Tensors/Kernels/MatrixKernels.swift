import COpenBLAS

/// The product of two matrices.
public protocol MatrixKernels: TensorArithmetic {
  /// c = a·b + beta·c, where a is [m, k], b is [k, n], c is [m, n] after the transpositions asked
  /// for. Strides are the distances between rows as stored.
  static func multiplyMatrices(_ operands: MatrixOperands<Self>)
}

/// What a matrix product works on.
public struct MatrixOperands<Scalar: TensorArithmetic>: @unchecked Sendable {
  /// Rows of c, its columns, and what the sums run over.
  public var m, n, k: Int
  public var a: UnsafePointer<Scalar>
  public var b: UnsafePointer<Scalar>
  public var c: UnsafeMutablePointer<Scalar>
  public var aIsTransposed, bIsTransposed: Bool
  public var aStride, bStride, cStride: Int
  public var beta: Scalar

  /// Matrices stored without gaps; a transposed factor is stored as the transposed matrix.
  public init(
    m: Int, n: Int, k: Int, _ a: MatrixFactor<Scalar>, times b: MatrixFactor<Scalar>,
    into c: UnsafeMutablePointer<Scalar>, keeping beta: Scalar = 0
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.a = a.scalars
    self.b = b.scalars
    self.c = c
    aIsTransposed = a.isTransposed
    bIsTransposed = b.isTransposed
    aStride = a.isTransposed ? m : k
    bStride = b.isTransposed ? k : n
    cStride = n
    self.beta = beta
  }
}

extension MatrixKernels {
  public static func multiplyMatrices(_ operands: MatrixOperands<Self>) {
    let (a, b, c) = (operands.a, operands.b, operands.c)
    for row in 0..<operands.m {
      for column in 0..<operands.n {
        var sum: Self = 0
        for inner in 0..<operands.k {
          let left =
            operands.aIsTransposed
            ? a[inner * operands.aStride + row] : a[row * operands.aStride + inner]
          let right =
            operands.bIsTransposed
            ? b[column * operands.bStride + inner] : b[inner * operands.bStride + column]
          sum += left * right
        }
        let place = row * operands.cStride + column
        c[place] = operands.beta == 0 ? sum : sum + operands.beta * c[place]
      }
    }
  }
}

extension Float {
  public static func multiplyMatrices(_ operands: MatrixOperands<Float>) {
    cblas_sgemm(
      CblasRowMajor, operands.aIsTransposed ? CblasTrans : CblasNoTrans,
      operands.bIsTransposed ? CblasTrans : CblasNoTrans, blasint(operands.m),
      blasint(operands.n), blasint(operands.k), 1, operands.a, blasint(operands.aStride),
      operands.b, blasint(operands.bStride), operands.beta, operands.c,
      blasint(operands.cStride))
  }
}

/// A factor of a matrix product: the scalars as stored, and whether the product takes them
/// transposed.
public struct MatrixFactor<Scalar: TensorArithmetic> {
  let scalars: UnsafePointer<Scalar>
  let isTransposed: Bool

  public static func plain(_ scalars: UnsafePointer<Scalar>) -> MatrixFactor {
    MatrixFactor(scalars: scalars, isTransposed: false)
  }

  public static func transposed(_ scalars: UnsafePointer<Scalar>) -> MatrixFactor {
    MatrixFactor(scalars: scalars, isTransposed: true)
  }
}
