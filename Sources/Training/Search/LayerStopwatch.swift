import NeuralNetwork
import OperatingSystem
import Tensors

/// Times every layer of a network at its place, between its neighbours: alone it would find other
/// things in the cache. What a layer that holds others takes for itself, copies and sums, is told
/// apart from what it holds.
final class LayerStopwatch: LayerInterceptor {
  /// Seconds that each layer took for itself, in the order in which they were done.
  private(set) var laps: [(layer: ObjectIdentifier, seconds: Double)] = []

  private let clock: any Clock
  /// Layers at work, the innermost last.
  private var running: [Lap] = []

  private struct Lap {
    /// When the layer was about to compute, before and after this was written down.
    var noticed, started: Double
    /// Seconds of the layers within, with what it takes to watch them.
    var within = 0.0
  }

  init(clock: any Clock) {
    self.clock = clock
  }

  func restart() { laps.removeAll(keepingCapacity: true) }

  func willCompute(_ layer: any Layer<Float>, _ input: Tensor<Float>, _ pass: Pass) {
    let now = clock.monotonicSeconds()
    running.append(Lap(noticed: now, started: now))
    running[running.count - 1].started = clock.monotonicSeconds()
  }

  func didCompute(_ layer: any Layer<Float>, _ output: Tensor<Float>, _ pass: Pass) {
    let ended = clock.monotonicSeconds()
    guard let lap = running.popLast() else { return }
    laps.append((ObjectIdentifier(layer), max(0, ended - lap.started - lap.within)))
    guard !running.isEmpty else { return }
    running[running.count - 1].within += clock.monotonicSeconds() - lap.noticed
  }
}
