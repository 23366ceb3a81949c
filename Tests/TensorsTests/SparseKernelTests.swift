import CKernels
import Testing

@testable import Tensors

/// The loops of Sparse.c at every instruction set that this processor has, and their plain twin,
/// against dense sums on Double.
struct SparseKernelTests {
  private static var levels: [FloatSparseKernels] {
    var pointers = [UnsafePointer<nn_sparse_kernels>?](repeating: nil, count: 3)
    let count = pointers.withUnsafeMutableBufferPointer {
      nn_sparse_kernels_available($0.baseAddress)
    }
    return pointers.prefix(Int(count)).compactMap { $0.map { FloatSparseKernels($0) } }
  }

  /// A weight matrix, a batch of inputs and the slopes behind it.
  private struct Problem {
    let rows, outputs, inputs: Int
    let weights, batch, slopes, bias: [Double]

    /// The first, fourth and last outputs and the second input have no weights, if there are as
    /// many.
    init(rows: Int, outputs: Int, inputs: Int, density: Double) {
      var source = RandomSource(seed: 4, purpose: .noise)
      func random(_ count: Int) -> [Double] {
        (0..<count).map { _ in Double(Float(source.uniform(in: -1...1))) }
      }
      (self.rows, self.outputs, self.inputs) = (rows, outputs, inputs)
      (batch, slopes, bias) = (random(rows * inputs), random(rows * outputs), random(outputs))
      weights = random(outputs * inputs).enumerated().map { place, value in
        let (output, input) = (place / inputs, place % inputs)
        let isEmpty = density < 1 && ([0, 3, outputs - 1].contains(output) || input == 1)
        return isEmpty || source.uniform() >= density ? 0 : value
      }
    }

    func output(rectifies: Bool) -> [Double] {
      (0..<rows * outputs).map { place in
        let (row, output) = (place / outputs, place % outputs)
        let sum = (0..<inputs).reduce(bias[output]) {
          $0 + batch[row * inputs + $1] * weights[output * inputs + $1]
        }
        return rectifies ? max(0, sum) : sum
      }
    }

    var inputGradient: [Double] {
      (0..<rows * inputs).map { place in
        let (row, input) = (place / inputs, place % inputs)
        return (0..<outputs).reduce(0) {
          $0 + slopes[row * outputs + $1] * weights[$1 * inputs + input]
        }
      }
    }

    /// 7 where there is no weight.
    var weightGradient: [Double] {
      (0..<outputs * inputs).map { place in
        guard weights[place] != 0 else { return 7 }
        let (output, input) = (place / inputs, place % inputs)
        return (0..<rows).reduce(0) {
          $0 + slopes[$1 * outputs + output] * batch[$1 * inputs + input]
        }
      }
    }
  }

  /// The largest difference; infinite when something is not a number.
  private func error(_ some: [Double], _ others: [Double]) -> Double {
    guard some.count == others.count else { return .infinity }
    return zip(some, others).reduce(0) { largest, pair in
      let difference = abs(pair.0 - pair.1)
      return difference.isNaN ? .infinity : max(largest, difference)
    }
  }

  private func scalars<Scalar: TensorScalar>(_ values: [Double]) -> Tensor<Scalar> {
    Tensor(shape: [values.count], values.map { Scalar($0) })
  }

  private func packed<Kernels: SparseKernels>(
    _ matrix: Tensor<Kernels.Scalar>, _ panels: RowPanels, columns: Int, _ kernels: Kernels
  ) -> Tensor<Kernels.Scalar> where Kernels.Scalar: TensorScalar {
    let packed = Tensor<Kernels.Scalar>(shape: [panels.paddedRows * columns])
    packed.fill(.infinity)
    for panel in 0..<panels.count {
      let rows = panels.range(of: panel)
      // In two parts, as threads do it.
      let middle = columns / 2 / 16 * 16
      for part in [middle..<columns, 0..<middle] {
        kernels.pack(
          matrix.scalars + rows.lowerBound * columns, stride: columns, rows: rows.count,
          columns: part, into: packed.scalars + rows.lowerBound * columns)
      }
    }
    return packed
  }

