import Glibc
import RunLog
import TestSupport
import Testing

@testable import RunModel

struct AlertTests {
  /// About normal, of variance 1.
  private static func noise(_ random: inout SeededGenerator) -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
  }

  private func alerts(
    _ count: Int, seed: UInt64 = 0, tag: String = "train/loss",
    _ value: (Double, Double) -> Double
  ) -> [Run.Alert] {
    var random = SeededGenerator(seed: seed)
    let events = (1...count).map { step in
      scalar(tag, Int64(step), Float(value(Double(step), Self.noise(&random))))
    }
    return run(events).alerts
  }

  @Test(arguments: [0.01, 0.05, 0.2, 0.5, 1], [300.0, 3000])
  func noiseOfHealthyTrainingRaisesNothing(level: Double, count: Double) {
    for seed in 0..<20 as Range<UInt64> {
      let curves: [(Double, Double) -> Double] = [
        { 2.2 * exp(-$0 * 8 / count) + 0.1 + level * $1 },
        { (2.2 * exp(-$0 * 4 / count) + 0.1) * exp(level * $1) },
        { (2.2 * exp(-$0 * 8 / count) + 0.0001) * exp(level * $1) },
        { 3 * pow($0, -0.3) * exp(level * $1) },
      ]
      for (index, curve) in curves.enumerated() {
        let found = alerts(Int(count), seed: seed, curve)
        #expect(found == [], "curve \(index), seed \(seed)")
      }
    }
  }

  @Test(arguments: [0.01, 0.2, 0.5])
  func aDivergingLossIsToldOnce(level: Double) {
    for seed in 0..<20 as Range<UInt64> {
      let found = alerts(2000, seed: seed) { step, noise in
        (2 * exp(-step / 200) + 0.3) * exp(level * noise + max(0, step - 1000) / 100)
      }
      #expect(found.map(\.kind) == [.divergence])
      #expect(found.allSatisfy { $0.step > 1000 && $0.step < 1200 && $0.tag == "train/loss" })
    }
    #expect(alerts(2000, tag: "train/accuracy") { step, _ in exp(step / 100) } == [])
    #expect(alerts(2000, tag: "train/loss_scale") { step, _ in exp(step / 100) } == [])
  }

  @Test func aLossNearNothingMayJump() {
    let found = alerts(2000) { step, _ in 2 * exp(-step / 100) + (step < 1500 ? 0.001 : 0.02) }
    #expect(found == [])
  }

  @Test func aFlatLossIsToldOnce() throws {
    let found = alerts(3000) { step, noise in max(0.5, 2 - step / 200) * (1 + 0.02 * noise) }
    #expect(found.map(\.kind) == [.plateau])
    let alert = try #require(found.first)
    #expect(alert.step > 600 && alert.step < 1200)
    #expect(alert.text.hasPrefix("train/loss has not fallen since step "))
    // A loss that is as good as nothing may rest.
    #expect(alerts(3000) { step, _ in max(0.005, 2 - step / 200) } == [])
    #expect(alerts(199) { _, _ in 1 } == [])
  }

  @Test func valuesThatAreNoNumbersAreToldOncePerEpisode() {
    let found = alerts(1000, tag: "gradient_norm/a") { step, _ in
      step == 100 || step == 150 || step == 151 ? .nan : step == 500 ? .infinity : 1
    }
    #expect(found.map(\.step) == [100, 500])
    #expect(found.map(\.text) == ["gradient_norm/a is NaN", "gradient_norm/a is infinite"])
    #expect(found.allSatisfy { $0.kind == .nonFinite && $0.wallTime == Double($0.step) })
  }

  @Test func alertsAreMarksAndGoWithTheAbandonedStretch() {
    var events = (1...400).map { scalar("loss", $0, $0 == 50 || $0 == 300 ? .nan : 1) }
    events.append(journal(310, .alert("a weight is no number")))
    var run = run(events)
    #expect(run.alerts.map(\.step) == [50, 201, 300])
    #expect(run.marks.map(\.tag) == ["loss", "loss", "loss", nil])
    run.apply(.sessionStarted(step: 201, wallTime: 1000))
    #expect(run.alerts.map(\.step) == [50])
    #expect(run.marks.map(\.step) == [50])
    // What happened before the cut is still known.
    for step in 201...300 as ClosedRange<Int64> { run.apply(scalar("loss", step, 1)) }
    #expect(run.alerts.map(\.step) == [50, 201])
    run.apply(scalar("other", 300, .nan))
    run.apply(scalar("loss", 201, 1))
    #expect(run.alerts.map(\.tag) == ["loss", "other", "loss"])
  }

  @Test func noLogMakesAlertsWithoutEnd() {
    var run = Run(path: "a", name: "a")
    for index in 0..<500 { run.apply(scalar("tag\(index)", 1, .nan)) }
    #expect(run.alerts.count == 200)
    #expect(run.marks.count == 200)
    #expect(run.alerts.last?.tag == "tag499")
  }

  @Test func metricsAreKnownByTheirNames() {
    for tag in ["train/loss", "Loss/train", "val_loss", "eval/total-loss", "lossD"] {
      #expect(Metric.isLoss(tag) && Metric.isBetterWhenSmaller(tag), "\(tag)")
    }
    for tag in ["amp/loss_scale", "loss/accuracy", "optimizer/learning_rate", "time/data_ms"] {
      #expect(!Metric.isLoss(tag), "\(tag)")
    }
    for tag in ["val/perplexity", "top1_error", "eval/WER", "test/rmse", "error/validation"] {
      #expect(Metric.isBetterWhenSmaller(tag) && !Metric.isLoss(tag), "\(tag)")
    }
    for tag in ["val/accuracy", "f1", "loss/accuracy", "reward", "terror/map"] {
      #expect(!Metric.isBetterWhenSmaller(tag), "\(tag)")
    }
  }
}
