import CKernels
import Testing

@testable import Tensors

/// The convolutions of CKernels at every instruction set that this processor has, against the
/// plain twin, run on Double.
struct ConvolutionKernelTests {
  private static var levels: [FloatConvolution] {
    var pointers = [UnsafePointer<nn_convolution_kernels>?](repeating: nil, count: 3)
    let count = pointers.withUnsafeMutableBufferPointer {
      nn_convolution_kernels_available($0.baseAddress)
    }
    return pointers.prefix(Int(count)).compactMap {
      $0.map { FloatConvolution(kernels: $0.pointee) }
    }
  }

  struct Case: CustomTestStringConvertible {
    let shape: ConvolutionShape
    var images = 3
    var testDescription: String {
      let s = shape
      return "\(images)×\(s.input.height)×\(s.input.width), "
        + "\(s.inputChannels)→\(s.outputChannels) by \(s.kernel.height)×\(s.kernel.width), "
        + "stride \(s.stride.height)×\(s.stride.width), "
        + "padding \(s.padding.height)×\(s.padding.width), "
        + "dilation \(s.dilation.height)×\(s.dilation.width), \(s.groups) groups"
    }
  }

  private static func shape(
    _ input: Extent2D, _ inputs: Int, _ outputs: Int, _ kernel: Extent2D, stride: Extent2D = 1,
    padding: Extent2D = 0, dilation: Extent2D = 1, groups: Int = 1
  ) -> ConvolutionShape {
    ConvolutionShape(
      input: input, inputChannels: inputs, outputChannels: outputs, kernel: kernel, stride: stride,
      padding: padding, dilation: dilation, groups: groups)
  }

  private static let odd = Extent2D(height: 7, width: 9)

  private static let cases: [Case] =
    [1, 3, 16, 17, 64].flatMap { inputs in
      [1, 5, 16, 33, 48, 64].map { outputs in
        Case(shape: shape(odd, inputs, outputs, 3, padding: 1), images: 2)
      }
    } + [
      Case(shape: shape(1, 1, 1, 1), images: 1),
      Case(shape: shape(odd, 16, 32, 1), images: 1),
      Case(shape: shape(odd, 16, 32, 1, stride: 2)),
      Case(shape: shape(odd, 3, 16, 5, padding: 2)),
      Case(shape: shape(odd, 4, 6, 5, stride: 3, padding: 1)),
      Case(shape: shape(8, 16, 32, 3, stride: 2, padding: 1), images: 5),
      Case(shape: shape(11, 5, 7, 2, stride: 3)),
      Case(shape: shape(odd, 6, 10, 3, stride: Extent2D(height: 1, width: 4), padding: 1)),
      Case(shape: shape(odd, 5, 17, 3, padding: 2, dilation: 2)),
      Case(shape: shape(11, 4, 8, 3, stride: 2, padding: 3, dilation: 3)),
      Case(shape: shape(odd, 5, 4, Extent2D(height: 1, width: 5), padding: 2)),
      Case(shape: shape(odd, 5, 4, Extent2D(height: 4, width: 2), padding: 1)),
      Case(shape: shape(odd, 5, 4, odd)),
      // A kernel larger than the image, and pixels that see nothing but padding.
      Case(shape: shape(2, 3, 5, 5, padding: 2)),
      Case(shape: shape(2, 3, 5, 1, padding: 2), images: 1),
      Case(shape: shape(odd, 6, 9, 3, padding: 1, groups: 3)),
      Case(shape: shape(odd, 32, 64, 3, stride: 2, padding: 1, groups: 2)),
      Case(shape: shape(odd, 4, 8, 3, padding: 1, groups: 4)),
    ]
    + [2, 3, 8, 16, 17, 33, 40, 64].map { channels in
      Case(shape: shape(odd, channels, channels, 3, padding: 1, groups: channels))
    } + [
      Case(shape: shape(odd, 20, 20, 5, stride: 2, padding: 2, groups: 20)),
      Case(shape: shape(odd, 20, 20, 2, stride: 3, groups: 20), images: 1),
    ]

  /// Whole numbers would hide a wrong sum's rounding; these are between -1 and 1.
  private static func random(_ count: Int, _ index: UInt32) -> [Float] {
    var source = RandomSource(seed: 2, purpose: .noise, index: index)
    return (0..<count).map { _ in Float(source.uniform(in: -1...1)) }
  }

