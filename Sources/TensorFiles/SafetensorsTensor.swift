/// A tensor to be written: its bytes stay where they are until they are on the disk.
public struct SafetensorsTensor {
  public let name: String
  public let type: ElementType
  /// Empty for a single number.
  public let shape: [Int]
  /// Row-major and little-endian; valid until the writing is over.
  public let bytes: UnsafeRawBufferPointer

  public init(name: String, type: ElementType, shape: [Int], bytes: UnsafeRawBufferPointer) {
    self.name = name
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }
}
