/// What recurrent layers of all kinds have in common.
///
/// Samples are sequences, [steps, features]; where a batch tells lengths, they end there. States
/// begin at 0. Parameters have PyTorch's names and shapes: weight_ih_l0 [gates · units, features],
/// weight_hh_l0 [gates · units, units], bias_ih_l0 and bias_hh_l0 [gates · units], and so on for
/// each layer, with "_reverse" behind those of the second direction.
public struct RecurrentPlan: Sendable {
  /// What the layer gives.
  public enum Outputs: String, Sendable, CaseIterable {
    /// The state behind the last valid step of each direction: [units · directions].
    case last
    /// The states behind all steps, 0 behind the last valid one: [steps, units · directions].
    case sequence
  }

  /// Scalars of the state, in each direction.
  public var units: Int
  /// Layers above one another, each reading the sequence that the one below gives.
  public var layers: Int
  /// Whether a second set of units reads the sequence backwards.
  public var isBidirectional: Bool
  /// Of the uppermost layer.
  public var outputs: Outputs
  /// Steps of the segments that gradients do not leave, counted from where a direction begins
  /// (Williams, Peng, "An efficient gradient-based algorithm for on-line training of recurrent
  /// network trajectories", 1990); 0: gradients flow through all steps.
  public var truncation: Int
  /// Of the weights from input to state, and of the biases.
  public var initializer: Initializer
  /// Of the weights from state to state.
  public var recurrentInitializer: RecurrentInitializer

  /// 1 or 2.
  public var directions: Int { isBidirectional ? 2 : 1 }

  public init(
    units: Int, layers: Int = 1, isBidirectional: Bool = false, outputs: Outputs = .last,
    truncation: Int = 0, initializer: Initializer = .pytorch,
    recurrentInitializer: RecurrentInitializer = .uniform
  ) {
    self.units = units
    self.layers = layers
    self.isBidirectional = isBidirectional
    self.outputs = outputs
    self.truncation = truncation
    self.initializer = initializer
    self.recurrentInitializer = recurrentInitializer
  }

  init(_ settings: some Settings) throws {
    units = try settings.integer("units", in: 1...65_536, default: nil)
    layers = try settings.integer("layers", in: 1...64, default: 1)
    isBidirectional = try settings.flag("bidirectional", default: false)
    let outputs = try settings.choice(
      "outputs", of: Outputs.allCases.map { $0.rawValue }, default: Outputs.last.rawValue)
    self.outputs = Outputs(rawValue: outputs) ?? .last
    truncation = try settings.integer("truncation", in: 0...1_000_000, default: 0)
    initializer = try Initializer(settings, default: "pytorch")
    let recurrent = try settings.choice(
      "recurrentInitializer", of: RecurrentInitializer.allCases.map { $0.rawValue },
      default: RecurrentInitializer.uniform.rawValue)
    recurrentInitializer = RecurrentInitializer(rawValue: recurrent) ?? .uniform
  }
}

/// A recurrent layer as an experiment describes it.
protocol RecurrentDescription: LayerDescription {
  var plan: RecurrentPlan { get }
}

extension RecurrentDescription {
  public var readsOutput: Bool { false }

  public func outputShape(for inputShape: [Int]) throws(ShapeMismatch) -> [Int] {
    guard inputShape.count == 2, inputShape.allSatisfy({ $0 > 0 }) else {
      throw ShapeMismatch(got: inputShape, needs: "sequences [steps, features]")
    }
    let width = plan.units * plan.directions
    // Four gates at most, and what they read: features or the states of the layer below, and state.
    let weightsMax = 1 << 31
    let features = max(inputShape[1], width)
    guard features <= weightsMax / (4 * plan.units) - plan.units else {
      throw ShapeMismatch(
        "got samples of \(inputShape): \(plan.units) units reading \(features) features have more "
          + "weights than the \(weightsMax) that fit")
    }
    return plan.outputs == .last ? [width] : [inputShape[0], width]
  }
}
