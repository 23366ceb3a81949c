import RunLog
import TerminalUI

/// How a layer's weights are distributed, as bars that stand side by side.
struct LayersHistogram {
  let histogram: Histogram

  private static let binsMax = 10_000

  /// Bins with a width; the outermost of TensorBoard's reach to the ends of all numbers.
  private var bins: [Histogram.Bin] {
    histogram.bins.prefix(Self.binsMax).compactMap { bin in
      let far = 1e30
      guard !bin.lower.isNaN, !bin.upper.isNaN else { return nil }
      let lower = bin.lower.magnitude < far ? bin.lower : bin.upper
      let upper = bin.upper.magnitude < far ? bin.upper : bin.lower
      guard lower.magnitude < far, upper.magnitude < far, lower <= upper, bin.count > 0,
        bin.count.isFinite
      else { return nil }
      return .init(lower: lower, upper: upper, count: bin.count)
    }
  }

  /// The part of the values closer to 0 than a thousandth of the largest, as far as the bins tell:
  /// a bin that is partly there is thought to be even. nil without values.
  var shareNearZero: Double? {
    let bins = bins
    let largest = bins.reduce(0) { max($0, $1.lower.magnitude, $1.upper.magnitude) }
    let total = bins.reduce(0) { $0 + $1.count }
    guard total > 0, total.isFinite else { return nil }
    guard largest > 0 else { return 1 }
    let band = largest * Self.nearZeroShare
    let near = bins.reduce(0.0) { sum, bin in
      let width = bin.upper - bin.lower
      if width <= 0 { return sum + (bin.lower.magnitude < band ? bin.count : 0) }
      let overlap = min(bin.upper, band) - max(bin.lower, -band)
      return sum + bin.count * min(max(0, overlap / width), 1)
    }
    return near / total
  }

  static let nearZeroShare = 1e-3

  /// How much falls into each of some columns of equal width between the outermost edges.
  func counts(columns: Int) -> (counts: [Double], range: ClosedRange<Double>)? {
    let bins = bins
    guard columns > 0, let low = bins.map(\.lower).min(), let high = bins.map(\.upper).max() else {
      return nil
    }
    var counts = [Double](repeating: 0, count: columns)
    let width = (high - low) / Double(columns)
    func column(_ x: Double) -> Int {
      width > 0 ? min(max(Int((x - low) / width), 0), columns - 1) : columns / 2
    }
    for bin in bins {
      let (first, last) = (column(bin.lower), column(bin.upper))
      guard first < last, bin.upper > bin.lower else {
        counts[column((bin.lower + bin.upper) / 2)] += bin.count
        continue
      }
      for index in first...last {
        let start = max(bin.lower, low + width * Double(index))
        let end = min(bin.upper, low + width * Double(index + 1))
        counts[index] += bin.count * max(0, end - start) / (bin.upper - bin.lower)
      }
    }
    return (counts, low...high)
  }

  /// Draws bars and below them the ends of the axis. Heights are square roots, so that the zeros of
  /// a pruned layer do not hide all else.
  func draw(into buffer: inout Buffer, rect: Rect, glyphs: GlyphSet) {
    let (axis, plot) = rect.split(bottom: rect.rows >= 2 ? 1 : 0)
    guard let (counts, range) = counts(columns: plot.columns), let largest = counts.max(),
      largest > 0
    else {
      buffer.write(
        "it holds no finite value", row: rect.row, column: rect.column, style: .dim,
        maxColumns: rect.columns)
      return
    }
    let parts = glyphs.verticalParts
    let levels = plot.rows * parts.count
    for (index, count) in counts.enumerated() where count > 0 {
      let level = min(
        max(1, Int(((count / largest).squareRoot() * Double(levels)).rounded())), levels)
      for row in 0..<plot.rows {
        let filled = min(max(level - row * parts.count, 0), parts.count)
        guard filled > 0 else { break }
        buffer.write(
          String(parts[filled - 1]), row: plot.endRow - 1 - row, column: plot.column + index,
          style: Style(.series1))
      }
    }
    let (low, high) = (
      NumberText.significant(range.lowerBound, digits: 3),
      NumberText.significant(range.upperBound, digits: 3)
    )
    buffer.write(low, row: axis.row, column: axis.column, style: .dim, maxColumns: axis.columns)
    if low.count + high.count + 1 < axis.columns {
      buffer.write(high, row: axis.row, column: axis.endColumn - high.count, style: .dim)
    }
  }
}
