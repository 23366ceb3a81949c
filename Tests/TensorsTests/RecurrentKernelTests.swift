import CKernels
import Glibc
import Testing

@testable import Tensors

/// The loops of Recurrent.c at every instruction set that this processor has, against the plain
/// twins, run on Double.
struct RecurrentKernelTests {
  typealias Kernel = @convention(c) (UnsafePointer<nn_recurrent_step>?) -> Void

  private static var levels: [nn_recurrent_kernels] {
    var pointers = [UnsafePointer<nn_recurrent_kernels>?](repeating: nil, count: 3)
    let count = pointers.withUnsafeMutableBufferPointer {
      nn_recurrent_kernels_available($0.baseAddress)
    }
    return pointers.prefix(Int(count)).compactMap { $0?.pointee }
  }

  private func random(_ count: Int, _ index: UInt32, size: Double = 1) -> Tensor<Double> {
    var source = RandomSource(seed: 2, purpose: .noise, index: index)
    return Tensor(
      shape: [count], (0..<count).map { _ in Double(Float(source.uniform(in: -size...size))) })
  }

  private func floats(_ tensor: Tensor<Double>) -> Tensor<Float> {
    Tensor(shape: tensor.shape, tensor.array.map { Float($0) })
  }

  private func agree(_ some: Tensor<Float>, _ others: Tensor<Double>, within limit: Double) -> Bool
  {
    zip(some.array, others.array).allSatisfy {
      abs(Double($0) - $1) <= limit * max(1, abs($1)) || ($0.isNaN && $1.isNaN)
    }
  }

  @Test func levelsAreNamed() {
    let names = Self.levels.map { String(cString: $0.name) }
    #expect(names == Array(["sse2", "avx2", "avx512"].prefix(names.count)))
    #expect(ArithmeticLibrary.kernelLevel == names.last)
  }

