import ArchitectureSearch
import JSONText
import OperatingSystem
import Tensors

/// `nntop search --enumerate nasbench101`: counts the cells of a space, and lists them.
struct SpaceEnumeration {
  private let verticesMax: Int
  private let isListing, isJSON: Bool

  init(_ space: String, _ arguments: Arguments) throws {
    guard space == NASBench101Space.kind else {
      throw UsageError(
        "--enumerate \(space): only \"\(NASBench101Space.kind)\" has cells to count")
    }
    verticesMax = Int(
      try arguments.number("vertices", in: 2...Double(NASBenchCell.verticesMax))
        ?? Double(NASBenchCell.verticesMax))
    isListing = arguments.has("list")
    isJSON = arguments.has("json")
  }

  func run() -> Int32 {
    let clock = SystemClock()
    let start = clock.monotonicSeconds()
    var display = ProgressLines(isTerminal: true)
    let showsProgress = Output.isTerminal && !isListing
    let found = NASBenchEnumeration(
      verticesMax: verticesMax, pool: WorkerPool(threadCount: Environment.processorCount)
    ) { done in
      if showsProgress { display.show("hashing cells", fraction: done) }
    }
    if showsProgress { display.finish() }
    if isListing { list(found) } else { count(found, clock.monotonicSeconds() - start) }
    return 0
  }

  /// A line a cell: hash, vertices, edges, parameters under the published skeleton, the cell.
  private func list(_ found: NASBenchEnumeration) {
    var lines = ""
    let bytesPerWrite = 1 << 16
    for unique in found.cells {
      let cell = unique.cell
      let parameters = NASBenchSkeleton.published.parameters(of: cell)
      if isJSON {
        let json: JSON = [
          "hash": .string(unique.digest.text), "vertices": .integer(Int64(cell.vertexCount)),
          "edges": .integer(Int64(cell.edgeCount)), "parameters": .integer(Int64(parameters)),
          "adjacency": .string(cell.adjacencyDigits), "operations": .string(cell.operationNames),
        ]
        lines += json.text() + "\n"
      } else {
        lines +=
          "\(unique.digest.text) \(cell.vertexCount) \(cell.edgeCount) \(parameters) \(cell.text)\n"
      }
      if lines.utf8.count >= bytesPerWrite {
        Output.write(lines)
        lines = ""
      }
    }
    Output.write(lines)
  }

  private func count(_ found: NASBenchEnumeration, _ seconds: Double) {
    var counts: [Int: Int] = [:]
    for unique in found.cells { counts[unique.cell.vertexCount, default: 0] += 1 }
    let rounded = (seconds * 100).rounded() / 100
    if isJSON {
      let byVertices = counts.sorted { $0.key < $1.key }.map {
        JSON.Member(name: "\($0.key)", value: .integer(Int64($0.value)))
      }
      let json: JSON = [
        "schema": 1, "space": .string(NASBench101Space.kind),
        "cells": .integer(Int64(found.cells.count)), "byVertices": .object(byVertices),
        "seconds": .number(rounded),
      ]
      return Output.line(json.text())
    }
    for (vertices, count) in counts.sorted(by: { $0.key < $1.key }) {
      Output.line("\(vertices) vertices: \(count) cells")
    }
    Output.line("\(found.cells.count) cells in \(rounded) s")
  }
}
