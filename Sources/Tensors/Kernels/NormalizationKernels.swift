import CKernels

/// Loops of normalisations over matrices [rows, columns], whose columns are channels.
///
/// Sums over a batch are taken block by block and merged in the blocks' order.
public protocol NormalizationKernels: TensorArithmetic {
  /// mean = the mean of each column; squares = its sum of squared distances from it.
  static func moments(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, mean: UnsafeMutablePointer<Self>,
    squares: UnsafeMutablePointer<Self>)

  /// Merges the moments of blocks of rows, [blocks, 2, columns] with means before squares, into the
  /// first block's (Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing
  /// sample variances", 1979). All blocks but the last have `rowsPerBlock` rows.
  static func mergeMoments(
    _ moments: UnsafeMutablePointer<Self>, rows: Int, rowsPerBlock: Int, columns: Int)

  /// Gives all columns of a group the moments of the group; each column is of `rows` numbers.
  static func mergeGroups(
    mean: UnsafeMutablePointer<Self>, squares: UnsafeMutablePointer<Self>, rows: Int,
    columns: Int, columnsPerGroup: Int)

  /// Fills `map` from its mean: scale = 1 / √(variance · varianceScale + epsilon), factor = gain ·
  /// scale, offset = shift - mean · factor.
  static func prepare(
    _ map: ColumnMap<Self>, variance: UnsafePointer<Self>, varianceScale: Self,
    gain: UnsafePointer<Self>, shift: UnsafePointer<Self>, epsilon: Self, columns: Int)

  /// running = (1 - momentum) · running + momentum · scale · values
  static func follow(
    _ values: UnsafePointer<Self>, running: UnsafeMutablePointer<Self>, scale: Self,
    momentum: Self, count: Int)

  /// output = input · factor + offset, rectified if the map says so; both may be the same array.
  static func apply(
    _ map: ColumnMap<Self>, to input: UnsafePointer<Self>,
    into output: UnsafeMutablePointer<Self>, rows: Int, columns: Int)

  /// sums = the column sums of the output's gradient; products = those of gradient · (input -
  /// mean); where the map rectified, the gradient counts as 0.
  static func gradientSums(
    _ map: ColumnMap<Self>, input: UnsafePointer<Self>, gradient: UnsafePointer<Self>, rows: Int,
    columns: Int, sums: UnsafeMutablePointer<Self>, products: UnsafeMutablePointer<Self>)

  /// The coefficients p, q, r, [3, columns], of the input's gradient p · gradient + q · input + r,
  /// from the sums over all the rows that were normalised together.
  static func gradientCoefficients(
    _ map: ColumnMap<Self>, gain: UnsafePointer<Self>, sums: UnsafePointer<Self>,
    products: UnsafePointer<Self>, rows: Int, columns: Int, columnsPerGroup: Int,
    into coefficients: UnsafeMutablePointer<Self>)

  /// gradient = p · gradient + q · input + r, where the output's gradient counts as 0 where the map
  /// rectified.
  static func applyGradient(
    _ map: ColumnMap<Self>, coefficients: UnsafePointer<Self>, input: UnsafePointer<Self>,
    gradient: UnsafeMutablePointer<Self>, rows: Int, columns: Int)

  /// output = (input - mean) · scale · gain + shift, row by row; mean and scale of each row are
  /// stored in `moments`, [rows, 2].
  static func normalizeRows(
    _ input: UnsafePointer<Self>, rows: Int, columns: Int, gain: UnsafePointer<Self>,
    shift: UnsafePointer<Self>, epsilon: Self, into output: UnsafeMutablePointer<Self>,
    moments: UnsafeMutablePointer<Self>)

  /// Makes `gradient` the input's, and adds to the gradients of gain and shift.
  static func normalizeRowsGradient(
    _ input: UnsafePointer<Self>, rows: Int, columns: Int, gain: UnsafePointer<Self>,
    moments: UnsafePointer<Self>, gradient: UnsafeMutablePointer<Self>,
    gainGradient: UnsafeMutablePointer<Self>, shiftGradient: UnsafeMutablePointer<Self>)
}

/// What a normalisation does to each column: output = input · factor + offset, where
/// factor = gain · scale and offset = shift - mean · factor.
public struct ColumnMap<Scalar: TensorArithmetic>: @unchecked Sendable {
  public let mean, scale, factor, offset: UnsafeMutablePointer<Scalar>
  /// Whether max(output, 0) is taken at last.
  public let rectifies: Bool

  /// - Parameter scalars: [4, columns]
  public init(_ scalars: UnsafeMutablePointer<Scalar>, columns: Int, rectifies: Bool) {
    mean = scalars
    scale = scalars + columns
    factor = scalars + 2 * columns
    offset = scalars + 3 * columns
    self.rectifies = rectifies
  }
}

