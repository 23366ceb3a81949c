import RunModel
import TerminalUI

/// Shapes of layers, some of which have lost channels.
extension LayersFacts {
  /// "157×784 of 300×784"; nil where nothing is known.
  static func text(_ shape: [Int]?, now smaller: [Int]?) -> String? {
    func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "×") }
    guard let shape else { return nil }
    return smaller.map { text($0) + " of " + text(shape) } ?? text(shape)
  }

  // MARK: Zeros

  /// The part of a layer's weights that its histogram has near 0: closer than a thousandth of the
  /// largest; nil where the log counts zeros itself, or nothing.
  func nearZero(_ layer: Layer) -> Double? {
    guard layer.tags[.sparsity] == nil,
      let histogram = layer.histogram.flatMap({ run.histograms[$0]?.histogram })
    else { return nil }
    return LayersHistogram(histogram: histogram).shareNearZero
  }
}
