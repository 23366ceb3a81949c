import CKernels
import Testing

@testable import Tensors

/// The layers' loops in CKernels at every instruction set of this processor, against the plain
/// twins run on Double.
struct LayerKernelTests {
  private static let shapes = [
    (0, 5), (1, 1), (2, 3), (3, 16), (1, 17), (70, 16), (131, 33), (7, 64), (3, 2100),
  ]

  private static var levels: [nn_layer_kernels] {
    var pointers = [UnsafePointer<nn_layer_kernels>?](repeating: nil, count: 3)
    let count = pointers.withUnsafeMutableBufferPointer {
      nn_layer_kernels_available($0.baseAddress)
    }
    return pointers.prefix(Int(count)).compactMap { $0?.pointee }
  }

  /// Calls `body` with every level at every shape.
  private func everywhere(_ body: (nn_layer_kernels, _ rows: Int, _ columns: Int) -> Void) {
    for level in Self.levels {
      for (rows, columns) in Self.shapes { body(level, rows, columns) }
    }
  }

  private func random(_ size: Int, _ index: UInt32, scale: Double = 1) -> [Float] {
    var source = RandomSource(seed: 1, purpose: .noise, index: index)
    return (0..<size).map { _ in Float(source.uniform(in: -scale...scale)) }
  }

  private func doubles(_ values: [Float]) -> [Double] { values.map { Double($0) } }

  private func agree(_ some: [Float], _ others: [Double], within tolerance: Double) -> Bool {
    some.count == others.count
      && zip(some, others).allSatisfy { one, other in
        one.isNaN
          ? other.isNaN
          : Double(one) == other || abs(Double(one) - other) <= tolerance * max(1, abs(other))
      }
  }

  @Test func levelsAreThoseOfTheOtherKernels() {
    let names = Self.levels.map { String(cString: $0.name) }
    #expect(names == Array(["sse2", "avx2", "avx512"].prefix(names.count)))
    #expect(ArithmeticLibrary.kernelLevel == names.last)
  }

  /// Functions written down once more, from their definitions.
  private struct Known: Sendable {
    let name: String
    let loop: @Sendable (nn_layer_kernels) -> nn_activation
    var a: Float = 0
    var b: Float = 0
    let value: @Sendable (Double) -> Double
    var keepsInput = false
  }

  private static let known = [
    Known(name: "tanh", loop: { $0.tanh }, value: { Double.hyperbolicTangent($0) }),
    Known(name: "sigmoid", loop: { $0.sigmoid }, value: { 1 / (1 + Double.exponential(-$0)) }),
    Known(name: "leaky", loop: { $0.leaky }, a: 0.25, value: { $0 > 0 ? $0 : 0.25 * $0 }),
    Known(
      name: "clipped", loop: { $0.clipped }, a: 0.25, b: 1.5,
      value: { min(max($0 - 0.25, 0), 1.5) }),
    Known(
      name: "threshold", loop: { $0.threshold }, a: 0.25, b: 1.5,
      value: { ($0 < 0 ? -1 : 1) * min(max(abs($0) - 0.25, 0), 1.5) }),
    Known(
      name: "silu", loop: { $0.silu }, value: { $0 / (1 + Double.exponential(-$0)) },
      keepsInput: true),
    Known(
      name: "gelu", loop: { $0.gelu },
      value: { $0 * (1 + Double.errorFunction($0 / 2.0.squareRoot())) / 2 }, keepsInput: true),
    Known(
      name: "gelu_tanh", loop: { $0.gelu_tanh },
      value: {
        let inner = (2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)
        return $0 * (1 + Double.hyperbolicTangent(inner)) / 2
      }, keepsInput: true),
  ]

