/// A pattern as its parser builds it.
struct FilterPatternNode {
  indirect enum Kind {
    case set(ScalarSet)
    case assertion(FilterPattern.Assertion)
    case sequence([FilterPatternNode])
    case alternatives([FilterPatternNode])
    /// `most` nil: no end.
    case repeated(FilterPatternNode, least: Int, most: Int?)
  }

  let kind: Kind
  /// The number of instructions; what is too long anyway is not counted on.
  let size: Int

  init(_ kind: Kind) {
    self.kind = kind
    let size =
      switch kind {
      case .set, .assertion: 1
      case .sequence(let nodes): nodes.reduce(0) { $0 + $1.size }
      case .alternatives(let nodes): nodes.reduce(-2) { $0 + $1.size + 2 }
      case .repeated(let node, let least, let most?):
        least * node.size + (most - least) * (node.size + 1)
      case .repeated(let node, let least, nil): least * node.size + node.size + 2
      }
    self.size = min(size, FilterPattern.instructionsMax)
  }

  /// Appends `size` instructions, of which only whole patterns below the limit have the room.
  func append(to instructions: inout [FilterPattern.Instruction]) {
    switch kind {
    case .set(let set): instructions.append(.scalar(set))
    case .assertion(let assertion): instructions.append(.assertion(assertion))
    case .sequence(let nodes):
      for node in nodes { node.append(to: &instructions) }
    case .alternatives(let nodes): Self.append(alternatives: nodes, to: &instructions)
    case .repeated(let node, let least, let most):
      // Nothing, however often, is nothing; and takes no time this way.
      if node.size == 0 { return }
      for _ in 0..<least { node.append(to: &instructions) }
      guard let most else { return Self.append(endless: node, to: &instructions) }
      for _ in least..<most {
        let here = instructions.count
        instructions.append(.split(here + 1, here + 1 + node.size))
        node.append(to: &instructions)
      }
    }
  }

  private static func append(
    alternatives nodes: [FilterPatternNode], to instructions: inout [FilterPattern.Instruction]
  ) {
    let end = nodes.reduce(instructions.count - 2) { $0 + $1.size + 2 }
    for (index, node) in nodes.enumerated() {
      let here = instructions.count
      let isLast = index == nodes.count - 1
      if !isLast { instructions.append(.split(here + 1, here + node.size + 2)) }
      node.append(to: &instructions)
      if !isLast { instructions.append(.jump(end)) }
    }
  }

  private static func append(
    endless node: FilterPatternNode, to instructions: inout [FilterPattern.Instruction]
  ) {
    let start = instructions.count
    instructions.append(.split(start + 1, start + node.size + 2))
    node.append(to: &instructions)
    instructions.append(.jump(start))
  }
}
