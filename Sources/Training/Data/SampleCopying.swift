import Tensors

/// Makes inputs of samples: bytes are scaled, images may be changed on the way.
final class SampleCopying: @unchecked Sendable {
  /// Numbers of a sample.
  let size: Int

  private let dataset: Dataset
  private let height, width, channelCount: Int
  /// Scale and offset of every number of a row of pixels, so that they are added in one loop.
  private let scales, offsets: Tensor<Float>

  init(_ dataset: Dataset) {
    self.dataset = dataset
    size = dataset.sampleSize
    let shape = dataset.sampleShape
    height = shape.count > 1 ? shape[0] : 1
    width = shape.count > 1 ? shape[1] : shape.first ?? 1
    channelCount = shape.dropFirst(2).reduce(1, *)
    let scaling = dataset.scaling
    // A whole number of times all channels, whatever they are.
    let channels = scaling.scale.count
    scales = Tensor(shape: [size])
    offsets = Tensor(shape: [size])
    for index in 0..<size {
      scales[index] = scaling.scale[index % channels]
      offsets[index] = scaling.offset[index % channels]
    }
  }

  /// - Parameters:
  ///   - sample: the sample's number.
  ///   - output: [sample…]
  ///   - change: what happens to an image; nil: nothing.
  func copy(
    _ sample: Int, to output: UnsafeMutablePointer<Float>, _ change: Augmentation.Change?
  ) {
    guard let change else {
      convert(sample * size, to: output, count: size)
      return
    }
    let rowLength = width * channelCount
    for row in 0..<height {
      let target = output + row * rowLength
      let source = row + change.row
      guard source >= 0, source < height else {
        target.update(from: offsets.scalars, count: rowLength)
        continue
      }
      let first = max(0, -change.column)
      let end = min(width, width - change.column)
      fillZero(target, 0..<first)
      fillZero(target, end..<width)
      convert(
        sample * size + source * rowLength + (first + change.column) * channelCount,
        to: target + first * channelCount, count: (end - first) * channelCount)
      if change.isFlipped { flip(target) }
    }
    if let row = change.cutoutRow, let column = change.cutoutColumn {
      cutOut(output, row: row, column: column)
    }
  }

  /// Makes inputs of numbers that begin with the first channel.
  private func convert(_ first: Int, to output: UnsafeMutablePointer<Float>, count: Int) {
    switch dataset.samples {
    case .floats(let floats):
      floats.withUnsafeBufferPointer { floats in
        guard let start = floats.baseAddress else { return }
        output.update(from: start + first, count: count)
      }
    case .bytes(let bytes):
      bytes.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return }
        if dataset.scaling.scale.count == 1 {
          Float.convert(
            start + first, into: output, count: count, scale: scales.scalars[0],
            offset: offsets.scalars[0])
        } else {
          let (scales, offsets) = (scales.scalars, offsets.scalars)
          for index in 0..<count {
            output[index] = Float(start[first &+ index]) * scales[index] + offsets[index]
          }
        }
      }
    }
  }

  /// Puts what 0 is as an input into some pixels of a row.
  private func fillZero(_ row: UnsafeMutablePointer<Float>, _ pixels: Range<Int>) {
    (row + pixels.lowerBound * channelCount)
      .update(from: offsets.scalars, count: pixels.count * channelCount)
  }

  private func flip(_ row: UnsafeMutablePointer<Float>) {
    for pixel in 0..<width / 2 {
      for channel in 0..<channelCount {
        let left = pixel * channelCount + channel
        let right = (width - 1 - pixel) * channelCount + channel
        (row[left], row[right]) = (row[right], row[left])
      }
    }
  }

  private func cutOut(_ output: UnsafeMutablePointer<Float>, row: Int, column: Int) {
    let side = dataset.augmentation?.cutout ?? 0
    let means = dataset.scaling.mean
    let rows = max(0, row - side / 2)..<min(height, row - side / 2 + side)
    let columns = max(0, column - side / 2)..<min(width, column - side / 2 + side)
    for row in rows {
      for index in (row * width + columns.lowerBound)
        * channelCount..<(row * width + columns.upperBound) * channelCount
      {
        output[index] = means[index % means.count]
      }
    }
  }
}
