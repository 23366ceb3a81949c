/// What the numbers of a tensor are like.
public struct TensorStatistics: Sendable, Equatable {
  /// Elements.
  public var count = 0
  /// Elements that are 0.
  public var zeros = 0
  /// Elements, the zeros among them, smaller than a thousandth of the largest in absolute value.
  public var nearZeros = 0
  /// NaN and infinities; the quantities below leave them out.
  public var nonFinite = 0
  /// nil where no element is finite, as in an empty tensor; so are mean and deviation.
  public var minimum, maximum: Double?
  public var mean: Double?
  /// Of all the finite elements, not an estimate from a sample: divided by their number.
  public var standardDeviation: Double?
  /// The square root of the sum of squares.
  public var norm = 0.0
  /// The tensor as a matrix: rows of the first axis, and all others as columns.
  public var rows = 1
  public var columns = 1
  /// Rows of which all elements are 0: output units that are dead. nil where the tensor has fewer
  /// than two axes or so many columns that they were not counted (`ZeroMap.columnsMax`).
  public var zeroRows: Int?
  /// Columns of which all elements are 0: inputs that nothing uses.
  public var zeroColumns: Int?
  /// The fraction of the elements in each cell that are not 0; nil unless asked for.
  public var density: TensorGrid?
  /// How many elements lie in bins of equal width from minimum to maximum; empty unless asked for.
  public var histogram: [Int] = []

  /// The part of the elements that is 0.
  public var sparsity: Double { count > 0 ? Double(zeros) / Double(count) : 0 }

  /// Smaller than this part of the largest is near zero.
  public static let nearZeroPart = 1e-3
}

/// Numbers in rows and columns, row-major, each for a part of a matrix.
public struct TensorGrid: Sendable, Equatable {
  public let rows, columns: Int
  public let values: [Float]
}
