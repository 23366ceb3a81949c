import OperatingSystem
import Testing

@testable import TensorFiles

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

/// The sums were taken with Python's gzip module.
@Suite(.enabled(if: MNIST.isThere)) struct MNISTTests {
  @Test func images() throws {
    let file = try IDXFile.read(MNIST.images)
    #expect(file.shape == [10_000, 28, 28])
    #expect(file.bytes.count == 7_840_000)
    #expect(file.bytes.withUnsafeBufferPointer { $0.reduce(0) { $0 + Int($1) } } == 264_923_200)
    #expect(file.bytes[784 * 3..<784 * 4].count { $0 == 0 } == 591)
  }

  @Test func labels() throws {
    let file = try IDXFile.read(MNIST.labels)
    #expect(file.shape == [10_000])
    #expect(file.bytes.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    #expect(file.bytes.reduce(0) { $0 + Int($1) } == 44_434)
  }

  @Test func brokenOff() throws {
    let directory = try TemporaryDirectory()
    let whole = try LocalFileSystem().contents(of: MNIST.images, limit: 1 << 24)
    let path = try directory.file("images.gz", Array(whole.prefix(1_000_000)))
    let error = #expect(throws: TensorFileError.self) { try IDXFile.read(path) }
    #expect(
      error?.description
        == "\(path): gzip cannot decompress it: unexpected end of file: copy it again")
  }
}
