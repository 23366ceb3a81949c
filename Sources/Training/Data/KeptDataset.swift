import JSONText
import NeuralNetwork
import OperatingSystem
import Tensors

/// The data of the last experiment, for when the next one has the same.
public final class KeptDataset {
  private var kept: (description: JSON, dataset: Dataset)?

  public init() {}

  /// Reads or draws the samples of an experiment, unless they are here.
  /// - Throws: one line that names the file.
  func dataset(
    of experiment: Experiment, pool: WorkerPool, files: any FileSystem
  ) throws -> Dataset {
    let description = experiment.resolved["data"] ?? .null
    if let kept, kept.description == description { return kept.dataset }
    kept = nil
    let dataset = try Dataset.load(experiment.data, pool: pool, files: files)
    kept = (description, dataset)
    return dataset
  }
}
