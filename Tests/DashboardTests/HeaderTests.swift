import RunLog
import RunModel
import TerminalUI
import Testing

@testable import Dashboard

struct HeaderTests {
  private static let phases: [(JournalRecord.Phase.Name, Liveness, String)] = [
    (.starting, .alive, "○ starting"), (.training, .alive, "● training"),
    (.validating, .alive, "● validating"), (.paused, .alive, "‖ paused"),
    (.finished, .dead, "✓ finished"), (.stopped, .dead, "✗ stopped"), (.failed, .dead, "✗ failed"),
    (.training, .dead, "✗ dead"),
  ]

  @Test(arguments: phases.indices)
  func everyStateHasItsWordAndSign(index: Int) {
    let (phase, liveness, words) = Self.phases[index]
    var desk = Desk()
    desk.find(Desk.path)
    desk.log([Samples.phase(phase), .liveness(liveness)])
    #expect(desk.screen[0].hasPrefix("digits \(words) "))
  }

  @Test func runsWithoutAJournal() {
    var desk = Desk()
    desk.find(Desk.path)
    #expect(desk.screen[0].hasPrefix("digits ○ waiting for data "))
    desk.log([Samples.scalar("a", 1, 1)])
    #expect(desk.screen[0].hasPrefix("digits ● watching "))
  }

  /// What is no number is not shown as one.
  @Test(arguments: [
    (Float.nan, "NaN"), (.infinity, "Inf"), (-3e38, "-3e+38"), (3e38, "3e+38"), (0.4, "0"),
    (51_200.6, "51 201"),
  ])
  func valuesAreThoseOfTheLog(value: Float, text: String) {
    var desk = Desk()
    desk.find(Desk.path)
    desk.log([Samples.scalar("throughput/samples_per_second", 1, value)])
    #expect(desk.screen[1] == "samples/s \(text)")
  }

  @Test func noStepCountIsTooLarge() {
    for last in [Int64.min, -1, 0, 7, .max] {
      for final in [Int64.min, 0, 1, .max] {
        var desk = Desk.steering()
        desk.log([
          Samples.scalar("train/loss", last, 1),
          Samples.journal(0, .phase(.init(.training, finalStep: final, stepsPerEpoch: final))),
        ])
        for columns in [1, 10, 40, 80, 200] {
          desk.send(.resized(Size(rows: 24, columns: columns)))
          #expect(desk.screen.count == 24)
        }
      }
    }
  }
}
