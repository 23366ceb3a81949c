import TerminalUI
import Testing

/// Pictures of small graphs, as a person would see them.
struct LayeredGraphTests {
  private func graph(_ labels: [String], _ edges: [(Int, Int)]) -> LayeredGraph? {
    LayeredGraph(labels: labels, edges: edges.map { .init(from: $0.0, to: $0.1) })
  }

  private func picture(
    _ graph: LayeredGraph?, _ glyphs: GlyphSet = .braille, columns: Int = 34
  ) -> String {
    let lines = (graph?.lines(columns: columns, glyphs: glyphs) ?? []).map { line in
      var text = line.text
      while text.last == " " { text.removeLast() }
      return text
    }
    return lines.joined(separator: "\n")
  }

  private var inception: LayeredGraph? {
    graph(
      ["input", "conv1x1", "conv3x3", "conv3x3", "conv3x3", "maxpool3x3", "output"],
      [(0, 1), (0, 2), (0, 4), (0, 6), (1, 6), (2, 3), (3, 6), (4, 5), (5, 6)])
  }

  /// Every vertex with every later one.
  private func dense(_ count: Int) -> LayeredGraph? {
    let edges = (0..<count).flatMap { one in (one + 1..<count).map { (one, $0) } }
    return graph((0..<count).map { "vertex \($0)" }, edges)
  }

  @Test func aChainGoesStraightDown() {
    let chain = graph(["input", "conv3x3", "output"], [(0, 1), (1, 2)])
    #expect(
      picture(chain) == """
        input
         │
        conv3x3
         │
        output
        """)
  }

  @Test func aDiamondParts() {
    let diamond = graph(
      ["input", "conv3x3", "conv1x1", "output"], [(0, 1), (0, 2), (1, 3), (2, 3)])
    #expect(
      picture(diamond) == """
        input
         ├──────────┐
        conv3x3     │
         └────────┐ │
        conv1x1 ◂─│─┘
         │        │
        output ◂──┘
        """)
  }

  /// Three branches and a direct way.
  @Test func anInceptionLikeCell() {
    #expect(
      picture(inception) == """
        input
         ├─────────────────┐
        conv1x1            │
         └───────────────┐ │
        conv3x3 ◂────────│─┤
         └───────────┐   │ │
        conv3x3 ◂────│───│─┤
         └───────────│─┐ │ │
        conv3x3 ◂────┘ │ │ │
         └───────────┐ │ │ │
        maxpool3x3 ◂─│─┘ │ │
         │           │   │ │
        output ◂─────┴───┴─┘
        """)
    #expect(
      picture(inception, .ascii) == """
        input
         +-----------------+
        conv1x1            |
         +---------------+ |
        conv3x3 <--------|-+
         +-----------+   | |
        conv3x3 <----|---|-+
         +-----------|-+ | |
        conv3x3 <----+ | | |
         +-----------+ | | |
        maxpool3x3 <-|-+ | |
         |           |   | |
        output <-----+---+-+
        """)
  }

  @Test func theDensestCell() {
    #expect(
      picture(dense(5)) == """
        vertex 0
         ├─────────────┐
        vertex 1       │
         ├───────────┐ │
        vertex 2 ◂───│─┤
         ├─────────┐ │ │
        vertex 3 ◂─│─┼─┤
         │         │ │ │
        vertex 4 ◂─┴─┴─┘
        """)
  }

  @Test func whereThereIsNoRoomEdgesAreListed() {
    #expect(
      picture(dense(3), columns: 9) == """
        1 vertex 0 → 2 vertex 1
        1 vertex 0 → 3 vertex 2
        2 vertex 1 → 3 vertex 2
        """)
  }

  @Test func noCellIsTooLargeForThePane() {
    for glyphs in GlyphSet.allCases {
      let lines = (inception?.lines(columns: 34, glyphs: glyphs) ?? [])
      #expect(lines.count == 13 && lines.allSatisfy { $0.displayWidth <= 34 })
    }
  }

  /// What is no graph without circles is refused, not drawn.
  @Test func whatGoesBackIsNoGraph() {
    for edge in [(1, 0), (0, 0), (0, 2), (-1, 1)] { #expect(graph(["a", "b"], [edge]) == nil) }
    #expect(graph([], [])?.lines(columns: 9, glyphs: .braille) == [])
    #expect(picture(graph(["alone"], [])) == "alone")
  }

  /// A line of its own for each edge, found again by following the lines: of random graphs too.
  @Test(arguments: 0..<200)
  func everyEdgeCanBeFollowed(seed: Int) {
    var random = SystemRandomNumberGenerator()
    let count = 2 + seed % 6
    var edges: [LayeredGraph.Edge] = []
    for from in 0..<count {
      for to in from + 1..<count where Bool.random(using: &random) {
        edges.append(.init(from: from, to: to))
      }
    }
    guard let graph = LayeredGraph(labels: (0..<count).map { "v\($0)" }, edges: edges) else {
      Issue.record("no graph")
      return
    }
    let lines = graph.lines(columns: 40, glyphs: .braille).map { Array($0.text) }
    #expect(Set(followed(lines)) == Set(edges), "\(edges)")
  }

  /// The edges that a picture shows.
  private func followed(_ lines: [[Character]]) -> [LayeredGraph.Edge] {
    func sign(_ row: Int, _ column: Int) -> Character {
      lines.indices.contains(row) && lines[row].indices.contains(column) ? lines[row][column] : " "
    }
    func vertex(_ row: Int) -> Int {
      Int(String(lines[row].dropFirst().prefix { $0 != " " })) ?? -1
    }
    var edges: [LayeredGraph.Edge] = []
    for row in stride(from: 1, to: lines.count, by: 2) {
      let from = vertex(row - 1)
      if "│├".contains(sign(row, 1)) { edges.append(.init(from: from, to: vertex(row + 1))) }
      guard "├└".contains(sign(row, 1)), let lane = lines[row].lastIndex(of: "┐") else { continue }
      for below in stride(from: row + 1, to: lines.count, by: 2) {
        if "┘┴┤┼".contains(sign(below, lane)) {
          edges.append(.init(from: from, to: vertex(below)))
        }
        if "┘┴".contains(sign(below, lane)) { break }
      }
    }
    return edges
  }
}
