import Testing

@testable import Tensors

struct ConvolutionShapeTests {
  private let usual = ConvolutionShape(
    input: 32, inputChannels: 16, outputChannels: 32, kernel: 3, stride: 2, padding: 1)

  /// The formula of PyTorch's Conv2d page, on shapes whose result is known from its use.
  @Test func outputFollowsTheFormula() {
    #expect(usual.output == 16)
    #expect(usual.weightShape == [32, 16, 3, 3])
    let dilated = ConvolutionShape(
      input: Extent2D(height: 50, width: 100), inputChannels: 1, outputChannels: 1,
      kernel: Extent2D(height: 3, width: 5), stride: Extent2D(height: 2, width: 1),
      padding: Extent2D(height: 4, width: 2), dilation: Extent2D(height: 3, width: 1))
    #expect(dilated.output == Extent2D(height: 26, width: 100))
  }

  @Test func whatCannotBeHasAReason() {
    #expect(usual.problem == nil)
    let wrong: [(WritableKeyPath<ConvolutionShape, Int>, Int)] = [
      (\.inputChannels, 0), (\.outputChannels, -1), (\.groups, 3), (\.groups, 0),
      (\.stride.height, 0), (\.dilation.width, 0), (\.dilation.width, 17),
      (\.padding.height, -1), (\.kernel.height, 35), (\.kernel.width, 0), (\.input.width, 0),
      (\.inputChannels, 1 << 16), (\.input.height, 1 << 16),
    ]
    for (path, value) in wrong {
      var shape = usual
      shape[keyPath: path] = value
      let isTooLarge = value == 1 << 16
      if isTooLarge { shape.input.width = 1 << 16 }
      #expect(shape.problem != nil, "\(path) = \(value)")
    }
  }

  /// Numbers from a file are asked about before anything is computed with them.
  @Test(arguments: [Int.min, Int.min + 1, Int.max - 1, Int.max, Int(Int32.max)])
  func hostileNumbersDoNotTrap(value: Int) {
    let paths: [WritableKeyPath<ConvolutionShape, Int>] = [
      \.input.height, \.input.width, \.inputChannels, \.outputChannels, \.kernel.height,
      \.kernel.width, \.stride.height, \.stride.width, \.padding.height, \.padding.width,
      \.dilation.height, \.dilation.width, \.groups,
    ]
    for first in paths {
      for second in paths {
        var shape = usual
        shape[keyPath: first] = value
        shape[keyPath: second] = value
        #expect(shape.problem != nil)
      }
    }
  }

  /// Every pixel is in one group, and those of a group see the same taps: nine groups with a
  /// padding of one, and no product with what is not there.
  @Test func pixelsAreGroupedByTheirTaps() {
    let plan = ConvolutionPlan(
      ConvolutionShape(input: 8, inputChannels: 2, outputChannels: 3, kernel: 3, padding: 1))
    withExtendedLifetime(plan) {
      for pass in [plan.forward, plan.inputGradient] {
        let list = pass.plan.pointee
        let groups = UnsafeBufferPointer(start: list.groups, count: Int(list.group_count))
        #expect(groups.map(\.pixel_count).reduce(0, +) == 64)
        #expect(groups.count == 9)
        let taps = groups.map { group in
          UnsafeBufferPointer(start: group.runs, count: Int(group.run_count))
            .map { Int($0.length) }.reduce(0, +)
        }
        let channels = Int(list.rows) / 9
        #expect(taps.map { $0 / channels }.sorted() == [4, 4, 4, 4, 6, 6, 6, 6, 9])
        // A kernel's row is one run.
        #expect(groups.map(\.run_count).max() == 3)
      }
    }
  }
}
