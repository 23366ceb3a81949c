/// A matrix product cut into blocks for the threads of a pool. Made once, run every step.
///
/// The blocks follow from the shape alone, so the bits of the result do not depend on the number
/// of threads: each block is one product that a single thread computes.
public final class MatrixProduct<Scalar: TensorScalar>: ParallelWork {
  private let pool: WorkerPool
  private var operands: MatrixOperands<Scalar>?
  private var rowsPerBlock = 0

  public init(pool: WorkerPool) {
    self.pool = pool
  }

  /// c = a·b + beta·c, where a is [m, k], b is [k, n] and c is [m, n]; all are stored without
  /// gaps, a transposed factor as the transposed matrix.
  public func run(
    m: Int, n: Int, k: Int, _ a: MatrixFactor<Scalar>, times b: MatrixFactor<Scalar>,
    into c: UnsafeMutablePointer<Scalar>, keeping beta: Scalar = 0
  ) {
    operands = MatrixOperands(
      m: m, n: n, k: k, a: a.scalars, b: b.scalars, c: c, aIsTransposed: a.isTransposed,
      bIsTransposed: b.isTransposed, aStride: a.isTransposed ? m : k,
      bStride: b.isTransposed ? k : n, cStride: n, beta: beta)
    let blocks = Self.blockCount(m: m, n: n, k: k)
    rowsPerBlock = (m + blocks - 1) / blocks
    pool.run(self, blocks: (m + rowsPerBlock - 1) / rowsPerBlock)
  }

  /// As many blocks of rows as keep each one worth a thread's while. Finer blocks would feed more
  /// threads, but each packs the other factor again: at 128×784×300 two blocks cost 5 % over one
  /// product, four cost 15 %.
  static func blockCount(m: Int, n: Int, k: Int) -> Int {
    let operationsPerBlockMin = 24_000_000
    let rowsPerBlockMin = 32
    let blocksMax = 16
    return max(1, min(2 * m * n * k / operationsPerBlockMin, m / rowsPerBlockMin, blocksMax))
  }

  public func perform(block: Int) {
    guard var part = operands else { return }
    let firstRow = block * rowsPerBlock
    part.m = min(rowsPerBlock, part.m - firstRow)
    part.a += part.aIsTransposed ? firstRow : firstRow * part.aStride
    part.c += firstRow * part.cStride
    Scalar.multiplyMatrices(part)
  }
}

/// A factor of a matrix product: the scalars as stored, and whether the product takes them
/// transposed.
public struct MatrixFactor<Scalar: TensorScalar> {
  let scalars: UnsafePointer<Scalar>
  let isTransposed: Bool

  public static func plain(_ scalars: UnsafePointer<Scalar>) -> MatrixFactor {
    MatrixFactor(scalars: scalars, isTransposed: false)
  }

  public static func transposed(_ scalars: UnsafePointer<Scalar>) -> MatrixFactor {
    MatrixFactor(scalars: scalars, isTransposed: true)
  }
}
