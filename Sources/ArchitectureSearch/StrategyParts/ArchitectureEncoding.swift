/// Architectures as points: a variable whose choices are sizes is one coordinate from 0 to 1, and
/// so is one with two choices; any other one has a coordinate for each choice, 1 for the chosen.
/// A variable without a choice has none.
struct ArchitectureEncoding {
  /// For each coordinate the group that it belongs to: one for each variable with a choice.
  let groups: [Int]
  private let variables: [(index: Int, count: Int, isOrdered: Bool)]

  init(_ variables: [SearchVariable]) {
    self.variables = variables.enumerated().compactMap { index, variable in
      let count = variable.choices.count
      return count > 1 ? (index, count, variable.isOrdered || count == 2) : nil
    }
    groups = self.variables.enumerated().flatMap { group, variable in
      Array(repeating: group, count: variable.isOrdered ? 1 : variable.count)
    }
  }

  func point(_ choices: [Int]) -> [Double] {
    var point: [Double] = []
    point.reserveCapacity(groups.count)
    for (index, count, isOrdered) in variables {
      if isOrdered {
        point.append(Double(choices[index]) / Double(count - 1))
      } else {
        for choice in 0..<count { point.append(choice == choices[index] ? 1 : 0) }
      }
    }
    return point
  }
}
