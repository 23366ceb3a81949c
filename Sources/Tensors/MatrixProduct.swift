/// A matrix product cut into blocks for the threads of a pool. Made once, run every step.
///
/// The blocks follow from the shape alone, so the bits of the result do not depend on the number
/// of threads: each block is one product that a single thread computes.
public final class MatrixProduct<Scalar: TensorScalar>: ParallelWork {
  private let pool: WorkerPool
  private var operands: MatrixOperands<Scalar>?
  private var cutsRows = true
  /// Rows or columns of the result that one block computes.
  private var extentPerBlock = 0

  public init(pool: WorkerPool) {
    self.pool = pool
  }

  /// c = a·b + beta·c, where a is [m, k], b is [k, n] and c is [m, n]; all are stored without
  /// gaps, a transposed factor as the transposed matrix.
  public func run(
    m: Int, n: Int, k: Int, _ a: MatrixFactor<Scalar>, times b: MatrixFactor<Scalar>,
    into c: UnsafeMutablePointer<Scalar>, keeping beta: Scalar = 0
  ) {
    operands = MatrixOperands(m: m, n: n, k: k, a, times: b, into: c, keeping: beta)
    // Each block packs the whole of one factor again; along the longer side that is the smaller.
    cutsRows = m >= n
    let extent = max(m, n)
    let blocks = Self.blockCount(extent: extent, operations: 2 * m * n * k)
    extentPerBlock = (extent + blocks - 1) / blocks
    pool.run(self, blocks: (extent + extentPerBlock - 1) / extentPerBlock)
  }

  /// As many blocks as keep each one worth a thread's while; more would feed more threads, but
  /// cost more packing.
  static func blockCount(extent: Int, operations: Int) -> Int {
    let operationsPerBlockMin = 24_000_000
    let extentPerBlockMin = 32
    let blocksMax = 16
    return max(1, min(operations / operationsPerBlockMin, extent / extentPerBlockMin, blocksMax))
  }

  public func perform(block: Int) {
    guard var part = operands else { return }
    let first = block * extentPerBlock
    if cutsRows {
      part.m = min(extentPerBlock, part.m - first)
      part.a += part.aIsTransposed ? first : first * part.aStride
      part.c += first * part.cStride
    } else {
      part.n = min(extentPerBlock, part.n - first)
      part.b += part.bIsTransposed ? first * part.bStride : first
      part.c += first
    }
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
