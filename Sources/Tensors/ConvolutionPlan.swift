import CKernels

/// Where a convolution's numbers meet, worked out once for a shape.
///
/// After the indirect convolution algorithm (Dukhan, "The Indirect Convolution Algorithm", 2019),
/// but without its padding: pixels are grouped by the taps that they see.
public final class ConvolutionPlan: Sendable {
  public let shape: ConvolutionShape
  /// From input to output; the gradient of the weights meets the same numbers.
  let forward: ConvolutionPass
  /// From the output's gradient to the input's.
  let inputGradient: ConvolutionPass

  /// - Parameter shape: one that has no problem.
  public init(_ shape: ConvolutionShape) {
    precondition(shape.problem == nil, shape.problem ?? "")
    self.shape = shape
    let output = shape.output
    let rows = ConvolutionAxis(
      input: shape.input.height, output: output.height, kernel: shape.kernel.height,
      stride: shape.stride.height, padding: shape.padding.height,
      dilation: shape.dilation.height)
    let columns = ConvolutionAxis(
      input: shape.input.width, output: output.width, kernel: shape.kernel.width,
      stride: shape.stride.width, padding: shape.padding.width, dilation: shape.dilation.width)
    let (inputGroup, outputGroup) = (shape.inputChannelsPerGroup, shape.outputChannelsPerGroup)
    forward = ConvolutionPass(
      rows: rows.outputClasses, columns: columns.outputClasses, kernel: shape.kernel,
      from: .init(extent: shape.input, channels: shape.inputChannels, channelsPerGroup: inputGroup),
      to: .init(extent: output, channels: shape.outputChannels, channelsPerGroup: outputGroup),
      isDepthwise: shape.isDepthwise)
    inputGradient = ConvolutionPass(
      rows: rows.inputGradientClasses, columns: columns.inputGradientClasses,
      kernel: shape.kernel,
      from: .init(extent: output, channels: shape.outputChannels, channelsPerGroup: outputGroup),
      to: .init(extent: shape.input, channels: shape.inputChannels, channelsPerGroup: inputGroup),
      isDepthwise: shape.isDepthwise)
  }
}

/// One direction of a convolution, as the kernels want it.
final class ConvolutionPass: @unchecked Sendable {
  struct Side {
    let extent: Extent2D
    let channels, channelsPerGroup: Int
  }

  /// Valid while the pass lives.
  let plan: UnsafePointer<nn_convolution_plan>

  private let groups: UnsafePointer<nn_convolution_group>
  private let runs: UnsafePointer<nn_convolution_run>
  private let pixels: UnsafePointer<Int32>

  /// - Parameters:
  ///   - rows, columns: the classes of the result's positions.
  ///   - from, to: the source and the result.
  init(
    rows: [ConvolutionAxisClass], columns: [ConvolutionAxisClass], kernel: Extent2D,
    from source: Side, to result: Side, isDepthwise: Bool
  ) {
    var lists: [(pixels: Int, count: Int, runs: Int, runCount: Int)] = []
    var (allRuns, allPixels): ([nn_convolution_run], [Int32]) = ([], [])
    for row in rows {
      for column in columns {
        let newRuns = Self.runs(row, column, kernel: kernel, source: source)
        let count = row.positions.count * column.positions.count
        lists.append((allPixels.count, count, allRuns.count, newRuns.count))
        allRuns += newRuns
        allPixels += Self.offsets(row, column) { y, x in
          (y.source * source.extent.width + x.source) * source.channels
        }
        allPixels += Self.offsets(row, column) { y, x in
          (y.position * result.extent.width + x.position) * result.channels
        }
      }
    }
    let (runs, pixels) = (Self.copy(allRuns), Self.copy(allPixels))
    let groups = Self.copy(
      lists.map {
        nn_convolution_group(
          pixel_count: Int64($0.count), inputs: pixels + $0.pixels,
          outputs: pixels + $0.pixels + $0.count, run_count: Int64($0.runCount),
          runs: runs + $0.runs)
      })
    plan = Self.copy([
      nn_convolution_plan(
        group_count: Int64(lists.count), groups: groups,
        input_size: Int64(source.extent.area * source.channels),
        output_size: Int64(result.extent.area * result.channels),
        rows: Int64(kernel.area * source.channelsPerGroup),
        columns: Int64(isDepthwise ? result.channels : result.channelsPerGroup))
    ])
    (self.groups, self.runs, self.pixels) = (groups, runs, pixels)
  }

  deinit {
    plan.deallocate()
    groups.deallocate()
    runs.deallocate()
    pixels.deallocate()
  }

  /// Taps that lie side by side in the source and in the weights are one run.
  private static func runs(
    _ row: ConvolutionAxisClass, _ column: ConvolutionAxisClass, kernel: Extent2D, source: Side
  ) -> [nn_convolution_run] {
    var runs: [nn_convolution_run] = []
    let channels = Int64(source.channelsPerGroup)
    for (rowTap, y) in zip(row.taps, row.steps) {
      for (columnTap, x) in zip(column.taps, column.steps) {
        let input = Int64((y * source.extent.width + x) * source.channels)
        let weight = Int64(rowTap * kernel.width + columnTap) * channels
        if let last = runs.last, last.input + last.length == input,
          last.row + last.length == weight
        {
          runs[runs.count - 1].length += channels
        } else {
          runs.append(nn_convolution_run(input: input, row: weight, length: channels))
        }
      }
    }
    return runs
  }

  private typealias Place = (position: Int, source: Int)

  /// An offset for each pixel, row by row.
  private static func offsets(
    _ row: ConvolutionAxisClass, _ column: ConvolutionAxisClass,
    _ offset: (_ y: Place, _ x: Place) -> Int
  ) -> [Int32] {
    row.positions.flatMap { y in column.positions.map { x in Int32(offset(y, x)) } }
  }

  private static func copy<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    memory.initialize(from: elements, count: elements.count)
    return UnsafePointer(memory)
  }
}
