import NeuralNetwork
import OperatingSystem
import Tensors

/// Samples with what is to be answered about each, in memory, divided and normalised.
public final class Dataset: Sendable {
  /// The shape of one sample: [height, width] or [height, width, channels] of an image, [steps,
  /// features] of a sequence, [n] of a vector.
  public let sampleShape: [Int]
  /// [sample, …], row-major. Floats are inputs; bytes become inputs by `scaling`.
  public let samples: Samples
  /// [sample, …]
  public let targets: SampleTargets
  /// The valid steps of each sample's sequence; nil: all of them.
  let lengths: [Int32]?
  /// By class; empty when they have none.
  public let classNames: [String]
  public let count: Int
  /// The first samples train; the rest validates.
  public let trainingCount: Int
  public var validationCount: Int { count - trainingCount }
  public var sampleSize: Int { sampleShape.reduce(1, *) }
  /// What the network is to answer about a sample.
  public var targetShape: TargetShape { targets.shape }

  /// Of each channel; number i of a sample is of channel i modulo their number.
  let scaling: ChannelScaling
  /// Whether every epoch has an order of its own.
  let isShuffled: Bool
  /// What is done to training samples.
  let augmentation: Augmentation?

  /// More samples than are counted with 31 bits cannot be shuffled.
  private static let countMax = Int(Int32.max)

  /// - Parameters:
  ///   - set: as the source gave it, its division included.
  init(
    _ set: consuming SampleSet, normalization: Normalization = .standard, isShuffled: Bool = true,
    augmentation: Augmentation? = nil
  ) {
    sampleShape = set.sampleShape
    targets = set.targets
    lengths = set.lengths
    classNames = set.classNames
    count = set.count
    trainingCount = set.trainingCount ?? set.count
    self.isShuffled = isShuffled
    self.augmentation = augmentation
    let trainingNumbers = trainingCount * set.sampleSize
    switch set.samples {
    case .bytes(let bytes):
      scaling = ChannelScaling(
        normalization, training: bytes.prefix(trainingNumbers), channelCount: set.channelCount)
      samples = .bytes(bytes)
    case .floats(var floats):
      // The only owner changes them in place.
      set.samples = .floats([])
      scaling = ChannelScaling(
        normalization, floats: &floats, trainingCount: trainingNumbers,
        channelCount: set.channelCount)
      samples = .floats(floats)
    }
  }

  public var outline: DatasetOutline {
    DatasetOutline(sampleShape: sampleShape, targetShape: targetShape, classNames: classNames)
  }

  /// What a network has to fit, for a check before anything is created: files are read, and must be
  /// right, but nothing is drawn.
  public static func outline(
    _ description: DataDescription, files: any FileSystem
  ) throws -> DatasetOutline {
    guard let outline = description.source.outline else {
      return try load(description, pool: WorkerPool(threadCount: 1), files: files).outline
    }
    try description.checkAugmentation(
      sampleShape: outline.sampleShape, isImage: description.source.drawsImages)
    return outline
  }

  /// Reads or draws the samples. Mistakes are one line that names the file.
  public static func load(
    _ description: DataDescription, pool: WorkerPool, files: any FileSystem
  ) throws -> Dataset {
    var set = try description.source.read(pool: pool, files: files)
    guard set.count <= countMax else {
      throw description.mistake("", "\(set.count) samples, at most \(countMax) are counted")
    }
    try description.checkAugmentation(sampleShape: set.sampleShape, isImage: set.isImage)
    try description.divide(&set)
    return Dataset(
      set, normalization: description.normalization, isShuffled: description.isShuffled,
      augmentation: description.augmentation)
  }
}

extension DataDescription {
  fileprivate func mistake(_ field: String, _ problem: String) -> ExperimentError {
    ExperimentError(
      place: place, field: field.isEmpty ? "data" : "data.\(field)", problem: problem)
  }

  fileprivate func checkAugmentation(sampleShape: [Int], isImage: Bool) throws {
    if let problem = augmentation?.mistake(sampleShape: sampleShape, isImage: isImage) {
      throw mistake("augmentation", problem)
    }
  }

  /// Puts the samples that train first and leaves out those beyond the subset.
  fileprivate func divide(_ set: inout SampleSet) throws {
    var order = Array(0..<Int32(set.count))
    var training = set.trainingCount ?? set.count
    if let validationFraction {
      let validation = Int((Double(set.count) * validationFraction).rounded())
      training = set.count - validation
      guard training >= 1, validation >= 1 else {
        throw mistake(
          "validationFraction",
          "\(set.count) samples and a fraction of \(validationFraction) leave \(training) for "
            + "training and \(validation) for validation")
      }
      if isSplitShuffled {
        var random = RandomSource(seed: seed, purpose: .dataDivision)
        random.shuffle(&order)
      }
    }
    if let subset, subset < training {
      order.removeSubrange(subset..<training)
      training = subset
    }
    set.trainingCount = training
    if isSplitShuffled || order.count < set.count {
      set.reorder(order.map { Int($0) })
    }
  }
}