extension NormalizationKernels {
  public static func moments(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int, mean: UnsafeMutablePointer<Self>,
    squares: UnsafeMutablePointer<Self>
  ) {
    for column in 0..<columns {
      var (sum, square): (Self, Self) = (0, 0)
      for row in 0..<rows { sum += matrix[row * columns + column] }
      let center = sum / Self(rows)
      for row in 0..<rows {
        let distance = matrix[row * columns + column] - center
        square += distance * distance
      }
      (mean[column], squares[column]) = (center, square)
    }
  }

  public static func mergeMoments(
    _ moments: UnsafeMutablePointer<Self>, rows: Int, rowsPerBlock: Int, columns: Int
  ) {
    var (part, merged) = (moments, min(rows, rowsPerBlock))
    while merged < rows {
      part += 2 * columns
      let added = min(rowsPerBlock, rows - merged)
      let total = Self(merged + added)
      let share = Self(added) / total
      let weight = Self(merged) * share
      for column in 0..<columns {
        let distance = part[column] - moments[column]
        moments[column] += distance * share
        moments[columns + column] += part[columns + column] + distance * distance * weight
      }
      merged += added
    }
  }

  public static func mergeGroups(
    mean: UnsafeMutablePointer<Self>, squares: UnsafeMutablePointer<Self>, rows: Int,
    columns: Int, columnsPerGroup: Int
  ) {
    for first in stride(from: 0, to: columns, by: columnsPerGroup) {
      let group = first..<first + columnsPerGroup
      var (center, total): (Self, Self) = (0, 0)
      for column in group { center += mean[column] }
      center /= Self(columnsPerGroup)
      for column in group {
        let distance = mean[column] - center
        total += squares[column] + distance * distance * Self(rows)
      }
      for column in group { (mean[column], squares[column]) = (center, total) }
    }
  }

  public static func prepare(
    _ map: ColumnMap<Self>, variance: UnsafePointer<Self>, varianceScale: Self,
    gain: UnsafePointer<Self>, shift: UnsafePointer<Self>, epsilon: Self, columns: Int
  ) {
    for column in 0..<columns {
      map.scale[column] = 1 / (variance[column] * varianceScale + epsilon).squareRoot()
      map.factor[column] = gain[column] * map.scale[column]
      map.offset[column] = shift[column] - map.mean[column] * map.factor[column]
    }
  }

  public static func follow(
    _ values: UnsafePointer<Self>, running: UnsafeMutablePointer<Self>, scale: Self,
    momentum: Self, count: Int
  ) {
    for index in 0..<count {
      running[index] = (1 - momentum) * running[index] + momentum * scale * values[index]
    }
  }

