import JSONText
import RunLog
import RunModel
import Testing

@testable import nntop

struct PointWriterTests {
  private static func run(_ name: String, _ points: [ScalarPoint]) -> Run {
    var run = Run(path: "runs/a", name: name)
    for point in points { run.apply(.scalar(point)) }
    return run
  }

  private func lines(_ run: Run, csv: Bool, pattern: String? = nil) -> [String] {
    var text = ""
    PointWriter(run: run, isCSV: csv, pattern: pattern).write { text += $0 }
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  @Test func pointsByTagAndStep() {
    let run = Self.run(
      "digits",
      [
        .init(tag: "val/loss", step: 2, wallTime: 10.5, value: 0.1),
        .init(tag: "train/loss", step: 1, wallTime: 9, value: 1 / 3),
        .init(tag: "train/loss", step: 2, wallTime: 9.25, value: .nan),
        .init(tag: "train/loss", step: 3, wallTime: 9.5, value: -.infinity),
      ])
    #expect(
      lines(run, csv: true) == [
        "digits,train/loss,1,9.0,0.33333334", "digits,train/loss,2,9.25,NaN",
        "digits,train/loss,3,9.5,-Infinity", "digits,val/loss,2,10.5,0.1",
      ])
    #expect(lines(run, csv: true, pattern: "val/*") == ["digits,val/loss,2,10.5,0.1"])
    #expect(lines(run, csv: true, pattern: "loss") == [])
    #expect(
      lines(run, csv: false, pattern: "v*")
        == [#"{"run":"digits","tag":"val/loss","step":2,"wall_time":10.5,"value":0.1}"#])
  }

  @Test(arguments: [
    ("plain", "plain"), ("a,b", #""a,b""#), (#"say "hi""#, #""say ""hi""""#),
    ("two\nlines", "\"two\nlines\""), ("back\rhome", "\"back\rhome\""),
    ("ends\r\n", "\"ends\r\n\""),
    (#"""#, #""""""#), (" spaced ", " spaced "), ("", ""),
  ])
  func namesAreQuotedAsRFC4180Says(name: String, quoted: String) {
    let run = Self.run(name, [.init(tag: "t,1", step: 1, wallTime: 2, value: 3)])
    var text = ""
    PointWriter(run: run, isCSV: true, pattern: nil).write { text += $0 }
    #expect(text == quoted + #","t,1",1,2.0,3.0"# + "\n")
  }

  /// Whatever a log claims, each line is JSON with the same keys.
  @Test func everyLineIsJSON() throws {
    let times = [0, 1.5, -1, .nan, .infinity, -.infinity, 1e300]
    let points = times.enumerated().map { index, time in
      ScalarPoint(tag: "a\"\\\u{1}b", step: Int64(index), wallTime: time, value: .infinity)
    }
    let run = Self.run("evil\n\u{1B}", points)
    let lines = lines(run, csv: false)
    #expect(lines.count == times.count)
    for (line, time) in zip(lines, times) {
      let node = try JSONReader(options: .record).read(line)
      #expect(node.members?.map(\.name) == ["run", "tag", "step", "wall_time", "value"])
      #expect(node["run"]?.string == run.name)
      #expect(node["wall_time"]?.double?.isNaN == time.isNaN)
      #expect(node["value"]?.double == .infinity)
    }
  }

  @Test func longExportsComeInPieces() {
    let points = (0..<5000).map {
      ScalarPoint(tag: "loss", step: Int64($0), wallTime: 1, value: 2)
    }
    var pieces: [String] = []
    PointWriter(run: Self.run("r", points), isCSV: true, pattern: nil).write { pieces.append($0) }
    #expect(pieces.count > 1)
    #expect(pieces.allSatisfy { $0.utf8.count < 1 << 17 })
    let lines = pieces.joined().split(separator: "\n")
    #expect(lines.count == 5000)
    #expect(lines.last == "r,loss,4999,1.0,2.0")
  }
}
