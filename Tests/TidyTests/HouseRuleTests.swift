import OperatingSystem
import TestSupport
import Testing

/// The house rules that a machine can see.
struct HouseRuleTests {
  private static let columnsMax = 100
  private static let functionLinesMax = 80

  private func allFiles() throws -> [SourceFile] {
    try SourceFile.all(in: "Sources") + SourceFile.all(in: "Tests")
  }

  @Test func linesAreShortAndClean() throws {
    for file in try allFiles() {
      for (index, line) in file.lines.enumerated() {
        let place = "\(file.path):\(index + 1)"
        #expect(line.count <= Self.columnsMax, "\(place) is too long")
        #expect(!line.contains("\t"), "\(place) has a tab")
        #expect(line.last != " ", "\(place) ends with a space")
        #expect(line.last != "\r", "\(place) ends with a carriage return")
      }
      #expect(file.text.hasSuffix("\n") && !file.text.hasSuffix("\n\n"), "\(file.path)'s end")
    }
  }

  @Test func nothingIsUnwrappedByForce() throws {
    for file in try allFiles() where file.isSwift {
      let lines = Self.forcedLines(file.text)
      #expect(lines.isEmpty, "\(file.path):\(lines)")
    }
  }

  /// Lines with `try!`, `as!`, `x!`, `f()!` or `a[0]!`.
  static func forcedLines(_ text: String) -> [Int] {
    let code = SwiftCode.only(text)
    var lines: [Int] = []
    var line = 1
    for index in code.indices {
      if code[index] == UInt8(ascii: "\n") { line += 1 }
      guard code[index] == UInt8(ascii: "!"), index > 0 else { continue }
      let before = Character(UnicodeScalar(code[index - 1]))
      let isPostfix = before.isLetter || before.isNumber || "_)]\"`?".contains(before)
      let isComparison = index + 1 < code.count && code[index + 1] == UInt8(ascii: "=")
      if isPostfix && !isComparison { lines.append(line) }
    }
    return lines
  }

  @Test func emptyCatchesSayWhy() throws {
    for file in try allFiles() where file.isSwift {
      let lines = Self.silentCatches(file.text)
      #expect(lines.isEmpty, "\(file.path):\(lines)")
    }
  }

  /// Lines with a `catch` whose body has neither code nor comment.
  static func silentCatches(_ text: String) -> [Int] {
    let code = SwiftCode.only(text)
    let bytes = Array(text.utf8)
    let keyword = Array("catch".utf8)
    return code.indices.compactMap { index -> Int? in
      guard code[index...].starts(with: keyword),
        let open = code[index...].firstIndex(of: UInt8(ascii: "{")),
        let close = code[open...].firstIndex(of: UInt8(ascii: "}")),
        code[(open + 1)..<close].allSatisfy({ $0 == UInt8(ascii: " ") || $0 == 10 })
      else { return nil }
      let lineEnd = bytes[close...].firstIndex(of: 10) ?? bytes.endIndex
      let remark = String(decoding: bytes[open..<lineEnd], as: UTF8.self)
      return remark.contains("//") ? nil : 1 + code[..<index].count { $0 == 10 }
    }
  }

  @Test func filesAreNamedAfterThings() throws {
    for file in try allFiles() {
      for word in ["Utils", "Util.", "Helper", "Manager", "Common", "Misc"] {
        #expect(!file.name.contains(word), "\(file.path)")
      }
    }
  }

  @Test func functionsAreShort() throws {
    for file in try allFiles() where file.isSwift {
      for (line, length) in Self.functions(file.text) where length > Self.functionLinesMax {
        Issue.record("\(file.path):\(line) is a function of \(length) lines")
      }
    }
  }

