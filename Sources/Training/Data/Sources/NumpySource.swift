import OperatingSystem
import TensorFiles
import Tensors

/// Arrays that NumPy saved: samples, and the labels or values that belong to them. Sequences may
/// have lengths: their valid steps, behind which the numbers mean nothing.
struct NumpySource: DataSource {
  static let kind = "npy"
  static let summary = "arrays saved by NumPy: samples, with labels or with values to be met"

  private let training: Paths
  private let validation: Paths?
  private let isRegression: Bool
  private let channels: Channels

  private struct Paths {
    var samples, targets: String
    var lengths: String?
  }

  /// Which axis of a sample is the channels', or the features'.
  private enum Channels: String, CaseIterable {
    /// The last of three, none of two.
    case automatic
    case first, last, none
  }

  private static let rankMax = 3

  var division: DataDivision {
    validation == nil ? .fraction(isShuffled: true) : .given
  }

  init(_ object: ExperimentObject) throws {
    let samples = try object.path("samples")
    let values = try object.pathIfGiven("values")
    isRegression = values != nil
    training = Paths(
      samples: samples, targets: try values ?? object.path("labels"),
      lengths: try object.pathIfGiven("lengths"))
    if isRegression, object.field("labels") != nil {
      throw object.error("labels", "values are given, too; remove one of both")
    }
    let targets = isRegression ? "validationValues" : "validationLabels"
    validation = try object.pathIfGiven("validationSamples").map {
      Paths(
        samples: $0, targets: try object.path(targets),
        lengths: try object.pathIfGiven("validationLengths"))
    }
    let chosen = try object.choice(
      "channels", of: Channels.allCases.map(\.rawValue), default: Channels.automatic.rawValue)
    channels = Channels(rawValue: chosen) ?? .automatic
  }

  func read(pool: WorkerPool, files: any FileSystem) throws -> SampleSet {
    let set = try read(training, isTraining: true, files)
    guard let validation else { return set }
    return try set.validated(
      by: read(validation, isTraining: false, files), path: training.samples,
      otherPath: validation.samples)
  }

  private func read(
    _ paths: Paths, isTraining: Bool, _ files: any FileSystem
  ) throws -> SampleSet {
    let file = try NumpyFile.read(paths.samples, files: files)
    guard (1...Self.rankMax + 1).contains(file.shape.count) else {
      throw FileMistake.wrong(
        paths.samples,
        "holds \(file.shape.count) axes; samples have one for their number, then 1 to "
          + "\(Self.rankMax)")
    }
    let targets = try NumpyFile.read(paths.targets, files: files)
    var shape = Array(file.shape.dropFirst())
    if shape.isEmpty { shape = [1] }
    try FileMistake.checkCounts(
      samples: file.shape[0], of: shape, in: paths.samples, targets: targets.shape.first ?? 1,
      called: isRegression ? "values" : "labels", in: paths.targets)
    var set = SampleSet(
      samples: samples(file.numbers), sampleShape: shape,
      targets: isRegression
        ? try Self.values(targets, paths.targets)
        : try Self.classes(targets, paths.targets, steps: shape[0], isTraining: isTraining))
    set.lengths = try paths.lengths.map { try Self.lengths($0, of: set, files) }
    if case .floats(let floats) = set.samples {
      try FileMistake.checkFinite(floats, sampleSize: set.sampleSize, in: paths.samples)
    }
    try arrangeChannels(&set, path: paths.samples)
    return set
  }

  private func samples(_ numbers: NumpyFile.Numbers) -> Samples {
    switch numbers {
    case .bytes(let bytes): .bytes(bytes)
    case .integers(let integers): .floats(integers.map { Float($0) })
    case .floats(let floats): .floats(floats)
    }
  }

  /// [samples], each from 1 to the steps of a sample.
  private static func lengths(
    _ path: String, of set: SampleSet, _ files: any FileSystem
  ) throws -> [Int32] {
    let file = try NumpyFile.read(path, files: files)
    guard set.sampleShape.count == 2, set.targets.perSample == 1 else {
      throw FileMistake.wrong(
        path,
        "lengths belong to sequences [steps, features] with one target each, the samples are of "
          + "\(set.sampleShape) with \(set.targets.perSample)")
    }
    let lengths: [Int64]
    switch file.numbers {
    case .bytes(let bytes): lengths = bytes.map { Int64($0) }
    case .integers(let integers): lengths = integers.map { Int64($0) }
    case .floats: throw FileMistake.wrong(path, "holds floats, lengths are integers")
    }
    guard file.shape == [set.count] else {
      throw FileMistake.wrong(path, "holds \(file.shape), lengths are [\(set.count)]")
    }
    let steps = Int64(set.sampleShape[0])
    if let sample = lengths.firstIndex(where: { !(1...steps).contains($0) }) {
      throw FileMistake.wrong(
        path, "sample \(sample) has the length \(lengths[sample]), expected 1 to \(steps)")
    }
    return lengths.map { Int32($0) }
  }

  /// Labels of [samples], or of [samples, steps].
  private static func classes(
    _ file: NumpyFile, _ path: String, steps: Int, isTraining: Bool
  ) throws -> SampleTargets {
    let perSample = file.shape.dropFirst().reduce(1, *)
    guard file.shape.count <= 2, perSample == 1 || perSample == steps else {
      throw FileMistake.wrong(
        path,
        "holds \(file.shape); labels are one for a sample, or one for each of its \(steps) "
          + "steps")
    }
    let classes: [Int32]
    switch file.numbers {
    case .bytes(let bytes): classes = bytes.map { Int32($0) }
    case .integers(let integers): classes = integers.map { Int32(clamping: $0) }
    case .floats:
      throw FileMistake.wrong(
        path, "holds floats, labels are integers; name it \"values\" for regression")
    }
    if isTraining { try FileMistake.checkVariety(classes, in: path) }
    return .classes(
      classes, perSample: perSample, count: try FileMistake.classCount(classes, in: path))
  }

  /// Values of [samples] or [samples, values].
  private static func values(_ file: NumpyFile, _ path: String) throws -> SampleTargets {
    let perSample = file.shape.dropFirst().reduce(1, *)
    guard file.shape.count <= 2, perSample > 0 else {
      throw FileMistake.wrong(path, "holds \(file.shape); values are [samples] or [samples, n]")
    }
    let values: [Float]
    switch file.numbers {
    case .bytes(let bytes): values = bytes.map { Float($0) }
    case .integers(let integers): values = integers.map { Float($0) }
    case .floats(let floats): values = floats
    }
    try FileMistake.checkFinite(values, sampleSize: perSample, in: path)
    return .values(values, perSample: perSample)
  }

  /// Puts the channels last and says which numbers are normalised together.
  private func arrangeChannels(_ set: inout SampleSet, path: String) throws {
    let rank = set.sampleShape.count
    let isSingle = rank == 1 && (channels == .first || channels == .last)
    guard !isSingle else {
      throw FileMistake.wrong(
        path,
        "holds samples of \(set.sampleShape), which have no axis of channels; remove "
          + "\"channels\"")
    }
    if channels == .first { set.moveFirstAxisLast() }
    let isGrey = rank == 2 && (channels == .automatic || channels == .none)
    set.isImage = isGrey || rank == 3 && channels != .none
    set.channelCount = channels == .none || isGrey ? 1 : set.sampleShape[rank - 1]
  }
}