  /// What a layer has, and what comes out of it.
  private struct Layer {
    let input, weights, bias, slope: [Float]

    init(_ shape: ConvolutionShape, images: Int) {
      input = random(images * shape.inputCount, 1)
      weights = random(shape.weightCount, 2)
      bias = random(shape.outputChannels, 3)
      slope = random(images * shape.outputCount, 4)
    }

    init(input: [Float], weights: [Float], bias: [Float], slope: [Float]) {
      (self.input, self.weights, self.bias, self.slope) = (input, weights, bias, slope)
    }

    func plainResults(_ plan: ConvolutionPlan, images: Int) -> Results<Double> {
      let shape = plan.shape
      var results = Results<Double>(shape, images: images)
      let (x, w) = (input.map { Double($0) }, weights.map { Double($0) })
      let (b, dy) = (bias.map { Double($0) }, slope.map { Double($0) })
      Double.convolve(plan, images: images, x, weights: w, bias: b, into: &results.output)
      Double.convolve(plan, images: images, x, weights: w, bias: nil, into: &results.unbiased)
      Double.convolveGradient(plan, images: images, dy, weights: w, into: &results.inputGradient)
      results.weightGradient = Array(repeating: 0, count: shape.weightCount) + [7]
      Double.addWeightGradient(
        plan, images: images, input: x, outputGradient: dy, to: &results.weightGradient)
      return results
    }

    /// Blocks of images one after the other.
    func results(
      _ plan: ConvolutionPlan, images: Int, by level: FloatConvolution, block: Int? = nil
    ) -> Results<Float> {
      let shape = plan.shape
      var results = Results<Float>(shape, images: images)
      var forward = [Float](repeating: 7, count: level.packedCount(plan, for: .output) + 1)
      var backward = [Float](repeating: 7, count: level.packedCount(plan, for: .inputGradient) + 1)
      level.packWeights(plan, for: .output, weights, into: &forward)
      level.packWeights(plan, for: .inputGradient, weights, into: &backward)
      var sums = [Float](repeating: 0, count: forward.count)
      sums[forward.count - 1] = 7
      for first in stride(from: 0, to: max(1, images), by: block ?? max(1, images)) {
        let count = min(block ?? images, images - first)
        let (inputs, outputs) = (first * shape.inputCount, first * shape.outputCount)
        results.output.withUnsafeMutableBufferPointer {
          guard let output = $0.baseAddress else { return }
          level.convolve(
            plan, images: count, Array(input[inputs...]), weights: forward, bias: bias,
            into: output + outputs)
        }
        results.unbiased.withUnsafeMutableBufferPointer {
          guard let output = $0.baseAddress else { return }
          level.convolve(
            plan, images: count, Array(input[inputs...]), weights: forward, bias: nil,
            into: output + outputs)
        }
        results.inputGradient.withUnsafeMutableBufferPointer {
          guard let gradient = $0.baseAddress else { return }
          level.convolveGradient(
            plan, images: count, Array(slope[outputs...]), weights: backward,
            into: gradient + inputs)
        }
        level.addWeightGradient(
          plan, images: count, input: Array(input[inputs...]),
          outputGradient: Array(slope[outputs...]), to: &sums)
      }
      level.unpackWeightGradient(plan, sums, into: &results.weightGradient)
      results.isWithinBounds =
        forward.last == 7 && backward.last == 7 && sums.last == 7 && results.isWithinBounds
      return results
    }
  }

  /// Each array has one scalar more than its function may write, a 7.
  private struct Results<Scalar: TensorScalar> {
    var output, unbiased, inputGradient, weightGradient: [Scalar]
    private var packingIsWithinBounds = true

    init(_ shape: ConvolutionShape, images: Int) {
      output = Array(repeating: 7, count: images * shape.outputCount + 1)
      unbiased = output
      inputGradient = Array(repeating: 7, count: images * shape.inputCount + 1)
      weightGradient = Array(repeating: 7, count: shape.weightCount + 1)
    }

    var all: [(name: String, values: [Scalar])] {
      [
        ("output", output.dropLast()), ("unbiased output", unbiased.dropLast()),
        ("input gradient", inputGradient.dropLast()),
        ("weight gradient", weightGradient.dropLast()),
      ]
    }

    var isWithinBounds: Bool {
      get {
        packingIsWithinBounds
          && [output, unbiased, inputGradient, weightGradient].allSatisfy { $0.last == 7 }
      }
      set { packingIsWithinBounds = newValue }
    }
  }