  @Test func activations() {
    for level in Self.levels {
      for known in Self.known {
        let loop = known.loop(level)
        let place = "\(known.name), \(String(cString: level.name))"
        for size in [0, 1, 15, 16, 17, 1000] {
          let input = random(size, 1, scale: 9)
          var output = [Float](repeating: 7, count: size + 1)
          loop.apply(input, &output, size, known.a, known.b)
          let expected = doubles(input).map(known.value)
          #expect(agree(Array(output.dropLast()), expected, within: 1e-6), "\(place)")
          #expect(output[size] == 7, "\(place) writes behind its end")
          let kept = known.keepsInput ? input : Array(output.dropLast())
          let slope = random(size, 2)
          var gradient = slope + [7]
          loop.gradient(kept, &gradient, size, known.a, known.b)
          let step = 1e-6
          let slopes = zip(doubles(input), slope).map { x, slope in
            Double(slope) * (known.value(x + step) - known.value(x - step)) / (2 * step)
          }
          #expect(agree(Array(gradient.dropLast()), slopes, within: 2e-6), "\(place)")
          #expect(gradient[size] == 7, "\(place) writes behind its end")
        }
        var limits: [Float] = [.nan, 1e30, -1e30, 0, -.nan]
        loop.apply(limits, &limits, limits.count, known.a, known.b)
        #expect(limits[0].isNaN && limits[4].isNaN, "\(place)")
        #expect(
          limits[1] == Float(known.value(1e30)) && limits[3] == Float(known.value(0)), "\(place)")
        #expect(abs(limits[2]) == Float(abs(known.value(-1e30))), "\(place)")
      }
    }
  }

  @Test func softmaxPreluAndDropout() {
    everywhere { level, rows, columns in
      let place = "\(String(cString: level.name)), \(rows) × \(columns)"
      let (input, slope) = (random(rows * columns, 1, scale: 20), random(rows * columns, 2))
      var output = input
      level.softmax(input, &output, rows, columns)
      var expected = doubles(input)
      Double.softmax(doubles(input), into: &expected, rows: rows, columns: columns)
      #expect(agree(output, expected, within: 1e-6), "\(place)")
      var (gradient, plain) = (slope, doubles(slope))
      level.softmax_gradient(output, &gradient, rows, columns)
      Double.softmaxGradient(output: expected, gradient: &plain, rows: rows, columns: columns)
      #expect(agree(gradient, plain, within: 1e-6), "\(place)")

      let slopes = random(columns, 3)
      level.prelu(input, &output, rows, columns, slopes)
      Double.rectify(
        doubles(input), slopes: doubles(slopes), into: &expected, rows: rows, columns: columns)
      #expect(agree(output, expected, within: 1e-6), "\(place)")
      (gradient, plain) = (slope, doubles(slope))
      var sums = [Float](repeating: 7, count: columns)
      var plainSums = [Double](repeating: 7, count: columns)
      level.prelu_gradient(input, &gradient, rows, columns, slopes, &sums)
      Double.rectifyGradient(
        input: doubles(input), slopes: doubles(slopes), gradient: &plain,
        slopeGradient: &plainSums, rows: rows, columns: columns)
      #expect(agree(gradient, plain, within: 1e-6), "\(place)")
      #expect(agree(sums, plainSums, within: 1e-4), "\(place)")

      let kept = (0..<rows * columns).map { UInt8($0 % 3 == 0 ? 0 : 1) }
      level.drop(input, &output, kept, rows * columns, 1.25)
      Double.drop(
        doubles(input), kept: kept, scale: 1.25, into: &expected, count: rows * columns)
      #expect(agree(output, expected, within: 1e-7), "\(place)")
    }
  }

  /// Word w of counter 16 · group + l is number 16 · w + l of a group of 64.
  @Test func whatIsKeptFollowsFromTheKeyAlone() {
    let key: UInt64 = 0x1234_5678_9abc_def0
    let limit: UInt32 = 0x6000_0000
    let count = 64 * 5
    let expected = (0..<count).map { index -> UInt8 in
      let (group, place) = (index / 64, index % 64)
      let words = RandomSource.philox(
        counter: SIMD4(UInt32(16 * group + place % 16), 0, 0, 0),
        key: (UInt32(truncatingIfNeeded: key), UInt32(key >> 32)))
      return words[place / 16] < limit ? 0 : 1
    }
    for level in Self.levels {
      for range in [0..<count, 0..<1, 63..<65, 100..<101, 64..<128, 5..<317] {
        var kept = [UInt8](repeating: 7, count: range.count + 1)
        level.choose_kept(key, range.lowerBound, range.count, limit, &kept)
        #expect(Array(kept.dropLast()) == Array(expected[range]))
        #expect(kept[range.count] == 7)
      }
    }
    let share = Double(expected.reduce(0) { $0 + Int($1) }) / Double(count)
    #expect(abs(share - 0.625) < 0.1)
  }

  @Test func momentsAndMaps() {
    everywhere { level, rows, columns in
      guard rows > 0 else { return }
      let place = "\(String(cString: level.name)), \(rows) × \(columns)"
      // A mean that is large beside the deviation must not cost the digits of the variance.
      let input = random(rows * columns, 1).map { $0 + 100 }
      let slope = random(rows * columns, 2)
      var mean = [Float](repeating: 7, count: columns)
      var (squares, plainMean) = (mean, doubles(mean))
      var plainSquares = plainMean
      level.moments(input, rows, columns, &mean, &squares)
      Double.moments(
        doubles(input), rows: rows, columns: columns, mean: &plainMean, squares: &plainSquares)
      #expect(agree(mean, plainMean, within: 1e-7), "\(place)")
      #expect(agree(squares, plainSquares, within: 1e-5), "\(place)")
      for rectifies in [false, true] {
        var scalars = mean + random(3 * columns, 3)
        // A factor near 1 and an offset near -100 put the bend in the midst of the values.
        for column in 0..<columns {
          scalars[2 * columns + column] = 1 + 0.001 * scalars[2 * columns + column]
          scalars[3 * columns + column] -= 100
        }
        checkMap(level, place, rectifies, (rows, columns), input, slope, scalars)
      }
    }
  }

  private func checkMap(
    _ level: nn_layer_kernels, _ place: String, _ rectifies: Bool, _ extent: (Int, Int),
    _ input: [Float], _ slope: [Float], _ scalars: [Float]
  ) {
    let (rows, columns) = extent
    var (plainScalars, output, expected) = (doubles(scalars), input, doubles(input))
    let coefficients = random(3 * columns, 4)
    var (gradient, plain) = (slope, doubles(slope))
    var sums = [Float](repeating: 7, count: 2 * columns)
    var plainSums = [Double](repeating: 7, count: 2 * columns)
    plainScalars.withUnsafeMutableBufferPointer { plainScalars in
      scalars.withUnsafeBufferPointer { scalars in
        guard let start = scalars.baseAddress, let plainStart = plainScalars.baseAddress else {
          return
        }
        let map = nn_affine(
          factor: start + 2 * columns, offset: start + 3 * columns, rectifies: rectifies ? 1 : 0)
        let plainMap = ColumnMap(plainStart, columns: columns, rectifies: rectifies)
        level.affine(input, &output, rows, columns, map)
        Double.apply(plainMap, to: doubles(input), into: &expected, rows: rows, columns: columns)
        sums.withUnsafeMutableBufferPointer { sums in
          guard let products = sums.baseAddress.map({ $0 + columns }) else { return }
          level.affine_sums(
            input, slope, rows, columns, map, start, sums.baseAddress, products)
        }
        plainSums.withUnsafeMutableBufferPointer { sums in
          guard let first = sums.baseAddress else { return }
          Double.gradientSums(
            plainMap, input: doubles(input), gradient: doubles(slope), rows: rows,
            columns: columns, sums: first, products: first + columns)
        }
        level.affine_gradient(input, &gradient, rows, columns, map, coefficients)
        Double.applyGradient(
          plainMap, coefficients: doubles(coefficients), input: doubles(input),
          gradient: &plain, rows: rows, columns: columns)
      }
    }
    #expect(agree(output, expected, within: 3e-5), "\(place)")
    #expect(agree(sums, plainSums, within: 1e-5), "\(place)")
    #expect(agree(gradient, plain, within: 1e-5), "\(place)")
    #expect(!rectifies || output.allSatisfy { $0 >= 0 }, "\(place)")
  }

  @Test func layerNorm() {
    everywhere { level, rows, columns in
      let place = "\(String(cString: level.name)), \(rows) × \(columns)"
      let (input, slope) = (random(rows * columns, 1), random(rows * columns, 2))
      let (gain, shift) = (random(columns, 3), random(columns, 4))
      var (output, moments) = (input, [Float](repeating: 7, count: 2 * rows))
      var (expected, plainMoments) = (doubles(input), doubles(moments))
      level.layer_norm(input, &output, rows, columns, gain, shift, 1e-3, &moments)
      Double.normalizeRows(
        doubles(input), rows: rows, columns: columns, gain: doubles(gain),
        shift: doubles(shift), epsilon: 1e-3, into: &expected, moments: &plainMoments)
      #expect(agree(output, expected, within: 2e-6), "\(place)")
      #expect(agree(moments, plainMoments, within: 2e-6), "\(place)")
      var gains = [Float](repeating: 0.5, count: columns)
      var (shifts, plainGains, plainShifts) = (gains, doubles(gains), doubles(gains))
      var (gradient, plain) = (slope, doubles(slope))
      level.layer_norm_gradient(
        input, &gradient, rows, columns, gain, moments, &gains, &shifts)
      Double.normalizeRowsGradient(
        doubles(input), rows: rows, columns: columns, gain: doubles(gain),
        moments: plainMoments, gradient: &plain, gainGradient: &plainGains,
        shiftGradient: &plainShifts)
      #expect(agree(gradient, plain, within: 2e-5), "\(place)")
      #expect(agree(gains, plainGains, within: 1e-5), "\(place)")
      #expect(agree(shifts, plainShifts, within: 1e-5), "\(place)")
    }
  }

  private static let poolShapes = [
    ([4, 4, 16], 2, 2, 0), ([5, 7, 3], 2, 2, 0), ([6, 5, 17], 3, 2, 1), ([7, 8, 33], 2, 3, 0),
    ([1, 1, 1], 1, 1, 0), ([5, 5, 8], 3, 1, 1), ([2, 3, 4], 2, 1, 1),
  ].map { input, kernel, stride, padding in
    PoolShape(
      input: input, kernel: Extent2D(height: kernel, width: kernel),
      stride: Extent2D(height: stride, width: stride),
      padding: Extent2D(height: padding, width: padding))
  }

  /// The loops that Float has are those of the best level: the plain twins run on Double.
  @Test(arguments: poolShapes)
  func pools(shape: PoolShape) {
    for spoilt in [false, true] {
      var input = random(shape.inputCount, 1)
      if spoilt { input[shape.inputCount / 2] = .nan }
      let slope = random(shape.outputCount, 2)
      for level in Self.levels {
        var pool = shape.kernelShape
        var output = [Float](repeating: 7, count: shape.outputCount)
        var expected = doubles(output)
        var which = [UInt8](repeating: 255, count: shape.outputCount)
        var plainWhich = which
        level.max_pool(&pool, input, &output, &which)
        Double.maxPool(shape, doubles(input), into: &expected, which: &plainWhich)
        #expect(agree(output, expected, within: 0) && which == plainWhich)
        var gradient = [Float](repeating: 7, count: shape.inputCount)
        var plain = doubles(gradient)
        level.max_pool_gradient(&pool, slope, which, &gradient)
        Double.maxPoolGradient(
          shape, outputGradient: doubles(slope), which: which, into: &plain)
        #expect(agree(gradient, plain, within: 1e-6))
        level.average_pool(&pool, input, &output)
        Double.averagePool(shape, doubles(input), into: &expected)
        #expect(agree(output, expected, within: 1e-6))
        level.average_pool_gradient(&pool, slope, &gradient)
        Double.averagePoolGradient(shape, outputGradient: doubles(slope), into: &plain)
        #expect(agree(gradient, plain, within: 1e-6))
      }
    }
  }

  @Test func transpose() {
    everywhere { level, rows, columns in
      let matrix = random(rows * columns, 1)
      var output = matrix
      level.transpose(matrix, &output, rows, columns)
      let expected = (0..<rows * columns).map { matrix[$0 % rows * columns + $0 / rows] }
      #expect(output == expected)
    }
  }

  /// Moments merged from blocks are those of the whole.
  @Test func momentsMerge() {
    let (rows, columns, perBlock) = (23, 3, 5)
    let matrix = doubles(random(rows * columns, 1))
    var parts: [Double] = []
    for first in stride(from: 0, to: rows, by: perBlock) {
      let count = min(perBlock, rows - first)
      var (mean, squares) = ([0.0, 0, 0], [0.0, 0, 0])
      let part = Array(matrix[first * columns..<(first + count) * columns])
      Double.moments(part, rows: count, columns: columns, mean: &mean, squares: &squares)
      parts += mean + squares
    }
    Double.mergeMoments(&parts, rows: rows, rowsPerBlock: perBlock, columns: columns)
    for column in 0..<columns {
      let values = (0..<rows).map { matrix[$0 * columns + column] }
      let mean = values.reduce(0, +) / Double(rows)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      #expect(abs(parts[column] - mean) < 1e-14)
      #expect(abs(parts[columns + column] - squares) < 1e-13)
    }
  }
}