  /// output = batch · weightsᵀ in some ranges of the weights' rows.
  private func product<Kernels: SparseKernels>(
    _ panels: RowPanels, _ packed: Tensor<Kernels.Scalar>, _ pattern: SparsePattern,
    _ values: Tensor<Kernels.Scalar>, bias: Tensor<Kernels.Scalar>?, rectifies: Bool,
    _ kernels: Kernels
  ) -> [Double] where Kernels.Scalar: TensorScalar {
    let output = Tensor<Kernels.Scalar>(shape: [panels.rows, pattern.rows])
    output.fill(.infinity)
    let pieces = pattern.pieces(countMax: 3)
    for (first, end) in zip(pieces, pieces.dropFirst()) {
      for panel in 0..<panels.count {
        let rows = panels.range(of: panel)
        kernels.multiply(
          SparseProduct(
            pattern, values: UnsafePointer(values.scalars), sparseRows: first..<end,
            into: output.scalars + rows.lowerBound * pattern.rows, outputStride: pattern.rows,
            bias: bias.map { UnsafePointer($0.scalars) }, rectifies: rectifies),
          panel: packed.scalars + rows.lowerBound * pattern.columns, rows: rows.count)
      }
    }
    return output.array.map(\.double)
  }

  private func check<Kernels: SparseKernels>(
    _ problem: Problem, _ kernels: Kernels, within limit: Double, _ name: String
  ) where Kernels.Scalar: TensorScalar {
    typealias Scalar = Kernels.Scalar
    let (outputs, inputs) = (problem.outputs, problem.inputs)
    let weights: Tensor<Scalar> = scalars(problem.weights)
    let pattern = SparsePattern(
      ofNonzerosIn: UnsafePointer(weights.scalars), rows: outputs, columns: inputs, kernels)
    let transposed = SparsePattern(transposing: pattern)
    #expect(pattern.count == problem.weights.count { $0 != 0 }, "\(name)")
    let panels = RowPanels(rows: problem.rows, kernels)
    let (batch, slopes): (Tensor<Scalar>, Tensor<Scalar>) = (
      scalars(problem.batch), scalars(problem.slopes)
    )
    let packedBatch = packed(batch, panels, columns: inputs, kernels)
    let packedSlopes = packed(slopes, panels, columns: outputs, kernels)
    let values = Tensor<Scalar>(shape: [pattern.count])
    kernels.gather(weights.scalars, at: pattern.places, count: pattern.count, into: values.scalars)
    for rectifies in [false, true] {
      let output = product(
        panels, packedBatch, pattern, values, bias: scalars(problem.bias), rectifies: rectifies,
        kernels)
      let difference = error(output, problem.output(rectifies: rectifies))
      #expect(difference <= limit, "\(name), output")
    }
    let exchanged = Tensor<Scalar>(shape: [pattern.count])
    kernels.gather(
      values.scalars, at: transposed.places, count: pattern.count, into: exchanged.scalars)
    let inputGradient = product(
      panels, packedSlopes, transposed, exchanged, bias: nil, rectifies: false, kernels)
    let difference = error(inputGradient, problem.inputGradient)
    #expect(difference <= limit, "\(name), input gradient")
    let gradient = Tensor<Scalar>(shape: [outputs, inputs])
    gradient.fill(7)
    for panel in 0..<panels.count {
      let rows = panels.range(of: panel)
      kernels.multiply(
        SparseGradient(
          at: pattern, sparseRows: 0..<outputs,
          slopes: UnsafePointer(packedSlopes.scalars) + rows.lowerBound * outputs,
          inputs: UnsafePointer(packedBatch.scalars) + rows.lowerBound * inputs,
          into: gradient.scalars, adds: panel > 0), panelRows: rows.count)
    }
    let expected =
      problem.rows > 0
      ? problem.weightGradient : [Double](repeating: 7, count: outputs * inputs)
    let slip = error(gradient.array.map(\.double), expected)
    #expect(slip <= limit, "\(name), gradient")
  }

  @Test func levelsAreNamed() {
    var pointers = [UnsafePointer<nn_sparse_kernels>?](repeating: nil, count: 3)
    let count = pointers.withUnsafeMutableBufferPointer {
      nn_sparse_kernels_available($0.baseAddress)
    }
    let names = pointers.prefix(Int(count)).compactMap {
      $0.map { String(cString: $0.pointee.name) }
    }
    #expect(names == Array(["sse2", "avx2", "avx512"].prefix(names.count)))
    #expect(ArithmeticLibrary.kernelLevel == names.last)
  }

