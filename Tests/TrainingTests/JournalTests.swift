import JSONText
import OperatingSystem
import RunLog
import Testing

@testable import Training

@Suite struct JournalTests {
  typealias Wish = TestRun.Wish

  /// Every record stands alone on its line, is an object, and has at most 4,096 bytes with the line
  /// breaks around it.
  static func checkRecords(of run: TestRun) throws {
    let lines = try run.bytes(of: run.directory.journalPath)
      .split(separator: UInt8(ascii: "\n"))
    #expect(!lines.isEmpty)
    for line in lines {
      #expect(line.count + 2 <= JSONLinesWriter.recordSizeMax)
      let node = try JSONReader(options: .record).read(Array(line))
      #expect(JournalRecord(node) != nil && node["v"]?.integer == 1)
    }
  }

  @Test func theLayersOfADeepNetworkAreSplitOverRecords() throws {
    let layers = (0..<60).map { _ in #"{"kind": "linear", "outputs": 10}"# }
    let run = try TestRun([
      "model.layers=[\(layers.joined(separator: ","))]", "epochs=1", "optimizer.learningRate=0",
    ])
    let all = (1...60).map { "linear\($0)" }
    try run.train([
      Wish(1, .prune(0.5)), Wish(2, .prune(0.6, layers: all)), Wish(3, .prune(0.7, preview: true)),
    ])
    try Self.checkRecords(of: run)
    var parts: [String: [JournalRecord.LayerChange]] = [:]
    for record in try run.journal() {
      if case .layers(let id, let layers) = record.entry { parts[id, default: []] += layers }
    }
    for id in 0...2 {
      let answer = try run.answer(TestRun.id(id)).answer
      #expect(answer.status != .refused, "\(answer.reason ?? "")")
      #expect((parts[answer.id, default: []] + answer.layers).map(\.name) == all)
    }
  }

  @Test func everyRecordIsWhole() throws {
    let run = try TestRun([#"pruning=[{"epoch": 1, "sparsity": 0.2}]"#])
    try run.train(KillTests.wishes)
    try Self.checkRecords(of: run)
    let kinds = Set(try run.journal().map(\.kind))
    #expect(kinds.isSuperset(of: ["phase", "answer", "prune", "undo", "checkpoint"]))
    #expect(try run.phases().last?.stepsPerEpoch == 8)
  }
}
