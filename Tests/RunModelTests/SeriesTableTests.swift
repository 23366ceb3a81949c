import RunLog
import TestSupport
import Testing

@testable import RunModel

struct SeriesTableTests {
  private static let tags = ["train/loss", "val/loss", "a", "b/c", "gradient_norm/x"]

  /// Blocks of points of which some go back; the tables of tags differ from block to block.
  private func blocks(seed: UInt64) -> [ScalarBlock] {
    var random = SeededGenerator(seed: seed)
    var step: Int64 = 0
    return (0..<20).map { _ in
      let tags = Self.tags.shuffled(using: &random)
      var block = ScalarBlock(tags: tags)
      for _ in 0..<Int.random(in: 0...60, using: &random) {
        let isBack = Int.random(in: 0..<50, using: &random) == 0
        step += isBack ? -Int64.random(in: 0...40, using: &random) : 1
        let strange = Int.random(in: 0..<60, using: &random)
        block.entries.append(
          .init(
            tag: Int32.random(in: 0..<Int32(tags.count - 1), using: &random), step: step,
            wallTime: strange == 0 ? .nan : 1e9 + Double(step),
            value: strange == 1 ? .nan : Float(step % 7)))
      }
      return block
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func aBlockIsItsPoints(seed: UInt64) {
    var (whole, single) = (Run(path: "a", name: "a"), Run(path: "a", name: "a"))
    for block in blocks(seed: seed) {
      whole.apply(.scalars(block))
      for point in block.points { single.apply(.scalar(point)) }
      #expect(Set(whole.series.keys) == Set(single.series.keys))
      for (tag, one) in whole.series {
        let other = single.series[tag]
        #expect(one.steps == other?.steps)
        #expect(one.values.map(\.bitPattern) == other?.values.map(\.bitPattern))
        #expect(one.wallTimes.map(\.bitPattern) == other?.wallTimes.map(\.bitPattern))
        #expect(one.supersededCount == other?.supersededCount)
      }
      #expect(whole.alerts == single.alerts)
      #expect(whole.marks == single.marks)
      #expect(whole.layerNames == single.layerNames)
      #expect(
        [whole.lastStep, Int64(whole.byteCount)] == [single.lastStep, Int64(single.byteCount)])
      #expect(whole.startedWallTime == single.startedWallTime)
      #expect(whole.lastWallTime == single.lastWallTime)
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func whatHoldsForAllIsWhatGoingThroughThemTells(seed: UInt64) {
    var run = Run(path: "a", name: "a")
    func expectSame() {
      let all = run.series.values.filter { !$0.isEmpty }
      let firsts = all.map { $0.orderedTime(at: 0) }
      let lasts = all.map { $0.orderedTime(at: $0.count - 1) }
      #expect(run.series.pointCount == all.reduce(0) { $0 + $1.count })
      #expect(run.series.byteCount == run.series.values.reduce(0) { $0 + $1.byteCount })
      #expect(run.series.steps?.lowerBound == all.compactMap(\.steps.first).min())
      #expect(run.series.steps?.upperBound == all.compactMap(\.steps.last).max())
      #expect(run.series.times?.lowerBound == firsts.min())
      #expect(run.series.times?.upperBound == lasts.max())
      let most = all.map(\.count).max()
      #expect(run.series.longest?.steps == all.first { $0.count == most }?.steps)
      #expect(run.lastStep == max(0, all.compactMap(\.lastStep).max() ?? 0))
    }
    for (index, block) in blocks(seed: seed).enumerated() {
      run.apply(.scalars(block))
      expectSame()
      if index % 6 == 5 {
        run.apply(.sessionStarted(step: run.lastStep / 2, wallTime: 0))
        expectSame()
      }
    }
    run.smoothing = 0.9
    run.smooth(Self.tags)
    expectSame()
    run.apply(
      .scalars(
        ScalarBlock(
          tags: ["long"],
          entries: (0..<2000).map {
            .init(tag: 0, step: $0, wallTime: 1e9, value: 1)
          })))
    let isThinned = run.thin()
    #expect(isThinned)
    expectSame()
  }

  @Test func tagsStandInTheOrderOfTheirAppearance() throws {
    let run = run([scalar("b", 1, 3), scalar("a", 1), scalar("b", 2, 4), scalar("c", 9)])
    #expect(run.series.keys == ["b", "a", "c"])
    #expect(run.series.count == 3 && !run.series.isEmpty)
    #expect(run.series.map(\.key) == ["b", "a", "c"])
    #expect(run.series.map(\.value.count) == [2, 1, 1])
    let last = try #require(run.series.last(of: "b"))
    #expect(last == (2, 4))
    #expect(run.series.last(of: "d") == nil && run.series["d"] == nil)
    #expect(SeriesTable().isEmpty)
  }

  @Test func thereAreNotMoreTagsThanAreKept() {
    let tags = (0..<SeriesTable.tagsMax + 2).map { "tag\($0)" }
    let entries = tags.indices.map {
      ScalarBlock.Entry(tag: Int32($0), step: 1, wallTime: 1, value: 1)
    }
    var run = run([.scalars(ScalarBlock(tags: tags, entries: entries))])
    #expect(run.series.count == SeriesTable.tagsMax)
    #expect(run.series["tag\(SeriesTable.tagsMax)"] == nil)
    #expect(run.troubles == [.tooMany(what: "metrics", max: SeriesTable.tagsMax)])
    run.apply(scalar("one more", 2))
    run.apply(scalar("tag0", 2))
    #expect(run.series.count == SeriesTable.tagsMax && run.series["tag0"]?.count == 2)
    #expect(run.troubles.count == 1)
  }
}
