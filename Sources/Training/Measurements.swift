import Glibc
import NeuralNetwork
import OperatingSystem
import RunLog
import Tensors

/// Gathers what is logged once a second: times, throughput, norms, silent units, the machine.
final class Measurements {
  private let session: TrainingSession
  private let clock: any Clock
  private let observers: [any ActivityObserving]

  private var secondStart: Double
  private var steps = 0
  private var samples = 0
  private var times = (data: 0.0, forward: 0.0, backward: 0.0, update: 0.0)
  private var processorSeconds: Double
  private var observedBatches = 0

  /// Batches after each report in which a unit has to answer to be counted as alive.
  private static let observedBatchesMax = 16

  init(_ session: TrainingSession, clock: any Clock) {
    self.session = session
    self.clock = clock
    observers = session.network.layers.compactMap { $0 as? any ActivityObserving }
    secondStart = clock.monotonicSeconds()
    processorSeconds = ProcessUsage.now().processorSeconds
    observe(true)
  }

  func add(_ step: TrainingSession.StepResult) {
    steps += 1
    samples += step.samples
    times.data += step.dataSeconds
    times.forward += step.forwardSeconds
    times.backward += step.backwardSeconds
    times.update += step.updateSeconds
    observedBatches += 1
    if observedBatches == Self.observedBatchesMax { observe(false) }
  }

  /// Forgets the time that passed without training.
  func restart() {
    secondStart = clock.monotonicSeconds()
    processorSeconds = ProcessUsage.now().processorSeconds
    (steps, samples) = (0, 0)
    times = (0, 0, 0, 0)
  }

  /// The second's values, when it is over and something was trained in it.
  func report() -> [(tag: String, value: Float)]? {
    let now = clock.monotonicSeconds()
    guard now - secondStart >= 1, steps > 0 else { return nil }
    let values = values(over: now - secondStart)
    restart()
    return values
  }

  /// The values of a second that is not over yet; for the end of a run.
  func reportEarly() -> [(tag: String, value: Float)]? {
    let seconds = clock.monotonicSeconds() - secondStart
    guard steps > 0, seconds > 0.05 else { return nil }
    defer { restart() }
    return values(over: seconds)
  }

  private func values(over seconds: Double) -> [(tag: String, value: Float)] {
    var result = layerValues()
    let usage = ProcessUsage.now()
    result.append(("throughput/samples_per_second", Float(Double(samples) / seconds)))
    for (part, total) in [
      ("data", times.data), ("forward", times.forward), ("backward", times.backward),
      ("update", times.update),
    ] {
      result.append(("time/\(part)_ms", Float(total / Double(steps) * 1000)))
    }
    let busy = (usage.processorSeconds - processorSeconds) / seconds
    result.append(("system/cpu_percent", Float(busy * 100)))
    result.append(("system/memory_mb", Float(Double(usage.residentBytes) / 1e6)))
    if observedBatches >= Self.observedBatchesMax { observe(true) }
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
    if observedBatches >= Self.observedBatchesMax {
      for observer in observers {
        let silent = observer.unitWasActive.reduce(0) { $0 + ($1 ? 0 : 1) }
        result.append(("dead_units/\(observer.name)", Float(silent)))
      }
    }
    return result
  }

  private func observe(_ on: Bool) {
    if on {
      observedBatches = 0
      for observer in observers { observer.forgetActivity() }
    }
    for observer in observers { observer.observesActivity = on }
  }
}

/// Pictures of a layer's weights for the log.
enum WeightPictures {
  /// Counts of the values in bins of equal width between the least and the largest; at most 64.
  static func histogram(of tensor: Tensor<Float>) -> Histogram {
    let binsMax = 64
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in tensor.buffer where value.isFinite {
      low = min(low, value)
      high = max(high, value)
    }
    guard low < high else {
      let edge = Double(low.isFinite ? low : 0)
      return Histogram(bins: [.init(lower: edge, upper: edge, count: Double(tensor.count))])
    }
    var counts = [Double](repeating: 0, count: binsMax)
    let scale = Float(binsMax) / (high - low)
    for value in tensor.buffer where value.isFinite {
      counts[min(binsMax - 1, Int((value - low) * scale))] += 1
    }
    let width = Double(high - low) / Double(binsMax)
    return Histogram(
      bins: counts.enumerated().map { index, count in
        let lower = Double(low) + width * Double(index)
        return .init(lower: lower, upper: lower + width, count: count)
      })
  }

  /// The fraction of weights that are not zero in each cell of a grid over a [rows, columns]
  /// matrix; at most 32 × 64 cells.
  static func density(of parameter: Parameter<Float>) -> Grid {
    let shape = parameter.value.shape
    let matrixRows = max(1, shape.first ?? 1)
    let matrixColumns = max(1, parameter.value.count / matrixRows)
    let (rows, columns) = (min(32, matrixRows), min(64, matrixColumns))
    var alive = [Float](repeating: 0, count: rows * columns)
    var size = alive
    for row in 0..<matrixRows {
      for column in 0..<matrixColumns {
        let cell = (row * rows / matrixRows) * columns + column * columns / matrixColumns
        size[cell] += 1
        if parameter.value.scalars[row * matrixColumns + column] != 0 { alive[cell] += 1 }
      }
    }
    return Grid(rows: rows, columns: columns, values: zip(alive, size).map { $0 / $1 })
  }
}
