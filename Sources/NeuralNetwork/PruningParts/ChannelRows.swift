import Tensors

/// The numbers that make each channel: the rows of weights that compute it, its biases, and its
/// gains and shifts in normalisations. Where all of them are zero, the channel is the same whatever
/// the sample, and can go without loss (a "zero-invariant group"; Chen et al., "OTOv2", 2023).
struct ChannelRows<Scalar: TensorScalar> {
  /// A parameter whose first axis has channels.
  struct Part {
    let parameter: Parameter<Scalar>
    let moments: [Tensor<Scalar>]
    /// The channel of each row; -1: of none that can be removed.
    let channels: [Int]
    /// Scalars in a row.
    let width: Int
    /// True for what computes the channel from others: weights of `Linear` and `Convolution`.
    var isWeight: Bool { parameter.isPrunable }
  }

  let parts: [Part]
  private let channelCount: Int

  init(_ task: PruningTask<Scalar>, _ optimizer: (any Optimizer<Scalar>)? = nil) {
    channelCount = task.graph.channelCount
    parts = task.network.parameters.compactMap { parameter in
      guard let axes = task.graph.axes[parameter.name], let channels = axes.first ?? nil,
        channels.contains(where: { $0 >= 0 })
      else { return nil }
      return Part(
        parameter: parameter, moments: optimizer?.moments(of: parameter) ?? [],
        channels: channels, width: parameter.value.count / max(1, channels.count))
    }
  }

  /// Multiplies rows by a number.
  func scale(by factor: Scalar, where isChosen: (Part, _ channel: Int) -> Bool) {
    for part in parts {
      for (row, channel) in part.channels.enumerated() where channel >= 0 {
        guard isChosen(part, channel) else { continue }
        Scalar.scale(
          part.parameter.value.scalars + row * part.width, by: factor, count: part.width)
      }
    }
  }

  /// Zeroes rows, and what the optimizer remembers of them, so that it does not move them again.
  func clear(where isChosen: (Part, _ channel: Int) -> Bool) {
    for part in parts {
      for (row, channel) in part.channels.enumerated() where channel >= 0 {
        guard isChosen(part, channel) else { continue }
        Scalar.clear(part.parameter.value.scalars + row * part.width, count: part.width)
        for moment in part.moments {
          Scalar.clear(moment.scalars + row * part.width, count: part.width)
        }
      }
    }
  }

  /// Zeroes the gradients of channels whose gate is 0: what is zero stays zero.
  func hold(_ gates: Tensor<Scalar>) {
    for index in parts.indices {
      let (part, gradient) = (parts[index], parts[index].parameter.gradient.scalars)
      for row in part.channels.indices {
        let channel = part.channels[row]
        guard channel >= 0, gates.scalars[channel] == 0 else { continue }
        Scalar.clear(gradient + row * part.width, count: part.width)
      }
    }
  }

  /// The square of the norm of the weights that compute each channel.
  func squaredNorms() -> [Double] {
    var sums = Array(repeating: 0.0, count: channelCount)
    for part in parts where part.isWeight {
      for (row, channel) in part.channels.enumerated() where channel >= 0 {
        sums[channel] += Scalar.sumOfSquares(
          part.parameter.value.scalars + row * part.width, count: part.width)
      }
    }
    return sums
  }
}

extension PruningTask {
  /// The same with another target, or of fewer groups.
  func with(target: Double? = nil, groups: [Int]? = nil) -> PruningTask<Scalar> {
    PruningTask(
      network, graph, origin: origin, target: target ?? self.target,
      layers: groups.map { $0.map { graph.groups[$0].name } } ?? layers, samples: samples,
      seed: seed)
  }

  /// True for the channels of the groups in scope.
  var channelsInScope: [Bool] {
    var isInScope = Array(repeating: false, count: graph.channelCount)
    for group in groups {
      for channel in graph.groups[group].channels { isInScope[channel] = true }
    }
    return isInScope
  }
}

extension ChannelChoice {
  /// The channels that go, as `least` finds them; none when the target is reached already or out of
  /// reach: what works while a network learns has nobody to tell.
  func leastIfAny<Scalar>(_ scores: [Double], _ task: PruningTask<Scalar>) -> [Int] {
    do throws(PruningRefusal) {
      return try least(scores, task)
    } catch { return [] }
  }
}
