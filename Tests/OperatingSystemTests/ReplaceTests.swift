import Glibc
import OperatingSystem
import TestSupport
import Testing

struct ReplaceTests {
  private static let old = Array("the old one".utf8)
  private static let new = Array("the new one, which is longer".utf8)

  /// The calls of a replacement that goes well.
  private static let calls: [FaultyFileSystem.Call] = [
    .statusAtPath, .open, .write, .synchronize, .rename, .synchronizeDirectory,
  ]

  @Test func theCallsInTheirOrder() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.old, to: "file")
    let files = FaultyFileSystem()
    try files.replace(path, with: Self.new)
    #expect(files.calls == Self.calls)
    #expect(files.openFileCount == 0)
    #expect(try directory.bytes(of: "file") == Self.new)
    #expect(try directory.names == ["file"])
  }

  @Test(arguments: calls.indices, [ENOSPC, EIO])
  func afterAnyFaultTheFileIsWholeAndAlone(number: Int, code: Int32) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.old, to: "file")
    let files = FaultyFileSystem()
    files.fail(nil, number..<number + 1, with: .failure(code: code))
    var failure: SystemError?
    do throws(SystemError) { try files.replace(path, with: Self.new) } catch { failure = error }
    // Whether there is a left-over to remove is only asked; after the rename it is too late.
    let isAsking = Self.calls[number] == .statusAtPath
    let isAfterwards = Self.calls[number] == .synchronizeDirectory
    #expect(failure?.code == (isAsking ? nil : code))
    #expect(try directory.bytes(of: "file") == (isAsking || isAfterwards ? Self.new : Self.old))
    #expect(try directory.names == ["file"])
    #expect(files.openFileCount == 0)
  }

  @Test func aFaultInTheWritingIsPassedOn() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Self.old, to: "file")
    let error = #expect(throws: SystemError.self) {
      try LocalFileSystem().replace(path) { (file) throws(SystemError) in
        try LocalFileSystem().writeAll([1, 2, 3], to: file)
        throw SystemError(operation: "think", path: "it over", code: EINVAL)
      }
    }
    #expect(error?.operation == "think")
    #expect(try directory.bytes(of: "file") == Self.old)
    #expect(try directory.names == ["file"])
  }

  @Test func shortWritesAreContinued() throws {
    let directory = try TemporaryDirectory()
    let files = FaultyFileSystem()
    files.fail(.write, with: .short(bytes: 3))
    try files.replace(directory.path("file"), with: Self.new)
    #expect(try directory.bytes(of: "file") == Self.new)
  }

  @Test func whatAnEarlierCrashLeftIsNoObstacle() throws {
    let directory = try TemporaryDirectory()
    try directory.write("half", to: "file.\(getpid()).tmp")
    try LocalFileSystem().replace(directory.path("file"), with: Self.new)
    #expect(try directory.bytes(of: "file") == Self.new)
    #expect(try directory.names == ["file"])
  }

  @Test func aDirectoryInTheWayIsAnError() throws {
    let directory = try TemporaryDirectory()
    try LocalFileSystem().createDirectory(directory.path("file"), permissions: 0o777)
    #expect(throws: SystemError.self) {
      try LocalFileSystem().replace(directory.path("file"), with: Self.new)
    }
    #expect(try directory.names == ["file"])
  }
}
