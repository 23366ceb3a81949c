import Testing

@testable import Tensors

struct MatrixProductTests {
  private struct Shape: CustomTestStringConvertible {
    let m, n, k: Int
    var testDescription: String { "\(m)×\(n)×\(k)" }
  }

  private static let shapes = [
    Shape(m: 1, n: 1, k: 1), Shape(m: 1, n: 7, k: 3), Shape(m: 5, n: 1, k: 9),
    Shape(m: 13, n: 17, k: 11), Shape(m: 64, n: 10, k: 33), Shape(m: 10, n: 64, k: 33),
    // Large enough to be cut, along rows and along columns, with a remainder.
    Shape(m: 331, n: 257, k: 701), Shape(m: 257, n: 331, k: 701),
  ]

  private func random<Scalar>(_ count: Int, _ index: UInt32) -> Tensor<Scalar> {
    var source = RandomSource(seed: 1, purpose: .noise, index: index)
    let tensor = Tensor<Scalar>(shape: [count])
    for index in 0..<count { tensor[index] = Scalar(source.uniform(in: -1...1)) }
    return tensor
  }

  private func product<Scalar>(
    _ shape: Shape, a: Tensor<Scalar>, b: Tensor<Scalar>, transpositions: Int, threads: Int,
    beta: Scalar
  ) -> [Scalar] {
    let c: Tensor<Scalar> = random(shape.m * shape.n, 3)
    withExtendedLifetime((a, b)) {
      MatrixProduct<Scalar>(pool: WorkerPool(threadCount: threads)).run(
        m: shape.m, n: shape.n, k: shape.k,
        transpositions & 1 == 0 ? .plain(a.scalars) : .transposed(a.scalars),
        times: transpositions & 2 == 0 ? .plain(b.scalars) : .transposed(b.scalars),
        into: c.scalars, keeping: beta)
    }
    return c.array
  }

  /// The same factors in Double, in one piece.
  private func plainProduct(_ shape: Shape, transpositions: Int, beta: Double) -> [Double] {
    let a: Tensor<Double> = random(shape.m * shape.k, 1)
    let b: Tensor<Double> = random(shape.k * shape.n, 2)
    let c: Tensor<Double> = random(shape.m * shape.n, 3)
    withExtendedLifetime((a, b)) {
      Double.multiplyMatrices(
        MatrixOperands(
          m: shape.m, n: shape.n, k: shape.k,
          transpositions & 1 == 0 ? .plain(a.scalars) : .transposed(a.scalars),
          times: transpositions & 2 == 0 ? .plain(b.scalars) : .transposed(b.scalars),
          into: c.scalars, keeping: beta))
    }
    return c.array
  }

  @Test(arguments: shapes)
  private func agreesWithThePlainProduct(shape: Shape) {
    for transpositions in 0..<4 {
      for beta in shape.k < 100 ? [0, 1, 0.5] : [0.5] as [Float] {
        let a: Tensor<Float> = random(shape.m * shape.k, 1)
        let b: Tensor<Float> = random(shape.k * shape.n, 2)
        let results = [1, 2, 3].map {
          product(shape, a: a, b: b, transpositions: transpositions, threads: $0, beta: beta)
        }
        let place = "transpositions \(transpositions), beta \(beta)"
        for result in results {
          #expect(
            result.map(\.bitPattern) == results[0].map(\.bitPattern), "threads, \(place)")
        }
        let expected = plainProduct(shape, transpositions: transpositions, beta: Double(beta))
        let error = zip(results[0], expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
        #expect(error < 1e-6 * Double(shape.k + 10), "\(place)")
      }
    }
  }

  /// The plain product itself, by hand: [[1, 2, 3], [4, 5, 6]] · [[1, 0], [2, 1], [0, 3]].
  @Test func thePlainProductByHand() {
    let shape = Shape(m: 2, n: 2, k: 3)
    let plain = (
      a: Tensor<Double>(shape: [2, 3], [1, 2, 3, 4, 5, 6]),
      b: Tensor<Double>(shape: [3, 2], [1, 0, 2, 1, 0, 3])
    )
    let transposed = (
      a: Tensor<Double>(shape: [3, 2], [1, 4, 2, 5, 3, 6]),
      b: Tensor<Double>(shape: [2, 3], [1, 2, 0, 0, 1, 3])
    )
    for transpositions in 0..<4 {
      let a = transpositions & 1 == 0 ? plain.a : transposed.a
      let b = transpositions & 2 == 0 ? plain.b : transposed.b
      let c = product(shape, a: a, b: b, transpositions: transpositions, threads: 1, beta: 0)
      #expect(c == [5, 11, 14, 23])
    }
  }

  /// What stood in the result does not count without beta, not even a NaN.
  @Test func withoutBetaTheOldResultIsForgotten() {
    let a = Tensor<Float>(shape: [2, 2], [1, 2, 3, 4])
    let b = Tensor<Float>(shape: [2, 2], [1, 0, 0, 1])
    let c = Tensor<Float>(shape: [2, 2], [.nan, .infinity, .nan, 9])
    MatrixProduct<Float>(pool: WorkerPool(threadCount: 1)).run(
      m: 2, n: 2, k: 2, .plain(a.scalars), times: .plain(b.scalars), into: c.scalars)
    #expect(c.array == [1, 2, 3, 4])
    withExtendedLifetime((a, b)) {}
  }

  @Test func largeProductsAreCut() {
    #expect(MatrixProduct<Float>.blockCount(extent: 331, operations: 2 * 331 * 257 * 701) == 4)
    #expect(MatrixProduct<Float>.blockCount(extent: 1024, operations: 2 * 1024 * 1024 * 128) == 4)
    #expect(MatrixProduct<Float>.blockCount(extent: 1, operations: 1) == 1)
    #expect(MatrixProduct<Float>.blockCount(extent: 1 << 20, operations: 1 << 60) == 16)
  }
}
