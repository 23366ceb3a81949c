import CKernels
import COpenBLAS
import Glibc

/// The fast loops: OpenBLAS for products, CKernels for the rest.
extension Float: TensorScalar {
  public static func multiplyMatrices(_ operands: MatrixOperands<Float>) {
    cblas_sgemm(
      CblasRowMajor, operands.aIsTransposed ? CblasTrans : CblasNoTrans,
      operands.bIsTransposed ? CblasTrans : CblasNoTrans, blasint(operands.m),
      blasint(operands.n), blasint(operands.k), 1, operands.a, blasint(operands.aStride),
      operands.b, blasint(operands.bStride), operands.beta, operands.c,
      blasint(operands.cStride))
  }

  public static func rectify(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    nn_kernels_best().pointee.rectify(input, output, count)
  }

  public static func rectifyGradient(
    output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    nn_kernels_best().pointee.rectify_gradient(output, outputGradient, inputGradient, count)
  }

  public static func sumRows(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    nn_kernels_best().pointee.sum_rows(matrix, rows, columns, sums)
  }

  public static func sumOfSquares(_ values: UnsafePointer<Float>, count: Int) -> Double {
    nn_kernels_best().pointee.sum_of_squares(values, count)
  }

  public static func multiply(
    _ values: UnsafeMutablePointer<Float>, by factors: UnsafePointer<Float>, count: Int
  ) {
    nn_kernels_best().pointee.multiply(values, factors, count)
  }

  public static func convert(
    _ bytes: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Float>, count: Int,
    scale: Float, offset: Float
  ) {
    nn_kernels_best().pointee.convert_bytes(bytes, output, count, scale, offset)
  }

  public static func exponential(_ value: Float) -> Float { expf(value) }

  public static func momentumStep(
    _ step: MomentumStep<Float>, _ arrays: StepArrays<Float>, count: Int
  ) {
    nn_kernels_best().pointee.momentum_step(
      arrays.weights, arrays.gradients, arrays.moments, count, step.rate, step.momentum,
      step.decay)
  }

  public static func adamStep(
    _ step: AdamStep<Float>, _ arrays: StepArrays<Float>,
    secondMoments: UnsafeMutablePointer<Float>, count: Int
  ) {
    nn_kernels_best().pointee.adam_step(
      arrays.weights, arrays.gradients, arrays.moments, secondMoments, count, step.rate,
      step.beta1, step.beta2, step.epsilon, step.decay, step.scale1, step.scale2)
  }
}

/// What the numbers are computed with.
public enum ArithmeticLibrary {
  /// Such as "OpenBLAS 0.3.21 (pthreads, Haswell)".
  public static var blasDescription: String {
    let configuration = String(cString: openblas_get_config())
    let kind =
      openblas_get_parallel() == 2 ? "openmp" : openblas_get_parallel() == 1 ? "pthreads" : "serial"
    let version = configuration.split(separator: " ").prefix(2).joined(separator: " ")
    return "\(version) (\(kind), \(String(cString: openblas_get_corename())))"
  }

  /// The instruction set of the elementwise loops: "avx2".
  public static var kernelLevel: String { String(cString: nn_kernels_best().pointee.name) }

  /// Products use the calling thread alone; the engine divides them among its own threads.
  public static func useOneThread() {
    openblas_set_num_threads(1)
    nn_blas_end_threads()
  }
}
