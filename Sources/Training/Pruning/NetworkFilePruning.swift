import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import TensorFiles
import Tensors

/// Removes channels from a network whose weights stand in a safetensors file, as a prune of the
/// network in training does: repairs, constant folding, the cut, and the statistics of batch
/// normalisations anew.
///
/// Holds the file twice, the network with its optimizer, and the experiment's data in memory.
public struct NetworkFilePruning {
  public struct Layer: Sendable {
    public let name: String
    /// Outputs, weights, and multiplications and additions of one sample's forward pass.
    public let channelsBefore, channels, weightsBefore, weights, flopsBefore, flops: Int
  }

  /// The layers that have weights.
  public let layers: [Layer]
  public let sizeBefore, size: JournalRecord.NetworkSize
  /// Tensors that belong to weights of the old shape, and are of no use to the new ones.
  public let leftOut: [String]

  /// Prunes the network of an experiment with the weights of a file.
  /// - Parameters:
  ///   - request: a method that removes channels at once; layers by the network's names. A preview
  ///     writes nothing.
  ///   - path: a checkpoint of a run, or any file that an experiment can begin with
  ///     (`initialWeights`); the network may be narrower than the experiment says.
  ///   - output: where to write what remains: under the names and of the types that they had.
  /// - Throws: one line, with nothing written.
  public init(
    _ request: ControlCommand.PruneRequest, of path: String, _ experiment: Experiment,
    to output: String, files: any FileSystem
  ) throws {
    guard let method = try request.pruningMethod() as? any OneShotPruning else {
      throw PruningRefusal("\(request.method) works while a network learns")
    }
    ArithmeticLibrary.prepare()
    let pool = WorkerPool(threadCount: max(1, Environment.processorCount))
    let dataset = try Dataset.load(experiment.data, pool: pool, files: files)
    let session = try TrainingSession(
      experiment, dataset: dataset, pool: pool, clock: SystemClock())
    let file = try SafetensorsFile.read(path, files: files)
    try Self.load(file, into: session, files)
    try Self.check(request.layers, session.learner.graph)
    let task = session.task(request, needsSamples: type(of: method).looksAtSamples)
    let decision = try method.decide(task)
    let plan = session.plan(decision)
    let before = NetworkCensus(session.learner).layers
    layers = zip(before, plan.changes).map { old, new in
      Layer(
        name: old.name, channelsBefore: old.channels,
        channels: new.channelsAfter.map { Int($0) } ?? old.channels, weightsBefore: old.alive,
        weights: Int(new.parameters), flopsBefore: old.flops, flops: Int(new.flops))
    }
    (sizeBefore, size) = (plan.sizeBefore, plan.size)
    let oldNames = TensorNames(session.network, in: file)
    let oldShapes = oldNames.tensors.map { (name: $0.name, shape: $0.tensor.shape) }
    try session.apply(decision)
    let newNames = TensorNames(session.network, in: file)
    let changed = zip(oldShapes, newNames.tensors).filter { $0.shape != $1.tensor.shape }
      .map(\.0.name)
    let rewritten = PrunedTensors(session, newNames, file)
    leftOut = file.tensors.map(\.name).filter { name in
      !rewritten.holds(name) && changed.contains { name.hasSuffix("." + $0) }
    }
    if !request.isPreview {
      try rewritten.write(without: Set(leftOut), to: output, files)
    }
  }

  private static func load(
    _ file: SafetensorsFile, into session: TrainingSession, _ files: any FileSystem
  ) throws {
    if file.isCheckpoint {
      try Checkpoint(file.path, fitting: session, files: files).restore(session)
      guard let pruning = session.state.pruning else { return }
      throw PruningRefusal(
        "\(pruning.request.method) goes on in this checkpoint: let the run finish it first")
    }
    let widths = widths(of: session, in: file)
    session.enter(try session.stage(for: session.state, widths: widths))
    do {
      try InitialWeights(path: file.path, place: file.path).load(
        into: session.network, files: files)
    } catch let error as ExperimentError { throw PruningRefusal(error.problem) }
  }

  /// The outputs of the layers that have fewer in the file than the experiment says.
  private static func widths(
    of session: TrainingSession, in file: SafetensorsFile
  ) -> [String: Int] {
    let names = TensorNames(session.network, in: file)
    var widths: [String: Int] = [:]
    for (layer, channels) in session.learner.graph.outputs
    where channels.contains(where: { $0 >= 0 }) {
      guard let name = names.inFile["\(layer).weight"], let width = file[name]?.shape.first,
        (1..<channels.count).contains(width)
      else { continue }
      widths[layer] = width
    }
    return widths
  }

