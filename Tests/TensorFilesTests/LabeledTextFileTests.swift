import OperatingSystem
import Testing

@testable import TensorFiles

@Suite struct LabeledTextFileTests {
  private func read(
    _ text: String, label: LabeledTextFile.LabelColumn = .last
  ) throws -> LabeledTextFile {
    let directory = try TemporaryDirectory()
    return try LabeledTextFile.read(try directory.file("x.csv", Array(text.utf8)), label: label)
  }

  private func complaint(
    _ bytes: [UInt8], label: LabeledTextFile.LabelColumn = .last
  ) throws -> String {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x.csv", bytes)
    let error = #expect(throws: TensorFileError.self) {
      try LabeledTextFile.read(path, label: label)
    }
    let line = error.map { String($0.description.dropFirst(directory.path.count + 1)) } ?? ""
    #expect(!line.contains("\n"))
    return line
  }

  private func complaint(
    _ text: String, label: LabeledTextFile.LabelColumn = .last
  ) throws -> String {
    try complaint(Array(text.utf8), label: label)
  }

  @Test(arguments: [
    "a,b,kind\n1,2.5,x\n-3,4e2,y\n", "a;b;kind\r\n1;2.5;x\r\n-3;4e2;y\r\n",
    "a\tb\tkind\n1\t2.5\tx\n-3\t4e2\ty", "\u{FEFF}\n\na,b,kind\n\n1 , 2.5 , x\n  \n-3,4e2,y\n\n",
    "\"a\",\"b\",\"kind\"\n\"1\",\"2.5\",\"x\"\n\"-3\",+400.0,y", "a,b,kind\r1,2.5,x\r-3,4e2,y\r",
  ])
  func tablesAreReadHoweverTheyAreWritten(text: String) throws {
    let table = try read(text)
    #expect(table.hasHeader && table.columnNames == ["a", "b"])
    #expect(table.features == [1, 2.5, -3, 400])
    #expect(table.labels == ["x", "y"])
  }

  @Test func aHeaderIsRecognised() throws {
    #expect(try read("1,2,x\n3,4,y").hasHeader == false)
    #expect(try read("1,2,x\n3,4,y").columnNames == ["column 0", "column 1"])
    #expect(try read("a,b,c\n3,4,y").hasHeader)
    #expect(try read("1,2,3\n4,5,6").labels == ["3", "6"])
    #expect(try read("y,1,2\nx,3,4", label: .index(0)).labels == ["y", "x"])
    #expect(try read("y,1,2\nx,3,4", label: .index(0)).features == [1, 2, 3, 4])
  }

  @Test func theLabelIsFoundByNameOrIndex() throws {
    let text = "a,kind,b\n1,x,2\n3,y,4"
    for label in [LabeledTextFile.LabelColumn.named("kind"), .index(1)] {
      let table = try read(text, label: label)
      #expect(table.columnNames == ["a", "b"] && table.labels == ["x", "y"])
      #expect(table.features == [1, 2, 3, 4] && table.lines == [2, 3])
    }
    #expect(try read("1,2\n3,4\n", label: .named("2")).labels == ["4"])
  }

  @Test func quotedFieldsHoldAnything() throws {
    let table = try read("a,kind\n1,\"say \"\"x, y\"\"\nand z\"\n2,plain \"q\" text\n")
    #expect(table.labels == ["say \"x, y\"\nand z", "plain \"q\" text"])
    #expect(table.lines == [2, 4])
  }

  @Test(arguments: [
    ("a,b\n1,x\n,y\n", "x.csv:3: a: the value is missing (''): fill it in, or remove the row"),
    ("a,b\n1,x\nNaN,y\n", "x.csv:3: a: the value is missing ('NaN')"),
    ("1,x\n?,y\n", "x.csv:2: column 0: the value is missing ('?')"),
    ("NA,x\n1,y\n", "x.csv:1: column 0: the value is missing ('NA')"),
    ("a,b\n1,x\n2,\n", "x.csv:3: b: the value is missing"),
    ("a,b\n1,x\ntwo,y\n", "x.csv:3: a: found 'two', expected a number such as -1.5e3"),
    ("a;b\n1;x\n1,5;y\n", "x.csv:3: a: found '1,5', expected a number"),
    ("a,b\n0x10,x\n", "x.csv:2: a: found '0x10', expected a number"),
    ("a,b\ninf,x\n", "x.csv:2: a: found 'inf', expected a number"),
    ("a,b\n1e39,x\n", "x.csv:2: a: 1e39 is too large"),
    ("a,b\n1,x\n1,2,3\n", "x.csv:3: 3 columns, the first line has 2: quote a text"),
    ("a,b\n1,\"x\n", "x.csv:2: a quote is not closed: close it"),
    ("a,b\n1,\"x\"y\n", "x.csv:2: text follows a closing quote"),
    ("", "x.csv: it is empty"), ("\n\n \n", "x.csv: it is empty"),
    ("a,b\n", "x.csv:1: there are no rows behind the header"),
    ("a\n1\n", "x.csv:1: there is one column only"),
  ])
  func mistakesNameTheLine(text: String, expected: String) throws {
    let line = try complaint(text)
    #expect(line.hasPrefix(expected), "\(line)")
  }

  @Test func labelsThatAreNotThereAreTold() throws {
    #expect(
      try complaint("first,species\n1,x", label: .named("specis")).hasPrefix(
        "x.csv:1: no column is named 'specis'; did you mean 'species'?: "))
    #expect(
      try complaint("a,b\n1,x", label: .index(2)).hasPrefix(
        "x.csv:1: there is no column 2; the columns are 0 to 1"))
    #expect(try complaint([0xFF, 0xFE, 0x61, 0]).contains("UTF-16"))
  }

  @Test func anyBytesAreReadOrTold() throws {
    let directory = try TemporaryDirectory()
    var state: UInt64 = 1
    let letters = Array("\"\",,;\t\n\r1.e-x \u{0}".utf8) + [0xFF]
    for _ in 0..<500 {
      let bytes = (0..<40).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return letters[Int(state >> 33) % letters.count]
      }
      let path = try directory.file("x.csv", bytes)
      do throws(TensorFileError) {
        let table = try LabeledTextFile.read(path)
        #expect(table.features.count == table.labels.count * table.columnNames.count)
      } catch {
        #expect(!error.problem.isEmpty)
      }
    }
  }
}
