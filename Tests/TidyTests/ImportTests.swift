import OperatingSystem
import TestSupport
import Testing

struct ImportTests {
  @Test func modulesImportOnlyWhatTheTableAllows() throws {
    for file in try SourceFile.all(in: "Sources") where file.isSwift {
      let allowed = ImportTable.modules[file.target, default: []].union(ImportTable.system)
      let forbidden = file.imports.filter { !allowed.contains($0) }
      #expect(forbidden.isEmpty, "\(file.path) imports \(forbidden)")
    }
  }

  @Test func testsDoWithoutFoundationAndXCTest() throws {
    for file in try SourceFile.all(in: "Tests") where file.isSwift {
      let allowed = Set(ImportTable.modules.keys).union(ImportTable.system)
        .union(["Testing", "TestSupport"])
      let forbidden = file.imports.filter { !allowed.contains($0) }
      #expect(forbidden.isEmpty, "\(file.path) imports \(forbidden)")
    }
  }

  @Test func theTableHasEveryModule() throws {
    let directories = try LocalFileSystem().entries(of: Repository.path("Sources"))
    #expect(Set(directories) == Set(ImportTable.modules.keys))
  }

  @Test func thePackageHasTheArrowsOfTheTable() throws {
    let bytes = try LocalFileSystem().contents(
      of: Repository.path("Package.swift"), limit: 1 << 20)
    let targets = Self.dependencies(inManifest: String(decoding: bytes, as: UTF8.self))
    for (module, imports) in ImportTable.modules {
      let dependencies = try #require(targets[module], "\(module) is no target")
      #expect(dependencies == imports, "\(module)")
    }
    let others = Set(targets.keys).subtracting(ImportTable.modules.keys)
    let helpers: Set = ["TestSupport", "FuzzFormats"]
    #expect(others.allSatisfy { helpers.contains($0) || $0.hasSuffix("Tests") }, "\(others)")
  }

  @Test func theReadmeShowsTheTable() throws {
    let bytes = try LocalFileSystem().contents(of: Repository.path("README.md"), limit: 1 << 20)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let cModules = Set(["CKernels", "CNcurses", "COpenBLAS", "CSystem"])
    let swiftModules = Set(ImportTable.modules.keys).subtracting(cModules)
    let table = lines.drop { $0 != "| module | imports |" }.dropFirst(2)
    var shown: [String: Set<String>] = [:]
    for line in table.prefix(while: { $0.hasPrefix("|") }) {
      let cells = line.split(separator: "|").map { cell in
        cell.split { $0 == "," || $0 == " " }.map { String($0) }
      }
      try #require(cells.count == 2, "\(line)")
      for module in cells[0] {
        let isNone = cells[1] == ["–"]
        let isAll = cells[1].first == "all"
        shown[module] = isNone ? [] : isAll ? swiftModules.subtracting([module]) : Set(cells[1])
      }
    }
    #expect(shown == ImportTable.modules.filter { swiftModules.contains($0.key) })
  }

  /// What stands in quotes in each target's `dependencies: […]`, by the target's name.
  static func dependencies(inManifest text: String) -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    // The first name is the package's.
    for target in text.split(separator: "name: \"").dropFirst(2) {
      let name = String(target.prefix { $0 != "\"" })
      let list = target.firstRange(of: "dependencies: [").map { target[$0.upperBound...] } ?? ""
      result[name] = Set(quoted(list.prefix { $0 != "]" }))
    }
    return result
  }

  private static func quoted(_ text: Substring) -> [String] {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return stride(from: 1, to: parts.count, by: 2).map { String(parts[$0]) }
  }

  @Test func manifestsAreUnderstood() {
    let manifest = """
      let package = Package(name: "x", targets: [
        .target(name: "A"), .systemLibrary(name: "S", providers: [.apt(["lib"])]),
        .executableTarget(
          name: "B", dependencies: [
            "A", "S",
          ]),
        .testTarget(name: "C", dependencies: ["B"]),
      ])
      """
    #expect(
      Self.dependencies(inManifest: manifest) == ["A": [], "S": [], "B": ["A", "S"], "C": ["B"]])
  }

  @Test func importsAreUnderstood() {
    let file = SourceFile(
      path: "Sources/X/Y.swift",
      text: """
        import A
        @testable import B
        @preconcurrency public import struct C.D
        // import E
        let importF = 1
        """)
    #expect(file.imports == ["A", "B", "C"])
    #expect(file.target == "X")
  }
}
