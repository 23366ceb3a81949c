import Testing

@testable import JSONText

@Suite struct JSONPositionTests {
  static let text = """
    \u{FEFF}{ // é comment
      "α": [1, "é€😀", -2.5],  /* ü
      two lines ü */ "tab\\u00e9é": {"x": null},
    \t"é": true, "last": "x"
    }
    """

  private func collect(_ node: JSONNode, into positions: inout [(String, JSONPosition)]) {
    positions.append((node.kindName, node.position))
    for element in node.array ?? [] { collect(element, into: &positions) }
    for member in node.members ?? [] {
      positions.append((member.name, member.namePosition))
      collect(member.node, into: &positions)
    }
  }

  @Test func nodesKnowWhereTheyStood() throws {
    var positions: [(String, JSONPosition)] = []
    collect(try JSONReader(options: .configuration).read(Self.text), into: &positions)
    let expected = [
      "an object 1:1", "α 2:3", "an array 2:8", "a number 2:9", "a string 2:12",
      "a number 2:19", "tabéé 3:18", "an object 3:32", "x 3:33", "null 3:38", "é 4:2",
      "true or false 4:7", "last 4:13", "a string 4:21",
    ]
    #expect(positions.map { "\($0) \($1.line):\($1.column)" } == expected)
  }

  /// The columns counted along the way are those found by walking from the first byte.
  @Test func theQuickCountAgreesWithTheWalk() throws {
    var positions: [(String, JSONPosition)] = []
    collect(try JSONReader(options: .configuration).read(Self.text), into: &positions)
    var text = Self.text
    text.withUTF8 { bytes in
      for (name, position) in positions {
        #expect(JSONPosition(offset: position.offset, in: bytes) == position, "\(name)")
      }
    }
    #expect(positions.map { $0.1.offset }.prefix(3) == [3, 21, 27])
  }

  @Test func aNodeComplainsAtItsPlace() throws {
    let node = try JSONReader().read("{\"lr\":\n  \"fast\"}")["lr"]
    let error = node?.error("a learning rate is a number, found \(node?.kindName ?? "")")
    #expect(error?.description == "line 2, column 3: a learning rate is a number, found a string")
  }

  @Test func hugeNumbersAreClamped() {
    var position = JSONPosition(line: .max, column: -1, offset: .max)
    #expect(position.line == Int(UInt32.max) && position.column == 0)
    position.line = 3
    position.column = 4
    position.offset = 5
    #expect(position == JSONPosition(line: 3, column: 4, offset: 5))
  }

  /// 32 bytes a node keep a large document affordable.
  @Test func nodesAreSmall() {
    #expect(MemoryLayout<JSONNode>.stride == 32)
    #expect(MemoryLayout<JSONNode.Member>.stride == 64)
  }
}
