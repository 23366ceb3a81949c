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

  /// Puts the weights and the running statistics into a network.
  /// - Throws: one line that says which tensor is missing or does not fit; nothing was changed.
  func load(into network: Network<Float>, files: any FileSystem) throws {
    let file = try SafetensorsFile.read(path, files: files)
    let usesOwnNames = network.parameters.contains { file[$0.name] != nil }
    let tensors: [(name: String, tensor: Tensor<Float>)] =
      network.parameters.map { (usesOwnNames ? $0.name : $0.moduleName, $0.value) }
      + network.statistics.map { (usesOwnNames ? $0.name : $0.moduleName, $0.value) }
    for (name, tensor) in tensors {
      guard let found = file[name] else {
        throw mistake("holds no \(name) of shape \(tensor.shape); it holds \(Self.names(file))")
      }
      try check(found, named: name, in: file, for: tensor)
    }
    // A checkpoint has more than weights; PyTorch counts batches, which nothing here needs.
    let known = Set(tensors.map(\.name))
    let extra = file.tensors.map(\.name).first {
      !known.contains($0) && !$0.hasSuffix("num_batches_tracked")
    }
    if !usesOwnNames, let extra {
      throw mistake("holds \(extra), for which the model has no place")
    }
    for (name, tensor) in tensors { try file.copyFloat32(name, into: tensor.buffer) }
  }

  private func check(
    _ found: SafetensorsHeader.Entry, named name: String, in file: SafetensorsFile,
    for tensor: Tensor<Float>
  ) throws {
    guard found.shape == tensor.shape, found.type == .float32 else {
      let remedy = found.type == .float32 ? "" : "; save it after .float()"
      throw mistake(
        "\(name) is \(found.type.rawValue) of shape \(found.shape), "
          + "the model needs F32 of shape \(tensor.shape)\(remedy)")
    }
    guard try file.float32(name).allSatisfy(\.isFinite) else {
      throw mistake("\(name) holds numbers that are not finite")
    }
  }

  private func mistake(_ problem: String) -> ExperimentError {
    ExperimentError(place: place, field: "initialWeights", problem: "\(path): \(problem)")
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
