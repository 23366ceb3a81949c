import JSONText
import Testing

@testable import RunLog

struct JournalRecordTests {
  private static let layer = JournalRecord.LayerChange(
    name: "linear1", before: 0.25, after: 0.5, parameters: 1000, flops: 2000)
  private static let removed = JournalRecord.LayerChange(
    name: "linear1", before: 0, after: 0.5, parameters: 1000, flops: 2000, channelsBefore: 300,
    channelsAfter: 157, threshold: 0.0625)

  private static let entries: [JournalRecord.Entry] =
    JournalRecord.Phase.Name.allCases.map { .phase(.init($0)) } + [
      .phase(.init(.failed, reason: "why \u{1b}", finalStep: 9, stepsPerEpoch: 3)),
      .answer(.init(id: "0123456789abcdef", status: .applied)),
      .answer(.init(id: "0123456789abcdef", status: .refused, reason: "no")),
      .answer(
        .init(
          id: "0123456789abcdef", status: .previewed, request: ["command": "prune"],
          old: .number(0.5), new: .number(0.25), layers: [layer, removed])),
      .layers(id: "0123456789abcdef", [layer, removed]),
      .prune(
        .init(
          method: "magnitude", scope: "global", before: 0, after: 0.8125,
          size: .init(parameters: 7, flops: 1 << 60))),
      .prune(
        .init(
          method: "l2", scope: "linear1 linear2", before: 0, after: 0.5,
          sizeBefore: .init(parameters: 266_610, flops: 532_800, bytes: 1_066_440),
          size: .init(parameters: 100_000, flops: 200_000, bytes: 400_000))),
      .pruning(.init(method: "aofp", target: 0.5, scope: "global", isOver: false)),
      .pruning(
        .init(method: "aofp", target: 0.5, scope: "linear1", isOver: true, finalStep: 900)),
      .shapes(
        .init(
          first: 40,
          layers: [.init(name: "linear1", shape: [157, 784]), .init(name: "a", shape: [])]
        )),
      .round(
        .init(
          method: "iterative", number: 3, last: 10, sparsity: 0.488, loss: 0.125, accuracy: 0.965,
          epochs: 2.5)),
      .round(
        .init(
          method: "iterative", number: 0, last: 0, sparsity: 0, loss: 0.5, accuracy: nil,
          epochs: 0)),
      .undo(.init(command: "prune", restoredStep: 3, finalStep: 500)),
      .checkpoint(name: "step-000000003-00"), .restore(name: "step-000000003-00"),
      .branch(name: "child", path: "/runs/child"),
      .alert("hot"), .note("words ü 🙂"), .other(kind: "candidate", ["id": 7, "x": [1, nil]]),
    ]

  @Test(arguments: entries)
  func everyEntrySurvivesItsText(entry: JournalRecord.Entry) throws {
    let record = JournalRecord(wallTime: 1234.5, step: 77, entry)
    let text = record.json.text(nonFinite: .token)
    #expect(JournalRecord(try node(text)) == record)
    #expect(record.records.count == 1)
  }

  @Test(arguments: [
    "{}", #"{"t":1,"step":2}"#, #"{"t":1,"kind":"note","text":"x"}"#,
    #"{"step":1,"kind":"note","text":"x"}"#, #"{"t":1,"step":1.5,"kind":"note","text":"x"}"#,
    #"{"t":1,"step":1,"kind":7}"#, #"{"t":1,"step":1,"kind":"note"}"#,
    #"{"t":1,"step":1,"kind":"alert","text":7}"#, #"{"t":1,"step":1,"kind":"phase"}"#,
    #"{"t":1,"step":1,"kind":"phase","phase":"dreaming"}"#,
    #"{"t":1,"step":1,"kind":"answer","id":"a"}"#,
    #"{"t":1,"step":1,"kind":"answer","status":"applied"}"#,
    #"{"t":1,"step":1,"kind":"answer","id":"a","status":"perhaps"}"#,
    #"{"t":1,"step":1,"kind":"prune","method":"magnitude","before":0}"#,
    #"{"t":1,"step":1,"kind":"pruning","method":"aofp"}"#,
    #"{"t":1,"step":1,"kind":"pruning","over":false}"#,
    #"{"t":1,"step":1,"kind":"round","method":"aofp","number":1}"#,
    #"{"t":1,"step":1,"kind":"round","method":"aofp","number":1.5,"sparsity":0}"#,
    #"{"t":1,"step":1,"kind":"undo","command":"prune"}"#,
    #"{"t":1,"step":1,"kind":"branch","name":"a"}"#,
    #"{"t":1,"step":1,"kind":"branch","path":"a"}"#,
    #"{"t":1,"step":1,"kind":"checkpoint"}"#, #"{"t":1,"step":1,"kind":"layers"}"#,
  ])
  func whatLacksSomethingIsNoRecord(text: String) throws {
    #expect(JournalRecord(try node(text)) == nil)
  }

