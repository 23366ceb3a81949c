import LogFormats
import OperatingSystem
import RunLog
import RunModel
import TerminalUI

/// The picture of the chosen layer's weights, with a cursor while keys go to it.
extension LayersDetail {
  /// What is under the lens; nil without a grid of the layer's weights.
  func density(of layer: LayersFacts.Layer?) -> LayersDensity? {
    guard let layer, let matrix = matrix(of: layer),
      let grid = layer.density.flatMap({ facts.run.grids[$0]?.grid })
    else { return nil }
    let lens = lens(on: layer)
    if let lens, let asked = state.layers.asked, let region = state.layers.region,
      asked.layer == layer.name, region.rows == lens.rows, region.columns == lens.columns,
      asked.path == facts.weightsFile
    {
      return LayersDensity(region, file: Path.name(of: asked.path))
    }
    return LayersDensity(grid, rowCount: matrix.rows, columnCount: matrix.columns, lens: lens)
  }

  /// The cursor in a layer's weights, if somebody moved it there.
  func lens(on layer: LayersFacts.Layer) -> LayersLens? {
    guard let lens = state.layers.lens, lens.run == facts.run.path, lens.layer == layer.name,
      let matrix = matrix(of: layer), lens.rowCount == matrix.rows,
      lens.columnCount == matrix.columns
    else { return nil }
    return lens
  }

  /// The matrix of a layer's weights, as a file or else the log tells.
  func matrix(of layer: LayersFacts.Layer) -> (rows: Int, columns: Int)? {
    if let known = state.layers.extents, known.run == facts.run.path, known.layer == layer.name {
      return (known.rows, known.columns)
    }
    return facts.matrix(of: layer)
  }

  /// The part of the weights that a file can tell more of than the log.
  func wantedRegion(_ layer: LayersFacts.Layer) -> WeightRegion.Request? {
    guard let lens = lens(on: layer), !lens.showsAll, let path = facts.weightsFile else {
      return nil
    }
    return WeightRegion.Request(
      path: path, layer: layer.name, rows: lens.rows, columns: lens.columns,
      gridRows: LayersDensity.gridRowsMax, gridColumns: LayersDensity.gridColumnsMax)
  }

  /// What is special about the picture; nil: it is all of the weights, as logged.
  func densityHeading(_ layer: LayersFacts.Layer?) -> String? {
    guard let layer, let picture = density(of: layer) else { return nil }
    let isConvolution = facts.isConvolution(layer)
    guard let lens = lens(on: layer), !lens.showsAll || picture.file != nil else {
      guard isConvolution else { return nil }
      let step = layer.density.flatMap { facts.run.grids[$0]?.step }
      return "filters as rows: share of weights that are not 0"
        + (step.map { " at step \(NumberText.grouped(Int(clamping: $0)))" } ?? "")
    }
    func range(_ range: Range<Int>, of count: Int) -> String {
      "\(range.lowerBound)-\(range.upperBound - 1)/\(count)"
    }
    return (picture.file.map { SafeText.cleaned($0, maxLength: 60) } ?? "as logged")
      + ": \(range(lens.rows, of: lens.rowCount)) × \(range(lens.columns, of: lens.columnCount))"
  }

  func drawDensity(
    _ layer: LayersFacts.Layer?, into buffer: inout Buffer, _ rect: Rect, _ foot: Rect
  ) {
    guard let layer, let picture = density(of: layer) else {
      return say("this layer has no density grid", into: &buffer, rect)
    }
    let lens = lens(on: layer)
    let (row, column) = (lens?.row ?? 0, lens?.column ?? 0)
    Heatmap(
      values: picture.values, columns: picture.gridColumns, range: 0...1,
      cursor: isFocused ? picture.cell(row: row, column: column) : nil, hasLegend: true,
      hasColors: !state.isMonochrome
    ).draw(into: &buffer, rect: rect, glyphs: state.glyphs)
    guard isFocused else { return }
    let names = facts.axisNames(layer)
    let text = picture.text(row: row, column: column, rowName: names.row, columnName: names.column)
    buffer.write(
      SafeText.truncated(text, columns: foot.columns, glyphs: state.glyphs), row: foot.row,
      column: foot.column, style: Style(.mark))
  }
}

extension LayersFacts {
  /// The matrix [outputs, inputs × kernel] of a layer's weights, as far as the log tells; nil
  /// without any.
  func matrix(of layer: Layer) -> (rows: Int, columns: Int)? {
    // Of this layer alone: networks may have thousands.
    let own = LayersFacts(run, layers: [layer])
    let shapes = own.shapes(own.weightCounts)
    if let shape = own.run.changedShapes[layer.name] ?? shapes[layer.name], !shape.isEmpty {
      let columns = shape[1...].reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
      if shape[0] > 0, columns > 0 { return (shape[0], columns) }
    }
    guard let grid = layer.density.flatMap({ run.grids[$0]?.grid }), !grid.values.isEmpty else {
      return nil
    }
    return (grid.rows, grid.columns)
  }

  func isConvolution(_ layer: Layer) -> Bool {
    run.manifest?.layers.first { $0.name == layer.name }.map { $0.shape.count > 2 } ?? false
  }

  /// What a row and a column of the matrix are.
  func axisNames(_ layer: Layer) -> (row: String, column: String) {
    isConvolution(layer) ? ("filter", "weight") : ("output", "input")
  }

  /// The file with the newest weights: a weights file that is shown itself, or the newest
  /// checkpoint; nil when there is none.
  var weightsFile: String? {
    let suffix = ".safetensors"
    if run.path.hasSuffix(suffix) { return run.path }
    for record in run.journal.reversed() {
      guard case .checkpoint(let name) = record.entry else { continue }
      // A name from a log is no way out of its directory.
      guard !name.contains("/"), name.hasSuffix(suffix) else { return nil }
      return Path.join(RunDirectory(path: run.path).checkpointsPath, name)
    }
    return nil
  }
}
