import Dashboard
import JSONText
import NeuralNetwork
import OperatingSystem
import RunLog
import TensorFiles
import TerminalUI
import Training

/// `nntop prune FILE.safetensors --method M --sparsity S -o OUT`
struct PruneCommand {
  static let command = Command(
    name: "prune", usage: "FILE.safetensors --sparsity S -o OUT [--method M]",
    summary: "prunes the weights of a safetensors file and writes another file",
    details: """
      A method for weights sets them to 0 in the tensors of F32, F64, F16 and BF16 with two axes or
      more that are called so (fc1.weight, weight_ih_l0, in_proj_weight), but for embeddings;
      --layer takes any. S is the part of them that is 0 afterwards; what is 0 already counts.
      Everything else is copied byte for byte. In a checkpoint of a run the masks are written, too,
      and optimizer state and averages of what goes become 0, so that a run can go on from it.

      A method for channels makes the tensors smaller, and has to know the network: FILE is a
      checkpoint in its run's directory, or --experiment names the experiment (FILE holds F32
      tensors under nntop's names, or those of an nn.Sequential of the same layers). S is the part
      of the channels that goes. Biases take over what was constant, running statistics are taken
      anew on the experiment's data.

      methods for weights:

      """ + list(.weights) + "\n\nmethods for channels:\n" + list(.channels),
    options: [
      .init("method", letter: "m", value: "NAME", "default magnitude"),
      .init("sparsity", value: "S", "above 0 and below 1; 0.8 leaves a fifth"),
      .init("output", letter: "o", value: "OUT", "the file to write"),
      .init("layer", letter: "l", value: "NAME", "only this layer or tensor; again for more"),
      .init("per-layer", "each tensor reaches S by itself: --set perLayer=true"),
      .init("set", letter: "s", value: "KEY=VALUE", "a setting of the method: nntop methods NAME"),
      .init("seed", value: "N", "for choices by chance among weights; default 1"),
      .init("experiment", letter: "e", value: "FILE", "the network, for methods for channels"),
      .init("preview", "say what would happen; write nothing"),
      .init("force", "write over OUT, even where it is FILE"),
      .init("json", "print JSON"),
    ]
  ) { arguments in try PruneCommand(arguments).run() }

  /// What somebody asked for.
  struct Choice {
    let path: String
    let request: ControlCommand.PruneRequest
    let seed: UInt64
    let experimentPath: String?
    /// Where to write; nil for a preview.
    let written: String?
    let isJSON: Bool
  }

  private let choice: Choice
  private let method: any PruningMethod
  private let isForced: Bool
  private let files: any FileSystem

  init(_ arguments: Arguments, files: any FileSystem = LocalFileSystem()) throws {
    let usage = "nntop prune FILE.safetensors --sparsity S -o OUT; nntop prune --help says more"
    let path = try arguments.positional(1...1, usage)[0]
    self.files = files
    isForced = arguments.has("force")
    let request = try Self.request(arguments)
    let output = arguments.last("output")
    guard output != nil || request.isPreview else {
      throw UsageError("-o OUT names the file to write; --preview writes none")
    }
    do {
      method = try request.pruningMethod()
    } catch { throw UsageError("--method \(request.method): \(error)") }
    choice = Choice(
      path: path, request: request, seed: try Self.seed(arguments),
      experimentPath: arguments.last("experiment"), written: request.isPreview ? nil : output,
      isJSON: arguments.has("json"))
  }

  private static func request(_ arguments: Arguments) throws -> ControlCommand.PruneRequest {
    guard let sparsity = try arguments.number("sparsity", in: 0...1), sparsity > 0, sparsity < 1
    else { throw UsageError("--sparsity: expected a number above 0 and below 1, such as 0.8") }
    let settings = arguments.all("set") + (arguments.has("per-layer") ? ["perLayer=true"] : [])
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, !setting.hasPrefix("=") else {
        throw UsageError("--set \(setting): expected KEY=VALUE")
      }
    }
    let typed = PruneText(words: ["0.5"] + settings)
    let layers = arguments.all("layer") + (typed?.layers ?? [])
    return .init(
      method: arguments.last("method") ?? PruneText.usualMethod, sparsity: sparsity,
      layers: layers.isEmpty ? nil : layers, settings: typed?.settings ?? .object([]),
      isPreview: arguments.has("preview"))
  }

  private static func seed(_ arguments: Arguments) throws -> UInt64 {
    guard let text = arguments.last("seed") else { return 1 }
    guard let seed = UInt64(text) else {
      throw UsageError("--seed \(text): expected a whole number from 0")
    }
    return seed
  }

  /// The methods that decide at once, a line each.
  private static func list(_ unit: PruningUnit) -> String {
    PruningCatalogue.all.filter { $0.unit == unit && $0.pace == .once }
      .map { "  \(HelpPage.padded($0.kind, 18)) \($0.summary)" }.joined(separator: "\n")
  }

  func run() throws -> Int32 {
    if let output = choice.written { try checkOutput(output) }
    let kind = choice.request.method
    guard method is any OneShotPruning else {
      throw UsageError(
        "--method \(kind) works while a network learns: in an experiment's \"pruning\", or "
          + "nntop ctl RUN prune \(kind) \(choice.request.sparsity)")
    }
    do {
      if method.unit == .channels {
        try ChannelFilePrune(choice, files: files).run()
      } else if let method = try FileMethod(method, sparsity: choice.request.sparsity) {
        guard choice.experimentPath == nil else {
          throw UsageError("--experiment: \(kind) takes weights, and needs only the file")
        }
        var prune = WeightFilePrune(choice, method, files: files)
        try prune.run()
      } else {
        throw UsageError("--method \(kind) needs a network that runs: nntop ctl RUN prune \(kind)")
      }
    } catch let error as PruningRefusal {
      throw Failure("\(choice.path): \(error.reason)")
    }
    return 0
  }

  private func checkOutput(_ output: String) throws {
    guard files.exists(output) else { return }
    guard try files.status(at: output).kind == .file else {
      throw Failure("\(output): it is no file; give another name")
    }
    guard isForced else {
      let source = try files.status(at: choice.path)
      let found = try files.status(at: output)
      let isSame = (source.inode, source.device) == (found.inode, found.device)
      throw Failure(
        isSame
          ? "\(output) is the file itself; --force writes over it"
          : "\(output) is there already; --force writes over it")
    }
  }
}
