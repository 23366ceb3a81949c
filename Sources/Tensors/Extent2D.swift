/// A height and a width: of an image, a kernel, a stride. An integer literal is both.
public struct Extent2D: Sendable, Equatable, ExpressibleByIntegerLiteral {
  public var height, width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  public init(integerLiteral value: Int) {
    self.init(height: value, width: value)
  }

  /// Pixels of an image, taps of a kernel.
  public var area: Int { height * width }
}
