/// Reads a tensor from its beginning to its end, and again, and tells what its numbers are like. It
/// can be done a bit at a time, and takes the same memory whatever the tensor's size.
public struct TensorScan {
  public let tensor: SafetensorsHeader.Entry
  private let decoder: ElementDecoder
  private let pictures: Pictures
  private let count: Int
  private var sums = NumberSums()
  private var spread: NumberSpread?
  private var zeros: ZeroMap?
  private var next = 0

  /// What besides the numbers of `TensorStatistics` is wanted.
  public struct Pictures: Sendable {
    /// The most rows and columns of the density's grid; 0: none.
    public var gridRows, gridColumns: Int
    /// Bins of the histogram; 0: none.
    public var bins: Int

    public init(gridRows: Int = 0, gridColumns: Int = 0, bins: Int = 0) {
      self.gridRows = gridRows
      self.gridColumns = gridColumns
      self.bins = bins
    }
  }

  /// nil for a tensor of a type that is not read as numbers.
  public init?(_ tensor: SafetensorsHeader.Entry, pictures: Pictures = Pictures()) {
    guard let decoder = ElementDecoder(tensor.type) else { return nil }
    self.tensor = tensor
    self.decoder = decoder
    self.pictures = pictures
    count = tensor.elementCount
    zeros = ZeroMap(
      shape: tensor.shape, gridRows: pictures.gridRows, gridColumns: pictures.gridColumns)
  }

  /// Reads on.
  /// - Parameter elementsMax: how many elements to look at; each is looked at twice.
  /// - Returns: what was found, once all of it was seen.
  public mutating func advance(
    _ reader: SafetensorsReader, elementsMax: Int = .max
  ) throws(TensorFileError) -> TensorStatistics? {
    var budget = elementsMax
    while next < count || spread == nil {
      if next == count {
        spread = NumberSpread(sums, finiteCount: finiteCount, bins: pictures.bins)
        next = 0
      }
      guard budget > 0 || count == 0 else { return nil }
      let end = next + min(budget, count - next)
      try look(at: next..<end, reader)
      budget -= end - next
      next = end
    }
    return statistics
  }

  /// What was found in all of a tensor; nil when its type is not read.
  public static func statistics(
    of tensor: SafetensorsHeader.Entry, in reader: SafetensorsReader,
    pictures: Pictures = Pictures()
  ) throws(TensorFileError) -> TensorStatistics? {
    guard var scan = TensorScan(tensor, pictures: pictures) else { return nil }
    return try scan.advance(reader)
  }

  private mutating func look(
    at elements: Range<Int>, _ reader: SafetensorsReader
  ) throws(TensorFileError) {
    try reader.read(elements, of: tensor, by: decoder) {
      (numbers: UnsafeBufferPointer<Float>, _) throws(TensorFileError) in
      if spread != nil {
        spread?.add(numbers)
      } else {
        let before = sums.zeros
        sums.add(numbers)
        zeros?.add(numbers, zeros: sums.zeros - before)
      }
    }
  }

  private var finiteCount: Int { count - sums.nonFinite }

  private var statistics: TensorStatistics {
    var result = TensorStatistics()
    result.count = count
    result.zeros = sums.zeros
    result.nonFinite = sums.nonFinite
    result.nearZeros = spread?.nearZeros ?? 0
    if finiteCount > 0 {
      let squares = spread?.squares ?? 0
      result.minimum = Double(sums.minimum)
      result.maximum = Double(sums.maximum)
      result.mean = sums.sum / Double(finiteCount)
      result.standardDeviation = (squares / Double(finiteCount)).squareRoot()
    }
    result.norm = sums.squares.squareRoot()
    result.rows = tensor.shape.first ?? 1
    result.columns = count / max(result.rows, 1)
    result.zeroRows = zeros?.zeroRows
    result.zeroColumns = zeros?.zeroColumns
    result.density = pictures.gridRows > 0 ? zeros?.density : nil
    result.histogram = spread?.bins ?? []
    return result
  }
}

extension SafetensorsHeader.Entry {
  /// How many elements it has.
  public var elementCount: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }
}
