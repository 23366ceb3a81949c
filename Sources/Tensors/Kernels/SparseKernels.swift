import CKernels

/// The loops of products with a sparse matrix. The dense factor is taken in panels of rows, each
/// transposed (see `RowPanels`), so that a number of the sparse matrix is one factor for a run of
/// vectors.
public protocol SparseKernels<Scalar>: Sendable {
  associatedtype Scalar: TensorArithmetic

  /// Numbers of a vector, and the most rows of a panel.
  var vectorWidth: Int { get }
  var panelRowsMax: Int { get }

  /// Stores where the numbers are that are not 0, in order, unless there is no place for it.
  /// - Returns: how many there are.
  func findNonzeros(
    _ values: UnsafePointer<Scalar>, count: Int, into places: UnsafeMutablePointer<Int32>?
  ) -> Int

  /// Transposes some columns of a matrix [rows, columns], whose rows are `stride` apart, into a
  /// panel; the first of them is at a multiple of 16.
  func pack(
    _ matrix: UnsafePointer<Scalar>, stride: Int, rows: Int, columns: Range<Int>,
    into panel: UnsafeMutablePointer<Scalar>)

  /// gathered[i] = values[places[i]]
  func gather(
    _ values: UnsafePointer<Scalar>, at places: UnsafePointer<Int32>, count: Int,
    into gathered: UnsafeMutablePointer<Scalar>)

  /// output = panelᵀ · sparseᵀ + bias, then max(output, 0) when the product rectifies.
  func multiply(_ product: SparseProduct<Scalar>, panel: UnsafePointer<Scalar>, rows: Int)

  /// gradient[r, c] = the sum over a panel's rows of slopes[r] · inputs[c], or += when it adds, for
  /// the places of a pattern; everything else in the gradient stays as it is.
  func multiply(_ gradient: SparseGradient<Scalar>, panelRows: Int)
}

/// Some rows of a sparse matrix, each of which becomes a column of the product.
public struct SparseProduct<Scalar: TensorArithmetic>: @unchecked Sendable {
  public var pattern: SparsePattern
  /// All of the pattern's.
  public var values: UnsafePointer<Scalar>
  public var sparseRows: Range<Int>
  /// [rows of the panel, …], those `outputStride` apart.
  public var output: UnsafeMutablePointer<Scalar>
  public var outputStride: Int
  /// [rows of the pattern]; nil: none.
  public var bias: UnsafePointer<Scalar>?
  public var rectifies: Bool

  public init(
    _ pattern: SparsePattern, values: UnsafePointer<Scalar>, sparseRows: Range<Int>,
    into output: UnsafeMutablePointer<Scalar>, outputStride: Int,
    bias: UnsafePointer<Scalar>? = nil, rectifies: Bool = false
  ) {
    self.pattern = pattern
    self.values = values
    self.sparseRows = sparseRows
    self.output = output
    self.outputStride = outputStride
    self.bias = bias
    self.rectifies = rectifies
  }
}

/// The product of two panels at the places of some rows of a pattern.
public struct SparseGradient<Scalar: TensorArithmetic>: @unchecked Sendable {
  public var pattern: SparsePattern
  public var sparseRows: Range<Int>
  /// Panels of the pattern's rows and of its columns.
  public var slopes, inputs: UnsafePointer<Scalar>
  /// Dense: [rows, columns] of the pattern.
  public var gradient: UnsafeMutablePointer<Scalar>
  public var adds: Bool

  public init(
    at pattern: SparsePattern, sparseRows: Range<Int>, slopes: UnsafePointer<Scalar>,
    inputs: UnsafePointer<Scalar>, into gradient: UnsafeMutablePointer<Scalar>, adds: Bool
  ) {
    self.pattern = pattern
    self.sparseRows = sparseRows
    self.slopes = slopes
    self.inputs = inputs
    self.gradient = gradient
    self.adds = adds
  }
}

extension TensorScalar {
  /// The fastest loops for this kind of number.
  public static var sparseKernels: any SparseKernels<Self> {
    FloatSparseKernels() as? any SparseKernels<Self> ?? PlainSparseKernels<Self>()
  }
}

/// The plain twin, for any kind of number.
public struct PlainSparseKernels<Scalar: TensorArithmetic>: SparseKernels {
  public var vectorWidth: Int { 1 }
  public var panelRowsMax: Int { 8 }

  public init() {}

