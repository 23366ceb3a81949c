import Tensors
import Testing

@testable import NeuralNetwork

struct ParameterBlocksTests {
  private func blocks(_ sizes: [Int]) -> ParameterBlocks {
    ParameterBlocks(
      sizes.map {
        Parameter<Float>(name: "", moduleName: "", role: .weight, shape: [$0])
      })
  }

  @Test(arguments: [
    [1, 65_535, 65_536, 65_537, 200_000], [0, 3, 0], [65_536, 65_536], [70_000],
    Array(repeating: 100, count: 2000),
  ])
  func everyScalarIsInOneBlock(sizes: [Int]) {
    let blocks = blocks(sizes)
    var next = [Int](repeating: 0, count: sizes.count)
    for block in 0..<blocks.count {
      for piece in blocks.pieces(of: block) {
        #expect(piece.offset == next[piece.parameter])
        #expect(piece.count > 0)
        next[piece.parameter] += piece.count
      }
      let count = blocks.pieces(of: block).reduce(0) { $0 + $1.count }
      #expect(count == 65_536 || block == blocks.count - 1 && count <= 65_536)
    }
    #expect(next == sizes)
  }

  @Test func nothingHasNoBlocks() {
    #expect(blocks([]).count == 0)
    #expect(blocks([0]).count == 0)
  }
}
