import CKernels

/// A function of one number that a layer applies to each of its scalars.
public protocol ActivationFunction: Sendable {
  /// Whether the output tells the derivative; else the input does.
  var derivesFromOutput: Bool { get }
  func value<Scalar: TensorArithmetic>(at input: Scalar) -> Scalar
  /// - Parameter kept: the output where that tells the derivative, else the input.
  func derivative<Scalar: TensorArithmetic>(at kept: Scalar) -> Scalar
  /// The loop that computes the same over many `Float`s; nil: there is none.
  var fastLoop: ActivationLoop? { get }
}

extension ActivationFunction {
  public var fastLoop: ActivationLoop? { nil }
}

/// The activations that CKernels has loops for.
public enum ActivationLoop: Sendable {
  case tanh, sigmoid, silu, gelu
  case geluByTanh
  case leakyReLU(slope: Double)
  case clippedReLU(shift: Double, maximum: Double)
  case softThreshold(shift: Double, maximum: Double)
}

/// Loops of activations, row-wise softmax and dropout.
public protocol ActivationKernels: TensorArithmetic {
  /// output = function(input); both may be the same array.
  static func apply(
    _ function: some ActivationFunction, to input: UnsafePointer<Self>,
    into output: UnsafeMutablePointer<Self>, count: Int)

  /// gradient *= function's derivative, at what the function wants kept.
  static func multiply(
    _ gradient: UnsafeMutablePointer<Self>, byDerivativeOf function: some ActivationFunction,
    at kept: UnsafePointer<Self>, count: Int)

  /// output = input where that is above 0, else slope · input; a slope for each column.
  static func rectify(
    _ input: UnsafePointer<Self>, slopes: UnsafePointer<Self>,
    into output: UnsafeMutablePointer<Self>, rows: Int, columns: Int)

  /// Makes `gradient` the input's, and stores the slopes' gradient, summed over the rows.
  static func rectifyGradient(
    input: UnsafePointer<Self>, slopes: UnsafePointer<Self>,
    gradient: UnsafeMutablePointer<Self>, slopeGradient: UnsafeMutablePointer<Self>, rows: Int,
    columns: Int)

  /// output = exp(input) / Σ exp(input), row by row; both may be the same array.
  static func softmax(
    _ input: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>, rows: Int,
    columns: Int)

  /// Makes `gradient` the input's.
  static func softmaxGradient(
    output: UnsafePointer<Self>, gradient: UnsafeMutablePointer<Self>, rows: Int, columns: Int)

  /// output = input · scale where `kept` is not 0, else 0; both may be the same array.
  static func drop(
    _ input: UnsafePointer<Self>, kept: UnsafePointer<UInt8>, scale: Self,
    into output: UnsafeMutablePointer<Self>, count: Int)
}

extension ActivationKernels {
  public static func apply(
    _ function: some ActivationFunction, to input: UnsafePointer<Self>,
    into output: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count { output[index] = function.value(at: input[index]) }
  }

  public static func multiply(
    _ gradient: UnsafeMutablePointer<Self>, byDerivativeOf function: some ActivationFunction,
    at kept: UnsafePointer<Self>, count: Int
  ) {
    for index in 0..<count { gradient[index] *= function.derivative(at: kept[index]) }
  }

  public static func rectify(
    _ input: UnsafePointer<Self>, slopes: UnsafePointer<Self>,
    into output: UnsafeMutablePointer<Self>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        let value = input[row * columns + column]
        output[row * columns + column] = value > 0 ? value : slopes[column] * value
      }
    }
  }

  public static func rectifyGradient(
    input: UnsafePointer<Self>, slopes: UnsafePointer<Self>,
    gradient: UnsafeMutablePointer<Self>, slopeGradient: UnsafeMutablePointer<Self>, rows: Int,
    columns: Int
  ) {
    slopeGradient.update(repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns where !(input[row * columns + column] > 0) {
        let place = row * columns + column
        slopeGradient[column] += gradient[place] * input[place]
        gradient[place] *= slopes[column]
      }
    }
  }

  public static func softmax(
    _ input: UnsafePointer<Self>, into output: UnsafeMutablePointer<Self>, rows: Int,
    columns: Int
  ) {
    for row in 0..<rows {
      let (logits, powers) = (input + row * columns, output + row * columns)
      var largest = logits[0]
      for column in 1..<max(1, columns) where logits[column] > largest {
        largest = logits[column]
      }
      var sum: Self = 0
      for column in 0..<columns {
        powers[column] = exponential(logits[column] - largest)
        sum += powers[column]
      }
      for column in 0..<columns { powers[column] /= sum }
    }
  }

  public static func softmaxGradient(
    output: UnsafePointer<Self>, gradient: UnsafeMutablePointer<Self>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      let (shares, slopes) = (output + row * columns, gradient + row * columns)
      var mean: Self = 0
      for column in 0..<columns { mean += shares[column] * slopes[column] }
      for column in 0..<columns { slopes[column] = shares[column] * (slopes[column] - mean) }
    }
  }

  public static func drop(
    _ input: UnsafePointer<Self>, kept: UnsafePointer<UInt8>, scale: Self,
    into output: UnsafeMutablePointer<Self>, count: Int
  ) {
    for index in 0..<count { output[index] = kept[index] == 0 ? 0 : input[index] * scale }
  }
}