  /// Each function's first line and its number of lines, told by the indentation, which `swift
  /// format` keeps.
  static func functions(_ text: String) -> [(line: Int, length: Int)] {
    let lines = String(decoding: SwiftCode.only(text), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    func depth(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }
    return lines.indices.compactMap { start -> (Int, Int)? in
      let words = lines[start].split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" }
      guard
        words.contains("func") || words.first == "init" || words.contains("deinit")
          || (words.contains("init") && lines[start].contains("("))
      else { return nil }
      let indentation = depth(lines[start])
      for line in start..<lines.count {
        let trimmed = lines[line].reversed().drop { $0 == " " }.reversed()
        let isInside =
          line == start || trimmed.isEmpty || depth(lines[line]) > indentation
          || lines[line].dropFirst(indentation).first == ")"
          || lines[line].dropFirst(indentation).hasPrefix("where ")
        if !isInside {
          // Its closing brace; anything else: a requirement, which has no body.
          let isEnd = lines[line].dropFirst(indentation).first == "}"
          return isEnd && depth(lines[line]) == indentation ? (start + 1, line - start + 1) : nil
        }
      }
      return nil
    }
  }

  @Test func theTopLevelHoldsTheMap() throws {
    let names = try LocalFileSystem().entries(of: Repository.root)
      .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
    let expected = ["Package.swift", "Sources", "Tests", "themes", "sample-runs", "README.md"]
    #expect(Set(names).isSubset(of: expected), "\(names)")
    // The C library's test double and the like would hide here.
    #expect(Set(names).isSuperset(of: ["Package.swift", "Sources", "Tests"]))
  }

  /// One file per method, each named in the list beside the protocol.
  @Test(arguments: [
    ("NeuralNetwork/Layers", "NeuralNetwork/Layer"),
    ("NeuralNetwork/Optimizers", "NeuralNetwork/Optimizer"),
    ("NeuralNetwork/Pruning", "NeuralNetwork/PruningMethod"),
    ("NeuralNetwork/Schedules", "NeuralNetwork/LearningRateSchedule"),
    ("NeuralNetwork/Losses", "NeuralNetwork/Loss"),
    ("Training/Data/Sources", "Training/Data/DataSource"),
    ("ArchitectureSearch/Spaces", "ArchitectureSearch/SearchSpace"),
    ("ArchitectureSearch/Strategies", "ArchitectureSearch/SearchStrategy"),
    ("ArchitectureSearch/ZeroCost", "ArchitectureSearch/ZeroCostScore"),
  ])
  func everyMethodIsInItsCatalogue(folder: String, list: String) throws {
    let files = try SourceFile.all(in: "Sources/\(folder)")
    #expect(!files.isEmpty)
    let parent = Path.parent(of: "Sources/\(list)")
    let catalogue = try #require(
      try SourceFile.all(in: parent).first { $0.path == "Sources/\(list).swift" })
    for file in files {
      let entry = file.name.dropLast(".swift".count) + ".self"
      #expect(catalogue.text.contains(entry), "\(entry) is missing in \(catalogue.path)")
    }
  }
}

/// The rules' own eyes are tested, too.
struct HouseRuleReaderTests {
  @Test func commentsAndStringsAreNoCode() {
    let text = [
      ##"let a = "x!" // y!"##, ##"let b = "\(c["k!"] ?? "!" + f())!" /* z! */"##,
      ##"let g = #"!"\#(h)!"# + d"##, ##"let i = """"##, ##"  !"quoted"!"##, ##"  """ + j"##,
    ].joined(separator: "\n")
    let code = String(decoding: SwiftCode.only(text), as: UTF8.self)
    #expect(code.utf8.count == text.utf8.count)
    #expect(!code.contains("!"))
    for name in ["let a", "let b", "c[", "f()", "(h)", "+ d", "+ j"] {
      #expect(code.contains(name), "\(name)")
    }
  }

  @Test func forceIsSeen() {
    let text = """
      let a = try! f()
      let b = g()! + h[0]!
      if !x, a != b, a!=b { print(!y) }
      let c = d as! E
      var z: Int! = 1
      let s = "no!"
      """
    #expect(HouseRuleTests.forcedLines(text) == [1, 2, 2, 4, 5])
  }

  @Test func silentCatchesAreSeen() {
    let text = """
      do { try f() } catch {}
      do { try f() } catch {}  // nothing can be done
      do { try f() } catch let error as E {
      }
      do { try f() } catch {
        // nothing can be done
      }
      do { try f() } catch { return }
      """
    #expect(HouseRuleTests.silentCatches(text) == [1, 3])
  }

  @Test func functionsAreMeasured() {
    let text = """
      protocol P {
        func a()
        init(b: Int)
      }
      struct S: P {
        func a() {
          if x {
          }
        }
        func c(
          d: Int
        ) -> Int
        where T: P {
          1
        }

        init?(b: Int) {
        }
        func one() { 1 }
      }
      """
    let found = HouseRuleTests.functions(text)
    #expect(found.map(\.line) == [6, 10, 17])
    #expect(found.map(\.length) == [4, 6, 2])
  }
}
