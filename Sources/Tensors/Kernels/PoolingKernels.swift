import CKernels

/// What a pool does to images [height, width, channels]: each output pixel looks at a window of
/// the input.
public struct PoolShape: Sendable, Equatable {
  /// Of the input.
  public var height, width, channels: Int
  /// In pixels.
  public var kernel, stride, padding: Extent2D

  /// - Parameters:
  ///   - input: [height, width, channels]
  ///   - padding: at most half of the kernel, so that no window is empty.
  public init(input: [Int], kernel: Extent2D, stride: Extent2D, padding: Extent2D) {
    (height, width, channels) = (input[0], input[1], input[2])
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  /// Windows that fit; 0: none.
  public var outputHeight: Int {
    Self.count(height, kernel.height, stride.height, padding.height)
  }

  public var outputWidth: Int {
    Self.count(width, kernel.width, stride.width, padding.width)
  }

  /// Scalars of an image and of its output.
  public var inputCount: Int { height * width * channels }
  public var outputCount: Int { outputHeight * outputWidth * channels }

  private static func count(_ extent: Int, _ kernel: Int, _ stride: Int, _ padding: Int) -> Int {
    extent + 2 * padding < kernel ? 0 : (extent + 2 * padding - kernel) / stride + 1
  }

  /// Calls `body` with each output pixel and each pixel in its window: their indices, and the place
  /// within the window, row by row.
  fileprivate func forEachPair(_ body: (_ output: Int, _ input: Int, _ place: Int) -> Void) {
    for row in 0..<outputHeight {
      for column in 0..<outputWidth {
        for place in 0..<kernel.area {
          let y = row * stride.height - padding.height + place / kernel.width
          let x = column * stride.width - padding.width + place % kernel.width
          guard y >= 0, y < height, x >= 0, x < width else { continue }
          body(row * outputWidth + column, y * width + x, place)
        }
      }
    }
  }
}

/// Loops over images with their channels last.
public protocol PoolingKernels: TensorArithmetic {
  /// The largest number of each window and its place there, row by row from 0: of several the
  /// first, and NaN before all. `which` is of the output's shape.
  static func maxPool(
    _ shape: PoolShape, _ image: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>,
    which: UnsafeMutablePointer<UInt8>)

  /// The gradient of an image: sums over the windows that it was the largest of.
  static func maxPoolGradient(
    _ shape: PoolShape, outputGradient: UnsafePointer<Self>, which: UnsafePointer<UInt8>,
    into inputGradient: UnsafeMutablePointer<Self>)

  /// The sum of each window, divided by the kernel's area.
  static func averagePool(
    _ shape: PoolShape, _ image: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>)

  static func averagePoolGradient(
    _ shape: PoolShape, outputGradient: UnsafePointer<Self>,
    into inputGradient: UnsafeMutablePointer<Self>)

  /// output[c, r] = matrix[r, c], where the matrix is [rows, columns]
  static func transpose(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int,
    into output: UnsafeMutablePointer<Self>)

  /// Every row of the matrix = source · factor
  static func spread(
    _ source: UnsafePointer<Self>, factor: Self, over matrix: UnsafeMutablePointer<Self>,
    rows: Int, columns: Int)

  /// values *= factor
  static func scale(_ values: UnsafeMutablePointer<Self>, by factor: Self, count: Int)

  /// Copies `rows` rows of `columns` scalars between matrices whose rows are strides apart.
  static func copyColumns(
    _ source: UnsafePointer<Self>, stride sourceStride: Int,
    into target: UnsafeMutablePointer<Self>, stride targetStride: Int, rows: Int, columns: Int)
}

extension PoolingKernels {
  public static func maxPool(
    _ shape: PoolShape, _ image: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>,
    which: UnsafeMutablePointer<UInt8>
  ) {
    var last = -1
    let channels = shape.channels
    shape.forEachPair { to, from, place in
      for channel in 0..<channels {
        let value = image[from * channels + channel]
        let target = to * channels + channel
        guard to != last || value > output[target] || value.isNaN else { continue }
        output[target] = value
        which[target] = UInt8(place)
      }
      last = to
    }
  }

