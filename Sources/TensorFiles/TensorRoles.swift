/// What the tensors of a file are to each other, as their names tell.
///
/// A checkpoint of nntop (its metadata has `nntop`) holds beside a weight `linear1.weight` its mask
/// `mask.linear1.weight` and states such as `momentum.linear1.weight` and `average.linear1.weight`.
/// In other files every tensor stands for itself.
public struct TensorRoles: Sendable {
  /// Whether a run of nntop wrote the file.
  public let isCheckpoint: Bool
  /// Which are neither masks nor states, in the order of their data.
  public let primary: [SafetensorsHeader.Entry]
  /// Masks and states of each, by its name.
  public let masks: [String: SafetensorsHeader.Entry]
  public let states: [String: [SafetensorsHeader.Entry]]

  /// The name under which nntop's runs keep their state in the metadata.
  public static let metadataName = "nntop"
  public static let maskPrefix = "mask."

  public init(_ header: SafetensorsHeader) {
    isCheckpoint = header.metadata.contains { $0.name == Self.metadataName }
    guard isCheckpoint else {
      (primary, masks, states) = (header.tensors, [:], [:])
      return
    }
    let shapes = Dictionary(
      header.tensors.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    var primary: [SafetensorsHeader.Entry] = []
    var masks: [String: SafetensorsHeader.Entry] = [:]
    var states: [String: [SafetensorsHeader.Entry]] = [:]
    for tensor in header.tensors {
      guard let dot = tensor.name.firstIndex(of: "."),
        case let owner = String(tensor.name[tensor.name.index(after: dot)...]),
        shapes[owner] == tensor.shape
      else {
        primary.append(tensor)
        continue
      }
      if tensor.name.hasPrefix(Self.maskPrefix) {
        masks[owner] = tensor
      } else {
        states[owner, default: []].append(tensor)
      }
    }
    (self.primary, self.masks, self.states) = (primary, masks, states)
  }

  /// The others, in the order of those they belong to.
  public var secondary: [SafetensorsHeader.Entry] {
    primary.flatMap { (masks[$0.name].map { [$0] } ?? []) + (states[$0.name] ?? []) }
  }
}

extension SafetensorsHeader.Entry {
  /// Why its elements are no weights that can be pruned; nil when they are.
  ///
  /// Weights are what PyTorch and nntop call so (`fc1.weight`, `weight_ih_l0`, `in_proj_weight`),
  /// of two axes or more, in a floating type that networks are trained in. Embeddings are tables,
  /// of which pruning takes whole meanings: they are left out.
  public var reasonNotPrunable: String? {
    if !type.isPrunable { return "\(type.rawValue) is not pruned" }
    if !hasWeightName { return "no weight by its name" }
    if shape.count < 2 { return "fewer than two axes" }
    if elementCount == 0 { return "empty" }
    if isEmbedding { return "an embedding" }
    return nil
  }

  /// The same, where somebody asks for this tensor.
  public var reasonNeverPrunable: String? {
    if !type.isPrunable { return "\(type.rawValue) is not pruned" }
    return elementCount == 0 ? "empty" : nil
  }

  /// Whether its name is that of the weights of a layer.
  public var hasWeightName: Bool {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    return last == "weight" || last.hasPrefix("weight_") || last.hasSuffix("_weight")
  }

  private var isEmbedding: Bool {
    name.split(separator: ".").contains { part in
      part.lowercased().contains("embed") || part == "wte" || part == "wpe"
    }
  }

  /// The layer it belongs to: `fc1` of `fc1.weight`; the whole name of others.
  public var layerName: String {
    let suffix = ".weight"
    return name.hasSuffix(suffix) && name.count > suffix.count
      ? String(name.dropLast(suffix.count)) : name
  }
}
