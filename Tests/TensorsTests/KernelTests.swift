import CKernels
import Testing

@testable import Tensors

/// The loops of CKernels at every instruction set that this processor has, against the plain twins
/// of TensorScalar, run on Double.
struct KernelTests {
  private static let sizes = [0, 1, 3, 7, 8, 15, 16, 17, 31, 32, 63, 64, 65, 1000]

  private static var levels: [nn_kernels] {
    var pointers = [UnsafePointer<nn_kernels>?](repeating: nil, count: 3)
    let count = pointers.withUnsafeMutableBufferPointer {
      nn_kernels_available($0.baseAddress)
    }
    return pointers.prefix(Int(count)).compactMap { $0?.pointee }
  }

  /// Calls `body` with every level at every size.
  private func everywhere(_ body: (nn_kernels, Int, String) -> Void) {
    for level in Self.levels {
      for size in Self.sizes { body(level, size, "\(String(cString: level.name)), \(size)") }
    }
  }

  /// Numbers of both signs between 0.01 and 1, the same for the same arguments.
  private func random(_ size: Int, _ index: UInt32) -> [Float] {
    var source = RandomSource(seed: 1, purpose: .noise, index: index)
    return (0..<size).map { _ in
      Float(source.uniform(in: 0.01...1)) * (source.integer(below: 2) == 0 ? 1 : -1)
    }
  }

  private func special(_ size: Int) -> [Float] {
    let numbers: [Float] = [
      .nan, .infinity, -.infinity, 0, -0.0, 1, -1, .leastNonzeroMagnitude, -.leastNormalMagnitude,
      .greatestFiniteMagnitude, -.nan,
    ]
    return (0..<size).map { numbers[$0 % numbers.count] }
  }

  private func doubles(_ values: [Float]) -> [Double] { values.map { Double($0) } }

  /// Equal up to the rounding of a few operations.
  private func agree(_ some: [Float], _ others: [Double]) -> Bool {
    zip(some, others).allSatisfy { one, other in
      one.isNaN
        ? other.isNaN
        : abs(Double(one) - other) <= 1e-6 * max(0.1, abs(other)) || one == Float(other)
    }
  }

  @Test func levelsAreNamed() {
    let names = Self.levels.map { String(cString: $0.name) }
    #expect(names == Array(["sse2", "avx2", "avx512"].prefix(names.count)))
    #expect(ArithmeticLibrary.kernelLevel == names.last)
  }

  @Test func rectify() {
    everywhere { level, size, place in
      for input in [random(size, 1), special(size)] {
        var output = [Float](repeating: 7, count: size + 1)
        level.rectify(input, &output, size)
        var expected = [Double](repeating: 7, count: size + 1)
        Double.rectify(doubles(input), into: &expected, count: size)
        #expect(agree(output, expected), "\(place)")
        #expect(output[size] == 7, "\(place) writes behind its end")
        #expect(output.allSatisfy { $0.sign == .plus || $0.isNaN }, "\(place) makes a -0")
      }
    }
  }

  @Test func rectifyGradient() {
    everywhere { level, size, place in
      for output in [random(size, 1), special(size)] {
        let slope = random(size, 2)
        var gradient = [Float](repeating: 7, count: size + 1)
        level.rectify_gradient(output, slope, &gradient, size)
        var expected = [Double](repeating: 7, count: size + 1)
        Double.rectifyGradient(
          output: doubles(output), outputGradient: doubles(slope), into: &expected, count: size)
        #expect(doubles(gradient) == expected, "\(place)")
        #expect(gradient[size] == 7)
      }
    }
  }

  @Test func sumRows() {
    everywhere { level, size, place in
      for rows in [0, 1, 2, 33] {
        let matrix = random(rows * size, 3)
        var sums = [Float](repeating: 7, count: size + 1)
        level.add_rows(matrix, rows, size, &sums)
        var expected = [Double](repeating: 7, count: size + 1)
        Double.addRows(doubles(matrix), rows: rows, columns: size, to: &expected)
        let scale = 1e-6 * Double(max(1, rows))
        #expect(zip(sums, expected).allSatisfy { abs(Double($0) - $1) <= scale }, "\(place)")
        #expect(sums[size] == 7)
      }
    }
  }

  @Test func sumOfSquares() {
    everywhere { level, size, place in
      let values = random(size, 4)
      let expected = Double.sumOfSquares(doubles(values), count: size)
      let sum = level.sum_of_squares(values, size)
      #expect(abs(sum - expected) <= 1e-6 * expected, "\(place)")
      for bad in [Float.nan, .infinity] where size > 0 {
        for index in [0, size / 2, size - 1] {
          var spoiled = values
          spoiled[index] = bad
          #expect(!level.sum_of_squares(spoiled, size).isFinite, "\(place), \(index)")
        }
      }
    }
  }

  /// Blocks are summed in Float, their sums in Double: a million numbers lose nothing.
  @Test func longSumsStayExact() {
    let values = [Float](repeating: 0.1, count: 1_000_001)
    let expected = Double.sumOfSquares(doubles(values), count: values.count)
    for level in Self.levels {
      let sum = level.sum_of_squares(values, values.count)
      #expect(abs(sum - expected) <= 2e-6 * expected)
    }
  }

  @Test func multiply() {
    everywhere { level, size, place in
      for start in [random(size, 5), special(size)] {
        let factors = random(size, 6).map { $0 > 0 ? Float(1) : 0 }
        var values = start + [7]
        level.multiply(&values, factors, size)
        var expected = doubles(start) + [7]
        Double.multiply(&expected, by: doubles(factors), count: size)
        #expect(agree(values, expected), "\(place)")
        #expect(values[size] == 7)
      }
    }
  }

  @Test func convertBytes() {
    everywhere { level, size, place in
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 * 37) }
      var output = [Float](repeating: 7, count: size + 1)
      level.convert_bytes(bytes, &output, size, 1.0 / 255, -0.5)
      var expected = [Double](repeating: 7, count: size + 1)
      Double.convert(bytes, into: &expected, count: size, scale: 1.0 / 255, offset: -0.5)
      #expect(agree(output, expected), "\(place)")
      #expect(output[size] == 7)
    }
  }
}
