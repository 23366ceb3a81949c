import Glibc

/// The arithmetic that layers are written in.
public protocol TensorArithmetic: SignedNumeric, Comparable, ExpressibleByFloatLiteral, Sendable
where Magnitude == Self {
  static var infinity: Self { get }
  init(_ value: Double)
  init(_ value: Int)

  static func / (left: Self, right: Self) -> Self
  static func /= (left: inout Self, right: Self)

  func squareRoot() -> Self
  var isNaN: Bool { get }
  var isFinite: Bool { get }
  /// The number itself, in double precision.
  var double: Double { get }

  /// e to the power of the value.
  static func exponential(_ value: Self) -> Self
  static func hyperbolicTangent(_ value: Self) -> Self
  /// The error function: 2/√π times the integral of exp(-t²) from 0 to the value.
  static func errorFunction(_ value: Self) -> Self
  static func naturalLogarithm(_ value: Self) -> Self
}

/// A number that tensors are made of, with the loops that need to be fast.
///
/// `Float` trains: its loops are OpenBLAS and CKernels. `Double` is the plain twin: the same
/// layers, run on it, are checked against finite differences, and its loops, written beside each
/// group of kernels, are what the fast ones are compared with.
public protocol TensorScalar:
  MatrixKernels, ConvolutionKernels, PackedKernels, RecurrentKernels, ElementwiseKernels,
  LossKernels, OptimizerKernels, ActivationKernels, NormalizationKernels, PoolingKernels,
  PruningKernels, SelectionKernels, GateKernels
{}

extension Float: TensorScalar {
  public var double: Double { Double(self) }
  public static func exponential(_ value: Float) -> Float { expf(value) }
  public static func hyperbolicTangent(_ value: Float) -> Float { tanhf(value) }
  public static func errorFunction(_ value: Float) -> Float { erff(value) }
  public static func naturalLogarithm(_ value: Float) -> Float { logf(value) }
}

extension Double: TensorScalar {
  public var double: Double { self }
  public static func exponential(_ value: Double) -> Double { exp(value) }
  public static func hyperbolicTangent(_ value: Double) -> Double { tanh(value) }
  public static func errorFunction(_ value: Double) -> Double { erf(value) }
  public static func naturalLogarithm(_ value: Double) -> Double { log(value) }
}
