import TerminalUI

/// A cell of NASBench-101's kind, as logs write it: an upper triangular matrix of digits, row by
/// row, and the operations of its vertices.
enum CandidateCell {
  static let verticesMax = 16

  /// The cell as a graph; nil when the two do not make one.
  static func graph(adjacency: String, operations: String) -> LayeredGraph? {
    let labels = operations.split(separator: ",", omittingEmptySubsequences: false)
      .map { shortened(String($0).trimmed) }
    let digits = adjacency.utf8.filter { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }
    guard (1...verticesMax).contains(labels.count), digits.count == labels.count * labels.count
    else { return nil }
    var edges: [LayeredGraph.Edge] = []
    for (place, digit) in digits.enumerated() where digit == UInt8(ascii: "1") {
      edges.append(.init(from: place / labels.count, to: place % labels.count))
    }
    return LayeredGraph(labels: labels, edges: edges)
  }

  /// What an operation's name says besides how it is made, which is the same for all.
  private static func shortened(_ operation: String) -> String {
    let (cleaned, madeAs) = (SafeText.cleaned(operation, maxLength: 16), "-bn-relu")
    return cleaned.hasSuffix(madeAs) ? String(cleaned.dropLast(madeAs.count)) : cleaned
  }
}
