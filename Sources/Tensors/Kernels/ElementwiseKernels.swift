import CKernels

/// Loops over arrays, element by element or row by row.
public protocol ElementwiseKernels: TensorArithmetic {
  /// values = 0
  static func clear(_ values: UnsafeMutablePointer<Self>, count: Int)

  /// output = max(input, 0); NaN stays NaN
  static func rectify(
    _ input: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>, count: Int)

  /// inputGradient = outputGradient where output > 0, else 0
  static func rectifyGradient(
    output: UnsafePointer<Self>, outputGradient: UnsafePointer<Self>,
    into inputGradient: UnsafeMutablePointer<Self>, count: Int)

  /// sums[c] = the sum over the rows r of matrix[r, c]; matrix is [rows, columns]
  static func sumRows(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Self>)

  /// sums[c] += the sum over the rows r of matrix[r, c]; matrix is [rows, columns]
  static func addRows(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, to sums: UnsafeMutablePointer<Self>)

  static func sumOfSquares(_ values: UnsafePointer<Self>, count: Int) -> Double

  /// values -= subtrahends
  static func subtract(
    _ subtrahends: UnsafePointer<Self>, from values: UnsafeMutablePointer<Self>, count: Int)

  /// counts[c] += how many of matrix[r, c] are not 0; matrix is [rows, columns]
  static func countNonzeros(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int,
    addingTo counts: UnsafeMutablePointer<Self>)

  /// values *= factors
  static func multiply(
    _ values: UnsafeMutablePointer<Self>, by factors: UnsafePointer<Self>, count: Int)

  /// values += addends, then max(values, 0) when `rectifies`.
  static func add(
    _ addends: UnsafePointer<Self>, to values: UnsafeMutablePointer<Self>, count: Int,
    rectifies: Bool)

  /// Adds the bias, [columns], to every row, then takes max(values, 0) when `rectifies`.
  /// `rowStride` is the distance between rows.
  static func addBias(
    _ bias: UnsafePointer<Self>, to matrix: UnsafeMutablePointer<Self>, rows: Int, columns: Int,
    rowStride: Int, rectifies: Bool)

  /// output = bytes · scale + offset
  static func convert(
    _ bytes: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Self>, count: Int,
    scale: Self, offset: Self)
}

extension ElementwiseKernels {
  public static func clear(_ values: UnsafeMutablePointer<Self>, count: Int) {
    values.update(repeating: 0, count: count)
  }

  public static func rectify(
    _ input: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count { output[index] = input[index] <= 0 ? 0 : input[index] }
  }

  public static func rectifyGradient(
    output: UnsafePointer<Self>, outputGradient: UnsafePointer<Self>,
    into inputGradient: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count {
      inputGradient[index] = output[index] > 0 ? outputGradient[index] : 0
    }
  }

  public static func sumRows(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Self>
  ) {
    sums.update(repeating: 0, count: columns)
    addRows(matrix, rows: rows, columns: columns, to: sums)
  }

  public static func addRows(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, to sums: UnsafeMutablePointer<Self>
  ) {
    for row in 0..<rows {
      for column in 0..<columns { sums[column] += matrix[row * columns + column] }
    }
  }

  public static func sumOfSquares(_ values: UnsafePointer<Self>, count: Int) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += values[index].double * values[index].double }
    return sum
  }

  public static func subtract(
    _ subtrahends: UnsafePointer<Self>, from values: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count { values[index] -= subtrahends[index] }
  }

  public static func countNonzeros(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int,
    addingTo counts: UnsafeMutablePointer<Self>
  ) {
    for row in 0..<rows {
      for column in 0..<columns where matrix[row * columns + column] != 0 { counts[column] += 1 }
    }
  }

  public static func multiply(
    _ values: UnsafeMutablePointer<Self>, by factors: UnsafePointer<Self>, count: Int
  ) {
    for index in 0..<count { values[index] *= factors[index] }
  }

  public static func add(
    _ addends: UnsafePointer<Self>, to values: UnsafeMutablePointer<Self>, count: Int,
    rectifies: Bool
  ) {
    for index in 0..<count {
      let sum = values[index] + addends[index]
      values[index] = rectifies && sum <= 0 ? 0 : sum
    }
  }

  public static func addBias(
    _ bias: UnsafePointer<Self>, to matrix: UnsafeMutablePointer<Self>, rows: Int, columns: Int,
    rowStride: Int, rectifies: Bool
  ) {
    for row in 0..<rows {
      add(bias, to: matrix + row * rowStride, count: columns, rectifies: rectifies)
    }
  }

  public static func convert(
    _ bytes: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Self>, count: Int,
    scale: Self, offset: Self
  ) {
    for index in 0..<count { output[index] = Self(Int(bytes[index])) * scale + offset }
  }
}

extension Float {
  public static func clear(_ values: UnsafeMutablePointer<Float>, count: Int) {
    values.update(repeating: 0, count: count)
  }

  public static func rectify(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    nn_kernels_best().pointee.rectify(input, output, count)
  }

  public static func rectifyGradient(
    output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    nn_kernels_best().pointee.rectify_gradient(output, outputGradient, inputGradient, count)
  }

  public static func addRows(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int,
    to sums: UnsafeMutablePointer<Float>
  ) {
    nn_kernels_best().pointee.add_rows(matrix, rows, columns, sums)
  }

  public static func sumOfSquares(_ values: UnsafePointer<Float>, count: Int) -> Double {
    nn_kernels_best().pointee.sum_of_squares(values, count)
  }

  public static func countNonzeros(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int,
    addingTo counts: UnsafeMutablePointer<Float>
  ) {
    nn_kernels_best().pointee.count_nonzeros(matrix, rows, columns, counts)
  }

  public static func multiply(
    _ values: UnsafeMutablePointer<Float>, by factors: UnsafePointer<Float>, count: Int
  ) {
    nn_kernels_best().pointee.multiply(values, factors, count)
  }

  public static func add(
    _ addends: UnsafePointer<Float>, to values: UnsafeMutablePointer<Float>, count: Int,
    rectifies: Bool
  ) {
    nn_kernels_best().pointee.add(addends, values, count, rectifies ? 1 : 0)
  }

  public static func convert(
    _ bytes: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int,
    scale: Float, offset: Float
  ) {
    nn_kernels_best().pointee.convert_bytes(bytes, output, count, scale, offset)
  }
}
