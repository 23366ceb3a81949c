import RunLog
import RunModel
import TestSupport
import Testing

@testable import Dashboard

struct QuietRunTests {
  /// 2023-11-14 22:13:20 UTC
  private static let start = 1_700_000_000.0

  private func desk(columns: Int = 120) -> Desk {
    var desk = Desk(rows: 24, columns: columns)
    desk.find(Desk.path)
    desk.log(
      (0..<100).map { step in
        .scalar(
          ScalarPoint(
            tag: "loss", step: step, wallTime: Self.start - 99 + Double(step), value: 1))
      } + [.expected(finalStep: 199)])
    return desk
  }

  private func after(_ seconds: Double, _ columns: Int = 120) -> Desk {
    var desk = desk(columns: columns)
    desk.send(.clock(wallSeconds: Self.start + seconds))
    desk.send(.frame)
    return desk
  }

  @Test func theHeaderTellsSinceWhen() {
    #expect(desk().screen[0].contains("watching") && desk().screen[0].contains("step 99/199"))
    #expect(after(100).screen[0].contains("watching"))
    #expect(after(100).screen[0].contains("ETA 1m 40s"))
    #expect(after(1000).screen[0].contains("quiet since 22:13 "))
    #expect(!after(1000).screen[0].contains("ETA"))
    #expect(after(2 * 86_400).screen[0].contains("quiet since 11-14 22:13 "))
    let narrow = after(1000, 80).screen[0]
    #expect(narrow.contains("quiet") && !narrow.contains("since"))
    var zone = after(1000)
    zone.state.settings.utcOffsetSeconds = 3600
    #expect(zone.screen[0].contains("quiet since 23:13 "))
  }

  @Test func theListOfRunsTellsItWithoutANewPoint() {
    var desk = after(100)
    desk.type("4")
    desk.send(.frame)
    #expect(desk.screen.contains { $0.contains("watching") })
    desk.send(.clock(wallSeconds: Self.start + 1000))
    desk.send(.frame)
    #expect(desk.screen.contains { $0.contains("○ quiet") })
    #expect(!desk.screen.contains { $0.contains("watching") })
    // A point by a clock of another zone.
    desk.log([.scalar(ScalarPoint(tag: "loss", step: 100, wallTime: 1, value: 1))])
    desk.send(.frame)
    #expect(desk.screen.contains { $0.contains("watching") })
  }

  @Test func theAxisDoesNotGoBeyondWhatIsQuiet() {
    #expect(CurvesWindow.range(after(100).state).upperBound > 99)
    #expect(CurvesWindow.range(after(1000).state).upperBound == 99)
  }

  @Test func moreThanIsKeptIsTold() {
    var desk = desk()
    desk.log([.trouble(.tooMany(what: "metrics", max: 100_000))])
    let text = "more metrics than the 100 000 that are kept: those that came later are left out"
    #expect(desk.screen.contains { $0.contains(text) })
  }
}
