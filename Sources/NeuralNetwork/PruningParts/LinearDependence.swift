import Tensors

/// Finds which of some units the others can stand for, one after the other.
///
/// Let C hold the mean products of activations, with the constant 1 as one more unit, and K = C⁻¹.
/// The best linear prediction of unit j by all others has the coefficients c[k] = -K[j, k] / K[j,
/// j] and the mean squared error 1 / K[j, j]. When j goes and its outgoing weights are shared out,
/// W[:, k] += c[k] · W[:, j], what is read changes by that error times |W[:, j]|²: the cost.
/// Without j, K becomes K - K[:, j] · K[j, :] / K[j, j]. Of the weights only their products with
/// each other are needed, and change with W.
struct LinearDependence {
  /// What one layer reads of the units. Both matrices have a last row and column for the constant.
  struct Reader {
    /// K
    fileprivate(set) var inverse: SymmetricMatrix
    /// Wᵀ·W
    fileprivate var weights: SymmetricMatrix

    init(inverse: SymmetricMatrix, weights: SymmetricMatrix) {
      self.inverse = inverse
      self.weights = weights
    }
  }

  private(set) var readers: [Reader]
  /// The units that stay, and the constant.
  private(set) var stays: [Bool]

  /// - Parameter units: as many as the matrices have rows, without the constant's.
  init(_ readers: [Reader], units: Int) {
    self.readers = readers
    stays = Array(repeating: true, count: units + 1)
  }

  /// Removes the units that cost least.
  /// - Returns: the units in the order in which they went, with what each cost.
  mutating func remove(_ count: Int) -> [(unit: Int, cost: Double)] {
    var removed: [(unit: Int, cost: Double)] = []
    while removed.count < count {
      var least: (unit: Int, cost: Double)?
      for unit in 0..<stays.count - 1 where stays[unit] {
        let cost = readers.reduce(0) {
          $0 + $1.weights[unit, unit] / $1.inverse[unit, unit]
        }
        if cost < least?.cost ?? .infinity { least = (unit, cost) }
      }
      guard let least else { break }
      stays[least.unit] = false
      for index in readers.indices { readers[index].remove(least.unit, stays) }
      removed.append(least)
    }
    return removed
  }
}

extension LinearDependence.Reader {
  fileprivate mutating func remove(_ unit: Int, _ stays: [Bool]) {
    let size = inverse.size
    let place = unit * size..<(unit + 1) * size
    let (row, products) = (Array(inverse.values[place]), Array(weights.values[place]))
    let coefficients = row.map { -$0 / row[unit] }
    for other in 0..<size where stays[other] {
      let share = coefficients[other]
      Self.add(row, times: share, to: &inverse, other)
      Self.add(products, times: share, to: &weights, other)
      let rest = products[other] + share * products[unit]
      Self.add(coefficients, times: rest, to: &weights, other)
    }
  }

  private static func add(
    _ addends: UnsafePointer<Double>, times factor: Double, to matrix: inout SymmetricMatrix,
    _ row: Int
  ) {
    let size = matrix.size
    matrix.values.withUnsafeMutableBufferPointer { values in
      guard let start = values.baseAddress else { return }
      let target = start + row * size
      for column in 0..<size { target[column] += factor * addends[column] }
    }
  }
}
