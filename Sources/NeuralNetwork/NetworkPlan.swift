/// What a network is made of.
public struct NetworkPlan: Sendable {
  public var layers: [any LayerDescription]
  /// The shape of one sample.
  public var inputShape: [Int]
  public var targets: TargetShape
  public var loss: any LossDescription

  public init(
    layers: [any LayerDescription], inputShape: [Int], targets: TargetShape,
    loss: any LossDescription = CrossEntropy()
  ) {
    self.layers = layers
    self.inputShape = inputShape
    self.targets = targets
    self.loss = loss
  }

  /// Makes sure that every layer fits behind the one before it, and the loss behind the last.
  public func check() throws(NetworkError) {
    let last = try shapes()[layers.count]
    let position = max(0, layers.count - 1)
    let kind = layers.last.map { type(of: $0).kind } ?? "none"
    let needed = targets.outputShape
    guard last == needed else {
      throw NetworkError(
        layer: position, kind: kind,
        reason: "the last layer gives samples of \(last), but the data \(targets.words) and needs "
          + "\(needed)")
    }
    do throws(ShapeMismatch) {
      try loss.check(targets)
    } catch {
      throw NetworkError(layer: position, kind: kind, reason: error.reason)
    }
  }

  /// The shape of a sample before each layer and behind the last.
  public func shapes() throws(NetworkError) -> [[Int]] {
    var shapes = [inputShape]
    for (index, layer) in layers.enumerated() {
      do throws(ShapeMismatch) {
        shapes.append(try layer.outputShape(for: shapes[index]))
      } catch {
        throw NetworkError(layer: index, kind: type(of: layer).kind, reason: error.reason)
      }
    }
    return shapes
  }
}

extension TargetShape {
  /// "has 62 classes"
  var words: String {
    switch self {
    case .classes(let count, 1): "has \(count) classes"
    case .classes(let count, let steps): "has one of \(count) classes for each of \(steps) steps"
    case .values(let perSample): "has \(perSample) numbers to be met"
    }
  }
}

/// A layer that does not fit where it stands.
public struct NetworkError: Error, Sendable, CustomStringConvertible {
  /// Position in the list of layers, from 0.
  public let layer: Int
  public let kind: String
  public let reason: String

  public var description: String { "layer \(layer + 1) (\(kind)): \(reason)" }
}

extension [any LayerDescription] {
  /// The shape behind layers within a layer, or why one of them does not fit.
  /// - Parameter role: what the layers are to the one that they are in, such as "branch".
  public func outputShape(
    for inputShape: [Int], role: String
  ) throws(ShapeMismatch) -> [Int] {
    var shape = inputShape
    for (index, layer) in enumerated() {
      do throws(ShapeMismatch) {
        shape = try layer.outputShape(for: shape)
      } catch {
        throw ShapeMismatch(
          "\(role) layer \(index + 1) (\(type(of: layer).kind)): \(error.reason)")
      }
    }
    return shape
  }
}
