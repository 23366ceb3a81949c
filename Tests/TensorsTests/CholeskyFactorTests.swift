import Testing

@testable import Tensors

struct CholeskyFactorTests {
  /// Far from singular, of numbers that are not round.
  private func matrix(_ size: Int) -> SymmetricMatrix {
    var random = RandomSource(seed: 3, purpose: .initialization)
    let rows = (0..<size * (size + 5)).map { _ in random.uniform(in: -1...1) }
    var matrix = SymmetricMatrix(size: size)
    matrix.addMoments(of: rows, count: size + 5)
    return matrix
  }

  private func grown(_ matrix: SymmetricMatrix, from factor: CholeskyFactor) -> CholeskyFactor {
    var factor = factor
    for row in factor.size..<matrix.size {
      let left = (0..<row).map { matrix[row, $0] }
      let isPositive = factor.append(left, diagonal: matrix[row, row])
      #expect(isPositive)
    }
    return factor
  }

  @Test(arguments: [1, 2, 5, 16, 17, 90])
  func theFactorTimesItselfIsTheMatrix(_ size: Int) throws {
    let matrix = matrix(size)
    for factor in [grown(matrix, from: CholeskyFactor()), try #require(CholeskyFactor(matrix))] {
      #expect(factor.size == size)
      for row in 0..<size {
        #expect(factor.row(row).last == factor[row, row])
        for column in 0...row {
          let product = (0...column).reduce(0) { $0 + factor[row, $1] * factor[column, $1] }
          #expect(abs(product - matrix[row, column]) < 1e-10)
        }
      }
    }
  }

  @Test func aFactorOfAMatrixGrows() throws {
    let matrix = matrix(30)
    var corner = SymmetricMatrix(size: 12)
    for row in 0..<12 {
      for column in 0..<12 { corner[row, column] = matrix[row, column] }
    }
    let factor = grown(matrix, from: try #require(CholeskyFactor(corner)))
    let whole = try #require(CholeskyFactor(matrix))
    for row in 0..<30 {
      for column in 0...row { #expect(abs(factor[row, column] - whole[row, column]) < 1e-10) }
    }
  }

  @Test(arguments: [1, 3])
  func equationsAreSolved(_ columns: Int) {
    let size = 20
    let matrix = matrix(size)
    let factor = grown(matrix, from: CholeskyFactor())
    let right = (0..<size * columns).map { Double($0 % 7) - 3 }
    let solution = factor.solvedTransposed(
      factor.solved(right, columns: columns), columns: columns)
    let product = SymmetricMatrix.product(
      matrix.values, solution, rows: size, inner: size, columns: columns)
    #expect(zip(product, right).allSatisfy { abs($0 - $1) < 1e-8 })
    let inverse = SymmetricMatrix.product(
      factor.inverse.values, right, rows: size, inner: size, columns: columns)
    #expect(zip(inverse, solution).allSatisfy { abs($0 - $1) < 1e-8 })
  }

  /// 4·9 - 2·2 = 32.
  @Test func theDeterminantIsThatOfTheMatrix() {
    var factor = CholeskyFactor()
    #expect(factor.logDeterminant == 0 && factor.solved([], columns: 1).isEmpty)
    let isPositive = factor.append([], diagonal: 4) && factor.append([2], diagonal: 9)
    #expect(isPositive)
    #expect(abs(factor.logDeterminant - 3.465_735_902_799_726_5) < 1e-14)
    // The third row is the first one again.
    let isFourth = factor.append([4, 2], diagonal: 4) || factor.append([.nan, 2], diagonal: 4)
    #expect(!isFourth)
    #expect(factor.size == 2)
  }
}
