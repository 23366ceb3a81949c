import OperatingSystem
import TensorFiles
import Tensors
import Testing

@testable import Training

/// Samples from IDX files, and what is said about wrong ones.
@Suite struct DatasetTests {
  private let home: TemporaryDirectory

  init() throws {
    home = try TemporaryDirectory()
  }

  /// The bytes of an IDX file of bytes.
  private func idx(_ shape: [Int], _ bytes: [UInt8]) -> [UInt8] {
    let sizes = shape.flatMap { size in [24, 16, 8, 0].map { UInt8(size >> $0 & 255) } }
    return [0, 0, 8, UInt8(shape.count)] + sizes + bytes
  }

  private func images(_ count: Int) -> [UInt8] {
    idx([count, 2, 3], (0..<count * 6).map { UInt8($0 * 5 % 251) })
  }

  private func labels(_ count: Int) -> [UInt8] {
    idx([count], (0..<count).map { UInt8($0 % 3) })
  }

  private func load(
    images: String = "images", labels: String = "labels", fraction: Double = 0.2
  ) throws -> Dataset {
    let text = """
      {"kind": "idx", "images": "\(images)", "labels": "\(labels)",
       "validationFraction": \(fraction)}
      """
    return try DataText(text).load(in: home)
  }

  private func mistake(
    images: String = "images", labels: String = "labels", fraction: Double = 0.2
  ) throws -> String {
    let error = #expect(throws: (any Error).self) {
      try load(images: images, labels: labels, fraction: fraction)
    }
    let line = error.map { "\($0)" } ?? ""
    #expect(!line.contains("\n"))
    return line
  }

  @Test func theLastSamplesValidateAndInputsAreStandardized() throws {
    _ = try home.file("images", images(10))
    _ = try home.file("labels", labels(10))
    let dataset = try load()
    #expect(dataset.sampleShape == [2, 3] && dataset.targetShape.outputs == 3)
    #expect(dataset.trainingCount == 8 && dataset.validationCount == 2)
    let (scale, offset) = (dataset.scaling.scale[0], dataset.scaling.offset[0])
    let training = (0..<48).map { Float($0 * 5 % 251) * scale + offset }
    let mean = training.reduce(0, +) / 48
    let variance = training.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 48
    #expect(abs(mean) < 1e-5 && abs(variance - 1) < 1e-4)
  }

  @Test func gzippedFilesAreTheSame() throws {
    let imagesPath = try home.file("images", images(10))
    _ = try home.file("labels", labels(10))
    let plain = try load()
    #expect(
      try ChildProcess.run("gzip", arguments: ["-k", imagesPath], outputLimit: 1).ending
        == .exited(0))
    let zipped = try load(images: "images.gz")
    #expect(zipped.samples == plain.samples && zipped.targets == plain.targets)
  }

  @Test func wrongFilesAreToldInOneLine() throws {
    let (imagesPath, labelsPath) = (
      try home.file("images", images(10)), try home.file("labels", labels(9))
    )
    #expect(try mistake() == "\(labelsPath): holds 9 labels, but \(imagesPath) holds 10 samples")
    _ = try home.file("labels", labels(10))
    #expect(
      try mistake(images: "labels", labels: "images")
        == "\(labelsPath): holds 1 axis, images need 2 or more; is it the labels?")
    #expect(
      try mistake(labels: "images")
        == "\(imagesPath): holds 3 axes, labels have 1; are these the images?")
    #expect(
      try mistake(images: "nothing").hasPrefix("\(home.path)/nothing: cannot open it: No such"))
    #expect(try mistake(images: ".").contains("it is no file"))
    _ = try home.file("images", images(2))
    _ = try home.file("labels", labels(2))
    #expect(
      try mistake(fraction: 0.1)
        == "my.json:1: data.validationFraction: 2 samples and a fraction of 0.1 leave 2 for "
        + "training and 0 for validation")
    _ = try home.file("images", Array(images(10).dropLast()))
    #expect(
      try mistake().hasPrefix("\(imagesPath): 10 images of 2×3 need 76 bytes, the file has 75"))
    _ = try home.file("images", "GIF89a, of course")
    #expect(try mistake().hasPrefix(imagesPath))
  }

  @Test func brokenGzipIsToldInOneLine() throws {
    let path = try home.file("images", images(2_000))
    _ = try home.file("labels", labels(2_000))
    _ = try ChildProcess.run("gzip", arguments: [path], outputLimit: 1)
    var bytes = try LocalFileSystem().contents(of: path + ".gz", limit: 1 << 20)
    try LocalFileSystem().replace(path + ".gz", with: Array(bytes.dropLast(20)))
    #expect(
      try mistake(images: "images.gz").hasPrefix("\(path).gz: gzip cannot decompress it: "))
    bytes[bytes.count - 6] ^= 0xff
    try LocalFileSystem().replace(path + ".gz", with: bytes)
    #expect(
      try mistake(images: "images.gz").hasPrefix("\(path).gz: gzip cannot decompress it: "))
  }

  private static let experiment = """
    {
      "model": { "layers": [
        { "kind": "linear", "outputs": 6 }, { "kind": "relu" }, { "kind": "linear", "outputs": 10 }
      ] },
      "batchSize": 20, "epochs": 3, "threads": 1
    }
    """

  @Test func aRunTrainsOnIDXFiles() throws {
    _ = try home.file("images", images(30))
    _ = try home.file("labels", labels(30))
    let run = try TestRun(
      [
        "data.kind=idx", "data.images=\(home.path)/images", "data.labels=\(home.path)/labels",
        "model.layers.2.outputs=3",
      ], experiment: Self.experiment)
    #expect(try run.train().outcome == .finished)
  }

  @Test func filesOfTheirOwnMayValidate() throws {
    _ = try home.file("images", images(10))
    _ = try home.file("labels", labels(10))
    _ = try home.file("other images", images(3))
    _ = try home.file("other labels", labels(3))
    let fields = """
      "kind": "idx", "images": "images", "labels": "labels",
      "validationImages": "other images", "validationLabels": "other labels"
      """
    let dataset = try DataText("{\(fields)}").load(in: home)
    #expect(dataset.trainingCount == 10 && dataset.validationCount == 3)
    #expect(
      try DataText("{\(fields), \"validationFraction\": 0.5}").mistake(in: home)
        == "my.json:2: data.validationFraction: the samples for validation are given already; "
        + "remove one of both")
    _ = try home.file("other images", idx([3, 3, 2], [UInt8](repeating: 0, count: 18)))
    #expect(
      try DataText("{\(fields)}").mistake(in: home)
        == "\(home.path)/other images: holds samples of [3, 2], but \(home.path)/images holds "
        + "samples of [2, 3]")
  }

  @Test func samplesWithoutVarietyAreTold() throws {
    let (imagesPath, labelsPath) = (
      try home.file("images", images(10)),
      try home.file("labels", idx([10], [UInt8](repeating: 4, count: 10)))
    )
    #expect(try mistake() == "\(labelsPath): all 10 labels are 4; 2 or more classes are needed")
    _ = try home.file("images", idx([0, 2, 3], []))
    _ = try home.file("labels", idx([0], []))
    #expect(try mistake() == "\(imagesPath): is empty: it holds 0 samples of [2, 3]")
  }

  // MARK: Dividing

  private func divided(_ fields: String) throws -> (training: [Int32], validation: [Int32]) {
    _ = try home.file("images", idx([100, 1, 1], (0..<100).map { UInt8($0) }))
    _ = try home.file("labels", idx([100], (0..<100).map { UInt8($0) }))
    let dataset = try DataText(
      """
      {"kind": "idx", "images": "images", "labels": "labels", "validationFraction": 0.25\(fields)}
      """
    ).load(in: home)
    guard case .classes(let classes, _, _) = dataset.targets,
      case .bytes(let bytes) = dataset.samples
    else { return ([], []) }
    // Samples and labels stay together.
    #expect(bytes.map { Int32($0) } == classes)
    return (
      Array(classes.prefix(dataset.trainingCount)), Array(classes.dropFirst(dataset.trainingCount))
    )
  }

  @Test func aFilesEndValidatesUnlessRandomSamplesShall() throws {
    let plain = try divided("")
    #expect(plain.training == Array(0..<75) && plain.validation == Array(75..<100))
    let random = try divided(", \"splitShuffled\": true")
    #expect(random.training.count == 75 && random.validation.count == 25)
    #expect((random.training + random.validation).sorted() == Array(0..<100))
    #expect(random.validation.contains { $0 < 75 })
    let again = try divided(", \"splitShuffled\": true")
    #expect(again == random)
    let other = try divided(", \"splitShuffled\": true, \"seed\": 2")
    #expect(other.validation.sorted() != random.validation.sorted())
  }

  @Test func aSubsetLeavesTheValidationAlone() throws {
    let plain = try divided(", \"subset\": 10")
    #expect(plain.training == Array(0..<10) && plain.validation == Array(75..<100))
    let all = try divided(", \"splitShuffled\": true")
    let random = try divided(", \"splitShuffled\": true, \"subset\": 10")
    #expect(random.training == Array(all.training.prefix(10)))
    #expect(random.validation == all.validation)
    #expect(try divided(", \"subset\": 1000").training.count == 75)
  }
}

/// The `data` of an experiment.
struct DataText {
  let text: String

  init(_ text: String) { self.text = text }

  func description(in home: TemporaryDirectory) throws -> DataDescription {
    let experiment = try ExperimentText(
      source: "my.json", directory: home.path, bytes: Array("{\"data\": \(text)}".utf8),
      overrides: [])
    return try DataDescription(ExperimentObject(root: experiment))
  }

  func load(in home: TemporaryDirectory, threads: Int = 1) throws -> Dataset {
    let description = try description(in: home)
    let dataset = try Dataset.load(
      description, pool: WorkerPool(threadCount: threads), files: LocalFileSystem())
    let outline = try Dataset.outline(description, files: LocalFileSystem())
    #expect(outline == dataset.outline)
    #expect(dataset.samples.count == dataset.count * dataset.sampleSize)
    return dataset
  }

  /// The one line that is said about it, which comes before anything is created.
  func mistake(in home: TemporaryDirectory) throws -> String {
    let error = #expect(throws: (any Error).self) {
      try Dataset.outline(try description(in: home), files: LocalFileSystem())
    }
    let line = error.map { "\($0)" } ?? ""
    #expect(!line.contains("\n"))
    return line
  }
}
