import LogFormats
import OperatingSystem
import RunLog
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

/// Parts of weights, from a file's bytes to numbers.
struct WeightRegionTests {
  /// A safetensors file of one F32 tensor.
  static func file(_ name: String, shape: [Int], _ values: [Float]) -> [UInt8] {
    let header =
      #"{"\#(name)":{"dtype":"F32","shape":[\#(shape.map(String.init).joined(separator: ","))],"#
      + #""data_offsets":[0,\#(values.count * 4)]}}"#
    let padding = (8 - header.utf8.count % 8) % 8
    let text = Array(header.utf8) + [UInt8](repeating: 0x20, count: padding)
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
    for value in values {
      let bits = value.bitPattern
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) }
    }
    return bytes
  }

  @Test func theRegionIsThatOfTheMatrix() throws {
    let directory = try TemporaryDirectory()
    // [6, 2, 2]: the matrix is 6 × 4 with the numbers 0, 1, 2 … and a row of zeros.
    let values = (0..<24).map { (8..<12).contains($0) ? 0 : Float($0) }
    let path = try directory.write(Self.file("conv1.weight", shape: [6, 2, 2], values), to: "a")
    func read(_ rows: Range<Int>, _ columns: Range<Int>, _ cells: Int) throws -> WeightRegion {
      try WeightRegion.read(
        .init(
          path: path, layer: "conv1", rows: rows, columns: columns, gridRows: cells,
          gridColumns: cells))
    }
    let single = try read(1..<3, 2..<4, 8)
    #expect(single.values == [6, 7, 0, 0] && single.densities == [1, 1, 0, 0])
    #expect(single.rowCount == 6 && single.columnCount == 4)
    // Of a part that is not there: all of it.
    #expect(try read(9..<12, 4..<9, 1).rows == 0..<6)
    let all = try read(0..<6, 0..<4, 2)
    #expect(all.gridRows == 2 && all.gridColumns == 2)
    // Rows 0 to 2, columns 0 and 1: 0 1 4 5 0 0, of which three are not 0.
    #expect(all.densities[0] == 0.5 && all.values[0] == nil)
    #expect(abs(all.magnitudes[0] - 10.0 / 6) < 1e-6)
  }

  @Test func whatIsNotThereSaysSo() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.file("a.weight", shape: [2], [1, 2]), to: "a")
    func problem(_ path: String, _ layer: String) -> String? {
      let request = WeightRegion.Request(
        path: path, layer: layer, rows: 0..<2, columns: 0..<1, gridRows: 1, gridColumns: 1)
      return #expect(throws: WeightRegionError.self) { try WeightRegion.read(request) }?.reason
    }
    #expect(problem(path, "b")?.contains("it has no weights of b") == true)
    #expect(problem(directory.path("none"), "a")?.contains("none") == true)
  }
}