extension Float {
  public static func apply(
    _ function: some ActivationFunction, to input: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    if let loop = function.fastLoop?.kernel {
      loop.functions.apply(input, output, count, loop.a, loop.b)
    } else {
      for index in 0..<count { output[index] = function.value(at: input[index]) }
    }
  }

  public static func multiply(
    _ gradient: UnsafeMutablePointer<Float>, byDerivativeOf function: some ActivationFunction,
    at kept: UnsafePointer<Float>, count: Int
  ) {
    if let loop = function.fastLoop?.kernel {
      loop.functions.gradient(kept, gradient, count, loop.a, loop.b)
    } else {
      for index in 0..<count { gradient[index] *= function.derivative(at: kept[index]) }
    }
  }

  public static func rectify(
    _ input: UnsafePointer<Float>, slopes: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    nn_layer_kernels_best().pointee.prelu(input, output, rows, columns, slopes)
  }

  public static func rectifyGradient(
    input: UnsafePointer<Float>, slopes: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, slopeGradient: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int
  ) {
    nn_layer_kernels_best().pointee.prelu_gradient(
      input, gradient, rows, columns, slopes, slopeGradient)
  }

  public static func softmax(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int
  ) {
    nn_layer_kernels_best().pointee.softmax(input, output, rows, columns)
  }

  public static func softmaxGradient(
    output: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    nn_layer_kernels_best().pointee.softmax_gradient(output, gradient, rows, columns)
  }

  public static func drop(
    _ input: UnsafePointer<Float>, kept: UnsafePointer<UInt8>, scale: Float,
    into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    nn_layer_kernels_best().pointee.drop(input, output, kept, count, scale)
  }
}

/// Which numbers dropout keeps: a function of a key and of the number's place alone, so that blocks
/// of them can be told apart from each other.
public struct DropChoice: Sendable {
  let key: UInt64
  let limit: UInt32

  /// - Parameters:
  ///   - source: its next two numbers are the key.
  ///   - rate: the probability that a number is dropped, below 1.
  public init(_ source: RandomSource, rate: Double) {
    var source = source
    let low = UInt64(source.next())
    key = low | UInt64(source.next()) << 32
    limit = UInt32(rate * 0x1p32)
  }

  /// kept[i] = whether number first + i is kept, 0 or 1.
  public func store(_ kept: UnsafeMutablePointer<UInt8>, from first: Int, count: Int) {
    nn_layer_kernels_best().pointee.choose_kept(key, first, count, limit, kept)
  }
}

extension ActivationLoop {
  /// The loop for this processor and what it is called with.
  var kernel: (functions: nn_activation, a: Float, b: Float) {
    let kernels = nn_layer_kernels_best().pointee
    return switch self {
    case .tanh: (kernels.tanh, 0, 0)
    case .sigmoid: (kernels.sigmoid, 0, 0)
    case .silu: (kernels.silu, 0, 0)
    case .gelu: (kernels.gelu, 0, 0)
    case .geluByTanh: (kernels.gelu_tanh, 0, 0)
    case .leakyReLU(let slope): (kernels.leaky, Float(slope), 0)
    case .clippedReLU(let shift, let maximum): (kernels.clipped, Float(shift), Float(maximum))
    case .softThreshold(let shift, let maximum):
      (kernels.threshold, Float(shift), Float(maximum))
    }
  }
}
