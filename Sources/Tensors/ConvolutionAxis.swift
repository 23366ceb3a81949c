/// Along one axis of a convolution's result, the positions that see the same taps of the kernel.
///
/// Within a class the positions differ only in where their first tap meets the source: the next
/// ones follow at the same distances.
struct ConvolutionAxisClass {
  /// The taps, as the packed weights count them, in the source's order.
  let taps: [Int]
  /// Where each tap meets the source, counted from where the first does.
  let steps: [Int]
  /// The positions, and where the first tap of each meets the source; 0 without a tap.
  var positions: [(position: Int, source: Int)]
}

/// One axis of a convolution: the height or the width.
struct ConvolutionAxis {
  let input, output, kernel, stride, padding, dilation: Int

  /// The output's positions; their source is the input.
  var outputClasses: [ConvolutionAxisClass] {
    classes(count: output) { position in
      (0..<kernel).compactMap { tap in
        let source = position * stride - padding + tap * dilation
        return source >= 0 && source < input ? (tap, source) : nil
      }
    }
  }

  /// The input's positions; the source of their gradient is the output's. The taps are counted
  /// backwards, so that their numbers rise with the source.
  var inputGradientClasses: [ConvolutionAxisClass] {
    classes(count: input) { position in
      (0..<kernel).compactMap { tap in
        let distance = position + padding - (kernel - 1 - tap) * dilation
        let isMet =
          distance >= 0 && distance.isMultiple(of: stride) && distance / stride < output
        return isMet ? (tap, distance / stride) : nil
      }
    }
  }

  private func classes(
    count: Int, seen: (Int) -> [(tap: Int, source: Int)]
  ) -> [ConvolutionAxisClass] {
    var classes: [ConvolutionAxisClass] = []
    var numbers: [[Int]: Int] = [:]
    for position in 0..<count {
      let seen = seen(position)
      let taps = seen.map(\.tap)
      let first = seen.first?.source ?? 0
      if let number = numbers[taps] {
        classes[number].positions.append((position, first))
      } else {
        numbers[taps] = classes.count
        classes.append(
          ConvolutionAxisClass(
            taps: taps, steps: seen.map { $0.source - first }, positions: [(position, first)]))
      }
    }
    return classes
  }
}
