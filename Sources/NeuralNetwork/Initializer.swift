import Glibc
import Tensors

/// How weights begin. `inputs` and `outputs` are the numbers that meet in one output, and that one
/// input reaches: the "fan in" and "fan out" of a weight [outputs, inputs, …kernel].
public enum Initializer: Sendable, Equatable {
  /// Normal, variance 2 / inputs (He et al., "Delving deep into rectifiers", 2015, equation 10).
  case heNormal
  /// Uniform of that variance.
  case heUniform
  /// Normal, variance 2 / (inputs + outputs) (Glorot and Bengio, "Understanding the difficulty of
  /// training deep feedforward neural networks", 2010, equation 12).
  case xavierNormal
  /// Uniform of that variance (their equation 16).
  case xavierUniform
  /// Normal, variance 1 / inputs (LeCun et al., "Efficient backprop", 1998, equation 16).
  case lecunNormal
  /// Rows or columns, whichever are fewer, of length 1 and at right angles (Saxe, McClelland,
  /// Ganguli, "Exact solutions to the nonlinear dynamics of learning", 2014).
  case orthogonal
  /// PyTorch's own: uniform between ±1/√inputs, biases too.
  case pytorch
  case zeros
  /// Normal with mean 0.
  case normal(deviation: Double)

  /// The names in experiment files.
  public static let names = [
    "heNormal", "heUniform", "xavierNormal", "xavierUniform", "lecunNormal", "orthogonal",
    "pytorch", "zeros", "normal",
  ]

  /// Reads `initializer` and, for "normal", `deviation`.
  public init(_ settings: some Settings, default fallback: String = "heNormal") throws {
    switch try settings.choice("initializer", of: Self.names, default: fallback) {
    case "heUniform": self = .heUniform
    case "xavierNormal": self = .xavierNormal
    case "xavierUniform": self = .xavierUniform
    case "lecunNormal": self = .lecunNormal
    case "orthogonal": self = .orthogonal
    case "pytorch": self = .pytorch
    case "zeros": self = .zeros
    case "normal":
      self = .normal(deviation: try settings.number("deviation", in: 0...1e6, default: 0.01))
    default: self = .heNormal
    }
  }

  /// Fills a weight [outputs, inputs, …kernel].
  /// - Parameter inputs: when they are not those of the shape: a recurrent layer's units.
  public func fill<Scalar>(
    _ weight: Tensor<Scalar>, inputs given: Int? = nil, _ random: inout RandomSource
  ) {
    let outputs = max(1, weight.shape.first ?? 1)
    let perOutput = weight.count / outputs
    let inputs = Double(max(1, given ?? perOutput))
    let reached = Double(outputs * weight.shape.dropFirst(2).reduce(1, *))
    switch self {
    case .heNormal: random.fillNormal(weight, deviation: (2 / inputs).squareRoot())
    case .heUniform: random.fillUniform(weight, bound: (6 / inputs).squareRoot())
    case .xavierNormal:
      random.fillNormal(weight, deviation: (2 / (inputs + reached)).squareRoot())
    case .xavierUniform:
      random.fillUniform(weight, bound: (6 / (inputs + reached)).squareRoot())
    case .lecunNormal: random.fillNormal(weight, deviation: (1 / inputs).squareRoot())
    case .orthogonal: random.fillOrthogonal(weight, rows: outputs, columns: perOutput)
    case .pytorch: random.fillUniform(weight, bound: 1 / inputs.squareRoot())
    case .zeros: weight.fill(0)
    case .normal(let deviation): random.fillNormal(weight, deviation: deviation)
    }
  }

  /// Fills a bias: zeros, but for PyTorch's own.
  /// - Parameter inputs: those of the weight beside it.
  public func fillBias<Scalar>(
    _ bias: Tensor<Scalar>, inputs: Int, _ random: inout RandomSource
  ) {
    guard self == .pytorch else { return bias.fill(0) }
    random.fillUniform(bias, bound: 1 / Double(max(1, inputs)).squareRoot())
  }
}

extension RandomSource {
  mutating func fillNormal<Scalar>(_ tensor: Tensor<Scalar>, deviation: Double) {
    var index = 0
    while index < tensor.count {
      let (first, second) = normalPair()
      tensor.scalars[index] = Scalar(deviation * first)
      if index + 1 < tensor.count { tensor.scalars[index + 1] = Scalar(deviation * second) }
      index += 2
    }
  }

  mutating func fillUniform<Scalar>(_ tensor: Tensor<Scalar>, bound: Double) {
    for index in 0..<tensor.count {
      tensor.scalars[index] = Scalar(uniform(in: -bound...bound))
    }
  }

  /// Normal numbers made orthogonal row by row, or column by column when these are fewer, by the
  /// modified Gram-Schmidt process: 2 · fewer² · more operations.
  mutating func fillOrthogonal<Scalar>(_ tensor: Tensor<Scalar>, rows: Int, columns: Int) {
    let (count, length) = (min(rows, columns), max(rows, columns))
    var vectors = [[Double]]()
    for _ in 0..<count {
      var vector = [Double](repeating: 0, count: length)
      for index in stride(from: 0, to: length, by: 2) {
        let (first, second) = normalPair()
        vector[index] = first
        if index + 1 < length { vector[index + 1] = second }
      }
      for other in vectors { vector.subtract(vector.dot(other), times: other) }
      vector.divide(by: vector.dot(vector).squareRoot())
      vectors.append(vector)
    }
    for row in 0..<rows {
      for column in 0..<columns {
        let value = rows <= columns ? vectors[row][column] : vectors[column][row]
        tensor.scalars[row * columns + column] = Scalar(value)
      }
    }
  }

  /// Two independent standard normal numbers (Box and Muller 1958).
  private mutating func normalPair() -> (Double, Double) {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    return (radius * cos(angle), radius * sin(angle))
  }
}

extension [Double] {
  fileprivate func dot(_ other: [Double]) -> Double {
    var sums = SIMD8<Double>()
    var index = 0
    while index + 8 <= count {
      for lane in 0..<8 { sums[lane] += self[index + lane] * other[index + lane] }
      index += 8
    }
    var sum = sums.sum()
    while index < count {
      sum += self[index] * other[index]
      index += 1
    }
    return sum
  }

  fileprivate mutating func subtract(_ factor: Double, times other: [Double]) {
    for index in indices { self[index] -= factor * other[index] }
  }

  fileprivate mutating func divide(by divisor: Double) {
    for index in indices { self[index] /= divisor }
  }
}
