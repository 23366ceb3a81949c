import JSONText
import NeuralNetwork
import OperatingSystem
import TensorFiles
import Tensors

/// A run's whole state in a safetensors file: weights, masks and optimizer state as tensors, the
/// rest as JSON in the metadata. Random numbers need no state: they are functions of the step.
struct Checkpoint {
  static let metadataName = "nntop"

  /// Updates that were made of the weights, of their average, and of what layers mix.
  private struct Steps {
    let optimizer, average, architecture: Int
  }

  /// "step-000001240-00.safetensors"; the last digits number the states of one step.
  static func fileName(step: Int, change: Int) -> String {
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "step-\(padded(step, 9))-\(padded(change, 2)).safetensors"
  }

  /// The step and number of a file's name; nil for another name.
  static func stepAndChange(of name: String) -> (step: Int, change: Int)? {
    guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
    let parts = name.dropFirst(5).dropLast(12).split(separator: "-")
    guard parts.count == 2, let step = Int(parts[0]), let change = Int(parts[1]) else {
      return nil
    }
    return (step, change)
  }

  /// Writes the state; when it returns, the file is on the disk under its final name.
  static func write(
    _ session: TrainingSession, to path: String, files: any FileSystem
  ) throws(TensorFileError) {
    try write(
      tensors: tensors(of: session),
      masks: session.network.prunableParameters.compactMap { parameter in
        parameter.mask.map { ("mask." + parameter.name, $0) }
      }, description: describe(session), to: path, files: files)
  }

