import OperatingSystem
import Testing

@testable import Training

/// The real files, where they are at hand: `<package>/../shared/data/mnist`.
private enum MNIST {
  static var directory: String {
    let package = Path.parent(of: Path.parent(of: Path.parent(of: Path.resolved(#filePath))))
    return Path.join(Path.parent(of: package), "shared/data/mnist")
  }
  static var images: String { directory + "/t10k-images-idx3-ubyte.gz" }
  static var labels: String { directory + "/t10k-labels-idx1-ubyte.gz" }
  static var isThere: Bool { LocalFileSystem().exists(images) }
}

@Suite(.enabled(if: MNIST.isThere)) struct MNISTTrainingTests {
  @Test func twoEpochsOfEightThousandDigitsTeachNineInTen() throws {
    let run = try TestRun(
      [
        "data.kind=idx", "data.images=\(MNIST.images)", "data.labels=\(MNIST.labels)",
        "epochs=2", "seed=1",
      ], experiment: "{\"model\": \"lenet-300-100\"}")
    #expect(try run.train().outcome == .finished)
    let accuracies = try run.points("val/accuracy").joined().map(\.value)
    #expect(accuracies.count == 3 && accuracies[0] < 0.3)
    #expect(accuracies[2] > 0.9, "\(accuracies)")
  }
}
