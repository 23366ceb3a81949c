/// What the System view remembers.
public struct SystemState: Sendable, Equatable {
  /// The first row that is shown of what does not fit.
  public var firstRow = 0

  public init() {}
}
