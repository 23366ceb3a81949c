import Glibc
import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors

/// Gathers what is logged now and then: times, throughput, norms, sizes of updates, silent units,
/// the machine. What it costs stays within a share of the training time: it comes less often where
/// it costs more.
final class Measurements {
  private let session: TrainingSession
  private let clock: any Clock
  private let policy: Experiment.LogPolicy
  private let updates: UpdateRatios
  private let activity: ActivityCounts

  private var intervalStart: Double
  private var nextReport: Double
  private var hasReported = false
  private var steps = 0
  private var samples = 0
  private var times = (data: 0.0, forward: 0.0, backward: 0.0, update: 0.0)
  private var processorSeconds: Double

  /// The part of the allowed share that a report may take; the rest is for watching units and
  /// updates and for histograms.
  private static let reportPart = 0.4

  init(_ session: TrainingSession, clock: any Clock) {
    self.session = session
    self.clock = clock
    policy = session.experiment.log
    updates = UpdateRatios(session.network)
    activity = ActivityCounts(
      session.network, clock: clock, shareMax: policy.shareMax * (1 - Self.reportPart) / 2)
    intervalStart = clock.monotonicSeconds()
    nextReport = intervalStart + policy.everySeconds
    processorSeconds = ProcessUsage.now().processorSeconds
    session.updates = updates
    updates.isWanted = true
  }

  func add(_ step: TrainingSession.StepResult) {
    steps += 1
    samples += step.samples
    times.data += step.dataSeconds
    times.forward += step.forwardSeconds
    times.backward += step.backwardSeconds
    times.update += step.updateSeconds
    activity.endBatch()
  }

  /// Forgets the time that passed without training.
  func restart() { restart(at: clock.monotonicSeconds()) }

  private func restart(at now: Double) {
    intervalStart = now
    processorSeconds = ProcessUsage.now().processorSeconds
    (steps, samples) = (0, 0)
    times = (0, 0, 0, 0)
    activity.restart()
    updates.isWanted = true
  }

  /// The interval's values, when it is over and something was trained in it.
  func report() -> [(tag: String, value: Float)]? {
    let now = clock.monotonicSeconds()
    guard now >= nextReport, steps > 0 else { return nil }
    hasReported = true
    let values = values(over: now - intervalStart)
    let cost = clock.monotonicSeconds() - now
    nextReport = now + max(policy.everySeconds, cost / (policy.shareMax * Self.reportPart))
    restart(at: now)
    return values
  }

  /// The values of an interval that is not over yet; for the end of a run. Those of few steps say
  /// little, and are given only when there are no others.
  func reportEarly() -> [(tag: String, value: Float)]? {
    let seconds = clock.monotonicSeconds() - intervalStart
    guard steps > 0, !hasReported || seconds > policy.everySeconds / 2 else { return nil }
    hasReported = true
    defer { restart() }
    return values(over: seconds)
  }

  private func values(over seconds: Double) -> [(tag: String, value: Float)] {
    var result = layerValues() + updates.values() + activity.values()
    let usage = ProcessUsage.now()
    result.append(("throughput/samples_per_second", Float(Double(samples) / seconds)))
    let inStep = times.data + times.forward + times.backward + times.update
    for (part, total) in [
      ("data", times.data), ("forward", times.forward), ("backward", times.backward),
      ("update", times.update), ("log", max(0, seconds - inStep)),
    ] {
      result.append(("time/\(part)_ms", Float(total / Double(steps) * 1000)))
    }
    let busy = (usage.processorSeconds - processorSeconds) / seconds
    result.append(("system/cpu_percent", Float(busy * 100)))
    result.append(("system/memory_mb", Float(Double(usage.residentBytes) / 1e6)))
    return result
  }

  private func layerValues() -> [(tag: String, value: Float)] {
    let sparsities = session.sparsities()
    var result: [(tag: String, value: Float)] = [("sparsity/total", Float(sparsities.total))]
    for (index, layer) in session.prunableLayers.enumerated() {
      let parameter = layer.parameter
      let count = parameter.value.count
      let gradient = Float.sumOfSquares(parameter.gradient.scalars, count: count).squareRoot()
      let weight = Float.sumOfSquares(parameter.value.scalars, count: count).squareRoot()
      result.append(("sparsity/\(layer.name)", Float(sparsities.layers[index])))
      result.append(("gradient_norm/\(layer.name)", Float(gradient)))
      result.append(("weight_norm/\(layer.name)", Float(weight)))
    }
    return result
  }
}