  public static func apply(
    _ map: ColumnMap<Self>, to input: UnsafePointer<Self>,
    into output: UnsafeMutablePointer<Self>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        let value = input[row * columns + column] * map.factor[column] + map.offset[column]
        output[row * columns + column] = map.rectifies && value <= 0 ? 0 : value
      }
    }
  }

  public static func gradientSums(
    _ map: ColumnMap<Self>, input: UnsafePointer<Self>, gradient: UnsafePointer<Self>, rows: Int,
    columns: Int, sums: UnsafeMutablePointer<Self>, products: UnsafeMutablePointer<Self>
  ) {
    for column in 0..<columns {
      var (sum, product): (Self, Self) = (0, 0)
      for row in 0..<rows {
        let value = input[row * columns + column]
        let isAlive = !map.rectifies || value * map.factor[column] + map.offset[column] > 0
        let slope = isAlive ? gradient[row * columns + column] : 0
        sum += slope
        product += slope * (value - map.mean[column])
      }
      (sums[column], products[column]) = (sum, product)
    }
  }

  public static func gradientCoefficients(
    _ map: ColumnMap<Self>, gain: UnsafePointer<Self>, sums: UnsafePointer<Self>,
    products: UnsafePointer<Self>, rows: Int, columns: Int, columnsPerGroup: Int,
    into coefficients: UnsafeMutablePointer<Self>
  ) {
    let count = Self(rows * columnsPerGroup)
    for first in stride(from: 0, to: columns, by: columnsPerGroup) {
      let group = first..<first + columnsPerGroup
      var (sum, product): (Self, Self) = (0, 0)
      for column in group {
        sum += gain[column] * sums[column]
        product += gain[column] * products[column]
      }
      for column in group {
        let scale = map.scale[column]
        let slope = -scale * scale * scale * product / count
        coefficients[column] = map.factor[column]
        coefficients[columns + column] = slope
        coefficients[2 * columns + column] = -scale * sum / count - slope * map.mean[column]
      }
    }
  }

  public static func applyGradient(
    _ map: ColumnMap<Self>, coefficients: UnsafePointer<Self>, input: UnsafePointer<Self>,
    gradient: UnsafeMutablePointer<Self>, rows: Int, columns: Int
  ) {
    let (p, q, r) = (coefficients, coefficients + columns, coefficients + 2 * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let place = row * columns + column
        let value = input[place]
        let isAlive = !map.rectifies || value * map.factor[column] + map.offset[column] > 0
        let slope = isAlive ? gradient[place] : 0
        gradient[place] = p[column] * slope + (q[column] * value + r[column])
      }
    }
  }

  public static func normalizeRows(
    _ input: UnsafePointer<Self>, rows: Int, columns: Int, gain: UnsafePointer<Self>,
    shift: UnsafePointer<Self>, epsilon: Self, into output: UnsafeMutablePointer<Self>,
    moments: UnsafeMutablePointer<Self>
  ) {
    for row in 0..<rows {
      let (from, to) = (input + row * columns, output + row * columns)
      var (mean, square): (Self, Self) = (0, 0)
      for column in 0..<columns { mean += from[column] }
      mean /= Self(columns)
      for column in 0..<columns { square += (from[column] - mean) * (from[column] - mean) }
      let scale = 1 / (square / Self(columns) + epsilon).squareRoot()
      for column in 0..<columns {
        to[column] = (from[column] - mean) * scale * gain[column] + shift[column]
      }
      (moments[2 * row], moments[2 * row + 1]) = (mean, scale)
    }
  }

  public static func normalizeRowsGradient(
    _ input: UnsafePointer<Self>, rows: Int, columns: Int, gain: UnsafePointer<Self>,
    moments: UnsafePointer<Self>, gradient: UnsafeMutablePointer<Self>,
    gainGradient: UnsafeMutablePointer<Self>, shiftGradient: UnsafeMutablePointer<Self>
  ) {
    for row in 0..<rows {
      let (from, slopes) = (input + row * columns, gradient + row * columns)
      let (mean, scale) = (moments[2 * row], moments[2 * row + 1])
      var (sum, product): (Self, Self) = (0, 0)
      for column in 0..<columns {
        let unit = (from[column] - mean) * scale
        gainGradient[column] += slopes[column] * unit
        shiftGradient[column] += slopes[column]
        sum += slopes[column] * gain[column]
        product += slopes[column] * gain[column] * unit
      }
      sum /= Self(columns)
      product /= Self(columns)
      for column in 0..<columns {
        let unit = (from[column] - mean) * scale
        slopes[column] = scale * (slopes[column] * gain[column] - sum - unit * product)
      }
    }
  }
}

extension ColumnMap<Float> {
  fileprivate var affine: nn_affine {
    nn_affine(factor: factor, offset: offset, rectifies: rectifies ? 1 : 0)
  }
}

extension Float {
  public static func moments(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, mean: UnsafeMutablePointer<Float>,
    squares: UnsafeMutablePointer<Float>
  ) {
    nn_layer_kernels_best().pointee.moments(matrix, rows, columns, mean, squares)
  }

  public static func apply(
    _ map: ColumnMap<Float>, to input: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    nn_layer_kernels_best().pointee.affine(input, output, rows, columns, map.affine)
  }

  public static func gradientSums(
    _ map: ColumnMap<Float>, input: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    rows: Int, columns: Int, sums: UnsafeMutablePointer<Float>,
    products: UnsafeMutablePointer<Float>
  ) {
    nn_layer_kernels_best().pointee.affine_sums(
      input, gradient, rows, columns, map.affine, map.mean, sums, products)
  }

  public static func applyGradient(
    _ map: ColumnMap<Float>, coefficients: UnsafePointer<Float>, input: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    nn_layer_kernels_best().pointee.affine_gradient(
      input, gradient, rows, columns, map.affine, coefficients)
  }

  public static func normalizeRows(
    _ input: UnsafePointer<Float>, rows: Int, columns: Int, gain: UnsafePointer<Float>,
    shift: UnsafePointer<Float>, epsilon: Float, into output: UnsafeMutablePointer<Float>,
    moments: UnsafeMutablePointer<Float>
  ) {
    nn_layer_kernels_best().pointee.layer_norm(
      input, output, rows, columns, gain, shift, epsilon, moments)
  }

  public static func normalizeRowsGradient(
    _ input: UnsafePointer<Float>, rows: Int, columns: Int, gain: UnsafePointer<Float>,
    moments: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>,
    gainGradient: UnsafeMutablePointer<Float>, shiftGradient: UnsafeMutablePointer<Float>
  ) {
    nn_layer_kernels_best().pointee.layer_norm_gradient(
      input, gradient, rows, columns, gain, moments, gainGradient, shiftGradient)
  }
}
