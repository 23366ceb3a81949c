import Glibc
import OperatingSystem
import TestSupport
import Testing

struct FileSystemTests {
  private let files = LocalFileSystem()

  @Test func contentsHaveALimitAndABeginning() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("0123456789", to: "file")
    func text(_ offset: Int, _ limit: Int) throws -> String {
      String(decoding: try files.contents(of: path, from: offset, limit: limit), as: UTF8.self)
    }
    #expect(try text(0, 100) == "0123456789")
    #expect(try text(0, 3) == "012")
    #expect(try text(7, 3) == "789")
    #expect(try text(8, 100) == "89")
    #expect(try text(10, 5) == "")
    #expect(try text(1 << 40, 5) == "")
    #expect(try text(3, 0) == "")
  }

  @Test func contentsInPiecesAreWhole() throws {
    let directory = try TemporaryDirectory()
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    let path = try directory.write(bytes, to: "file")
    let files = FaultyFileSystem()
    files.fail(.read, with: .short(bytes: 7))
    #expect(try files.contents(of: path, limit: 1 << 20) == bytes)
    files.heal()
    files.fail(.read, with: .failure(code: EIO))
    let error = #expect(throws: SystemError.self) {
      try files.contents(of: path, limit: 1 << 20)
    }
    #expect(error?.code == EIO)
    #expect(files.openFileCount == 0)
  }

  @Test func errorsSayWhatCannotBeDone() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("none")
    let error = #expect(throws: SystemError.self) { try files.open(path, for: .reading) }
    #expect(error?.description == "cannot open \(path): No such file or directory")
    #expect(error?.isMissing == true)
    #expect(throws: SystemError.self) { try files.status(at: path) }
    #expect(throws: SystemError.self) { try files.remove(path) }
    #expect(throws: SystemError.self) { try files.removeDirectory(path) }
    #expect(throws: SystemError.self) { try files.rename(path, to: path + "2") }
    #expect(throws: SystemError.self) { try files.entries(of: path) }
    #expect(throws: SystemError.self) { try files.synchronizeDirectory(path) }
    files.discard(path)
  }

  @Test func creatingNeverTouchesWhatIsThere() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("old", to: "file")
    try #require(symlink(path, directory.path("link")) == 0)
    try #require(symlink(directory.path("nowhere"), directory.path("dangling")) == 0)
    for name in ["file", "link", "dangling"] {
      let error = #expect(throws: SystemError.self) {
        try files.open(directory.path(name), for: .creating(permissions: 0o666))
      }
      #expect(error?.code == EEXIST)
    }
    #expect(try directory.text(of: "file") == "old")
    #expect(!files.exists(directory.path("nowhere")))
  }

  @Test func appendingAlwaysGoesToTheEnd() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("file")
    let first = try files.open(path, for: .appending(permissions: 0o600))
    let second = try files.open(path, for: .appending(permissions: 0o600))
    for (file, text) in [(first, "a"), (second, "b"), (first, "c")] {
      try files.writeAll(Array(text.utf8), to: file)
    }
    try files.synchronize(first)
    files.close(first)
    files.close(second)
    #expect(try directory.text(of: "file") == "abc")
    var information = stat()
    try #require(stat(path, &information) == 0)
    #expect(information.st_mode & 0o777 == 0o600)
  }

  @Test func statusTellsFilesApart() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("12345", to: "file")
    let status = try files.status(at: path)
    #expect(status.kind == .file)
    #expect(status.size == 5)
    #expect(status.owner == Environment.userIdentifier)
    #expect(abs(status.modifiedSeconds - SystemClock().wallSeconds()) < 60)
    let file = try files.open(path, for: .reading)
    #expect(try files.status(of: file) == status)
    files.close(file)
    #expect(try files.status(at: directory.path).kind == .directory)
    #expect(try files.status(at: "/dev/null").kind == .other)
    try directory.write("", to: "other")
    #expect(try files.status(at: directory.path("other")).inode != status.inode)
  }

  @Test func entriesAreSorted() throws {
    let directory = try TemporaryDirectory()
    let long = String(repeating: "ü", count: 127)
    for name in ["b", "a", ".hidden", "ä", long] { try directory.write("", to: name) }
    #expect(try files.entries(of: directory.path) == [".hidden", "a", "b", "ä", long].sorted())
  }

  @Test func directoriesAreMadeWithTheirParents() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a/b/c")
    try files.createDirectories(path)
    try files.createDirectories(path + "/")
    #expect(files.isDirectory(path))
    try directory.write("", to: "a/file")
    #expect(!files.isDirectory(directory.path("a/file")))
    let error = #expect(throws: SystemError.self) {
      try files.createDirectories(directory.path("a/file/d"))
    }
    #expect(error?.code == EEXIST)
    try files.removeDirectory(path)
    #expect(!files.exists(path))
  }
}

struct PathTests {
  @Test func join() {
    #expect(Path.join("a", "b") == "a/b")
    #expect(Path.join("a/", "b/c") == "a/b/c")
    #expect(Path.join("a", "/b") == "/b")
    #expect(Path.join("", "b") == "b")
    #expect(Path.join("/", "b") == "/b")
  }

  @Test func name() {
    #expect(Path.name(of: "a/b/run.json") == "run.json")
    #expect(Path.name(of: "run.json") == "run.json")
    #expect(Path.name(of: "a/b//") == "b")
    #expect(Path.name(of: "a/") == "a")
    #expect(Path.name(of: "/") == "/")
    #expect(Path.name(of: "") == "")
  }

  @Test func parent() {
    #expect(Path.parent(of: "a/b/run.json") == "a/b")
    #expect(Path.parent(of: "run.json") == ".")
    #expect(Path.parent(of: "/run.json") == "/")
    #expect(Path.parent(of: "a/b/") == "a")
    #expect(Path.parent(of: "/") == "/")
  }

  @Test func resolved() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("", to: "file")
    try #require(symlink("file", directory.path("link")) == 0)
    #expect(Path.resolved(directory.path("link")) == path)
    #expect(Path.resolved(directory.path + "/./file") == path)
    #expect(Path.resolved(directory.path("none")) == directory.path("none"))
  }
}
