import JSONText
import OperatingSystem
import TestSupport
import Testing

@testable import ArchitectureSearch

/// What Python finds of NAS-Bench-101, recorded by `Truth/make_nasbench.py`.
enum NASBenchTruth {
  struct RecordedCell {
    let cell: NASBenchCell
    let identity: String
    let parameters, parametersOfSmall: Int
  }

  struct Pruning {
    let cell: NASBenchCell
    let pruned: NASBenchCell?
  }

  struct Enumeration {
    let vertices, cells: Int
    /// Cells of 1, 2, …, 9 edges.
    let byEdges: [Int]
    /// Of all hashes in order, each on a line.
    let md5: String
  }

  private static let file: JSON = {
    do {
      let path = Repository.path("Tests/ArchitectureSearchTests/Truth/nasbench.json")
      let bytes = try LocalFileSystem().contents(of: path, limit: 1 << 22)
      return try JSONReader().read(bytes).json
    } catch {
      Issue.record("nasbench.json: \(error)")
      return nil
    }
  }()

  static func digests() throws -> [String] {
    try #require(file["digests"]?.array).compactMap(\.string)
  }

  static func cells() throws -> [RecordedCell] {
    try #require(file["cells"]?.array).map { json in
      RecordedCell(
        cell: try cell(json), identity: try #require(json["identity"]?.string),
        parameters: try integer(json, "parameters"),
        parametersOfSmall: try integer(json, "parametersOfSmall"))
    }
  }

  static func prunings() throws -> [Pruning] {
    try #require(file["prunings"]?.array).map { json in
      let words = json["pruned"]?.array?.compactMap(\.string)
      let pruned = try words.map { words in
        try #require(NASBenchCell(adjacencyDigits: words[0], operations: words[1]))
      }
      return Pruning(cell: try cell(json), pruned: pruned)
    }
  }

  static func enumerations() throws -> [Enumeration] {
    try #require(file["enumerations"]?.array).map { json in
      Enumeration(
        vertices: try integer(json, "vertices"), cells: try integer(json, "cells"),
        byEdges: try #require(json["byEdges"]?.array).compactMap { $0.integer.map { Int($0) } },
        md5: try #require(json["md5"]?.string))
    }
  }

  private static func cell(_ json: JSON) throws -> NASBenchCell {
    let digits = try #require(json["adjacency"]?.string)
    let operations = try #require(json["operations"]?.string)
    return try #require(NASBenchCell(adjacencyDigits: digits, operations: operations))
  }

  private static func integer(_ json: JSON, _ name: String) throws -> Int {
    Int(try #require(json[name]?.integer))
  }
}

extension NASBenchCell {
  /// - Parameters:
  ///   - rows: of the matrix, with spaces between them.
  ///   - labels: of the inner vertices, as digits.
  static func published(_ rows: String, _ labels: String) throws -> NASBenchCell {
    let names = try labels.utf8.map { digit in
      try #require(NASBenchOperation(rawValue: digit - UInt8(ascii: "0"))).publishedName
    }
    return try #require(
      NASBenchCell(
        adjacencyDigits: rows.filter { $0 != " " },
        operations: (["input"] + names + ["output"]).joined(separator: ",")))
  }

  /// The one that the publication compares with Inception.
  static func inceptionLike() throws -> NASBenchCell {
    try published("0111010 0000001 0000001 0000100 0000001 0000001 0000000", "10002")
  }
}
