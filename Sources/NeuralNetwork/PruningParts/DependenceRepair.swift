import Tensors

/// The channels of one group as the layers read them, and what their weights become when some go.
struct DependenceRepair<Scalar: TensorScalar> {
  private let moments: [ActivationMoments<Scalar>]
  private let means: [SymmetricMatrix]
  private let units: Int
  private var dependence: LinearDependence

  /// - Parameters:
  ///   - units: channels of the group.
  ///   - damping: part of the mean square of the activations that is added to all of them.
  /// - Throws: `PruningRefusal` when activations are not finite.
  init(
    _ moments: [ActivationMoments<Scalar>], units: Int, damping: Double
  ) throws(PruningRefusal) {
    self.moments = moments
    self.units = units
    means = moments.map { part in
      var mean = part.sums
      for index in mean.values.indices { mean.values[index] /= Double(max(1, part.count)) }
      if part.reader.bias == nil {
        // Nothing behind could take the constant's part.
        for index in 0..<mean.size { (mean[index, units], mean[units, index]) = (0, 0) }
        mean[units, units] = 1
      }
      return mean
    }
    var readers: [LinearDependence.Reader] = []
    for (mean, part) in zip(means, moments) {
      let trace = (0..<units).reduce(0) { $0 + mean[$1, $1] }
      var damped = mean
      damped.addToDiagonal(max(damping * trace / Double(max(1, units)), .leastNormalMagnitude))
      guard let inverse = damped.inverse else {
        throw PruningRefusal("what \(part.reader.layer) reads is not finite")
      }
      let weights = part.weightMoments
      guard weights.values.allSatisfy(\.isFinite) else {
        throw PruningRefusal("the weights of \(part.reader.layer) are not finite")
      }
      readers.append(.init(inverse: inverse, weights: weights))
    }
    dependence = LinearDependence(readers, units: units)
  }

  /// Removes units; see `LinearDependence.remove`.
  mutating func remove(_ count: Int) -> [(unit: Int, cost: Double)] { dependence.remove(count) }

  /// Writes the weights and biases that the readers have without the units that went; those of the
  /// units become 0.
  /// - Parameters:
  ///   - masks: of the weights, by name; what is gone stays so.
  ///   - shares: false: the weights of what stays are left as they are.
  func apply(
    to parameters: [String: Parameter<Scalar>], masks: [String: Tensor<Scalar>], shares: Bool
  ) {
    let removed = (0..<units).filter { !dependence.stays[$0] }
    let kept = (0...units).filter { dependence.stays[$0] }
    guard !removed.isEmpty else { return }
    for (index, part) in moments.enumerated() {
      guard let weight = parameters[part.reader.weight.name] else { continue }
      let bias = part.reader.bias.flatMap { parameters[$0.name] }
      if shares {
        share(part, index, removed, kept, weight, bias)
        if let mask = masks[weight.name] {
          Scalar.multiply(weight.value.scalars, by: mask.scalars, count: mask.count)
        }
      }
      clear(removed, part, weight)
    }
  }

  private func clear(
    _ removed: [Int], _ part: ActivationMoments<Scalar>, _ weight: Parameter<Scalar>
  ) {
    let offsets = part.weightOffsets
    let rowLength = weight.value.count / max(1, weight.value.shape[0])
    for start in stride(from: 0, to: weight.value.count, by: rowLength) {
      for group in stride(from: 0, to: offsets.count, by: units) {
        for unit in removed { weight.value.scalars[start + Int(offsets[group + unit])] = 0 }
      }
    }
  }

  /// Adds to the weights of what stays. The coefficients of each removed unit are
  /// C[removed, kept] · K[kept, kept]; the last is the constant's.
  private func share(
    _ part: ActivationMoments<Scalar>, _ index: Int, _ removed: [Int], _ kept: [Int],
    _ weight: Parameter<Scalar>, _ bias: Parameter<Scalar>?
  ) {
    let (mean, inverse) = (means[index], dependence.readers[index].inverse)
    let coefficients = SymmetricMatrix.product(
      removed.flatMap { unit in kept.map { mean[unit, $0] } },
      kept.flatMap { unit in kept.map { inverse[unit, $0] } },
      rows: removed.count, inner: kept.count, columns: kept.count)
    let offsets = part.weightOffsets
    let rowLength = weight.value.count / max(1, weight.value.shape[0])
    let rowsPerOutput = offsets.count / units
    for outputs in part.outputRanges {
      let own = part.weights(of: outputs, weight.value, offsets)
      let rows = outputs.count * rowsPerOutput
      let shares = SymmetricMatrix.product(
        (0..<rows).flatMap { row in removed.map { own[row * units + $0] } }, coefficients,
        rows: rows, inner: removed.count, columns: kept.count)
      for row in 0..<rows {
        let output = outputs.lowerBound + row / rowsPerOutput
        let places = row % rowsPerOutput * units
        for (column, unit) in kept.enumerated() where unit < units {
          let place = output * rowLength + Int(offsets[places + unit])
          weight.value.scalars[place] += Scalar(shares[row * kept.count + column])
        }
        bias?.value.scalars[output] += Scalar(shares[(row + 1) * kept.count - 1])
      }
    }
  }
}
