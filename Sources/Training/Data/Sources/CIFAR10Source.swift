import OperatingSystem
import TensorFiles
import Tensors

/// CIFAR-10 in its binary version.
struct CIFAR10Source: DataSource {
  static let kind = "cifar10"
  static let summary = "CIFAR-10's binary files, color images of 32×32 pixels; 10 classes"
  static let paper: String? = "Krizhevsky 2009"

  private let files: [String]
  private let validationFiles: [String]?

  var division: DataDivision {
    validationFiles == nil ? .fraction(isShuffled: false) : .given
  }

  init(_ object: ExperimentObject) throws {
    guard let files = try object.pathsIfGiven("files") else {
      throw object.error("files", "is missing; expected a list […] of files")
    }
    self.files = files
    validationFiles = try object.pathsIfGiven("validationFiles")
  }

  func read(pool: WorkerPool, files system: any FileSystem) throws -> SampleSet {
    var pixels: [UInt8] = []
    var classes: [Int32] = []
    func append(_ paths: [String]) throws {
      for path in paths {
        let file = try CIFARFile.read(path, files: system)
        pixels += file.pixels
        classes.append(contentsOf: file.labels.lazy.map { Int32($0) })
      }
    }
    try append(files)
    let trainingCount = classes.count
    try append(validationFiles ?? [])
    return SampleSet(
      samples: .bytes(pixels),
      sampleShape: [CIFARFile.side, CIFARFile.side, CIFARFile.channelCount],
      targets: .classes(classes, perSample: 1, count: CIFARFile.classNames.count),
      classNames: CIFARFile.classNames, channelCount: CIFARFile.channelCount, isImage: true,
      trainingCount: validationFiles == nil ? nil : trainingCount)
  }
}
