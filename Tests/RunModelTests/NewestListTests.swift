import RunLog
import TestSupport
import Testing

@testable import RunModel

struct NewestListTests {
  @Test(arguments: [1, 2, 7, 8, 9, 100])
  func itIsTheEndOfAnArray(countMax: Int) {
    var random = SeededGenerator(seed: UInt64(countMax))
    var (list, plain) = (NewestList<Int>(countMax: countMax), [Int]())
    for round in 0..<10 * countMax {
      let gone = list.append(round)
      plain.append(round)
      #expect(gone == (plain.count > countMax ? plain.removeFirst() : nil))
      if Int.random(in: 0..<40, using: &random) == 0 {
        list.removeAll { $0 % 3 == 0 }
        plain.removeAll { $0 % 3 == 0 }
      }
      #expect(list.elementsEqual(plain) && list.last == plain.last)
    }
  }

  @Test func linesAreTheNewestAndCut() {
    var run = Run(path: "a", name: "a")
    for step in 0..<12_000 as Range<Int64> {
      run.apply(.line(step: step, wallTime: Double(step), "line \(step)"))
    }
    #expect(run.lines.count == 5000)
    #expect(run.lines.first?.text == "line 7000" && run.lines.last?.step == 11_999)
    #expect(run.byteCount == run.lines.reduce(0) { $0 + $1.text.utf8.count })
    #expect(run.lastWallTime == 11_999 && run.texts.isEmpty)
    run.apply(.line(step: 12_000, wallTime: 0, String(repeating: "é", count: 5000)))
    #expect(run.lines.last?.text.unicodeScalars.count == 4096)
    run.apply(.sessionStarted(step: 8000, wallTime: 0))
    #expect(run.lines.last?.step == 7999)
    #expect(run.byteCount == run.lines.reduce(0) { $0 + $1.text.utf8.count })
  }

  @Test func onlySoManyGridsAndHistogramsAreKept() {
    let grid = Grid(rows: 1, columns: 1, values: [1])
    let histogram = Histogram(bins: [.init(lower: 0, upper: 1, count: 1)])
    var run = Run(path: "a", name: "a")
    for index in 0..<TagRoom.tagsMax + 5 {
      run.apply(.grid(tag: "\(index)", step: 1, wallTime: 0, grid))
      run.apply(.histogram(tag: "\(index)", step: 1, wallTime: 0, histogram))
    }
    run.apply(.grid(tag: "0", step: 2, wallTime: 0, grid))
    #expect(run.grids.count == TagRoom.tagsMax && run.grids["0"]?.step == 2)
    #expect(run.histograms.count == TagRoom.tagsMax)
    #expect(run.byteCount == TagRoom.tagsMax * (4 + 24))
    #expect(
      run.troubles == ["grids", "histograms"].map { .tooMany(what: $0, max: TagRoom.tagsMax) })
  }

  @Test func roomIsInBytesToo() {
    var room = TagRoom()
    let most = TagRoom.byteCountMax
    let taken = [
      room.take(most - 10, inPlaceOf: nil), room.take(11, inPlaceOf: nil),
      room.take(10, inPlaceOf: nil), room.take(11, inPlaceOf: 10), room.take(4, inPlaceOf: 10),
      room.take(7, inPlaceOf: nil), room.take(6, inPlaceOf: nil),
    ]
    #expect(taken == [true, false, true, false, true, false, true])
    #expect(room.byteCount == most && !room.isOutOfTags)
  }
}
