import NeuralNetwork

extension Dataset {
  /// Makes sure that the numbers are those that the network and its loss take.
  /// - Throws: one line that names the first sample that is not.
  func check(for plan: NetworkPlan, _ description: DataDescription) throws {
    func wrong(_ problem: String) -> ExperimentError {
      ExperimentError(place: description.place, field: "data", problem: problem)
    }
    if let range = plan.layers.first?.wholeInputs, case .floats(let floats) = samples {
      let taken = Float(range.lowerBound)...Float(range.upperBound - 1)
      if let place = floats.firstIndex(where: { !taken.contains($0) || $0 != $0.rounded() }) {
        let remedy =
          description.normalization == .none ? "" : "; set data.normalization to none"
        throw wrong(
          "sample \(place / sampleSize) has \(floats[place]), but the first layer takes whole "
            + "numbers from 0 to \(range.upperBound - 1)\(remedy)")
      }
    }
    if let range = plan.loss.targetRange, case .values(let values, let perSample) = targets,
      let place = values.firstIndex(where: { !range.contains($0) })
    {
      throw wrong(
        "sample \(place / perSample) has the target \(values[place]), but "
          + "\(type(of: plan.loss).kind) takes \(range.lowerBound) to \(range.upperBound)")
    }
  }
}
