/// One way to write a digit: strokes in the order a hand would draw them.
///
/// A stroke is the control polygon of a uniform quadratic B-spline that starts in its first point
/// and ends in its last; it has three points or more. A point given twice in a row, but not at an
/// end, is a corner. The digit stands in a square of 100 × 100, x to the right and y down; the
/// curve runs inside its polygon, so some points lie outside the square.
struct GlyphStrokes: Sendable {
  let strokes: [[SIMD2<Double>]]

  /// - Parameter strokes: x, y, x, y … of one stroke each.
  init(_ strokes: [Double]...) {
    self.strokes = strokes.map { coordinates in
      precondition(
        coordinates.count >= 6 && coordinates.count % 2 == 0, "a stroke has three points or more")
      return stride(from: 0, to: coordinates.count, by: 2).map {
        SIMD2(coordinates[$0], coordinates[$0 + 1])
      }
    }
  }

  /// The ways to write every digit, by digit.
  static let variants: [[GlyphStrokes]] = [
    zeros, ones, twos, threes, fours, fives, sixes, sevens, eights, nines,
  ]

  private static let zeros = [
    GlyphStrokes([55, 0, 25, 0, 12, 50, 25, 100, 50, 103, 78, 100, 88, 50, 75, 0, 48, 0]),
    GlyphStrokes([
      64, 8, 38, -6, 20, 35, 22, 85, 45, 106, 72, 90, 80, 40, 70, 5, 48, 0, 38, 12,
    ]),
    GlyphStrokes(
      [52, 0, 20, 0, 14, 50, 24, 100, 50, 103, 80, 100, 86, 50, 78, 0, 48, 0],
      [74, 16, 50, 50, 26, 84]),
    GlyphStrokes([60, 4, 36, -4, 10, 20, 12, 90, 44, 106, 84, 96, 92, 26, 72, -6, 46, 4]),
  ]

  private static let ones = [
    GlyphStrokes([50, 0, 50, 50, 50, 100]),
    GlyphStrokes([26, 26, 45, 12, 54, 0, 54, 0, 54, 50, 53, 100]),
    GlyphStrokes([30, 22, 52, 0, 52, 0, 52, 50, 52, 100], [24, 100, 50, 98, 80, 100]),
  ]

  private static let twos = [
    GlyphStrokes([
      18, 26, 25, 0, 75, -8, 84, 30, 60, 62, 18, 99, 18, 99, 50, 96, 86, 98,
    ]),
    GlyphStrokes([
      20, 22, 30, -4, 82, -6, 82, 36, 52, 76, 22, 108, 10, 86, 34, 78, 58, 102, 90, 94,
    ]),
    GlyphStrokes([20, 6, 50, 0, 80, 3, 80, 3, 45, 50, 18, 99, 18, 99, 50, 97, 84, 98]),
  ]

  private static let threes = [
    GlyphStrokes([
      20, 14, 38, -8, 84, -2, 80, 40, 42, 46, 42, 46, 88, 48, 94, 96, 46, 110, 14, 88,
    ]),
    GlyphStrokes([
      20, 2, 50, 1, 80, 2, 80, 2, 60, 22, 44, 42, 44, 42, 92, 42, 94, 98, 44, 110, 14, 90,
    ]),
    GlyphStrokes([
      22, 16, 36, -8, 84, -2, 78, 44, 40, 54, 36, 42, 56, 40, 94, 54, 84, 106, 36, 108, 14, 88,
    ]),
  ]

  private static let fours = [
    GlyphStrokes([32, 0, 24, 35, 14, 62, 14, 62, 50, 62, 88, 60], [68, 26, 67, 60, 64, 100]),
    GlyphStrokes([62, 100, 63, 50, 64, 0, 64, 0, 40, 32, 10, 68, 10, 68, 50, 67, 90, 68]),
    GlyphStrokes([22, 4, 16, 34, 22, 60, 52, 58, 76, 48], [78, 2, 76, 50, 72, 100]),
  ]

  private static let fives = [
    GlyphStrokes([
      80, 2, 54, 2, 28, 3, 28, 3, 25, 24, 23, 46, 23, 46, 50, 34, 92, 44, 90, 96, 44, 110, 14, 90,
    ]),
    GlyphStrokes(
      [32, 4, 28, 26, 25, 50, 25, 50, 56, 34, 90, 52, 84, 102, 40, 108, 15, 92],
      [31, 4, 58, 4, 86, 0]),
    GlyphStrokes([
      82, 6, 46, -8, 16, 10, 20, 42, 60, 46, 90, 60, 82, 102, 44, 108, 16, 92,
    ]),
  ]

  private static let sixes = [
    GlyphStrokes([
      72, 2, 38, 10, 12, 50, 16, 102, 50, 106, 88, 98, 84, 54, 50, 46, 20, 62, 19, 78,
    ]),
    GlyphStrokes([58, 0, 36, 28, 18, 62, 18, 98, 48, 108, 82, 96, 76, 56, 44, 52, 22, 78]),
    GlyphStrokes([
      80, 14, 60, -6, 26, 4, 14, 50, 16, 102, 52, 106, 86, 96, 82, 48, 46, 44, 20, 66,
    ]),
  ]

  private static let sevens = [
    GlyphStrokes([15, 3, 50, 2, 85, 2, 85, 2, 54, 48, 40, 100]),
    GlyphStrokes([15, 3, 50, 2, 84, 3, 84, 3, 60, 46, 42, 100], [28, 52, 52, 50, 78, 48]),
    GlyphStrokes([16, 20, 15, 10, 16, 2, 16, 2, 50, 4, 85, 3, 85, 3, 62, 42, 48, 100]),
    GlyphStrokes([14, 14, 30, -4, 60, 12, 86, 2, 86, 2, 58, 44, 52, 100]),
  ]

  private static let eights = [
    GlyphStrokes([
      76, 14, 52, -10, 14, 2, 18, 40, 50, 48, 88, 58, 90, 102, 50, 106, 12, 102, 14, 60, 50, 48,
      80, 38, 82, 10, 66, 4,
    ]),
    GlyphStrokes(
      [50, 0, 20, 0, 20, 46, 50, 46, 80, 46, 80, 0, 48, 0],
      [50, 46, 14, 46, 10, 101, 50, 101, 90, 101, 86, 46, 48, 46]),
    GlyphStrokes([
      80, 4, 56, 40, 14, 70, 16, 104, 52, 106, 84, 98, 76, 66, 26, 34, 20, 2, 48, -8, 74, 2, 80, 10,
    ]),
  ]

  private static let nines = [
    GlyphStrokes([
      78, 20, 62, -8, 18, -2, 12, 50, 48, 58, 78, 38, 79, 10, 79, 10, 77, 50, 74, 100,
    ]),
    GlyphStrokes([
      80, 16, 56, -10, 12, 4, 14, 52, 50, 58, 80, 40, 82, 8, 92, 64, 68, 108, 26, 98,
    ]),
    GlyphStrokes([
      74, 12, 52, -8, 20, 6, 18, 44, 46, 52, 72, 34, 78, 6, 78, 6, 64, 56, 48, 100,
    ]),
  ]
}