  /// A prune of a program that tells less.
  @Test func whatAPruneDoesNotTellIsNotKnown() throws {
    let text = #"{"t":1,"step":1,"kind":"prune","method":"x","before":0,"after":0.5}"#
    guard case .prune(let prune)? = JournalRecord(try node(text))?.entry else {
      Issue.record("no prune")
      return
    }
    #expect(prune.scope == "global" && prune.sizeBefore == nil && prune.size.bytes == nil)
    let round = #"{"t":1,"step":1,"kind":"round","method":"x","number":2,"sparsity":0.5}"#
    guard case .round(let round)? = JournalRecord(try node(round))?.entry else {
      Issue.record("no round")
      return
    }
    #expect(round.last == 2 && round.loss.isNaN && round.accuracy == nil && round.epochs == 0)
  }

  @Test func theRecordsOfALongAnswerHoldAllLayersInOrder() throws {
    for (count, requestSize) in [(1, 10), (13, 10), (40, 1900), (200, 10), (200, 1900)] {
      let layers = (0..<count).map {
        JournalRecord.LayerChange(
          name: "convolution\($0)", before: 1 / 3, after: 2 / 3, parameters: 1 << 40,
          flops: 1 << 50)
      }
      let answer = JournalRecord.Answer(
        id: "0123456789abcdef", status: .applied,
        request: ["x": .string(String(repeating: "x", count: requestSize))], layers: layers)
      let texts = JournalRecord(wallTime: 1_234_567_890.123, step: 1 << 40, .answer(answer))
        .records.map { $0.text(nonFinite: .token) }
      #expect(texts.allSatisfy { $0.utf8.count <= JSONLinesWriter.recordSizeMax - 2 })
      var found: [JournalRecord.LayerChange] = []
      for (index, text) in texts.enumerated() {
        let entry = try #require(JournalRecord(node(text))).entry
        switch entry {
        case .layers(let id, let layers):
          #expect(id == answer.id)
          #expect(index < texts.count - 1)
          found += layers
        case .answer(let last):
          #expect(index == texts.count - 1)
          #expect(last.request == answer.request)
          found += last.layers
        default: Issue.record("\(entry)")
        }
      }
      #expect(found == layers)
    }
  }

  /// Words come from people and from errors: whatever they are, the record fits.
  @Test(arguments: ["x", "\u{1}", "\u{301}", "👩‍👩‍👧‍👦", "\"\\"])
  func wordsAreCutToFit(character: String) throws {
    let text = "e" + String(repeating: character, count: 5_000)
    let entries: [JournalRecord.Entry] = [
      .note(text), .alert(text), .phase(.init(.failed, reason: text)),
      .answer(.init(id: "0123456789abcdef", status: .refused, reason: text)),
    ]
    for entry in entries {
      for json in JournalRecord(wallTime: 1, step: 1, entry).records {
        let written = json.text(nonFinite: .token)
        #expect(written.utf8.count <= 700)
        #expect(written.utf8.count >= 400)
        #expect(written.contains("…"))
        #expect(JournalRecord(try node(written)) != nil)
      }
    }
  }

  @Test func shortWordsAreNotCut() throws {
    let text = String(repeating: "x", count: 400)
    let record = JournalRecord(wallTime: 1, step: 1, .note(text))
    #expect(JournalRecord(try node(record.json.text())) == record)
  }
}
