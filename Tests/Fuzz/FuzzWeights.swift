import TensorFiles

/// Made-up bytes as a safetensors file: what is accepted must hold together.
enum FuzzWeights {
  /// - Parameter knobs: what the region that is looked at depends on.
  static func read(_ path: String, knobs: UnsafeRawBufferPointer) {
    do {
      let reader = try SafetensorsReader(path)
      var end = 0
      for tensor in reader.header.tensors {
        precondition(tensor.bytes.lowerBound == end, "there is a hole")
        end = tensor.bytes.upperBound
        try look(at: tensor, reader, knobs)
      }
      precondition(end == reader.header.dataCount, "the data is not covered")
      _ = TensorRoles(reader.header).secondary
      _ = try SafetensorsRewrite(of: reader, adding: [("mask.\u{1}", .boolean, [2])]).byteCount
    } catch { return }  // refused, as it may be
  }

  private static func look(
    at tensor: SafetensorsHeader.Entry, _ reader: SafetensorsReader,
    _ knobs: UnsafeRawBufferPointer
  ) throws {
    let pictures = TensorScan.Pictures(
      gridRows: Int(knobs[0] & 7), gridColumns: Int(knobs[1] & 7), bins: Int(knobs[2] & 15))
    let found = try TensorScan.statistics(of: tensor, in: reader, pictures: pictures)
    if let found {
      let finite = found.count - found.nonFinite
      precondition(found.zeros <= found.nearZeros && found.nearZeros <= finite, "counts")
      precondition(found.zeroRows ?? 0 <= found.rows, "rows")
      precondition(found.minimum ?? 0 <= found.maximum ?? 0, "extent")
      let counted = found.histogram.reduce(0, +)
      precondition(found.histogram.isEmpty || counted == finite, "bins")
      precondition(found.density?.values.allSatisfy { (0...1).contains($0) } ?? true, "density")
    }
    let first = Int(knobs[3] & 3)
    let region = try TensorRegion.read(
      rows: first..<first + 5, columns: first..<first + 9, of: tensor, in: reader,
      gridRows: 3, gridColumns: 4)
    if let region {
      let places = region.rows.count * region.columns.count
      precondition(region.cells.reduce(0) { $0 + $1.count } == places, "cells")
    }
  }
}
