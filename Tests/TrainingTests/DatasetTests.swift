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
      {"data": {"kind": "idx", "images": "\(images)", "labels": "\(labels)",
       "validationFraction": \(fraction)}}
      """
    let experiment = try Experiment(
      ExperimentText(
        source: "my.json", directory: home.path, bytes: Array(text.utf8), overrides: []))
    return try Dataset.load(
      experiment.data, pool: WorkerPool(threadCount: 1), files: LocalFileSystem())
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
    #expect(dataset.sampleShape == [2, 3] && dataset.classCount == 3)
    #expect(dataset.trainingCount == 8 && dataset.validationCount == 2)
    let training = (0..<48).map { Float($0 * 5 % 251) * dataset.scale + dataset.offset }
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
    #expect(zipped.samples == plain.samples && zipped.labels == plain.labels)
  }

  @Test func wrongFilesAreToldInOneLine() throws {
    let (imagesPath, labelsPath) = (
      try home.file("images", images(10)), try home.file("labels", labels(9))
    )
    #expect(try mistake() == "\(labelsPath): holds 9 labels, but \(imagesPath) holds 10 images")
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
    _ = try home.file("images", images(1))
    _ = try home.file("labels", labels(1))
    #expect(
      try mistake(fraction: 0.5).hasPrefix(
        "\(imagesPath): 1 images and a validationFraction of 0.5 leave "))
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

  /// Each epoch takes every training sample once, in an order that only seed and epoch decide.
  @Test func anEpochIsAPermutationThatSeedAndEpochDecide() {
    let dataset = Dataset(
      samples: (0..<25).map { UInt8($0) }, sampleShape: [1], labels: (0..<25).map { UInt8($0) },
      classCount: 25, trainingCount: 23)
    func order(_ loader: DataLoader, epoch: Int) -> [Int32] {
      (0..<loader.stepsPerEpoch).flatMap { batch in
        let rows = loader.fillTrainingBatch(step: epoch * loader.stepsPerEpoch + batch)
        return (0..<rows).map { loader.labels[$0] }
      }
    }
    let loader = DataLoader(dataset, batchSize: 5, seed: 1)
    #expect(loader.stepsPerEpoch == 5)
    let (first, second) = (order(loader, epoch: 0), order(loader, epoch: 1))
    #expect(first.sorted() == Array(0..<23) && second.sorted() == Array(0..<23))
    #expect(first != second)
    // A resumed run begins with any epoch.
    #expect(order(DataLoader(dataset, batchSize: 5, seed: 1), epoch: 1) == second)
    #expect(order(loader, epoch: 0) == first)
    #expect(order(DataLoader(dataset, batchSize: 5, seed: 2), epoch: 0) != first)
    let validated = (0..<3).flatMap { batch in
      (0..<loader.fillValidationBatch(batch)).map { loader.labels[$0] }
    }
    #expect(validated == [23, 24])
  }
}
