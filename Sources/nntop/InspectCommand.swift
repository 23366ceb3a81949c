import OperatingSystem
import Training

/// `nntop inspect`: what is in an experiment, or in a file of weights.
enum InspectCommand {
  static let command = Command(
    name: "inspect", usage: "[EXPERIMENT.json | FILE.safetensors | RUN]",
    summary: "a network's layers, or the tensors of a safetensors file",
    details: """
      Of an experiment: its layers. Shapes are those of one sample behind each layer; FLOPs are the
      multiplications and additions of its forward pass. Without a file the built-in experiment is
      shown; --set model=NAME shows a model of nntop methods.

      Of a safetensors file, the index of a sharded one, or a run's newest checkpoint: a row a
      tensor as soon as it is known. "zero" is the part of its elements that is 0, "near 0" that
      which is smaller than a thousandth of the largest, "dead" counts rows (outputs) and columns
      (inputs) of the matrix [first axis, rest] that are all 0; std divides by the number of
      elements.
      """,
    options: [
      .init("set", letter: "s", value: "KEY=VALUE", "override a field, as model=resnet20"),
      .init("tensor", value: "NAME", "a tensor's density as a map"),
      .init("json", "the same as JSON"),
    ]
  ) { arguments in
    let given = try arguments.positional(
      0...1, "nntop inspect [EXPERIMENT.json | FILE.safetensors | RUN]")
    let files = LocalFileSystem()
    if let path = given.first, let weights = try WeightFiles(path, files: files) {
      guard arguments.all("set").isEmpty else {
        throw UsageError("--set overrides fields of an experiment; \(path) holds weights")
      }
      return try InspectWeights(
        weights, tensor: arguments.last("tensor"), isJSON: arguments.has("json")
      ).run()
    }
    if arguments.has("tensor") {
      throw UsageError("--tensor needs a safetensors file: nntop inspect FILE --tensor NAME")
    }
    return try InspectExperiment.run(
      given.first, overrides: arguments.all("set"), isJSON: arguments.has("json"))
  }
}