  /// Equal up to the rounding of sums as long as these, and not a number at the same places.
  private func agree<Scalar: TensorScalar>(_ some: [Float], _ others: [Scalar]) -> Bool {
    let largest = others.reduce(1e-3) { $1.isNaN ? $0 : max($0, abs($1.double)) }
    return some.count == others.count
      && zip(some, others).allSatisfy { one, other in
        one.isNaN ? other.isNaN : abs(Double(one) - other.double) <= 2e-6 * largest
      }
  }

  @Test func levelsAreNamed() {
    let names = Self.levels.map { String(cString: $0.kernels.name) }
    #expect(names == Array(["sse2", "avx2", "avx512"].prefix(names.count)))
    #expect(String(cString: FloatConvolution.best.kernels.name) == names.last)
  }

  @Test(arguments: cases)
  private func agreesWithThePlainTwin(of test: Case) {
    let plan = ConvolutionPlan(test.shape)
    let layer = Layer(test.shape, images: test.images)
    let expected = layer.plainResults(plan, images: test.images).all
    for level in Self.levels {
      let place = String(cString: level.kernels.name)
      let results = layer.results(plan, images: test.images, by: level)
      #expect(results.isWithinBounds, "\(place) writes behind an end")
      for (result, plain) in zip(results.all, expected) {
        #expect(agree(result.values, plain.values), "\(place), \(result.name)")
      }
    }
  }

  /// A number that is none reaches what it has to do with, and nothing else.
  @Test(arguments: cases)
  private func keepsToWhatIsSeen(by test: Case) {
    let plan = ConvolutionPlan(test.shape)
    let whole = Layer(test.shape, images: test.images)
    for part in [0.0, 0.4, 0.99] {
      func spoiled(_ values: [Float]) -> [Float] {
        var values = values
        values[Int(Double(values.count) * part)] = .nan
        return values
      }
      let layer = Layer(
        input: spoiled(whole.input), weights: whole.weights, bias: whole.bias,
        slope: spoiled(whole.slope))
      let expected = layer.plainResults(plan, images: test.images).all
      for level in Self.levels {
        let results = layer.results(plan, images: test.images, by: level).all
        for (result, plain) in zip(results, expected) {
          #expect(agree(result.values, plain.values), "\(result.name), spoiled at \(part)")
        }
      }
    }
  }

  /// An image comes out the same, bit for bit, whichever others are in the block.
  @Test(arguments: cases)
  private func imagesDoNotDependOnEachOther(in test: Case) {
    let plan = ConvolutionPlan(test.shape)
    let layer = Layer(test.shape, images: 4)
    for level in Self.levels {
      let together = layer.results(plan, images: 4, by: level)
      for block in 1...3 {
        let apart = layer.results(plan, images: 4, by: level, block: block)
        #expect(apart.output == together.output)
        #expect(apart.unbiased == together.unbiased)
        #expect(apart.inputGradient == together.inputGradient)
        #expect(agree(apart.weightGradient, together.weightGradient))
        let again = layer.results(plan, images: 4, by: level, block: block)
        #expect(again.weightGradient == apart.weightGradient)
      }
    }
  }

  /// No scalar outside of an array is even read: the pages on both sides cannot be.
  @Test(arguments: cases)
  private func touchesNothingOutside(_ test: Case) {
    let plan = ConvolutionPlan(test.shape)
    let layer = Layer(test.shape, images: test.images)
    for (level, isAtEnd) in Self.levels.flatMap({ [($0, true), ($0, false)] }) {
      let input = FencedFloats(layer.input, isAtEnd: isAtEnd)
      let slope = FencedFloats(layer.slope, isAtEnd: isAtEnd)
      let weights = FencedFloats(layer.weights, isAtEnd: isAtEnd)
      let bias = FencedFloats(layer.bias, isAtEnd: isAtEnd)
      func packed(_ direction: ConvolutionDirection) -> FencedFloats {
        let count = level.packedCount(plan, for: direction)
        let packed = FencedFloats([Float](repeating: 0, count: count), isAtEnd: isAtEnd)
        level.packWeights(plan, for: direction, weights.scalars, into: packed.scalars)
        return packed
      }
      let (forward, backward) = (packed(.output), packed(.inputGradient))
      withExtendedLifetime((input, slope, weights, bias, forward, backward)) {
        level.convolve(
          plan, images: test.images, input.scalars, weights: forward.scalars, bias: bias.scalars,
          into: slope.scalars)
        level.addWeightGradient(
          plan, images: test.images, input: input.scalars, outputGradient: slope.scalars,
          to: forward.scalars)
        level.convolveGradient(
          plan, images: test.images, slope.scalars, weights: backward.scalars, into: input.scalars)
        level.unpackWeightGradient(plan, forward.scalars, into: weights.scalars)
      }
    }
  }

