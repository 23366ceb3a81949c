import Glibc
import Tensors

/// How weights begin.
enum Initializers {
  /// Normal with mean 0 and variance 2 / fanIn (He et al. 2015, equation 10).
  static func heNormal<Scalar>(
    _ tensor: Tensor<Scalar>, fanIn: Int, _ random: inout RandomSource
  ) {
    let deviation = (2 / Double(max(1, fanIn))).squareRoot()
    var index = 0
    while index < tensor.count {
      let (first, second) = normalPair(&random)
      tensor.scalars[index] = Scalar(deviation * first)
      if index + 1 < tensor.count { tensor.scalars[index + 1] = Scalar(deviation * second) }
      index += 2
    }
  }

  /// Two independent standard normal numbers (Box and Muller 1958).
  private static func normalPair(_ random: inout RandomSource) -> (Double, Double) {
    let radius = (-2 * log(1 - random.uniform())).squareRoot()
    let angle = 2 * Double.pi * random.uniform()
    return (radius * cos(angle), radius * sin(angle))
  }
}