  static func write(
    tensors: [(name: String, tensor: Tensor<Float>)],
    masks: [(name: String, tensor: Tensor<Float>)], description: JSON, to path: String,
    files: any FileSystem
  ) throws(TensorFileError) {
    let maskBytes = masks.map { mask in mask.tensor.buffer.map { UInt8($0 == 0 ? 0 : 1) } }
    var entries = tensors.map { name, tensor in
      SafetensorsTensor(
        name: name, type: .float32, shape: tensor.shape,
        bytes: UnsafeRawBufferPointer(tensor.buffer))
    }
    let masksStart = UnsafeMutableBufferPointer<UInt8>.allocate(
      capacity: maskBytes.reduce(0) { $0 + $1.count })
    defer { masksStart.deallocate() }
    var offset = 0
    for (mask, bytes) in zip(masks, maskBytes) {
      let place = masksStart[offset..<offset + bytes.count]
      _ = UnsafeMutableBufferPointer(rebasing: place).initialize(from: bytes)
      entries.append(
        SafetensorsTensor(
          name: mask.name, type: .boolean, shape: mask.tensor.shape,
          bytes: UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: place))))
      offset += bytes.count
    }
    try SafetensorsWriter(files: files).write(
      entries, metadata: [(metadataName, description.text())], to: path)
  }

  private let file: SafetensorsFile
  private let state: TrainingSession.State
  /// What the state is put into.
  private let stage: TrainingSession.Stage
  private let steps: Steps
  private let masks: [Tensor<Float>?]

  /// Reads a file and makes sure that all of it fits the session, which stays as it is.
  init(
    _ path: String, fitting session: TrainingSession, files: any FileSystem
  ) throws(CheckpointError) {
    do {
      let file = try SafetensorsFile.read(path, files: files)
      let node = try Self.readDescription(file, path: path)
      (state, steps) = try Self.readState(node, path: path)
      stage = try session.stage(for: state, widths: try Self.readWidths(node, path: path))
      masks = try stage.learner.network.prunableParameters.map {
        try Self.readMask(of: $0, from: file)
      }
      for (name, tensor) in stage.tensors {
        guard let entry = file[name], entry.shape == tensor.shape, entry.type == .float32 else {
          throw CheckpointError(path: path, reason: "holds no \(name) of shape \(tensor.shape)")
        }
      }
      self.file = file
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(path: path, reason: "\(error)")
    }
  }

  /// The fraction of weights that its masks remove.
  func sparsity(in session: TrainingSession) -> Double {
    let total = session.origin.weightCount
    let alive = zip(stage.learner.network.prunableParameters, masks).reduce(0) {
      $0 + ($1.1?.buffer.count { $0 != 0 } ?? $1.0.value.count)
    }
    return Double(total - alive) / Double(max(1, total))
  }

  /// The learning rate of the next update from this state.
  func learningRate(in session: TrainingSession) throws -> Double {
    try session.learningRate(in: state)
  }

  /// Puts the whole state back.
  func restore(_ session: TrainingSession) throws(CheckpointError) {
    session.enter(stage)
    do throws(TensorFileError) {
      for (name, tensor) in stage.tensors {
        try file.copyFloat32(name, into: tensor.buffer)
      }
    } catch {
      throw CheckpointError(path: file.path, reason: "\(error)")
    }
    for (parameter, mask) in zip(session.network.prunableParameters, masks) {
      parameter.setMask(mask)
    }
    session.state = state
    do {
      try session.follow(state.typedSchedule)
    } catch {
      throw CheckpointError(path: file.path, reason: "its schedule: \(error)")
    }
    session.optimizer.stepCount = steps.optimizer
    session.average?.stepCount = steps.average
    session.learner.architecture?.stepCount = steps.architecture
  }

  static func tensors(
    of session: TrainingSession
  ) -> [(name: String, tensor: Tensor<Float>)] {
    session.stage.tensors
  }

  static func describe(_ session: TrainingSession) -> JSON {
    let state = session.state
    var result: JSON = [
      "step": .integer(Int64(state.step)), "position": .integer(Int64(state.position)),
      "learningRateScale": .number(state.learningRateScale),
      "optimizerSteps": .integer(Int64(session.optimizer.stepCount)),
      "averagedSteps": .integer(Int64(session.average?.stepCount ?? 0)),
      "scheduledPrunesDone": .integer(Int64(state.scheduledPrunesDone)),
      "changesAtStep": .integer(Int64(state.changesAtStep)),
      "epochPositions": .integer(Int64(state.epochPositions)),
      "epochCorrect": .integer(Int64(state.epochCorrect)),
      "epochCorrectInFive": .integer(Int64(state.epochCorrectInFive)),
      "commandsAtStep": .array(state.commandsAtStep.map { .string($0) }),
      "undoStack": .array(state.undoStack.map(\.json)),
    ]
    if let architecture = session.learner.architecture {
      result["architectureSteps"] = .integer(Int64(architecture.stepCount))
    }
    if !session.learner.widths.isEmpty {
      result["widths"] = .object(
        session.learner.widths.sorted { $0.key < $1.key }.map {
          JSON.Member(name: $0.key, value: .integer(Int64($0.value)))
        })
    }
    result["pruning"] = state.pruning?.json
    if let typed = state.typedSchedule {
      result["typedSchedule"] = ["schedule": typed.json, "start": .integer(Int64(typed.start))]
    }
    if let best = state.best {
      result["best"] = ["loss": .number(best.loss), "step": .integer(Int64(best.step))]
    }
    return result
  }

  private static func readDescription(
    _ file: SafetensorsFile, path: String
  ) throws -> JSONNode {
    guard let text = file.metadata.first(where: { $0.name == metadataName })?.value else {
      throw CheckpointError(path: path, reason: "was not written by a run of nntop")
    }
    return try JSONReader(options: .record).read(text)
  }

  /// The outputs of the layers that have fewer than the experiment says.
  private static func readWidths(
    _ node: JSONNode, path: String
  ) throws(CheckpointError) -> [String: Int] {
    var widths: [String: Int] = [:]
    for member in node["widths"]?.members ?? [] {
      guard let width = member.node.integer.flatMap({ Int(exactly: $0) }), width > 0 else {
        throw CheckpointError(path: path, reason: "its metadata has no valid \"widths\"")
      }
      widths[member.name] = width
    }
    return widths
  }

  private static func readState(
    _ node: JSONNode, path: String
  ) throws -> (state: TrainingSession.State, steps: Steps) {
    func integer(_ name: String) throws(CheckpointError) -> Int {
      guard let value = node[name]?.integer, value >= 0 else {
        throw CheckpointError(path: path, reason: "its metadata has no \"\(name)\"")
      }
      return Int(value)
    }
    var state = TrainingSession.State()
    state.step = try integer("step")
    state.position = try integer("position")
    state.scheduledPrunesDone = try integer("scheduledPrunesDone")
    state.changesAtStep = try integer("changesAtStep")
    state.epochPositions = try integer("epochPositions")
    state.epochCorrect = try integer("epochCorrect")
    state.epochCorrectInFive = try integer("epochCorrectInFive")
    state.learningRateScale = node["learningRateScale"]?.double ?? 1
    state.commandsAtStep = (node["commandsAtStep"]?.array ?? []).compactMap(\.string)
    state.undoStack = (node["undoStack"]?.array ?? []).compactMap {
      TrainingSession.UndoEntry($0)
    }
    if let pruning = node["pruning"] {
      guard let pruning = PruningInProgress(pruning) else {
        throw CheckpointError(path: path, reason: "its metadata has no valid \"pruning\"")
      }
      state.pruning = pruning
    }
    if let typed = node["typedSchedule"], let schedule = typed["schedule"]?.json,
      let start = typed["start"]?.integer
    {
      state.typedSchedule = .init(json: schedule, start: Int(start))
    }
    if let loss = node["best"]?["loss"]?.double, let step = node["best"]?["step"]?.integer {
      state.best = TrainingSession.Best(loss: loss, step: Int(step))
    }
    let steps = Steps(
      optimizer: try integer("optimizerSteps"), average: try integer("averagedSteps"),
      architecture: node["architectureSteps"] == nil ? 0 : try integer("architectureSteps"))
    return (state, steps)
  }

  private static func readMask(
    of parameter: Parameter<Float>, from file: SafetensorsFile
  ) throws -> Tensor<Float>? {
    let name = "mask." + parameter.name
    guard let entry = file[name] else { return nil }
    guard entry.shape == parameter.value.shape else {
      throw CheckpointError(path: file.path, reason: "\(name) has the shape \(entry.shape)")
    }
    return Tensor(shape: entry.shape, try file.boolean(name).map { $0 ? 1 : 0 })
  }
}

/// Why a checkpoint cannot be used.
struct CheckpointError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { reason.hasPrefix(path) ? reason : "\(path): \(reason)" }
}

extension TrainingSession.UndoEntry {
  var json: JSON {
    [
      "command": .string(command), "checkpoint": checkpoint.map { .string($0) } ?? .null,
      "step": .integer(Int64(step)),
    ]
  }

  init?(_ node: JSONNode) {
    guard let command = node["command"]?.string, let step = node["step"]?.integer else {
      return nil
    }
    let checkpoint = node["checkpoint"]?.string
    guard checkpoint.map({ Checkpoint.stepAndChange(of: $0) != nil }) ?? true else { return nil }
    self.init(command: command, checkpoint: checkpoint, step: Int(step))
  }
}
