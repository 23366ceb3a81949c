import Testing

@testable import NeuralNetwork

struct ScheduleTests {
  @Test func cosine() {
    let schedule = CosineSchedule(finalFactor: 0.1)
    #expect(schedule.factor(at: 0, of: 100) == 1)
    #expect(abs(schedule.factor(at: 25, of: 100) - (0.1 + 0.45 * (1 + 0.5.squareRoot()))) < 1e-12)
    #expect(abs(schedule.factor(at: 50, of: 100) - 0.55) < 1e-12)
    #expect(abs(schedule.factor(at: 100, of: 100) - 0.1) < 1e-12)
    #expect(abs(schedule.factor(at: 500, of: 100) - 0.1) < 1e-12, "stays low after the end")
  }

  @Test func constant() {
    #expect(ConstantSchedule().factor(at: 77, of: 100) == 1)
  }

  @Test(arguments: LearningRateScheduleCatalogue.all)
  func factorsAreFractions(type: any LearningRateSchedule.Type) throws {
    let schedule = try type.init(GivenSettings())
    for total in [0, 1, 2, 1000] {
      for position in [0, 1, total / 2, total, total + 1] {
        let factor = schedule.factor(at: position, of: total)
        #expect(factor >= 0 && factor <= 1, "\(position) of \(total)")
      }
    }
  }

  @Test func kindsAreUnique() {
    let kinds = LearningRateScheduleCatalogue.all.map { $0.kind }
    #expect(Set(kinds).count == kinds.count)
  }
}
