import JSONText
import Testing

@testable import NeuralNetwork

/// PyTorch's numbers are in PyTorchTruthTests.
struct ScheduleTests {
  private let hundred = RunLength(updates: 100, updatesPerEpoch: 10)

  @Test func cosine() {
    let schedule = CosineSchedule(finalFactor: 0.1)
    #expect(schedule.factor(at: 0, of: hundred) == 1)
    #expect(
      abs(schedule.factor(at: 25, of: hundred) - (0.1 + 0.45 * (1 + 0.5.squareRoot()))) < 1e-12)
    #expect(abs(schedule.factor(at: 50, of: hundred) - 0.55) < 1e-12)
    #expect(abs(schedule.factor(at: 100, of: hundred) - 0.1) < 1e-12)
    #expect(abs(schedule.factor(at: 500, of: hundred) - 0.1) < 1e-12, "stays low after the end")
  }

  @Test func stepsAreAtEpochs() {
    let step = StepSchedule(everyEpochs: 2, factor: 0.5)
    #expect(
      [0, 19, 20, 39, 40].map { step.factor(at: $0, of: hundred) } == [1, 1, 0.5, 0.5, 0.25])
    let multi = MultiStepSchedule(epochs: [7, 3], factor: 0.5)
    #expect([29, 30, 69, 70].map { multi.factor(at: $0, of: hundred) } == [1, 0.5, 0.5, 0.25])
  }

  @Test func oneCycleRisesAndFalls() {
    let schedule = OneCycleSchedule()
    let factors = (0..<100).map { schedule.factor(at: $0, of: hundred) }
    #expect(abs(factors[0] - 0.04) < 1e-12)
    #expect(factors.firstIndex(of: 1) == 29)
    #expect(abs(factors[99] - 0.000004) < 1e-12)
    #expect(factors[..<29].elementsEqual(factors[..<29].sorted()))
    #expect(factors[29...].elementsEqual(factors[29...].sorted(by: >)))
    #expect(abs(schedule.factor(at: 500, of: hundred) - 0.000004) < 1e-12)
  }

  /// The ramp, and behind it what there would be without it: from its beginning, or as if the ramp
  /// had always been there.
  @Test(arguments: LearningRateScheduleCatalogue.all)
  func warmUpComesFirst(type: any LearningRateSchedule.Type) throws {
    let plain = try type.init(JSONSettings(["epochs": [3, 5]]))
    let warm = try type.init(
      JSONSettings(["epochs": [3, 5], "warmUpEpochs": 2, "warmUpFactor": 0.2]))
    let rest = RunLength(updates: 80, updatesPerEpoch: 10)
    let begin = plain.factor(at: 0, of: hundred)
    for position in 0..<20 {
      let ramp = 0.2 + 0.8 * Double(position) / 20
      #expect(abs(warm.factor(at: position, of: hundred) - ramp * begin) < 1e-12)
    }
    for position in 20..<100 {
      let expected =
        plain.followsWarmUp
        ? plain.factor(at: position - 20, of: rest) : plain.factor(at: position, of: hundred)
      #expect(abs(warm.factor(at: position, of: hundred) - expected) < 1e-12)
    }
  }

  @Test(arguments: LearningRateScheduleCatalogue.all)
  func factorsAreFractions(type: any LearningRateSchedule.Type) throws {
    for epochs: JSON in [0, 1, 7, 1_000_000] {
      let schedule = try type.init(JSONSettings(["epochs": [3, 5], "warmUpEpochs": epochs]))
      for total in [0, 1, 2, 1000] {
        for perEpoch in [0, 1, 3, 2000] {
          let length = RunLength(updates: total, updatesPerEpoch: perEpoch)
          for position in [0, 1, total / 2, total, total + 1] {
            let factor = schedule.factor(at: position, of: length)
            #expect(factor >= 0 && factor <= 1, "\(position) of \(length)")
          }
        }
      }
    }
  }

  @Test func kindsAreUnique() {
    let kinds = LearningRateScheduleCatalogue.all.map { $0.kind }
    #expect(Set(kinds).count == kinds.count)
  }
}
