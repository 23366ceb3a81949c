import TestSupport
import Testing

@testable import RunModel

struct ChunkedArrayTests {
  @Test(arguments: 0..<20 as Range<UInt64>)
  func itIsAnArray(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var (chunked, plain) = (ChunkedArray<Int>(), [Int]())
    for _ in 0..<12 {
      let sizes = [0, 1, 5, 4095, 4096, 4097, Int.random(in: 0...9000, using: &random)]
      for _ in 0..<(sizes.randomElement(using: &random) ?? 0) {
        let element = Int.random(in: -9...9, using: &random)
        chunked.append(element)
        plain.append(element)
      }
      let before = chunked
      let ends = [0, plain.count, 4096, 8192, Int.random(in: 0...plain.count, using: &random), -3]
      let kept = ends.randomElement(using: &random) ?? 0
      chunked.cut(to: kept)
      let old = plain
      if kept < plain.count { plain.removeLast(plain.count - max(0, kept)) }
      #expect(chunked.count == plain.count && chunked.elementsEqual(plain))
      #expect(chunked.first == plain.first && chunked.last == plain.last)
      #expect(before.elementsEqual(old))
    }
    #expect(chunked == ChunkedArray(plain))
    #expect(ChunkedArray<Int>() == [] && [1, 2] as ChunkedArray != [1, 3])
  }

  @Test func piecesAreTheRange() {
    let chunked = ChunkedArray(0..<10_000)
    for range in [0..<0, 4095..<4097, 4096..<4096, 3..<7, 0..<10_000, 4000..<8193, 9999..<10_000] {
      var found: [Int] = []
      var pieces = 0
      chunked.forEachPiece(of: range) {
        found += $0
        pieces += 1
      }
      #expect(found == Array(range))
      #expect(pieces <= 3)
    }
  }
}