  public func findNonzeros(
    _ values: UnsafePointer<Scalar>, count: Int, into places: UnsafeMutablePointer<Int32>?
  ) -> Int {
    var found = 0
    for index in 0..<count where values[index] != 0 {
      if let places { places[found] = Int32(index) }
      found += 1
    }
    return found
  }

  public func pack(
    _ matrix: UnsafePointer<Scalar>, stride: Int, rows: Int, columns: Range<Int>,
    into panel: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<rows {
      for column in columns { panel[column * rows + row] = matrix[row * stride + column] }
    }
  }

  public func gather(
    _ values: UnsafePointer<Scalar>, at places: UnsafePointer<Int32>, count: Int,
    into gathered: UnsafeMutablePointer<Scalar>
  ) {
    for index in 0..<count { gathered[index] = values[Int(places[index])] }
  }

  public func multiply(
    _ product: SparseProduct<Scalar>, panel: UnsafePointer<Scalar>, rows: Int
  ) {
    let pattern = product.pattern
    for sparseRow in product.sparseRows {
      for row in 0..<rows {
        var sum: Scalar = 0
        for number in pattern.starts[sparseRow]..<pattern.starts[sparseRow + 1] {
          let column = Int(pattern.columnIndices[number])
          sum += product.values[number] * panel[column * rows + row]
        }
        if let bias = product.bias { sum += bias[sparseRow] }
        if product.rectifies && sum <= 0 { sum = 0 }
        product.output[row * product.outputStride + sparseRow] = sum
      }
    }
  }

  public func multiply(_ gradient: SparseGradient<Scalar>, panelRows: Int) {
    let pattern = gradient.pattern
    for sparseRow in gradient.sparseRows {
      for number in pattern.starts[sparseRow]..<pattern.starts[sparseRow + 1] {
        let column = Int(pattern.columnIndices[number])
        let place = sparseRow * pattern.columns + column
        var sum: Scalar = gradient.adds ? gradient.gradient[place] : 0
        for row in 0..<panelRows {
          sum +=
            gradient.slopes[sparseRow * panelRows + row]
            * gradient.inputs[column * panelRows + row]
        }
        gradient.gradient[place] = sum
      }
    }
  }
}

/// Those of CKernels.
public struct FloatSparseKernels: SparseKernels, @unchecked Sendable {
  public var vectorWidth: Int { kernels.pointee.vector_width }
  public var panelRowsMax: Int { kernels.pointee.panel_rows }

  /// Constants of the program.
  private let kernels: UnsafePointer<nn_sparse_kernels>

  public init() {
    self.init(nn_sparse_kernels_best())
  }

  init(_ kernels: UnsafePointer<nn_sparse_kernels>) {
    self.kernels = kernels
  }

  public func findNonzeros(
    _ values: UnsafePointer<Float>, count: Int, into places: UnsafeMutablePointer<Int32>?
  ) -> Int {
    kernels.pointee.find_nonzeros(values, count, places)
  }

  public func pack(
    _ matrix: UnsafePointer<Float>, stride: Int, rows: Int, columns: Range<Int>,
    into panel: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.pack(matrix, stride, rows, columns.lowerBound, columns.upperBound, panel)
  }

  public func gather(
    _ values: UnsafePointer<Float>, at places: UnsafePointer<Int32>, count: Int,
    into gathered: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.gather(values, places, count, gathered)
  }

  public func multiply(
    _ product: SparseProduct<Float>, panel: UnsafePointer<Float>, rows: Int
  ) {
    var arguments = nn_sparse_product(
      pattern: product.pattern.forC, values: product.values,
      first_row: product.sparseRows.lowerBound, end_row: product.sparseRows.upperBound,
      output: product.output, output_stride: product.outputStride, bias: product.bias,
      rectifies: product.rectifies ? 1 : 0)
    kernels.pointee.multiply(&arguments, panel, rows)
  }

  public func multiply(_ gradient: SparseGradient<Float>, panelRows: Int) {
    var pattern = gradient.pattern.forC
    kernels.pointee.multiply_at(
      &pattern, gradient.sparseRows.lowerBound, gradient.sparseRows.upperBound, gradient.slopes,
      gradient.inputs, panelRows, gradient.gradient, gradient.pattern.columns,
      gradient.adds ? 1 : 0)
  }
}

extension SparsePattern {
  fileprivate var forC: nn_sparse_pattern {
    nn_sparse_pattern(starts: starts, columns: columnIndices)
  }
}
