/// What the Layers view remembers.
public struct LayersState: Sendable, Equatable {
  /// What the history shows, where the log has it.
  public var quantity = LayersQuantity.sparsity
  /// What the details show where there is no room for all.
  public var pane = LayersPane.density
  /// The step under the cursor of the history; nil: the newest.
  public var cursorStep: Int64?

  public init() {}
}

/// The parts of a layer's details.
public enum LayersPane: String, CaseIterable, Sendable {
  case density, history, histogram
}
