import CKernels
import COpenBLAS
import Glibc

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

  /// Products use the calling thread alone, since the engine divides them among its own threads,
  /// and the fastest instructions of this processor: a library that is older than the processor
  /// does not recognise it and takes the oldest, four times slower. The environment variable
  /// OPENBLAS_CORETYPE still decides when it is set. To be called before any product.
  public static func prepare() {
    openblas_set_num_threads(1)
    nn_blas_end_threads()
    guard getenv("OPENBLAS_CORETYPE") == nil, let core = missedCore else { return }
    nn_blas_choose_core(core)
    openblas_set_num_threads(1)
  }

  /// The environment of another process that is to compute with the same bits: the same kernels,
  /// and nothing of OpenBLAS beside the engine's own threads.
  /// - Parameter environment: "NAME=value" each, of this process.
  public static func environment(from environment: [String]) -> [String] {
    environment.filter { !$0.hasPrefix("OPENBLAS_") || $0.hasPrefix("OPENBLAS_CORETYPE=") }
      + ["OPENBLAS_NUM_THREADS=1"]
  }

  /// The processor whose kernels would be faster than those that the library chose; nil: none.
  private static var missedCore: String? {
    let old = ["Prescott", "Core2", "Nehalem", "Generic", "Sandybridge"]
    let chosen = String(cString: openblas_get_corename())
    guard old.contains(chosen) else { return nil }
    return ["avx512": "SkylakeX", "avx2": "Haswell"][kernelLevel]
  }
}