  @Test(arguments: [0, 1, 2, 6, 7, 13, 14, 25, 27, 53])
  func packedProducts(rows: Int) {
    for level in Self.levels {
      for (inner, columns) in [(1, 1), (5, 7), (17, 16), (131, 33), (40, 64), (3, 100), (0, 9)] {
        let (aStride, cStride) = (inner + 3, columns + 2)
        let a = random(max(1, rows) * aStride, 1)
        let b = random(max(1, inner) * columns, 2)
        for adds in [false, true] {
          let c = random(max(1, rows) * cStride, 3)
          let (fastA, fastB, fastC) = (floats(a), floats(b), floats(c))
          let panels = (columns + level.panel_columns - 1) / level.panel_columns
          let packed = Tensor<Float>(shape: [inner * panels * level.panel_columns])
          // Stored transposed: column strides matter.
          level.pack(fastB.scalars, 1, max(1, inner), inner, columns, packed.scalars)
          level.multiply_packed(
            fastA.scalars, aStride, packed.scalars, fastC.scalars, cStride, rows, inner, columns,
            adds ? 1 : 0)
          let plain = Tensor<Double>(shape: [Double.packedCount(inner: inner, columns: columns)])
          defer { withExtendedLifetime((fastA, fastB, packed, a, b, plain)) {} }
          Double.pack(
            StridedMatrix(b.scalars, rowStride: 1, columnStride: max(1, inner)), inner: inner,
            columns: columns, into: plain.scalars)
          Double.multiply(
            StridedMatrix(a.scalars, rowStride: aStride), packed: plain.scalars,
            into: StridedMatrix(c.scalars, rowStride: cStride), rows: rows, inner: inner,
            columns: columns, adds: adds)
          #expect(
            agree(fastC, c, within: 1e-5),
            "\(String(cString: level.name)), \(rows) x \(inner) x \(columns)")
        }
      }
    }
  }

  @Test(arguments: [0, 1, 100, 192, 193, 500])
  func transposedProducts(inner: Int) {
    for level in Self.levels {
      for (rows, columns) in [(1, 1), (5, 7), (13, 32), (27, 33), (131, 64)] {
        let (aStride, bStride, cStride) = (rows + 1, columns + 2, columns + 3)
        let a = random(max(1, inner) * aStride, 1)
        let b = random(max(1, inner) * bStride, 2)
        let c = random(rows * cStride, 3)
        let fastC = floats(c)
        let (fastA, fastB) = (floats(a), floats(b))
        defer { withExtendedLifetime((fastA, fastB, a, b)) {} }
        level.multiply_transposed(
          fastA.scalars, aStride, fastB.scalars, bStride, fastC.scalars, cStride, rows, inner,
          columns)
        Double.multiplyTransposed(
          StridedMatrix(a.scalars, rowStride: aStride),
          StridedMatrix(b.scalars, rowStride: bStride),
          into: StridedMatrix(c.scalars, rowStride: cStride), rows: rows, inner: inner,
          columns: columns)
        #expect(
          agree(fastC, c, within: 2e-5),
          "\(String(cString: level.name)), \(rows) x \(inner) x \(columns)")
      }
    }
  }

  /// A number of a product is the same whatever rows stand beside it.
  @Test func rowsDoNotSeeEachOther() {
    let (rows, inner, columns) = (29, 50, 40)
    let (a, b) = (floats(random(rows * inner, 1)), floats(random(inner * columns, 2)))
    let packed = Tensor<Float>(shape: [Float.packedCount(inner: inner, columns: columns)])
    Float.pack(
      StridedMatrix(b.scalars, rowStride: columns), inner: inner, columns: columns,
      into: packed.scalars)
    defer { withExtendedLifetime((a, b, packed)) {} }
    let together = Tensor<Float>(shape: [rows, columns])
    let alone = Tensor<Float>(shape: [rows, columns])
    let (from, to) = (
      StridedMatrix(a.scalars, rowStride: inner), StridedMatrix(alone.scalars, rowStride: columns)
    )
    Float.multiply(
      from, packed: packed.scalars, into: StridedMatrix(together.scalars, rowStride: columns),
      rows: rows, inner: inner, columns: columns, adds: false)
    for row in 0..<rows {
      Float.multiply(
        from.from(row: row), packed: packed.scalars, into: to.from(row: row), rows: 1,
        inner: inner, columns: columns, adds: false)
    }
    #expect(together.array == alone.array)
  }

  /// All arrays of a step, for both kinds of scalars.
  private func step<Scalar>(
    _ rows: Int, _ units: Int, _ arrays: [Tensor<Scalar>]
  ) -> RecurrentStep<Scalar> {
    RecurrentStep(
      rows: rows, units: units, gates: arrays[0].scalars, state: arrays[1].scalars,
      nextState: arrays[2].scalars, stateStride: units + 3, memory: arrays[3].scalars,
      nextMemory: arrays[4].scalars, stateGradient: arrays[5].scalars,
      memoryGradient: arrays[6].scalars)
  }

  private func check(
    _ name: String, gates: Int, _ plain: (RecurrentStep<Double>) -> Void,
    _ kernel: KeyPath<nn_recurrent_kernels, Kernel?>
  ) {
    for level in Self.levels {
      for units in [1, 3, 4, 8, 15, 16, 17, 33, 64] {
        let rows = 3
        let sizes = [gates * units, units + 3, units + 3] + [Int](repeating: units, count: 4)
        let arrays = sizes.enumerated().map {
          random(rows * $0.element, UInt32($0.offset), size: $0.offset == 0 ? 3 : 1)
        }
        let fast = arrays.map { floats($0) }
        plain(step(rows, units, arrays))
        let s = step(rows, units, fast)
        var arguments = nn_recurrent_step(
          rows: rows, units: units, state_stride: units + 3, gates: s.gates, state: s.state,
          next_state: s.nextState, memory: s.memory, next_memory: s.nextMemory,
          state_gradient: s.stateGradient, memory_gradient: s.memoryGradient)
        level[keyPath: kernel]?(&arguments)
        for (index, (one, other)) in zip(fast, arrays).enumerated() {
          #expect(
            agree(one, other, within: 1e-6),
            "\(name), \(String(cString: level.name)), \(units) units, array \(index)")
        }
      }
    }
  }

  @Test func gatesOfOneStep() {
    check("tanh", gates: 1, Double.tanhStep, \.rnn_tanh)
    check("relu", gates: 1, Double.rectifierStep, \.rnn_relu)
    check("lstm", gates: 4, Double.lstmStep, \.lstm)
    check("gru", gates: 4, Double.gruStep, \.gru)
  }

  @Test func gradientsOfOneStep() {
    check("tanh", gates: 1, Double.tanhStepGradient, \.rnn_tanh_gradient)
    check("relu", gates: 1, Double.rectifierStepGradient, \.rnn_relu_gradient)
    check("lstm", gates: 4, Double.lstmStepGradient, \.lstm_gradient)
    check("gru", gates: 4, Double.gruStepGradient, \.gru_gradient)
  }

  /// tanh, and the logistic function as the LSTM's first gate shows it, from one end of the numbers
  /// to the other, in units of their own size.
  @Test func exponentialFunctionsAreExact() {
    var inputs: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 88.5, -88.5, 1e-30, 9.1, -9.1]
    for exponent in -30...10 {
      for digit in 0..<64 {
        let size = Float(sign: .plus, exponent: exponent, significand: 1 + Float(digit) / 64)
        inputs += [size, -size]
      }
    }
    let units = inputs.count
    for level in Self.levels {
      let gates = Tensor<Float>(shape: [4 * units])
      let arrays = (0..<6).map { _ in Tensor<Float>(shape: [units]) }
      defer { withExtendedLifetime(arrays) {} }
      for (index, input) in inputs.enumerated() {
        (gates[index], gates[2 * units + index]) = (input, input)
      }
      var arguments = nn_recurrent_step(
        rows: 1, units: units, state_stride: units, gates: gates.scalars,
        state: arrays[0].scalars, next_state: arrays[1].scalars, memory: arrays[2].scalars,
        next_memory: arrays[3].scalars, state_gradient: arrays[4].scalars,
        memory_gradient: arrays[5].scalars)
      level.lstm(&arguments)
      for (index, input) in inputs.enumerated() {
        let exact = (1 / (1 + exp(-Double(input))), tanh(Double(input)))
        let (logistic, hyperbolic) = (Double(gates[index]), Double(gates[2 * units + index]))
        let place = "\(String(cString: level.name)), \(input)"
        #expect(
          abs(logistic - exact.0) <= 2e-7 * exact.0 + 1e-38 || input.isNaN && logistic.isNaN,
          "\(place)")
        #expect(
          abs(hyperbolic - exact.1) <= 2e-7 * abs(exact.1) || input.isNaN && hyperbolic.isNaN,
          "\(place)")
        #expect(input.isNaN || hyperbolic.sign == input.sign, "\(place)")
      }
    }
  }

  @Test func subnormalNumbersAreFlushedForAWhile() {
    let tiny = Tensor<Float>(shape: [2], [.leastNormalMagnitude, 0.5])
    var products: [Float] = []
    SubnormalNumbers.flushed { products.append(tiny[0] * tiny[1]) }
    products.append(tiny[0] * tiny[1])
    #expect(products == [0, .leastNormalMagnitude / 2])
  }
}
