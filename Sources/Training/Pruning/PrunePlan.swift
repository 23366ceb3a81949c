import NeuralNetwork
import RunLog
import Tensors

/// What a prune would do to a network.
struct PrunePlan {
  let decision: PruningDecision<Float>
  let changes: [JournalRecord.LayerChange]
  /// Fraction of the weights of the network as it began that are gone, before and after.
  let before, after: Double
  let sizeBefore, size: JournalRecord.NetworkSize

  init(_ decision: PruningDecision<Float>, _ learner: Learner, origin: PruningOrigin) {
    self.decision = decision
    let cut = ChannelCut(learner.graph, removing: decision.removed)
    let present = NetworkCensus(learner, masks: [:], cut: nil)
    let next = NetworkCensus(learner, masks: decision.masks, cut: cut)
    func gone(_ name: String, _ alive: Int) -> Double {
      let count = origin.weightCounts[name] ?? alive
      return Double(count - alive) / Double(max(1, count))
    }
    changes = zip(present.layers, next.layers).map { old, new in
      let isCut = new.channels != old.channels
      return JournalRecord.LayerChange(
        name: old.name, before: gone(old.name, old.alive), after: gone(new.name, new.alive),
        parameters: Int64(new.alive), flops: Int64(new.flops),
        channelsBefore: decision.removed.isEmpty ? nil : Int64(old.channels),
        channelsAfter: decision.removed.isEmpty ? nil : Int64(new.channels),
        threshold: (isCut || !decision.masks.isEmpty) ? decision.thresholds[old.name] : nil)
    }
    let total = origin.weightCount
    before = Double(total - present.alive) / Double(max(1, total))
    after = Double(total - next.alive) / Double(max(1, total))
    (sizeBefore, size) = (present.size, next.size)
  }
}

/// What a network has, layer by layer, now or after a prune.
struct NetworkCensus {
  struct Layer {
    let name: String
    /// Weights that are not masked.
    let alive: Int
    /// Of one sample's forward pass by those weights.
    let flops: Int
    /// Outputs.
    let channels: Int
  }

  private(set) var layers: [Layer] = []
  private(set) var size = JournalRecord.NetworkSize(parameters: 0, flops: 0, bytes: 0)

  /// Weights that are not masked.
  var alive: Int { layers.reduce(0) { $0 + $1.alive } }

  /// - Parameters:
  ///   - masks: in the place of those that there are, by the name of the parameter.
  ///   - cut: channels that are counted as gone.
  init(_ learner: Learner, masks: [String: Tensor<Float>] = [:], cut: ChannelCut? = nil) {
    var bytes = 0
    var others = 0
    for parameter in learner.network.parameters where !parameter.isPrunable {
      let shape = cut?.shape(of: parameter.name, parameter.value.shape) ?? parameter.value.shape
      others += shape.reduce(1, *)
    }
    for (index, layer) in learner.prunableLayers.enumerated() {
      let parameter = layer.parameter
      let mask = masks[parameter.name] ?? parameter.mask
      let shape = cut?.shape(of: parameter.name, parameter.value.shape) ?? parameter.value.shape
      let count = shape.reduce(1, *)
      let alive = mask.map { Self.alive($0, parameter.name, shape, cut) } ?? count
      layers.append(
        Layer(
          name: layer.name, alive: alive, flops: learner.flopsPerWeight[index] * alive,
          channels: shape.first ?? 1))
      bytes += mask == nil ? 4 * count : (count + 7) / 8 + 4 * alive
    }
    size = JournalRecord.NetworkSize(
      parameters: Int64(alive + others), flops: Int64(layers.reduce(0) { $0 + $1.flops }),
      bytes: Int64(bytes + 4 * others))
  }

  private static func alive(
    _ mask: Tensor<Float>, _ name: String, _ shape: [Int], _ cut: ChannelCut?
  ) -> Int {
    guard let cut, shape != mask.shape else {
      return ones(mask)
    }
    let small = Tensor<Float>(shape: shape)
    cut.copy(name, mask, into: small)
    return ones(small)
  }

  /// Of a tensor of zeros and ones.
  private static func ones(_ mask: Tensor<Float>) -> Int {
    Int(Float.sumOfSquares(mask.scalars, count: mask.count))
  }
}
