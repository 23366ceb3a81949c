import OperatingSystem
import Testing

@testable import TensorFiles

struct TensorScanTests {
  typealias Samples = SafetensorsSamples

  static func sample(_ name: String) -> String {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return root.joined(separator: "/") + "/sample-runs/safetensors/\(name).safetensors"
  }

  private func isClose(_ some: Double?, _ other: Double, scale: Double) -> Bool {
    guard let some else { return false }
    return some == other || abs(some - other) <= 1e-6 * max(abs(other), abs(scale))
  }

  @Test(arguments: TensorScanTruth.all.indices)
  func everyTypeIsAsNumPySaysIt(index: Int) throws {
    let truth = TensorScanTruth.all[index]
    let reader = try SafetensorsReader(Self.sample(truth.file))
    let tensor = try #require(reader.header[truth.name])
    let found = try #require(try TensorScan.statistics(of: tensor, in: reader))
    #expect(
      [found.count, found.zeros, found.nearZeros, found.nonFinite] == truth.counts,
      "\(truth.name)")
    let numbers: [Double?] = [
      found.minimum, found.maximum, found.mean, found.standardDeviation, found.norm,
    ]
    for (number, expected) in zip(numbers, truth.numbers) {
      #expect(
        isClose(number, expected, scale: truth.numbers[3]),
        "\(truth.name): \(number ?? 0), \(expected)")
    }
    #expect(found.zeroRows == truth.dead?[0] && found.zeroColumns == truth.dead?[1])
  }

  /// Beside each tensor of `types` stands what ml_dtypes, NumPy and PyTorch make of its elements.
  @Test func everyElementIsDecodedAsOthersDo() throws {
    let reader = try SafetensorsReader(Self.sample("types"))
    var seen = 0
    for tensor in reader.header.tensors {
      guard let expected = reader.header[tensor.name + ".as_float"] else { continue }
      seen += 1
      #expect(
        try floats(tensor, reader).map(\.comparableBits)
          == floats(expected, reader).map(\.comparableBits), "\(tensor.name)")
    }
    #expect(seen == 17)
    for type in ElementType.allCases {
      #expect(ElementDecoder(type) == nil || !["F4", "C64"].contains(type.rawValue))
      #expect(type.isReadable == (ElementDecoder(type) != nil))
    }
  }

  private func floats(
    _ tensor: SafetensorsHeader.Entry, _ reader: SafetensorsReader
  ) throws -> [Float] {
    let decoder = try #require(ElementDecoder(tensor.type))
    var numbers: [Float] = []
    try reader.read(0..<tensor.elementCount, of: tensor, by: decoder) {
      (piece: UnsafeBufferPointer<Float>, _) throws(TensorFileError) in numbers += piece
    }
    return numbers
  }

  /// What is not 0 stays apart from 0, and what is finite from infinity.
  @Test func doublesBeyondAFloatKeepTheirKind() {
    #expect(ElementDecoder.rounded(1e-300) == .leastNonzeroMagnitude)
    #expect(ElementDecoder.rounded(-1e-300) == -.leastNonzeroMagnitude)
    #expect(ElementDecoder.rounded(-1e300) == -.greatestFiniteMagnitude)
    #expect(ElementDecoder.rounded(.infinity) == .infinity && ElementDecoder.rounded(0) == 0)
    #expect(ElementDecoder.rounded(0.1) == 0.1 && ElementDecoder.rounded(.nan).isNaN)
  }

  /// A file of one F32 tensor.
  private func file(
    _ shape: [Int], _ numbers: [Float], _ home: TemporaryDirectory
  ) throws -> SafetensorsReader {
    let path = home.path + "/x.safetensors"
    try numbers.withUnsafeBytes { bytes in
      try SafetensorsWriter().write(
        [SafetensorsTensor(name: "x", type: .float32, shape: shape, bytes: bytes)], to: path)
    }
    return try SafetensorsReader(path)
  }

  private func statistics(_ reader: SafetensorsReader) throws -> TensorStatistics {
    let tensor = try #require(reader.header["x"])
    let found = try TensorScan.statistics(of: tensor, in: reader)
    return try #require(found)
  }

  /// Sparse rows and columns, larger than a piece and no multiple of anything.
  @Test func rowsColumnsAndDensityOfALargeMatrix() throws {
    let home = try TemporaryDirectory()
    let (rows, columns) = (601, 353)
    var numbers = (0..<rows * columns).map { Float(($0 &* 2_654_435_761) % 1000) - 500 }
    for row in 0..<rows {
      for column in 0..<columns {
        let isOff = row % 100 == 7 || column == 350 || (row < 60 && column > 100)
        if isOff { numbers[row * columns + column] = 0 }
      }
    }
    let reader = try file([rows, columns], numbers, home)
    let tensor = try #require(reader.header["x"])
    let found = try #require(
      try TensorScan.statistics(
        of: tensor, in: reader, pictures: .init(gridRows: 10, gridColumns: 7, bins: 16)))
    #expect(found.zeroRows == 6 && found.zeroColumns == 1)
    #expect(found.zeros == numbers.count { $0 == 0 })
    let grid = try #require(found.density)
    #expect(grid.rows == 10 && grid.columns == 7)
    for row in 0..<10 {
      for column in 0..<7 {
        var (alive, count) = (0, 0)
        for place in numbers.indices
        where place / columns * 10 / rows == row && place % columns * 7 / columns == column {
          count += 1
          if numbers[place] != 0 { alive += 1 }
        }
        #expect(abs(grid.values[row * 7 + column] - Float(alive) / Float(count)) < 1e-6)
      }
    }
    #expect(found.histogram.reduce(0, +) == numbers.count && found.histogram.count == 16)
    // A bit at a time it is the same.
    var scan = try #require(
      TensorScan(tensor, pictures: .init(gridRows: 10, gridColumns: 7, bins: 16)))
    var (result, rounds): (TensorStatistics?, Int) = (nil, 0)
    while result == nil, rounds < 1000 {
      result = try scan.advance(reader, elementsMax: 1000)
      rounds += 1
    }
    #expect(result?.histogram == found.histogram && result?.density == found.density)
    #expect(result?.zeros == found.zeros && rounds > 400)
  }

  /// Numbers that are nearly the same, and such whose squares are too large for a Float.
  @Test func sumsAreExactEnough() throws {
    let home = try TemporaryDirectory()
    let close = (0..<200_000).map { Float(1) + Float($0 % 2) * 1e-4 }
    let reader = try file([200_000], close, home)
    let found = try statistics(reader)
    #expect(abs((found.standardDeviation ?? 0) - 5e-5) < 1e-8)
    let large = try file([4096], Array(repeating: 1e30, count: 4095) + [.nan], home)
    let other = try statistics(large)
    #expect(other.nonFinite == 1 && abs(other.norm / (1e30 * 4095.0.squareRoot()) - 1) < 1e-6)
    #expect(other.zeroRows == nil)
  }

  /// Extents that a Float cannot take, or hardly.
  @Test func histogramsOfTheLargestAndTheSmallest() throws {
    let home = try TemporaryDirectory()
    let largest = Float.greatestFiniteMagnitude
    for numbers in [[-largest, largest, .nan, 0], [0, .leastNonzeroMagnitude, 0, .infinity]] {
      let reader = try file([2, 2], numbers, home)
      let tensor = try #require(reader.header["x"])
      let found = try TensorScan.statistics(of: tensor, in: reader, pictures: .init(bins: 9))
      #expect(found?.histogram.reduce(0, +) == numbers.count(where: \.isFinite))
      #expect(found?.histogram.first ?? 0 > 0 && found?.histogram.last ?? 0 > 0)
    }
  }

  /// Nothing can be told of these, and nothing goes wrong.
  @Test func emptyTensorsAndShapesBeyondCounting() throws {
    let home = try TemporaryDirectory()
    let entry = { (shape: String) in Samples.entry("F32", shape, "0", "0") }
    for shape in ["[0]", "[0,3]", "[3,0]", "[0,4611686018427387904,4611686018427387904]"] {
      let path = try home.file("e.safetensors", Samples.file("{\(entry(shape))}"))
      let reader = try SafetensorsReader(path)
      let tensor = try #require(reader.header["x"])
      let found = try TensorScan.statistics(
        of: tensor, in: reader, pictures: .init(gridRows: 3, gridColumns: 3, bins: 3))
      #expect(found?.count == 0 && found?.minimum == nil && found?.mean == nil, "\(shape)")
      #expect(
        try TensorRegion.read(
          rows: 0..<9, columns: 0..<9, of: tensor, in: reader, gridRows: 2, gridColumns: 2) == nil)
    }
  }

  @Test func aFileThatIsCutWhileItIsReadIsTold() throws {
    let home = try TemporaryDirectory()
    let path = try home.file("x.safetensors", Samples.python)
    let files = FaultyFileSystem(readableMax: Samples.python.count - 30)
    let reader = try SafetensorsReader(path, files: files)
    let tensor = try #require(reader.header["b"])
    let error = #expect(throws: TensorFileError.self) {
      try TensorScan.statistics(of: tensor, in: reader)
    }
    #expect(error?.problem == "the file became shorter while it was read")
  }

  // MARK: Regions

  @Test func aRegionIsThePartAskedFor() throws {
    let home = try TemporaryDirectory()
    let numbers = (0..<24).map { index -> Float in
      let magnitude = index % 5 == 0 ? 0 : index
      return Float(index % 2 == 0 ? magnitude : -magnitude)
    }
    let reader = try file([4, 3, 2], numbers, home)
    let tensor = try #require(reader.header["x"])
    let one = try #require(
      try TensorRegion.read(
        rows: 1..<3, columns: 2..<6, of: tensor, in: reader, gridRows: 10, gridColumns: 10))
    #expect(one.gridRows == 2 && one.gridColumns == 4)
    #expect(one.cells.map(\.value) == [8, -9, 0, -11, 14, 0, 16, -17])
    let grouped = try #require(
      try TensorRegion.read(
        rows: 0..<99, columns: 0..<99, of: tensor, in: reader, gridRows: 2, gridColumns: 3))
    #expect(grouped.rows == 0..<4 && grouped.columns == 0..<6)
    // Rows 0 and 1, columns 2 and 3: 2, -3, 8, -9.
    #expect(grouped.cells[1].meanMagnitude == 5.5 && grouped.cells[1].density == 1)
    #expect(grouped.cells[1].minimum == -9 && grouped.cells[1].maximum == 8)
    #expect(grouped.cells[1].value == nil)
    #expect(grouped.cells[0].density == 0.75)
  }
}

extension Float {
  /// Its bits, where all NaN are the same.
  fileprivate var comparableBits: UInt32 { isNaN ? 0x7fc0_0000 : bitPattern }
}
