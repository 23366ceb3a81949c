import Tensors

/// Removes the weights that are smallest in absolute value, by one threshold over all parameters
/// given (Han, Pool, Tran, Dally, "Learning both weights and connections", 2015).
///
/// Of equal weights the ones that come first go first, so the result does not depend on chance.
public struct MagnitudePruning: PruningMethod {
  public static let kind = "magnitude"
  public static let summary = "removes the weights that are smallest in absolute value"
  public static let paper: String? = "Han et al. 2015, arXiv 1506.02626"

  public init() {}

  public func masks<Scalar: TensorScalar>(
    for parameters: [Parameter<Scalar>], reaching sparsity: Double
  ) -> [Tensor<Scalar>] {
    var magnitudes: [Scalar] = []
    var total = 0
    for parameter in parameters {
      total += parameter.value.count
      for index in 0..<parameter.value.count where isAlive(index, parameter) {
        magnitudes.append(magnitude(index, parameter))
      }
    }
    let kept = Int(((1 - sparsity) * Double(total)).rounded())
    let removed = max(0, magnitudes.count - kept)
    guard removed > 0, let threshold = smallest(removed, of: &magnitudes) else {
      return parameters.map { mask(of: $0) { _ in true } }
    }
    let below = magnitudes.reduce(0) { $0 + ($1 < threshold ? 1 : 0) }
    var tiesLeft = removed - below
    return parameters.map { parameter in
      mask(of: parameter) { magnitude in
        if magnitude != threshold { return magnitude > threshold }
        tiesLeft -= 1
        return tiesLeft < 0
      }
    }
  }

  private func isAlive<Scalar>(_ index: Int, _ parameter: Parameter<Scalar>) -> Bool {
    guard let mask = parameter.mask else { return true }
    return mask.scalars[index] != 0
  }

  /// What is not a number counts as infinite: it goes last, and every comparison has an answer.
  private func magnitude<Scalar>(_ index: Int, _ parameter: Parameter<Scalar>) -> Scalar {
    let magnitude = parameter.value.scalars[index].magnitude
    return magnitude.isNaN ? .infinity : magnitude
  }

  /// The mask that keeps the living weights whose magnitude is approved.
  private func mask<Scalar: TensorScalar>(
    of parameter: Parameter<Scalar>, keeping isKept: (Scalar) -> Bool
  ) -> Tensor<Scalar> {
    let mask = Tensor<Scalar>(shape: parameter.value.shape)
    for index in 0..<mask.count where isAlive(index, parameter) {
      mask.scalars[index] = isKept(magnitude(index, parameter)) ? 1 : 0
    }
    return mask
  }

  /// The `rank`-th smallest (from 1), by partition around a median of three; O(n) on average.
  private func smallest<Scalar: TensorScalar>(_ rank: Int, of values: inout [Scalar]) -> Scalar? {
    guard rank >= 1, rank <= values.count else { return nil }
    var (low, high) = (0, values.count - 1)
    let target = rank - 1
    while low < high {
      let (first, middle, last) = (values[low], values[low + (high - low) / 2], values[high])
      let pivot = max(min(first, middle), min(max(first, middle), last))
      var (left, right) = (low, high)
      while left <= right {
        while values[left] < pivot { left += 1 }
        while values[right] > pivot { right -= 1 }
        if left <= right {
          values.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if target <= right {
        high = right
      } else if target >= left {
        low = left
      } else {
        return values[target]
      }
    }
    return values[target]
  }
}
