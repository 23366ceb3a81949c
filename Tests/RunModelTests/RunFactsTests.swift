import JSONText
import RunLog
import TestSupport
import Testing

@testable import RunModel

struct RunFactsTests {
  private func manifest(host: String, experiment: JSON = [:]) -> RunManifest {
    RunManifest(
      name: "a", created: 0, version: "", arguments: [], seed: 1, threads: 1, host: host,
      experiment: experiment, declares: [])
  }

  @Test func theNewestHistogramStays() {
    func histogram(_ step: Int64) -> RunEvent {
      let bin = Histogram.Bin(lower: 0, upper: 1, count: Double(step))
      return .histogram(tag: "weights/a", step: step, wallTime: 0, Histogram(bins: [bin]))
    }
    let found = run([histogram(3), histogram(9)]).histograms
    #expect(found.keys.sorted() == ["weights/a"])
    #expect(found["weights/a"]?.step == 9)
    #expect(found["weights/a"]?.histogram.bins.first?.count == 9)
  }

  @Test func textsAreTheNewestAndCut() {
    let long = String(repeating: "e\u{301}", count: 4000)
    var events = [RunEvent.text(tag: "t", step: 0, wallTime: 0, long)]
    #expect(run(events).texts.first?.text.unicodeScalars.count == 4096)
    events += (1...1500).map { .text(tag: "t", step: $0, wallTime: 7, "\($0)") }
    let texts = run(events).texts
    #expect(texts.count == 1000)
    #expect(texts.last == Run.Text(tag: "t", step: 1500, wallTime: 7, text: "1500"))
    #expect(run(events + [.sessionStarted(step: 1001, wallTime: 0)]).texts.count == 500)
  }

  @Test func theHostIsTheManifests() {
    #expect(run([]).host == nil)
    #expect(run([.origin(host: "a.b")]).host == "a.b")
    for order in [[0, 1], [1, 0]] {
      let events: [RunEvent] = [.origin(host: "a"), .manifest(manifest(host: "box"))]
      #expect(run(order.map { events[$0] }).host == "box")
    }
    #expect(run([.manifest(manifest(host: "")), .origin(host: "a")]).host == "a")
  }

  @Test func aRunBeganWithItsFirstPointOrRecord() {
    #expect(run([]).startedWallTime == nil && run([]).durationSeconds == 0)
    let run = run([scalar("a", 9), journal(4, .note("x")), scalar("a", 20)])
    #expect(run.startedWallTime == 4)
    #expect(run.durationSeconds == 16)
  }

  @Test func layersStandInTheManifestsOrder() {
    let tags = [
      "sparsity/total", "sparsity/linear1", "sparsity/linear2", "weight_norm/linear1",
      "dead_units/relu1", "train/loss", "sparsity", "dead_units/blocks/3/relu",
    ]
    let grid = Grid(rows: 1, columns: 1, values: [1])
    var events = tags.map { scalar($0, 1) }
    events.append(.grid(tag: "density/linear9", step: 1, wallTime: 0, grid))
    #expect(
      run(events).layerNames == ["linear1", "linear2", "relu1", "blocks/3/relu", "linear9"])
    var manifest = manifest(host: "", experiment: [:])
    manifest.layers = ["linear1", "relu1", "linear2", "linear3"].map { .init(name: $0, shape: []) }
    events.append(.manifest(manifest))
    #expect(
      run(events).layerNames == ["linear1", "relu1", "linear2", "blocks/3/relu", "linear9"])
  }

  @Test(arguments: [1, 15, 17, 300, 5000])
  func theBestIsThatOfAPlainWalk(count: Int) throws {
    var random = SeededGenerator(seed: UInt64(count))
    var values = (0..<count).map { _ in Float(Int.random(in: 0..<1000, using: &random)) }
    values[count / 2] = .nan
    values.append(-.infinity)
    let events = ["val/loss", "val/accuracy"].flatMap { tag in
      values.enumerated().map { scalar(tag, Int64($0.offset) * 3, $0.element) }
    }
    let run = run(events)
    let finite = values.enumerated().filter { $0.element.isFinite }
    let smallest = finite.min { $0.element < $1.element }
    let largest = finite.min { $0.element > $1.element }
    #expect(run.best(of: "val/loss")?.value == smallest?.element)
    #expect(run.best(of: "val/loss")?.step == smallest.map { Int64($0.offset) * 3 })
    #expect(run.best(of: "val/accuracy")?.value == largest?.element)
    #expect(run.best(of: "val/accuracy")?.step == largest.map { Int64($0.offset) * 3 })
    #expect(run.best(of: "val") == nil)
  }

  @Test func whatARestartWentBackOverIsNoMark() {
    let old = [
      journal(4, .checkpoint(name: "a")), pruned(at: 8),
      .journal(.init(wallTime: 9, step: 5, .alert("at the restart"))),
    ]
    let session = RunEvent.sessionStarted(step: 5, wallTime: 100)
    let new = RunEvent.journal(.init(wallTime: 101, step: 8, .checkpoint(name: "b")))
    let again = RunEvent.journal(.init(wallTime: 110, step: 4, .checkpoint(name: "a")))
    let orders = [
      old + [session, new, again], [session] + old + [new, again], old + [new, again, session],
    ]
    for events in orders {
      let marks = run(events).marks
      #expect(marks.map(\.kind) == [.checkpoint, .alert, .checkpoint])
      #expect(marks.map(\.wallTime) == [110, 9, 101])
    }
  }

  @Test func thousandsOfCommandsAreTheSameInAnyOrder() {
    let questions = (0..<2500).map { asked("id\($0)", .pause) }
    let answers = (0..<2400).map { answered("id\($0)", at: Int64($0), .checkpoint) }
    let expected = run(questions + answers).commands
    #expect(expected.count == 1100)
    #expect(expected.map(\.id) == (1400..<2500).map { "id\($0)" })
    #expect(expected.allSatisfy { $0.asked != nil })
    #expect(run(answers + questions).commands == expected)
    let both = zip(questions, answers).flatMap { [$0, $1] }
    #expect(run(both + questions[2400...]).commands == expected)
    // Where the newest are answered, older ones wait in their place.
    let (older, newest) = (Array(questions[..<1500]), Array(answers[1400..<1500]))
    let waiting = run(older + newest).commands
    #expect(waiting.map(\.id) == (Array(1400..<1500) + Array(400..<1400)).map { "id\($0)" })
    #expect(run(newest + older).commands == waiting)
  }
}