  public static func maxPoolGradient(
    _ shape: PoolShape, outputGradient: UnsafePointer<Self>, which: UnsafePointer<UInt8>,
    into inputGradient: UnsafeMutablePointer<Self>
  ) {
    let channels = shape.channels
    inputGradient.update(repeating: 0, count: shape.inputCount)
    shape.forEachPair { from, to, place in
      for channel in 0..<channels where Int(which[from * channels + channel]) == place {
        inputGradient[to * channels + channel] += outputGradient[from * channels + channel]
      }
    }
  }

  public static func averagePool(
    _ shape: PoolShape, _ image: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>
  ) {
    let channels = shape.channels
    let factor = 1 / Self(shape.kernel.height * shape.kernel.width)
    output.update(repeating: 0, count: shape.outputCount)
    shape.forEachPair { to, from, _ in
      for channel in 0..<channels {
        output[to * channels + channel] += image[from * channels + channel] * factor
      }
    }
  }

  public static func averagePoolGradient(
    _ shape: PoolShape, outputGradient: UnsafePointer<Self>,
    into inputGradient: UnsafeMutablePointer<Self>
  ) {
    let channels = shape.channels
    let factor = 1 / Self(shape.kernel.height * shape.kernel.width)
    inputGradient.update(repeating: 0, count: shape.inputCount)
    shape.forEachPair { from, to, _ in
      for channel in 0..<channels {
        inputGradient[to * channels + channel] += outputGradient[from * channels + channel] * factor
      }
    }
  }

  public static func transpose(
    _ matrix: UnsafePointer<Self>, rows: Int, columns: Int,
    into output: UnsafeMutablePointer<Self>
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        output[column * rows + row] = matrix[row * columns + column]
      }
    }
  }

  public static func spread(
    _ source: UnsafePointer<Self>, factor: Self, over matrix: UnsafeMutablePointer<Self>,
    rows: Int, columns: Int
  ) {
    guard rows > 0 else { return }
    for column in 0..<columns { matrix[column] = source[column] * factor }
    for row in 1..<rows { (matrix + row * columns).update(from: matrix, count: columns) }
  }

  public static func scale(_ values: UnsafeMutablePointer<Self>, by factor: Self, count: Int) {
    for index in 0..<count { values[index] *= factor }
  }

  public static func copyColumns(
    _ source: UnsafePointer<Self>, stride sourceStride: Int,
    into target: UnsafeMutablePointer<Self>, stride targetStride: Int, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      (target + row * targetStride).update(from: source + row * sourceStride, count: columns)
    }
  }
}

extension PoolShape {
  var kernelShape: nn_pool_shape {
    nn_pool_shape(
      height: height, width: width, channels: channels, out_height: outputHeight,
      out_width: outputWidth, kernel_height: kernel.height, kernel_width: kernel.width,
      stride_height: stride.height, stride_width: stride.width,
      padding_height: padding.height, padding_width: padding.width)
  }
}

extension Float {
  public static func maxPool(
    _ shape: PoolShape, _ image: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    which: UnsafeMutablePointer<UInt8>
  ) {
    var shape = shape.kernelShape
    nn_layer_kernels_best().pointee.max_pool(&shape, image, output, which)
  }

  public static func maxPoolGradient(
    _ shape: PoolShape, outputGradient: UnsafePointer<Float>, which: UnsafePointer<UInt8>,
    into inputGradient: UnsafeMutablePointer<Float>
  ) {
    var shape = shape.kernelShape
    nn_layer_kernels_best().pointee.max_pool_gradient(
      &shape, outputGradient, which, inputGradient)
  }

  public static func averagePool(
    _ shape: PoolShape, _ image: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    var shape = shape.kernelShape
    nn_layer_kernels_best().pointee.average_pool(&shape, image, output)
  }

  public static func averagePoolGradient(
    _ shape: PoolShape, outputGradient: UnsafePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>
  ) {
    var shape = shape.kernelShape
    nn_layer_kernels_best().pointee.average_pool_gradient(&shape, outputGradient, inputGradient)
  }

  public static func transpose(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int,
    into output: UnsafeMutablePointer<Float>
  ) {
    nn_layer_kernels_best().pointee.transpose(matrix, output, rows, columns)
  }
}
