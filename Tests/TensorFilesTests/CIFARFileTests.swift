import OperatingSystem
import Testing

@testable import TensorFiles

/// Files made by hand from the description of the format: a byte of label, then 1024 bytes each of
/// red, green and blue.
@Suite struct CIFARFileTests {
  /// Red counts pixels, green is that times 3, blue the image's number.
  private func record(_ label: UInt8, image: UInt8) -> [UInt8] {
    [label] + (0..<1024).map { UInt8($0 & 255) }
      + (0..<1024).map { UInt8($0 * 3 & 255) } + [UInt8](repeating: image, count: 1024)
  }

  private func complaint(_ contents: [UInt8], imagesMax: Int = 100) throws -> String {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x.bin", contents)
    let error = #expect(throws: TensorFileError.self) {
      try CIFARFile.read(path, imagesMax: imagesMax)
    }
    return error.map { String($0.description.dropFirst(directory.path.count + 1)) } ?? ""
  }

  @Test func planesBecomeChannels() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x.bin", record(7, image: 100) + record(0, image: 101))
    let file = try CIFARFile.read(path)
    #expect(file.labels == [7, 0])
    try #require(file.pixels.count == 2 * 3072)
    for (image, row, column) in [(0, 0, 0), (0, 3, 31), (1, 0, 1), (1, 31, 31)] {
      let first = ((image * 32 + row) * 32 + column) * 3
      let pixel = row * 32 + column
      #expect(
        Array(file.pixels[first..<first + 3])
          == [UInt8(pixel & 255), UInt8(pixel * 3 & 255), UInt8(100 + image)])
    }
  }

  @Test func manyImagesAreReadInPieces() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file(
      "x.bin", (0..<1_203).flatMap { record(UInt8($0 % 10), image: UInt8($0 % 251)) })
    let file = try CIFARFile.read(path)
    #expect(file.labels == (0..<1_203).map { UInt8($0 % 10) })
    let blues = (0..<1_203).map { file.pixels[$0 * 3072 + 2] }
    #expect(blues == (0..<1_203).map { UInt8($0 % 251) })
  }

  @Test func whatIsNoSuchFileIsTold() throws {
    let one = record(3, image: 1)
    #expect(
      try complaint(Array(one.dropLast()))
        == "x.bin: CIFAR-10 takes 3 073 bytes an image, the file has 3 072 bytes: copy it again")
    #expect(try complaint([]).contains("the file has 0 bytes"))
    #expect(try complaint([0] + one).contains("as of CIFAR-100: give a file of CIFAR-10"))
    #expect(try complaint([0x80, 2] + one).contains("download the binary version"))
    #expect(try complaint([0x1F, 0x8B] + one).contains("unpack it"))
    #expect(
      try complaint(one + record(10, image: 1)).hasPrefix(
        "x.bin, byte 3 073: the label of image 1 is 10, labels are 0 to 9"))
    #expect(try complaint(one + one, imagesMax: 1).contains("2 images, at most 1 are read"))
  }

  @Test func aFileThatShrinksIsTold() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("x.bin", record(3, image: 1))
    let error = #expect(throws: TensorFileError.self) {
      try CIFARFile.read(path, files: FaultyFileSystem(readableMax: 3_000))
    }
    #expect(error?.problem == "the file ends while it is read")
  }
}