  private static func check(_ layers: [String]?, _ graph: ChannelGraph) throws {
    let known = graph.groups.flatMap(\.layers)
    guard let unknown = layers?.first(where: { !known.contains($0) }) else { return }
    let near = NearestName.of(unknown, among: known).map { "; did you mean \($0)?" }
    throw PruningRefusal(
      "no layer \(unknown) has channels that can be removed"
        + (near ?? "; they are those of \(known.joined(separator: ", "))"))
  }
}

extension ControlCommand.PruneRequest {
  /// The method that is asked for, with its settings.
  /// - Throws: `ControlCommand.Request.Refusal`: there is none such, or a setting is wrong.
  public func pruningMethod() throws -> any PruningMethod {
    try PruningMethods.method(self)
  }
}

extension SafetensorsFile {
  fileprivate var isCheckpoint: Bool { metadata.contains { $0.name == Checkpoint.metadataName } }
}

/// The parameters and statistics of a network under the names that a file has for them: the
/// network's own, or those of a PyTorch module.
private struct TensorNames {
  let tensors: [(name: String, tensor: Tensor<Float>)]
  /// By the network's own names.
  let inFile: [String: String]

  init(_ network: Network<Float>, in file: SafetensorsFile) {
    let usesOwnNames = network.parameters.contains { file[$0.name] != nil }
    let all =
      network.parameters.map { ($0.name, $0.moduleName, $0.value) }
      + network.statistics.map { ($0.name, $0.moduleName, $0.value) }
    tensors = all.map { (name: usesOwnNames ? $0.0 : $0.1, tensor: $0.2) }
    inFile = Dictionary(
      all.map { ($0.0, usesOwnNames ? $0.0 : $0.1) }, uniquingKeysWith: { $1 })
  }
}

/// What a file becomes when the network in it got smaller.
private struct PrunedTensors {
  private let session: TrainingSession
  private let file: SafetensorsFile
  private var floats: [String: Tensor<Float>] = [:]
  private var masks: [String: Tensor<Float>] = [:]
  private var metadata: [(name: String, value: String)]

  init(_ session: TrainingSession, _ names: TensorNames, _ file: SafetensorsFile) {
    self.session = session
    self.file = file
    metadata = file.metadata
    for (name, tensor) in names.tensors { floats[name] = tensor }
    guard file.isCheckpoint else { return }
    for (name, tensor) in session.stage.tensors { floats[name] = tensor }
    for parameter in session.network.prunableParameters {
      masks[TensorRoles.maskPrefix + parameter.name] = parameter.mask
    }
    let description = Checkpoint.describe(session).text()
    metadata = metadata.map {
      $0.name == Checkpoint.metadataName ? ($0.name, description) : $0
    }
  }

  func holds(_ name: String) -> Bool { floats[name] != nil || masks[name] != nil }

  func write(
    without leftOut: Set<String>, to path: String, _ files: any FileSystem
  ) throws(TensorFileError) {
    let maskBytes = masks.sorted { $0.key < $1.key }.map { name, mask in
      (name: name, shape: mask.shape, bytes: mask.buffer.map { UInt8($0 == 0 ? 0 : 1) })
    }
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(
      capacity: file.data.count + maskBytes.reduce(0) { $0 + $1.bytes.count })
    defer { memory.deallocate() }
    _ = memory.initialize(from: file.data)
    var entries = floats.map { name, tensor in
      SafetensorsTensor(
        name: name, type: .float32, shape: tensor.shape,
        bytes: UnsafeRawBufferPointer(tensor.buffer))
    }
    for tensor in file.tensors where !holds(tensor.name) && !leftOut.contains(tensor.name) {
      entries.append(
        SafetensorsTensor(
          name: tensor.name, type: tensor.type, shape: tensor.shape,
          bytes: UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: memory[tensor.bytes])))
      )
    }
    var offset = file.data.count
    for mask in maskBytes {
      let place = UnsafeMutableBufferPointer(rebasing: memory[offset..<offset + mask.bytes.count])
      _ = place.initialize(from: mask.bytes)
      entries.append(
        SafetensorsTensor(
          name: mask.name, type: .boolean, shape: mask.shape,
          bytes: UnsafeRawBufferPointer(place)))
      offset += mask.bytes.count
    }
    try SafetensorsWriter(files: files).write(entries, metadata: metadata, to: path)
    withExtendedLifetime(session) {}
  }
}
