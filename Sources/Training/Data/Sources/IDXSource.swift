import OperatingSystem
import TensorFiles
import Tensors

/// Images and labels in the format of MNIST, plain or gzipped.
struct IDXSource: DataSource {
  static let kind = "idx"
  static let summary = "images and labels in IDX files, the format of MNIST, plain or gzipped"

  private let training: Paths
  private let validation: Paths?

  private struct Paths {
    var images, labels: String
  }

  var division: DataDivision {
    validation == nil ? .fraction(isShuffled: false) : .given
  }

  init(_ object: ExperimentObject) throws {
    training = Paths(images: try object.path("images"), labels: try object.path("labels"))
    validation = try object.pathIfGiven("validationImages").map {
      Paths(images: $0, labels: try object.path("validationLabels"))
    }
  }

  func read(pool: WorkerPool, files: any FileSystem) throws -> SampleSet {
    let set = try Self.read(training, isTraining: true, files)
    guard let validation else { return set }
    return try set.validated(
      by: Self.read(validation, isTraining: false, files), path: training.images,
      otherPath: validation.images)
  }

  private static func read(
    _ paths: Paths, isTraining: Bool, _ files: any FileSystem
  ) throws -> SampleSet {
    let images = try IDXFile.read(paths.images, files: files)
    let labels = try IDXFile.read(paths.labels, files: files)
    guard images.shape.count >= 2 else {
      throw FileMistake.wrong(
        paths.images, "holds \(images.shape.count) axis, images need 2 or more; is it the labels?")
    }
    guard labels.shape.count == 1 else {
      throw FileMistake.wrong(
        paths.labels, "holds \(labels.shape.count) axes, labels have 1; are these the images?")
    }
    let shape = Array(images.shape.dropFirst())
    try FileMistake.checkCounts(
      samples: images.shape[0], of: shape, in: paths.images, targets: labels.shape[0],
      called: "labels", in: paths.labels)
    let classes = labels.bytes.map { Int32($0) }
    if isTraining { try FileMistake.checkVariety(classes, in: paths.labels) }
    return SampleSet(
      samples: .bytes(images.bytes), sampleShape: shape,
      targets: .classes(
        classes, perSample: 1, count: try FileMistake.classCount(classes, in: paths.labels)),
      channelCount: shape.count == 3 ? shape[2] : 1, isImage: (2...3).contains(shape.count))
  }
}
