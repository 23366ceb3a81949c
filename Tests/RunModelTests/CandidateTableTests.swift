import JSONText
import RunLog
import TestSupport
import Testing

@testable import RunModel

struct CandidateTableTests {
  private func table(_ records: [JSON]) -> CandidateTable {
    run(records.enumerated().map { journal(Int64($0), .other(kind: "candidate", $1)) }).candidates
  }

  /// All fields of a row, as text.
  private func fields(_ table: CandidateTable, _ row: Int) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: table.columns.filter { $0.hasValue(row) }.map {
        ($0.name, $0.word(row) ?? "\($0.number(row))")
      })
  }

  private func text(_ table: CandidateTable, _ row: Int) -> String {
    table.withText(row) { String(decoding: $0, as: UTF8.self) }
  }

  @Test func theNewestFieldCountsAndPathsAreKept() {
    let table = table([
      ["id": "a", "state": "training", "parameters": 100, "scores": ["accuracy": 0.5, "loss": 2]],
      ["id": 7, "state": "queued", "pruned": true],
      ["id": "a", "state": "finished", "scores": ["accuracy": 0.75]],
    ])
    #expect(table.count == 2)
    #expect((table.id(0), table.id(1)) == ("a", "7"))
    #expect((table.step(0), table.step(1)) == (2, 1))
    #expect(table.row(ofID: "7") == 1)
    #expect(table.row(ofID: "b") == nil)
    #expect(
      table.columns.map(\.name) == [
        "state", "parameters", "scores/accuracy", "scores/loss", "pruned",
      ])
    #expect(
      fields(table, 0) == [
        "state": "finished", "parameters": "100.0", "scores/accuracy": "0.75",
        "scores/loss": "2.0",
      ])
    #expect(fields(table, 1) == ["state": "queued", "pruned": "true"])
    #expect(table.columns.map(\.isNumeric) == [false, true, true, true, false])
    #expect(text(table, 0) == "a\nfinished")
    #expect(text(table, 1) == "7\nqueued\ntrue")
  }

  @Test func aNullTakesAway() {
    let table = table([
      ["id": "a", "score": 1, "error": "out of memory", "scores": ["x": 1, "deep": ["y": "z"]]],
      ["id": "a", "error": nil, "scores": nil],
    ])
    #expect(fields(table, 0) == ["score": "1.0"])
    #expect(table.column("error")?.valueCount == 0)
    #expect(text(table, 0) == "a")
  }

  @Test func wordsAndNumbersTakeEachOthersPlace() throws {
    let table = table([
      ["id": "a", "score": 0.5], ["id": "a", "score": "failed"], ["id": "b", "score": "failed"],
      ["id": "b", "score": 2], ["id": "c", "score": ["of": ["two": 1]]], ["id": "c", "score": 3],
    ])
    let score = try #require(table.column("score"))
    #expect((0..<3).map { score.word($0) } == ["failed", nil, nil])
    #expect(score.number(0).isNaN)
    #expect((score.number(1), score.number(2)) == (2, 3))
    #expect(!score.isNumeric)
    #expect(score.valueCount == 3)
    #expect(fields(table, 2) == ["score": "3.0"])
  }

  @Test func anEmptyWordIsAValue() {
    let table = table([
      ["id": "a", "state": ""], ["id": "b", "state": "x"], ["id": "c", "x": ""],
    ])
    #expect(table.column("state")?.word(0)?.isEmpty == true)
    #expect(table.column("state")?.valueCount == 2)
    #expect((0..<3).map { text(table, $0) } == ["a\n", "b\nx", "c\n"])
  }

  /// Pages are filled to the last byte.
  @Test func textsOfEverySizeAreFoundAgain() {
    var texts = InternedTexts()
    let whole = (0..<16).map { String(repeating: "\($0 % 10)", count: 4094) + "\(10 + $0)" }
    let all = whole + ["", "x", "", whole[3]]
    let numbers = all.map { texts.intern($0) }
    #expect(zip(numbers, all).allSatisfy { texts[$0] == $1 })
    #expect(texts.count == Set(all).count)
    #expect(zip(numbers, all).allSatisfy { texts.number(of: $1) == .some($0) })
  }

  /// A diverged candidate has a score, though it is no number.
  @Test func aNaNIsAValue() throws {
    let strange = Double(bitPattern: CandidateBlock.missing.bitPattern)
    let table = table([["id": "a", "loss": .number(.nan)], ["id": "b", "loss": .number(strange)]])
    let loss = try #require(table.column("loss"))
    #expect(loss.hasValue(0) && loss.number(0).isNaN)
    #expect(loss.isNumeric)
  }

  @Test func whatIsNoCandidateIsNone() {
    let table = table([
      ["state": "no id"], "no object", ["id": ""], ["id": true], ["id": nil], ["id": [1]],
    ])
    #expect(table.isEmpty)
    #expect(table.columns.isEmpty)
  }

  @Test func arraysArchitecturesAndTheDeepStayWhole() {
    let table = table([
      [
        "id": "a", "widths": [3, 4], "architecture": ["cells": [1, 2]],
        "a": ["b": ["c": ["d": ["e": 1]]]],
      ]
    ])
    #expect(
      fields(table, 0) == [
        "widths": "[3,4]", "architecture": "{\"cells\":[1,2]}", "a/b/c/d": "{\"e\":1}",
      ])
  }

  /// The journal keeps its newest records, the table all candidates.
  @Test func manyRecordsAreAllKept() {
    let run = run(
      (0..<12_000).map { number in
        journal(
          Int64(number),
          .other(
            kind: "candidate",
            [
              "id": .string("cell \(number % 6000)"), "score": .integer(Int64(number)),
              "state": number < 6000 ? "training" : "finished",
            ]))
      })
    #expect(run.journal.count == 5000)
    #expect(run.candidates.count == 6000)
    let score = run.candidates.column("score")
    #expect((0..<6000).allSatisfy { score?.number($0) == Double($0 + 6000) })
    #expect(score?.numbers(count: 6000).reduce(0, +) == 53_997_000)
    let rows = (0..<6000).map { run.candidates.row(ofID: "cell \($0)") }
    #expect(rows == Array(0..<6000))
    #expect(run.candidates.words.count == 2)
    #expect(run.troubles.isEmpty)
  }

  @Test func aBlockIsLikeManyRecords() {
    let block = CandidateBlock(
      ids: PackedTexts(["a", "b", "", "c"]),
      columns: [
        .init(name: "score", values: .numbers([1, CandidateBlock.missing, 9, .nan])),
        .init(name: "state", values: .words(PackedTexts([nil, "done", "x", "é"]))),
        .init(name: "id", values: .numbers([1, 2, 3, 4])),
        .init(name: "short", values: .numbers([5])),
      ], step: 3)
    var run = run([
      journal(1, .other(kind: "candidate", ["id": "b", "score": 4, "state": "training"]))
    ])
    let before = run.revision
    run.apply(.candidates(block))
    #expect(run.revision > before)
    let table = run.candidates
    #expect((0..<3).map { table.id($0) } == ["b", "a", "c"])
    #expect((0..<3).map { table.step($0) } == [3, 3, 3])
    #expect(fields(table, 0) == ["score": "4.0", "state": "done"])
    #expect(fields(table, 1) == ["score": "1.0", "short": "5.0"])
    #expect(fields(table, 2) == ["score": "nan", "state": "é"])
  }

  /// A copy is what it was, whatever comes.
  @Test func aCopyStays() {
    var run = run((0..<3000).map { candidate($0, score: Double($0)) })
    let copy = run.candidates
    for number in 0..<6000 { run.apply(candidate(number, score: -1)) }
    let score = copy.column("score")
    #expect(copy.count == 3000)
    #expect((0..<3000).allSatisfy { score?.number($0) == Double($0) })
    #expect(run.candidates.count == 6000)
  }

  private func candidate(_ number: Int, score: Double) -> RunEvent {
    journal(
      0, .other(kind: "candidate", ["id": .integer(Int64(number)), "score": .number(score)]))
  }

  // MARK: Bounds

  @Test func tooManyFieldsAreLeftOutAndToldOnce() {
    let wide = JSON.object(
      [.init(name: "id", value: "a")]
        + (0..<300).map { .init(name: "field \($0)", value: .integer($0)) })
    let run = run((0..<3).map { journal($0, .other(kind: "candidate", wide)) })
    #expect(run.candidates.columns.count == CandidateTable.columnsMax)
    #expect(run.troubles == [.tooMany(what: "fields of candidates", max: 200)])
  }

  /// News with a known trouble is news all the same.
  @Test func everyRecordChangesTheRevision() {
    let long = JSON.object([
      .init(name: "id", value: "a"),
      .init(name: String(repeating: "n", count: 600), value: 1),
    ])
    var run = run([])
    for step in 0..<3 as Range<Int64> {
      let before = (run.revision, run.candidates.revision)
      run.apply(journal(step, .other(kind: "candidate", long)))
      #expect(run.revision > before.0)
      #expect(run.candidates.revision > before.1)
    }
    #expect(run.troubles.count == 1)
  }

  @Test func longWordsAreCutAndLongIDsLeftOut() throws {
    let word = String(repeating: "é", count: 3000)
    let run = run([
      journal(0, .other(kind: "candidate", ["id": "a", "word": .string(word)])),
      journal(0, .other(kind: "candidate", ["id": .string(word)])),
    ])
    #expect(run.candidates.count == 1)
    #expect(run.candidates.column("word")?.word(0) == String(repeating: "é", count: 2048))
    #expect(run.troubles == [.tooMany(what: "bytes of a candidate's id", max: 4096)])
  }

  /// The plain twin: a dictionary of dictionaries.
  @Test(arguments: 0..<10 as Range<UInt64>)
  func itIsADictionaryOfDictionaries(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var plain: [String: [String: String]] = [:]
    var run = run([])
    for _ in 0..<400 {
      let id = "id \(Int.random(in: 0..<40, using: &random))"
      var record: JSON = ["id": .string(id)]
      for name in ["a", "b", "c", "d"] where Bool.random(using: &random) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: record[name] = .null
        case 1: record[name] = .string("word \(Int.random(in: 0..<9, using: &random))")
        default: record[name] = .number(Double(Int.random(in: 0..<99, using: &random)))
        }
        let value = record[name] ?? .null
        plain[id, default: [:]][name] = value.string ?? value.double.map { "\($0)" }
      }
      plain[id] = plain[id] ?? [:]
      run.apply(journal(0, .other(kind: "candidate", record)))
    }
    let table = run.candidates
    #expect(table.count == plain.count)
    for row in 0..<table.count { #expect(fields(table, row) == plain[table.id(row)]) }
  }
}
