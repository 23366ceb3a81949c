import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import TensorFiles
import TerminalUI
import Training

/// `nntop prune FILE` with a method that removes channels: the tensors get smaller.
struct ChannelFilePrune {
  private let choice: PruneCommand.Choice
  private let files: any FileSystem
  private let clock: any Clock = SystemClock()

  init(_ choice: PruneCommand.Choice, files: any FileSystem) {
    self.choice = choice
    self.files = files
  }

  func run() throws {
    let start = clock.monotonicSeconds()
    // What is wrong with the file is said before what is wrong with the experiment.
    _ = try SafetensorsReader(choice.path, files: files)
    let pruning: NetworkFilePruning
    do {
      pruning = try NetworkFilePruning(
        choice.request, of: choice.path, experiment(), to: choice.written ?? "", files: files)
    } catch let error as ControlCommand.Request.Refusal {
      throw Failure("\(choice.path): \(error.reason)")
    }
    let bytes = try choice.written.map { try files.status(at: $0).size }
    report(pruning, bytes: bytes, seconds: clock.monotonicSeconds() - start)
  }

  /// The one that is named, or that of the run whose checkpoint the file is.
  private func experiment() throws -> Experiment {
    if let path = choice.experimentPath {
      return try Experiment(ExperimentText.read(path, files: files))
    }
    let checkpoints = Path.parent(of: Path.resolved(choice.path))
    let directory = RunDirectory(path: Path.parent(of: checkpoints))
    if let manifest = try directory.readManifest(files), manifest.engine == nil {
      return try Experiment(
        ExperimentText.recorded(manifest.experiment, source: directory.manifestPath))
    }
    throw UsageError(
      "--method \(choice.request.method) removes channels, and has to know the network: "
        + "--experiment EXPERIMENT.json, or a checkpoint in its run's directory")
  }

  // MARK: Report

  private func report(_ pruning: NetworkFilePruning, bytes: Int?, seconds: Double) {
    if choice.isJSON {
      return Output.line(json(pruning, bytes: bytes, seconds: seconds).text())
    }
    let heading = ["layer", "channels", "weights", "FLOPs"]
    let rows = pruning.layers.map { layer in
      [
        layer.name, change(layer.channelsBefore, layer.channels),
        change(layer.weightsBefore, layer.weights), change(layer.flopsBefore, layer.flops),
      ]
    }
    let (old, new) = (pruning.sizeBefore, pruning.size)
    let total = [
      "parameters", "", change(Int(old.parameters), Int(new.parameters)),
      change(Int(old.flops), Int(new.flops)),
    ]
    FilePruneTable.write([heading] + rows + [total], textColumns: 1)
    Output.line(ending(pruning, bytes: bytes, seconds: seconds))
  }

  private func change(_ before: Int, _ after: Int) -> String {
    let now = NumberText.grouped(after)
    return before == after ? now : "\(NumberText.grouped(before)) → \(now)"
  }

  private func ending(_ pruning: NetworkFilePruning, bytes: Int?, seconds: Double) -> String {
    let shownMax = 8
    var text = "\n"
    if !pruning.leftOut.isEmpty {
      let names = pruning.leftOut.prefix(shownMax).map { SafeText.cleaned($0, maxLength: 60) }
      let more = pruning.leftOut.count - names.count
      text +=
        "left out, as it belongs to weights that changed their shape: "
        + names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "") + "\n"
    }
    let time = NumberText.duration(seconds)
    guard let output = choice.written, let bytes else {
      return text + "nothing was written (\(time))"
    }
    return text + "\(SafeText.cleaned(output)): \(NumberText.bytes(Double(bytes))) in \(time)"
  }

  private func json(_ pruning: NetworkFilePruning, bytes: Int?, seconds: Double) -> JSON {
    func integer(_ value: Int) -> JSON { .integer(Int64(value)) }
    func size(_ size: JournalRecord.NetworkSize) -> JSON {
      ["parameters": .integer(size.parameters), "flops": .integer(size.flops)]
    }
    let layers = pruning.layers.map { layer -> JSON in
      [
        "name": .string(layer.name), "channelsBefore": integer(layer.channelsBefore),
        "channels": integer(layer.channels), "weightsBefore": integer(layer.weightsBefore),
        "weights": integer(layer.weights), "flopsBefore": integer(layer.flopsBefore),
        "flops": integer(layer.flops),
      ]
    }
    return [
      "schema": 1, "file": .string(choice.path),
      "output": choice.written.map { .string($0) } ?? .null,
      "method": .string(choice.request.method), "sparsity": .number(choice.request.sparsity),
      "layers": .array(layers), "before": size(pruning.sizeBefore), "after": size(pruning.size),
      "leftOut": .array(pruning.leftOut.map { .string($0) }),
      "bytes": bytes.map(integer) ?? .null, "seconds": .number(seconds),
    ]
  }
}
