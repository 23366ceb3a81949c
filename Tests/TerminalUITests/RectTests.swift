import Testing

@testable import TerminalUI

@Suite struct RectTests {
  @Test func sizesAreClamped() {
    let size = Size(rows: -3, columns: .max)
    #expect(size == Size(rows: 0, columns: Size.dimensionMax))
    #expect(size.isEmpty)
    let rect = Rect(row: -1, column: .min, rows: .min, columns: 7)
    #expect(rect == Rect(row: 0, column: 0, rows: 0, columns: 7))
  }

  @Test(arguments: [-5, 0, 1, 3, 10, 99, Int.max, Int.min])
  func splitsShareOutEveryCell(count: Int) {
    let rect = Rect(row: 2, column: 5, rows: 10, columns: 20)
    let (top, below) = rect.split(top: count)
    #expect(top.rows + below.rows == 10 && below.row == top.endRow && below.endRow == rect.endRow)
    let (bottom, above) = rect.split(bottom: count)
    #expect(bottom.rows == min(max(count, 0), 10) && above.endRow == bottom.row)
    let (left, after) = rect.split(left: count)
    #expect(left.columns + after.columns == 20 && after.column == left.endColumn)
    let (right, before) = rect.split(right: count)
    #expect(right.columns == min(max(count, 0), 20) && before.endColumn == right.column)
  }

  @Test func insetsStopAtNothing() {
    let rect = Rect(row: 1, column: 1, rows: 3, columns: 4)
    #expect(rect.inset() == Rect(row: 2, column: 2, rows: 1, columns: 2))
    #expect(rect.inset(rows: 2, columns: 0).isEmpty)
    #expect(rect.inset(rows: .max, columns: .max).isEmpty)
  }

  @Test func intersectionOfStrangersIsEmpty() {
    let rect = Rect(row: 0, column: 0, rows: 5, columns: 5)
    #expect(
      rect.intersection(Rect(row: 3, column: 4, rows: 9, columns: 9))
        == Rect(row: 3, column: 4, rows: 2, columns: 1))
    #expect(rect.intersection(Rect(row: 7, column: 0, rows: 2, columns: 2)).isEmpty)
  }

  @Test func bandsAndStripesLeaveNothingOver() {
    let rect = Rect(row: 1, column: 2, rows: 11, columns: 80)
    let bands = rect.bands(3)
    #expect(bands.map(\.rows).reduce(0, +) == 11)
    #expect(bands.map(\.rows).max() == 4 && bands.map(\.rows).min() == 3)
    let stripes = rect.stripes(3, gap: 1)
    #expect(stripes.map(\.columns) == [26, 26, 26])
    #expect(stripes.map(\.column) == [2, 29, 56])
    #expect(rect.bands(0).isEmpty)
    #expect(Rect(.zero).stripes(5, gap: 3).allSatisfy { $0.isEmpty })
  }

  @Test func centeredNeverLeavesTheRectangle() {
    let rect = Rect(row: 2, column: 2, rows: 4, columns: 10)
    #expect(
      rect.centered(Size(rows: 2, columns: 4)) == Rect(row: 3, column: 5, rows: 2, columns: 4))
    #expect(rect.centered(Size(rows: 99, columns: 99)) == rect)
  }
}
