/// A matrix product cut into blocks for the threads of a pool. Made once, run every step.
///
/// The blocks follow from the shape alone, so the bits of the result do not depend on the number
/// of threads: each block is one product that a single thread computes.
public final class MatrixProduct<Scalar: TensorScalar>: ParallelWork {
  private let pool: WorkerPool
  private var operands: MatrixOperands<Scalar>?
  private var finish = Finish()
  private var cutsRows = true
  /// Rows or columns of the result that one block computes.
  private var extentPerBlock = 0

  /// What is done to the product while it is in the cache.
  public struct Finish {
    var bias: UnsafePointer<Scalar>?
    var rectifies: Bool

    /// - Parameters:
    ///   - bias: [n], added to every row; nil: none.
    ///   - rectifies: whether max(c, 0) is taken at last.
    public init(bias: UnsafePointer<Scalar>? = nil, rectifies: Bool = false) {
      self.bias = bias
      self.rectifies = rectifies
    }
  }

  public init(pool: WorkerPool) {
    self.pool = pool
  }

  /// c = a·b + beta·c, where a is [m, k], b is [k, n] and c is [m, n]; all are stored without
  /// gaps, a transposed factor as the transposed matrix.
  public func run(
    m: Int, n: Int, k: Int, _ a: MatrixFactor<Scalar>, times b: MatrixFactor<Scalar>,
    into c: UnsafeMutablePointer<Scalar>, keeping beta: Scalar = 0, finish: Finish = Finish()
  ) {
    self.finish = finish
    operands = MatrixOperands(m: m, n: n, k: k, a, times: b, into: c, keeping: beta)
    // Each block packs the whole of one factor again; along the longer side that is the smaller.
    cutsRows = m >= n
    let extent = max(m, n)
    let blocks = Self.blockCount(extent: extent, operations: 2 * m * n * k)
    // Whole vectors and tiles but for the last block.
    let granularity = 16
    extentPerBlock =
      ((extent + blocks - 1) / blocks + granularity - 1) / granularity * granularity
    pool.run(self, blocks: (extent + extentPerBlock - 1) / extentPerBlock)
  }

  /// As many blocks as keep each one worth a thread's while; more would feed more threads, but
  /// cost more packing.
  static func blockCount(extent: Int, operations: Int) -> Int {
    let (operationsPerBlockMin, operationsPerBlockUsual) = (15_000_000, 64_000_000)
    let extentPerBlockMin = 32
    let (blocksFew, blocksMax) = (4, 16)
    let wanted = max(
      min(operations / operationsPerBlockMin, blocksFew), operations / operationsPerBlockUsual)
    return max(1, min(wanted, extent / extentPerBlockMin, blocksMax))
  }

  public func perform(block: Int) {
    guard var part = operands else { return }
    let first = block * extentPerBlock
    var bias = finish.bias
    if cutsRows {
      part.m = min(extentPerBlock, part.m - first)
      part.a += part.aIsTransposed ? first : first * part.aStride
      part.c += first * part.cStride
    } else {
      part.n = min(extentPerBlock, part.n - first)
      part.b += part.bIsTransposed ? first * part.bStride : first
      part.c += first
      bias = bias.map { $0 + first }
    }
    Scalar.multiplyMatrices(part)
    if let bias {
      Scalar.addBias(
        bias, to: part.c, rows: part.m, columns: part.n, rowStride: part.cStride,
        rectifies: finish.rectifies)
    } else if finish.rectifies {
      for row in 0..<part.m {
        let start = part.c + row * part.cStride
        Scalar.rectify(start, into: start, count: part.n)
      }
    }
  }
}
