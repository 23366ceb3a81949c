import NeuralNetwork
import OperatingSystem
import Tensors

/// Which units of the rectifying layers answer to any sample, and how many of their outputs are
/// zero. Watches some batches of each interval, and fewer where that would cost too much.
final class ActivityCounts {
  private final class Watched {
    let name: String
    let units: Int
    /// How often each unit was not 0.
    let nonzeros: Tensor<Float>
    var positions = 0

    init(name: String, units: Int) {
      self.name = name
      self.units = units
      nonzeros = Tensor(shape: [units])
    }
  }

  private let clock: any Clock
  private let shareMax: Double
  private let observers: LayerObservers<Float>
  private var watched: [ObjectIdentifier: Watched] = [:]
  private let order: [Watched]
  private var batches = 0
  private var intervalStart: Double
  private var cost = 0.0

  /// Batches of an interval in which a unit has to answer to be counted as alive.
  private static let batchesMax = 16

  /// - Parameter shareMax: of the training time, that watching may take.
  init(_ network: Network<Float>, clock: any Clock, shareMax: Double) {
    self.clock = clock
    self.shareMax = shareMax
    observers = network.observers
    intervalStart = clock.monotonicSeconds()
    var order: [Watched] = []
    for (layer, shape) in network.shapedLeaves where layer.hasExactZeros {
      let one = Watched(name: layer.name, units: shape.last ?? 1)
      watched[ObjectIdentifier(layer)] = one
      order.append(one)
    }
    self.order = order
    restart()
  }

  /// Begins an interval.
  func restart() {
    for one in order {
      one.nonzeros.fill(0)
      one.positions = 0
    }
    (batches, cost) = (0, 0)
    intervalStart = clock.monotonicSeconds()
    watch(!order.isEmpty)
  }

  /// To be called behind every batch: decides whether the next one is watched.
  func endBatch() {
    if observers.activation != nil { batches += 1 }
    guard batches < Self.batchesMax else { return watch(false) }
    let elapsed = clock.monotonicSeconds() - intervalStart
    watch(!order.isEmpty && (batches == 0 || cost < shareMax * elapsed))
  }

  /// Of the interval so far; nothing when no batch was watched.
  func values() -> [(tag: String, value: Float)] {
    order.flatMap { one -> [(tag: String, value: Float)] in
      guard one.positions > 0 else { return [] }
      let counts = one.nonzeros.buffer
      let silent = counts.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
      let zeros = 1 - counts.reduce(0, +) / Float(one.positions * one.units)
      return [
        ("dead_units/\(one.name)", Float(silent)), ("activation_sparsity/\(one.name)", zeros),
      ]
    }
  }

  private func watch(_ on: Bool) {
    guard on != (observers.activation != nil) else { return }
    observers.activation = on ? { [unowned self] in note($0, $1, $2) } : nil
  }

  private func note(_ layer: any Layer<Float>, _ output: Tensor<Float>, _ pass: Pass) {
    guard pass.isTraining, let one = watched[ObjectIdentifier(layer)] else { return }
    let start = clock.monotonicSeconds()
    let positions = pass.rows * (output.count / (output.shape.first ?? 1)) / one.units
    Float.countNonzeros(
      output.scalars, rows: positions, columns: one.units, addingTo: one.nonzeros.scalars)
    one.positions += positions
    cost += clock.monotonicSeconds() - start
  }
}
