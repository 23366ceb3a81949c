import OperatingSystem
import TensorFiles

/// A part of a layer's weights in a grid of few cells, read from a checkpoint or a weights file.
public struct WeightRegion: Sendable, Equatable {
  /// What is wanted of which file.
  public struct Request: Sendable, Equatable {
    /// The safetensors file.
    public var path: String
    /// Whose weights: `linear1` of a tensor `linear1.weight`.
    public var layer: String
    /// Of the matrix [first axis, all others].
    public var rows, columns: Range<Int>
    /// Cells at most.
    public var gridRows, gridColumns: Int

    public init(
      path: String, layer: String, rows: Range<Int>, columns: Range<Int>, gridRows: Int,
      gridColumns: Int
    ) {
      self.path = path
      self.layer = layer
      self.rows = rows
      self.columns = columns
      self.gridRows = gridRows
      self.gridColumns = gridColumns
    }

    /// Weights in it.
    public var count: Int {
      let product = rows.count.multipliedReportingOverflow(by: columns.count)
      return product.overflow ? .max : product.partialValue
    }
  }

  /// The part of the matrix that was read; all of it where there is no such part.
  public let rows, columns: Range<Int>
  /// Of the whole matrix.
  public let rowCount, columnCount: Int
  public let gridRows, gridColumns: Int
  /// Of each cell, row by row: the part of its weights that is not 0.
  public let densities: [Float]
  /// Of each cell the mean of the absolute values.
  public let magnitudes: [Float]
  /// Of each cell that is one weight its value.
  public let values: [Float?]

  /// Weights of a region at most, so that a look takes no longer than a moment.
  public static let weightsMax = 1 << 24

  /// Reads the region, and nothing else of the file.
  /// - Throws: what is wrong with the file, or that it has no such weights.
  public static func read(
    _ request: Request, files: any FileSystem = LocalFileSystem()
  ) throws(WeightRegionError) -> WeightRegion {
    do throws(TensorFileError) {
      let reader = try SafetensorsReader(request.path, files: files)
      let names = [request.layer + ".weight", request.layer]
      guard let tensor = names.lazy.compactMap({ reader.header[$0] }).first else {
        throw TensorFileError(
          path: request.path, problem: "it has no weights of \(request.layer)", advice: "")
      }
      let rowCount = max(1, tensor.shape.first ?? 1)
      let matrix = (rows: 0..<rowCount, columns: 0..<tensor.elementCount / rowCount)
      var part = request
      part.rows = part.rows.clamped(to: matrix.rows)
      part.columns = part.columns.clamped(to: matrix.columns)
      if part.rows.isEmpty { part.rows = matrix.rows }
      if part.columns.isEmpty { part.columns = matrix.columns }
      guard part.count <= weightsMax,
        let region = try TensorRegion.read(
          rows: part.rows, columns: part.columns, of: tensor, in: reader,
          gridRows: request.gridRows, gridColumns: request.gridColumns)
      else {
        throw TensorFileError(
          path: request.path, problem: "this part of \(request.layer) cannot be read", advice: "")
      }
      return WeightRegion(
        region, rowCount: matrix.rows.count, columnCount: matrix.columns.count)
    } catch {
      throw WeightRegionError(reason: "\(error)")
    }
  }

  private init(_ region: TensorRegion, rowCount: Int, columnCount: Int) {
    (self.rowCount, self.columnCount) = (rowCount, columnCount)
    (rows, columns) = (region.rows, region.columns)
    (gridRows, gridColumns) = (region.gridRows, region.gridColumns)
    densities = region.cells.map(\.density)
    magnitudes = region.cells.map(\.meanMagnitude)
    values = region.cells.map(\.value)
  }

  public init(
    rows: Range<Int>, columns: Range<Int>, rowCount: Int, columnCount: Int, gridRows: Int,
    gridColumns: Int, densities: [Float], magnitudes: [Float], values: [Float?]
  ) {
    (self.rows, self.columns) = (rows, columns)
    (self.rowCount, self.columnCount) = (rowCount, columnCount)
    (self.gridRows, self.gridColumns) = (gridRows, gridColumns)
    (self.densities, self.magnitudes, self.values) = (densities, magnitudes, values)
  }
}

/// Why a part of a layer's weights could not be read.
public struct WeightRegionError: Error, Equatable, Sendable {
  public let reason: String
}
