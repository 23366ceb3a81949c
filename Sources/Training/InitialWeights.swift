import NeuralNetwork
import OperatingSystem
import TensorFiles
import Tensors

/// Weights from a safetensors file that a run begins with: one of nntop's, or of a PyTorch module
/// of the same layers, whose tensors are named by place and role ("0.weight", "0.bias").
struct InitialWeights: Sendable {
  /// The file's absolute path.
  let path: String
  /// Where the experiment names it, for messages.
  let place: String

  /// Puts the weights, and the running statistics where the file has them, into a network.
  /// - Throws: one line that says which tensor is missing or does not fit; nothing was changed.
  func load(into network: Network<Float>, files: any FileSystem) throws {
    let file = try SafetensorsFile.read(path, files: files)
    let usesOwnNames = network.parameters.contains { file[$0.name] != nil }
    let parameters = network.parameters.map {
      (name: usesOwnNames ? $0.name : $0.moduleName, tensor: $0.value)
    }
    for (name, tensor) in parameters {
      guard let found = file[name] else {
        throw ExperimentError(
          place: place, field: "initialWeights",
          problem: "\(path) holds no \(name) of shape \(tensor.shape); it holds "
            + Self.names(file))
      }
      try check(name, found, tensor)
    }
    let statistics = network.statistics.map {
      (name: usesOwnNames ? $0.name : $0.moduleName, tensor: $0.value)
    }.filter { file[$0.name] != nil }
    for (name, tensor) in statistics {
      if let found = file[name] { try check(name, found, tensor) }
    }
    for (name, tensor) in parameters + statistics {
      try file.copyFloat32(name, into: tensor.buffer)
    }
  }

  private func check(
    _ name: String, _ found: SafetensorsHeader.Entry, _ tensor: Tensor<Float>
  ) throws {
    guard found.shape == tensor.shape, found.type == .float32 else {
      throw ExperimentError(
        place: place, field: "initialWeights",
        problem: "\(path): \(name) is \(found.type.rawValue) of shape \(found.shape), "
          + "the model needs F32 of shape \(tensor.shape)")
    }
  }

  private static func names(_ file: SafetensorsFile) -> String {
    let shownMax = 6
    let names = file.tensors.map(\.name)
    let shown = names.prefix(shownMax).joined(separator: ", ")
    return names.isEmpty ? "nothing" : names.count > shownMax ? shown + ", …" : shown
  }
}

extension Experiment {
  /// nil: weights begin as the layers say.
  static func initialWeights(_ root: ExperimentObject) throws -> InitialWeights? {
    guard let node = root.field("initialWeights"), !node.isNull else {
      root.record("initialWeights", .null)
      return nil
    }
    return InitialWeights(
      path: try root.path("initialWeights"),
      place: root.text.place(of: "initialWeights", node.position))
  }
}