  @Test func noImagesAreNoWork() {
    let plan = ConvolutionPlan(Self.cases[0].shape)
    for level in Self.levels {
      let layer = Layer(plan.shape, images: 0)
      let results = layer.results(plan, images: 0, by: level)
      #expect(results.isWithinBounds)
    }
  }

  /// Whole numbers, so that every sum is exact. PyTorch's `conv2d` and its `backward`, in Double:
  /// the scalar at index i is i % 7 - 3 in the input, i % 11 - 5 in the weights, i in the bias and
  /// i % 5 - 2 in the output's gradient, as our arrays count them.
  @Test func givesTheNumbersOfPyTorch() {
    let shape = ConvolutionShape(
      input: Extent2D(height: 5, width: 4), inputChannels: 4, outputChannels: 6,
      kernel: Extent2D(height: 3, width: 2), stride: Extent2D(height: 2, width: 1),
      padding: Extent2D(height: 1, width: 0), dilation: Extent2D(height: 1, width: 2), groups: 2)
    func numbers(_ count: Int, modulo: Int, minus: Int) -> [Float] {
      (0..<count).map { Float($0 % modulo - minus) }
    }
    let layer = Layer(
      input: numbers(shape.inputCount, modulo: 7, minus: 3),
      weights: numbers(shape.weightCount, modulo: 11, minus: 5),
      bias: numbers(shape.outputChannels, modulo: 6, minus: 0),
      slope: numbers(shape.outputCount, modulo: 5, minus: 2))
    let plan = ConvolutionPlan(shape)
    let plain = layer.plainResults(plan, images: 1)
    #expect(plain.output.dropLast() == Self.outputByPyTorch[...])
    #expect(plain.inputGradient.dropLast() == Self.inputGradientByPyTorch[...])
    #expect(plain.weightGradient.dropLast() == Self.weightGradientByPyTorch[...])
    for level in Self.levels {
      let results = layer.results(plan, images: 1, by: level)
      #expect(results.output.map { Double($0) } == plain.output)
      #expect(results.inputGradient.map { Double($0) } == plain.inputGradient)
      #expect(results.weightGradient.map { Double($0) } == plain.weightGradient)
    }
  }

  private static let outputByPyTorch: [Double] = [
    -1, -8, -4, -5, 4, 13, 3, 40, 11, 19, 11, 3, 10, 47, 18, 38, 5, -17, -10, -25, -29, 2, 8, 25,
    -5, -13, -21, -8, -7, 5, -14, -4, 39, 5, 36, 1,
  ]
  private static let inputGradientByPyTorch: [Double] = [
    8, -10, -2, -7, 2, 2, -4, 1, 5, -13, -1, -6, 2, -9, -5, 0, -8, 3, 5, -18, -5, -10, -4, -10, -8,
    25, 3, -9, -4, 2, -5, -11, -4, 14, -1, 14, -5, 1, 2, 2, -1, -5, -4, 11, -4, 24, 2, 2, 3, -18,
    -8, 3, 11, -1, -2, 26, 5, -16, -8, -8, 9, -14, -1, 5, -1, -7, 5, -10, 8, -10, -2, -7, -2, 3, 8,
    -7, 5, -13, -1, -6,
  ]
  private static let weightGradientByPyTorch: [Double] = [
    9, -11, -5, -7, -1, 4, -11, -10, -7, 5, 4, 2, -1, -1, 2, 1, 4, -1, -1, -1, 1, 7, -1, 1, -11, 9,
    9, 9, 9, -11, 9, 8, 9, 9, -11, -10, 2, 0, -4, -3, -1, -1, 0, -9, -3, -2, -1, 6, 1, 3, -17, 6, 8,
    7, 3, -9, 6, 8, 7, 6, -10, -9, 5, 10, 2, 0, -9, 6, 10, 8, 0, -9,
  ]
}