  @Test(arguments: [0, 1, 3, 4, 7, 16, 31, 33, 64, 97, 128, 129, 300])
  func agreesWithDenseSums(rows: Int) {
    let shapes = [(1, 1), (5, 3), (16, 16), (17, 40), (33, 31), (70, 50)]
    for (outputs, inputs) in shapes {
      for density in [0, 0.05, 0.3, 1] {
        let problem = Problem(rows: rows, outputs: outputs, inputs: inputs, density: density)
        let place = "\(rows) rows, \(outputs) x \(inputs), density \(density)"
        for level in Self.levels {
          check(problem, level, within: 3e-5, "\(level.vectorWidth) lanes, \(place)")
        }
        check(problem, PlainSparseKernels<Double>(), within: 1e-12, "plain, \(place)")
      }
    }
  }

  /// What is not a number stays one, also behind the rectifier.
  @Test func whatIsNotANumberShows() {
    let values = Tensor<Float>(shape: [2, 2], [1, 0, 0, 1])
    let batch = Tensor<Float>(shape: [1, 2], [.nan, -1])
    for level in Self.levels {
      let pattern = SparsePattern(
        ofNonzerosIn: UnsafePointer(values.scalars), rows: 2, columns: 2, level)
      let panels = RowPanels(rows: 1, level)
      let output = product(
        panels, packed(batch, panels, columns: 2, level), pattern, Tensor(shape: [2], [1, 1]),
        bias: nil, rectifies: true, level)
      #expect(output[0].isNaN && output[1] == 0)
    }
  }

  /// Nothing in front of the arrays or behind them is touched.
  @Test(arguments: [false, true], [1, 15, 16, 130])
  func staysWithinItsArrays(isAtEnd: Bool, rows: Int) {
    for level in Self.levels {
      for (outputs, inputs) in [(3, 5), (16, 16), (35, 21)] {
        let problem = Problem(rows: rows, outputs: outputs, inputs: inputs, density: 0.5)
        func fenced(_ values: [Double]) -> FencedFloats {
          FencedFloats(values.map { Float($0) }, isAtEnd: isAtEnd)
        }
        let (weights, batch, bias) = (
          fenced(problem.weights), fenced(problem.batch), fenced(problem.bias)
        )
        let panels = RowPanels(rows: rows, level)
        let packed = fenced([Double](repeating: 0, count: panels.paddedRows * inputs))
        let slopes = fenced([Double](repeating: 1, count: panels.paddedRows * outputs))
        let output = fenced([Double](repeating: 0, count: rows * outputs))
        let gradient = fenced([Double](repeating: 0, count: outputs * inputs))
        let pattern = SparsePattern(
          ofNonzerosIn: UnsafePointer(weights.scalars), rows: outputs, columns: inputs, level)
        let values = fenced([Double](repeating: 0, count: pattern.count))
        defer { withExtendedLifetime((weights, batch, bias, packed, slopes)) {} }
        defer { withExtendedLifetime((output, gradient, values)) {} }
        level.gather(
          weights.scalars, at: pattern.places, count: pattern.count, into: values.scalars)
        for panel in 0..<panels.count {
          let range = panels.range(of: panel)
          let start = packed.scalars + range.lowerBound * inputs
          level.pack(
            batch.scalars + range.lowerBound * inputs, stride: inputs, rows: range.count,
            columns: 0..<inputs, into: start)
          level.multiply(
            SparseProduct(
              pattern, values: UnsafePointer(values.scalars), sparseRows: 0..<outputs,
              into: output.scalars + range.lowerBound * outputs, outputStride: outputs,
              bias: UnsafePointer(bias.scalars)), panel: start, rows: range.count)
          level.multiply(
            SparseGradient(
              at: pattern, sparseRows: 0..<outputs,
              slopes: UnsafePointer(slopes.scalars) + range.lowerBound * outputs,
              inputs: UnsafePointer(start), into: gradient.scalars, adds: panel > 0),
            panelRows: range.count)
        }
        let result = (0..<rows * outputs).map { Double(output.scalars[$0]) }
        let difference = error(result, problem.output(rectifies: false))
        #expect(difference <= 1e-5)
      }
    }
  }
}
