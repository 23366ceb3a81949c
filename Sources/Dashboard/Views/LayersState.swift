import LogFormats

/// What the Layers view remembers.
public struct LayersState: Sendable, Equatable {
  /// What the history shows, where the log has it.
  public var quantity = LayersQuantity.sparsity
  /// What the details show where there is no room for all.
  public var pane = LayersPane.density
  /// The step under the cursor of the history; nil: the newest.
  public var cursorStep: Int64?
  /// The cursor in the picture of a layer's weights; nil: nobody moved it.
  public var lens: LayersLens?
  /// The part of the weights that was asked for last, and what came of it.
  public var asked: WeightRegion.Request?
  public var region: WeightRegion?
  /// How large the matrix of the lens is, as a file tells: logs do not always.
  var extents: LayersExtents?

  public init() {}
}

/// How large the matrix of a layer's weights is.
struct LayersExtents: Sendable, Equatable {
  var run, layer: String
  var rows, columns: Int
}

/// The parts of a layer's details.
public enum LayersPane: String, CaseIterable, Sendable {
  case density, history, histogram, prunes
}
